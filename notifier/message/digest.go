package message

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"missedcalls/queueflow/callevent"
)

const (
	maxCallers = 20
	maxTallies = 6
	// maxLine bounds a caller's line, and maxShort a name in it, in UTF-16 units, so that all lines fit.
	maxLine  = 84
	maxShort = 24
	// maxTally bounds the name of what is counted.
	maxTally = 40
)

// Digest tells a storm in one message: how many events, from when to when, for which queues, and the first 20 callers,
// each once, with what settled the matter if that is among the events. It is in the target's language, or that of the
// first event. The error says that there is nothing to tell.
func (r *Renderer) Digest(events []callevent.Event) (Message, error) {
	if len(events) == 0 {
		return Message{}, errors.New("digest: there are no events; it needs at least one")
	}
	in := r.in
	if in == nil {
		in = languageOf(r.view(events[0]).Language)
	}
	d := digest{in: in, lines: make(map[string]*digestLine)}
	for _, e := range events {
		number := tell(e, in, r.zone).Number // unmasked: masked ones may be alike
		if r.mask {
			e = Mask(e)
		}
		d.add(number, tell(e, in, r.zone))
	}
	return bounded(d.message()), nil
}

// digest is what is known of the events so far.
type digest struct {
	in             *language
	events, missed int
	others         tallies // of events that are no missed calls, by kind
	queues         tallies
	callers        []*digestLine
	lines          map[string]*digestLine
	first, last    View
}

// digestLine is one caller, or one agent.
type digestLine struct {
	View    // of the first event
	events  int
	settled string // by the last of them
}

func (d *digest) add(number string, v View) {
	if d.events == 0 || v.At.Before(d.first.At) {
		d.first = v
	}
	if d.events == 0 || v.At.After(d.last.At) {
		d.last = v
	}
	d.events++
	if v.Kind == string(callevent.KindMissed) {
		d.missed++
	} else {
		d.others.add(v.Kind)
	}
	d.queues.add(v.QueueName)
	line := d.line(number, v)
	line.settled = ""
	if v.Status != "" {
		line.settled = d.in.settledShort[callevent.Kind(v.Kind)]
		return
	}
	line.events++
}

// line finds the line of a number. All who withheld theirs have one.
func (d *digest) line(number string, v View) *digestLine {
	key := number
	if key == "" { // an agent
		key = v.Agent
	}
	line, there := d.lines[key]
	if !there {
		line = &digestLine{View: v}
		d.lines[key] = line
		d.callers = append(d.callers, line)
	}
	return line
}

func (d *digest) message() Message {
	words, label := d.in.phrases, d.in.label
	m := Message{Icon: icons[callevent.KindMissed], Title: d.in.count(int64(d.missed), words.missedCalls)}
	fact := func(label, value, tel string) { m.Facts = append(m.Facts, Fact{Label: label, Value: value, Tel: tel}) }
	if d.missed == 0 {
		m.Title = d.in.count(int64(d.events), words.events)
	}
	if len(d.others) > 0 {
		fact(label.also, d.others.told(d.kindName, words.others), "")
	}
	fact(label.when, d.in.period(d.first.At, d.last.At), "")
	fact(label.byQueue, d.queues.told(func(name string) string { return name }, words.others), "")
	for _, line := range d.callers[:min(len(d.callers), maxCallers)] {
		fact(d.clock(line.View), d.lineTold(line), line.Tel)
	}
	if more := len(d.callers) - maxCallers; more > 0 {
		fact(label.more, d.in.count(int64(more), words.numbers), "")
	}
	return m
}

func (d *digest) kindName(kind string) string {
	if title, known := d.in.titles[callevent.Kind(kind)]; known {
		return title
	}
	return d.in.phrases.something
}

// clock is the time of a line, with its day when that is not the first one's.
func (d *digest) clock(v View) string {
	if day := d.in.date(v.At); day != d.in.date(d.first.At) {
		return day + ", " + clock(v.At)
	}
	return clock(v.At)
}

func (d *digest) lineTold(line *digestLine) string {
	who := line.Agent
	if line.Caller != "" {
		who = line.Number
		if line.Caller != line.Number && line.Name != "" {
			who += ", " + cut(line.Name, maxShort)
		}
	}
	told := []string{who}
	if line.events > 1 {
		told = append(told, d.in.count(int64(line.events), d.in.phrases.times))
	}
	if len(d.queues) > 1 {
		told = append(told, cut(line.QueueName, maxShort))
	}
	if line.settled != "" {
		told = append(told, line.settled)
	}
	return cut(strings.Join(told, "; "), maxLine)
}

// tallies count things by name.
type tallies []tallied

type tallied struct {
	name string
	n    int
}

func (t *tallies) add(name string) {
	for i := range *t {
		if (*t)[i].name == name {
			(*t)[i].n++
			return
		}
	}
	*t = append(*t, tallied{name, 1})
}

// told are the things with their numbers, the most first; those beyond the sixth together.
func (t *tallies) told(name func(string) string, others string) string {
	slices.SortStableFunc(*t, func(a, b tallied) int { return cmp.Compare(b.n, a.n) })
	var told []string
	for _, one := range (*t)[:min(len(*t), maxTallies)] {
		told = append(told, cut(name(one.name), maxTally)+": "+strconv.Itoa(one.n))
	}
	rest := 0
	for _, one := range (*t)[min(len(*t), maxTallies):] {
		rest += one.n
	}
	if rest > 0 {
		told = append(told, others+": "+strconv.Itoa(rest))
	}
	return strings.Join(told, "; ")
}
