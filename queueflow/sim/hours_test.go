package sim

import (
	"fmt"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// timetable is when a queue is open, as the simulation knows it: spans of minutes of the day in UTC, the last not with
// them, in order and with room between them. The queue is told the same by a clock of another zone.
type timetable [][2]int

const dayMinutes = 24 * 60

// newTimetable draws spans of some minutes about the time of day at which worlds begin, and one for the rest of the day.
func newTimetable(c chance) timetable {
	var t timetable
	at := 8*60 + 50 + c.IntN(10)
	for at < 12*60 {
		closes := at + 1 + c.IntN(6)
		t = append(t, [2]int{at, closes})
		at = closes + 1 + c.IntN(4)
	}
	if c.happens(0.5) {
		t = append(t, [2]int{at, dayMinutes})
	}
	return t
}

func (t timetable) open(at time.Time) bool {
	at = at.UTC()
	minute := at.Hour()*60 + at.Minute()
	for _, span := range t {
		if span[0] <= minute && minute < span[1] {
			return true
		}
	}
	return false
}

// hours are the same as a policy has them, in a zone that puts some of them over midnight.
func (t timetable) hours(c chance) queueflow.Hours {
	east := pick(c, 0, 330, -570, 840)
	h := queueflow.Hours{Location: time.FixedZone(fmt.Sprint(east), east*60)}
	clock := func(minute int) time.Duration {
		return time.Duration((minute+east+dayMinutes)%dayMinutes) * time.Minute
	}
	for _, span := range t {
		h.Weekly = append(h.Weekly, queueflow.Window{Days: queueflow.Everyday, Opens: clock(span[0]), Closes: clock(span[1])})
	}
	return h
}

// regime is what decides whether a queue is open, from a time on.
type regime struct {
	since time.Time
	// always is true for a queue without hours.
	always bool
	table  timetable
	// exit is true when nobody may be in line while it is closed.
	exit bool
	by   *queueflow.QueueOverride
}

func (r regime) open(at time.Time) bool {
	if r.by != nil && (r.by.Until.IsZero() || at.Before(r.by.Until)) {
		return r.by.State == queueflow.StateOpen
	}
	return r.always || r.table.open(at)
}

// seen is what a queue was at some moment of a time.
type seen struct {
	open, closed bool
	// sentAway is true when it was closed and nobody might be in line, stayed when somebody might, open or not.
	sentAway, stayed bool
}

// between is what a queue was from one moment to another, both with them.
func (c *checks) between(queue string, from, to time.Time) seen {
	regimes := c.regimes[queue]
	if len(regimes) == 0 {
		return seen{open: true, stayed: true}
	}
	var s seen
	for i, r := range regimes {
		first, last := later(from, r.since), to
		if i+1 < len(regimes) && regimes[i+1].since.Before(last) {
			last = regimes[i+1].since
		}
		for at := first; !at.After(last); at = at.Truncate(time.Minute).Add(time.Minute) {
			s.look(r, at)
		}
		if r.by != nil && !r.by.Until.Before(first) && !r.by.Until.After(last) {
			s.look(r, r.by.Until)
		}
	}
	return s
}

func (s *seen) look(r regime, at time.Time) {
	open := r.open(at)
	s.open, s.closed = s.open || open, s.closed || !open
	s.sentAway, s.stayed = s.sentAway || r.exit && !open, s.stayed || open || !r.exit
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// rule begins a regime of a queue with the hours and the word that hold from now on.
func (c *checks) rule(queue string) {
	table, has := c.w.timetables[queue]
	r := regime{since: c.w.now, always: !has, table: table, exit: c.w.policies.Queues[queue].ExitAtClosing}
	if o, by := c.byHand[queue]; by {
		r.by = &o
	}
	c.regimes[queue] = append(c.regimes[queue], r)
}

// override says something by hand about a queue with hours.
func (w *world) override() {
	w.overrides++
	in := queueflow.QueueOverride{
		Queue: pick(w.chance, shop, office), State: pick(w.chance, queueflow.StateAuto, queueflow.StateOpen, queueflow.StateClosed),
		By: fmt.Sprint("somebody ", w.overrides),
	}
	if w.happens(0.6) {
		in.Until = w.now.Add(time.Microsecond + w.upTo(3*time.Minute))
	}
	delete(w.checks.byHand, in.Queue)
	if in.State != queueflow.StateAuto {
		w.checks.byHand[in.Queue], w.checks.given[in.By] = in, in
	}
	w.checks.rule(in.Queue)
	w.program.step(in)
}

// remembered takes over what a new start knows of what was said by hand, if that was ever said and is not over.
func (c *checks) remembered(state queueflow.Snapshot) {
	clear(c.byHand)
	for _, o := range state.Overrides {
		said := c.given[o.By]
		over := !o.Until.IsZero() && !o.Until.After(c.w.now)
		if said.Queue != o.Queue || said.State != o.State || !said.Until.Equal(o.Until) || over {
			c.w.complain("after the restart %s is said to be %s until %s by %s, who did not", o.Queue, o.State, o.Until, o.By)
		}
		c.byHand[o.Queue] = o
	}
}

// admitted says whether a queue was open when it took a call, somewhere between two moments.
func (c *checks) admitted(call, queue string, from, to time.Time) {
	if !c.between(queue, from, to).open {
		c.w.complain("%s came into %s, which was closed from %s to %s", call, queue, from, to)
	}
}

// turnedAway says whether the queues were closed that are said to have refused a call because of it.
func (c *checks) turnedAway(call string, refusals []callevent.Refusal, from time.Time) (closed bool) {
	for _, r := range refusals {
		if r.Reason != callevent.ReasonClosed {
			continue
		}
		closed = true
		if !c.between(r.Queue, from, c.w.now).closed {
			c.w.complain("%s was refused by %s, which was open from %s to %s", call, r.Queue, from, c.w.now)
		}
	}
	return closed
}

// closedOn says whether a call that left because a queue was closed had to.
func (c *checks) closedOn(m callevent.Missed, queue string, since time.Time) {
	if c.turnedAway(m.CallID, m.RefusedBy, m.EnteredAt) {
		return
	}
	if queue == "" || !c.between(queue, since, m.LeftAt).sentAway {
		c.w.complain("%s left %s because it was closed, which it was not since %s, or he might have stayed", m.CallID, m.Queue, since)
	}
}

// auditClosing says whether a caller is in line long after he should have been sent away.
func (c *checks) auditClosing(ch *channel, call string, s *stay, q queueflow.Policy) {
	since := c.w.now.Add(-overstay)
	if q.StayOnMissingExit || c.beingConnected(call) || s.queuedAt.After(since) || ch.asterisk.since.After(since) {
		return
	}
	if !c.between(s.queue, since, c.w.now).stayed {
		c.w.complain("%s waits in %s, where nobody may since %s", call, s.queue, since)
	}
}
