package queueflow

import (
	"iter"
	"time"
)

// Hours are when a queue is open. The zero value is always open.
//
// A window belongs to the day on which it opens, also the part of it that lies behind midnight. Windows may overlap and
// touch; the queue is open in all of them together. On a closed day no window opens, and one that began the day before
// ends at its midnight.
//
// Windows are what the clock on the wall says. A time of day is the first moment of its day at which the clock shows it,
// or has gone past it: one that comes twice, when the clock is set back, is the first of the two, and one that the clock
// leaps over, when it is set forward, is the moment of the leap.
type Hours struct {
	// Weekly are the windows of every week; without any the queue is open all day on every day that is not closed.
	Weekly []Window
	// Closed are days on which no window opens. Their order does not matter, and they may overlap.
	Closed []Days
	// Location is the zone of the wall; nil is UTC.
	Location *time.Location
}

// Window is one span of opening on some days of the week.
type Window struct {
	Days Weekdays
	// Opens and Closes are times of day, counted from midnight as the clock shows it, 24 hours at most. A window that
	// closes at or before it opens goes on past midnight.
	Opens, Closes time.Duration
}

// Weekdays is a set of days of the week: the bit 1<<time.Sunday stands for Sunday, and so on.
type Weekdays uint8

// Everyday are all days of the week.
const Everyday Weekdays = 1<<7 - 1

// On are the given days.
func On(days ...time.Weekday) Weekdays {
	var set Weekdays
	for _, d := range days {
		set |= 1 << d
	}
	return set
}

// Has says whether a day is in the set.
func (w Weekdays) Has(d time.Weekday) bool { return w&(1<<d) != 0 }

// Days are those from First to Last, both with them.
type Days struct{ First, Last Date }

// Date is a day of the calendar, in whatever zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that a clock of t's location shows.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

func (d Date) in(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

func (d Date) plus(days int) Date {
	d.Day += days
	return DateOf(d.in(time.UTC))
}

func (d Date) weekday() time.Weekday { return d.in(time.UTC).Weekday() }

func (d Date) before(other Date) bool {
	switch {
	case d.Year != other.Year:
		return d.Year < other.Year
	case d.Month != other.Month:
		return d.Month < other.Month
	}
	return d.Day < other.Day
}

const wholeDay = 24 * time.Hour

// always are the windows of hours that name none.
var always = []Window{{Days: Everyday, Closes: wholeDay}}

// Open says whether the hours hold at a time. It costs a look at every window and at every closed day.
func (h Hours) Open(at time.Time) bool {
	if h.unlimited() {
		return true
	}
	shown := h.wall(at)
	today := DateOf(shown)
	if _, closed := h.closedOn(today); closed {
		return false
	}
	ofDay := shown.Sub(today.in(time.UTC))
	_, closedYesterday := h.closedOn(today.plus(-1))
	for _, w := range h.windows() {
		switch {
		case w.Closes > w.Opens:
			if w.Days.Has(shown.Weekday()) && w.Opens <= ofDay && ofDay < w.Closes {
				return true
			}
		case w.Days.Has(shown.Weekday()) && w.Opens <= ofDay:
			return true
		case w.Days.Has((shown.Weekday()+6)%7) && ofDay < w.Closes && !closedYesterday:
			return true
		}
	}
	return false
}

// Next is the first moment after a time at which Open changes; ok is false when it never does. It looks as far as the
// last closed day and some weeks further: at quietDays days for every entry of Closed, at most, and once more.
func (h Hours) Next(at time.Time) (change time.Time, ok bool) {
	if h.unlimited() {
		return time.Time{}, false
	}
	open := h.Open(at)
	for day := range h.daysFrom(DateOf(at.In(h.zone())).plus(-1)) {
		found := !change.IsZero()
		change = h.earlier(change, day, at, open)
		if found {
			break // the day after the one that told of a change told nothing earlier, and the ones behind it cannot
		}
	}
	return change, !change.IsZero()
}

// quietDays are more days in a row than there can be without a change, none of them closed, if there is any change: a
// week, and another one for a window that falls into an hour the clock leaps over.
const quietDays = 22

// daysFrom are the days on which a window may open, in order. Those are left out of which the days before tell all.
func (h Hours) daysFrom(day Date) iter.Seq[Date] {
	return func(yield func(Date) bool) {
		for quiet := 0; quiet < quietDays; quiet++ {
			if closed, is := h.closedOn(day); is {
				day, quiet = closed.Last.plus(1), -1
				continue
			}
			if !yield(day) {
				return
			}
			day = day.plus(1)
			if quiet == quietDays-1 {
				day, quiet = h.leap(day, quiet)
			}
		}
	}
}

// earlier is the first moment after at, at which a window of a day opens or closes so that Open is not as it was, or the
// given moment if there is one and it is earlier.
func (h Hours) earlier(than time.Time, day Date, at time.Time, was bool) time.Time {
	for _, s := range h.spans(day) {
		edge := s.from
		if was {
			edge = s.to
		}
		if edge.After(at) && (than.IsZero() || edge.Before(than)) && h.Open(edge) != was {
			than = edge
		}
	}
	return than
}

// leap goes on to the eve of the next closed days, for which one looks as long again; without any the looking ends.
func (h Hours) leap(day Date, quiet int) (Date, int) {
	var eve Date
	more := false
	for _, d := range h.Closed {
		if before := d.First.plus(-1); !d.First.before(day) && (!more || before.before(eve)) {
			eve, more = before, true
		}
	}
	switch {
	case !more:
		return day, quiet
	case eve.before(day):
		return day, -1
	}
	return eve, -1
}

func (h Hours) unlimited() bool { return len(h.Weekly) == 0 && len(h.Closed) == 0 }

func (h Hours) zone() *time.Location {
	if h.Location == nil {
		return time.UTC
	}
	return h.Location
}

func (h Hours) windows() []Window {
	if len(h.Weekly) == 0 {
		return always
	}
	return h.Weekly
}

func (h Hours) closedOn(day Date) (Days, bool) {
	for _, d := range h.Closed {
		if !day.before(d.First) && !d.Last.before(day) {
			return d, true
		}
	}
	return Days{}, false
}

// span is a window on one day; it is empty when to is not after from.
type span struct{ from, to time.Time }

// spans are the windows that open on a day.
func (h Hours) spans(day Date) []span {
	var spans []span
	weekday := day.weekday()
	for _, w := range h.windows() {
		if !w.Days.Has(weekday) {
			continue
		}
		spans = append(spans, h.span(day, w))
	}
	return spans
}

func (h Hours) span(day Date, w Window) span {
	s := span{from: h.moment(day, w.Opens)}
	if w.Closes > w.Opens {
		s.to = h.moment(day, w.Closes)
		return s
	}
	tomorrow := day.plus(1)
	if _, closed := h.closedOn(tomorrow); closed {
		s.to = h.moment(tomorrow, 0)
	} else {
		s.to = h.moment(tomorrow, w.Closes)
	}
	return s
}

// wall is the time that the clock on the wall shows, written as one of UTC. While it shows a time for the second time,
// because it was set back, it is the last one that it showed before.
func (h Hours) wall(at time.Time) time.Time {
	here := at.In(h.zone())
	_, offset := here.Zone()
	shown := here.UTC().Add(time.Duration(offset) * time.Second)
	if since, _ := here.ZoneBounds(); !since.IsZero() {
		last := since.Add(-1)
		_, before := last.Zone()
		if latest := last.UTC().Add(time.Duration(before) * time.Second); latest.After(shown) {
			return latest
		}
	}
	return shown
}

// moment is the first one of a day at which the clock shows a time of day or has gone past it. time.Date alone does not
// do: of a time that comes twice it gives the second one in the east and the first one in the west, and a time that is
// leaped over it moves forward in the east and back in the west.
func (h Hours) moment(day Date, ofDay time.Duration) time.Time {
	second, rest := int(ofDay/time.Second), int(ofDay%time.Second)
	t := time.Date(day.Year, day.Month, day.Day, 0, 0, second, rest, h.zone())
	wanted := time.Date(day.Year, day.Month, day.Day, 0, 0, second, rest, time.UTC)
	_, offset := t.Zone()
	since, until := t.ZoneBounds()
	switch shown := t.UTC().Add(time.Duration(offset) * time.Second); {
	case shown.After(wanted):
		return since
	case shown.Before(wanted):
		return until
	case since.IsZero():
		return t
	}
	_, before := since.Add(-1).Zone()
	if first := t.Add(time.Duration(offset-before) * time.Second); first.Before(since) {
		return first
	}
	return t
}
