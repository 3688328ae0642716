package queueflow

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// open says whether a queue takes callers at present: what was said by hand, and otherwise its hours.
func (m *Machine) open(p Policy) bool {
	if o, by := m.override(p.ID); by {
		return o.State == StateOpen
	}
	return m.phase(p).open
}

// phase is a time in which the hours of a queue say the same; a zero until is for ever.
type phase struct {
	from, until time.Time
	open        bool
}

// phase is the present one. It is looked for once: with many closed days that takes milliseconds.
func (m *Machine) phase(p Policy) phase {
	ph, known := m.phases[p.ID]
	if known && !m.now.Before(ph.from) && (ph.until.IsZero() || m.now.Before(ph.until)) {
		return ph
	}
	until, _ := p.Hours.Next(m.now)
	ph = phase{from: m.now, until: until, open: p.Hours.Open(m.now)}
	m.phases[p.ID] = ph
	return ph
}

// nextChange is when a queue may open or close next, zero for never. At the end of what was said by hand the hours hold
// again, which may change nothing.
func (m *Machine) nextChange(p Policy) time.Time {
	if o, by := m.override(p.ID); by {
		return o.Until
	}
	return m.phase(p).until
}

// mustGo says whether nobody may be in the line of a queue at present.
func (m *Machine) mustGo(p Policy) bool { return p.ExitAtClosing && !m.open(p) }

// put puts a call that is in no line into the one of its queue.
func (m *Machine) put(c *call) {
	l := m.line(c.queue)
	l.insert(c)
	l.waits.Joined(m.now)
	m.doubt(c)
	if l.len() == 1 {
		m.watch(l)
	}
}

// take takes a call out of its line.
func (m *Machine) take(c *call) {
	m.unwant(c)
	l := m.line(c.queue)
	l.remove(c)
	l.waits.Left(m.now)
	if l.len() == 0 {
		m.watch(l)
	}
}

// watch sets the alarm of a line. A closing that is past already fires in a step of its own.
func (m *Machine) watch(l *line) {
	if p, _ := m.policy(l.queue); l.len() > 0 && m.mustGo(p) {
		m.alarms.set(&l.alarm, m.now.Add(time.Millisecond))
		return
	}
	m.watchNext(l)
}

// watchNext sets the alarm of a line to the next opening or closing of its queue. It has one only while somebody waits
// whom a closing concerns. Hours are by the clock on the wall, alarms by the monotonic one, as all of a heap must be. When
// the first is set, an alarm that comes early sets itself anew; one that is late is set anew by the next listing.
func (m *Machine) watchNext(l *line) {
	at := time.Time{}
	if p, _ := m.policy(l.queue); l.len() > 0 && p.ExitAtClosing {
		if change := m.nextChange(p); !change.IsZero() {
			at = m.now.Add(change.Sub(m.now))
		}
	}
	m.alarms.set(&l.alarm, at)
}

// watchAll sets the alarms of all lines.
func (m *Machine) watchAll() {
	for _, l := range m.lines {
		m.watch(l)
	}
}

// ring lets everybody go who is in the line of a queue that is closed now, at this very moment and in the order of the
// line; those on an Asterisk that is away go when it is back. Who was kept, because his way out does not exist, is asked
// again at the next closing.
func (l *line) ring(m *Machine) {
	p, _ := m.policy(l.queue)
	mustGo := m.mustGo(p)
	for c := range l.all() {
		switch {
		case !mustGo:
			c.kept = false
		case !c.kept:
			m.arm(c, dueClosing, m.now)
		}
	}
	m.watchNext(l)
}

// closing fires for a call that was in line when its queue closed. The queue may have opened again while its Asterisk
// was away. A caller who is being connected to an agent is not stopped, and one who is hanging up is let go his own way.
func (m *Machine) closing(c *call) {
	p, _ := m.policy(c.queue)
	if c.state != waiting || c.talk != nil || !m.mustGo(p) {
		return
	}
	if until, yes := m.hangingUp(c); yes {
		m.arm(c, dueClosing, until)
		return
	}
	m.leaveBy(c, callevent.ReasonClosed, p.OnClosed)
}

// closingAgain is for a call that goes on waiting after it was about to leave for another reason: it may have missed the
// closing of its queue.
func (m *Machine) closingAgain(c *call) {
	if p, _ := m.policy(c.queue); !c.kept && m.mustGo(p) {
		m.arm(c, dueClosing, m.now.Add(time.Millisecond))
	}
}

// QueueState is what is said by hand about a queue.
type QueueState string

// The states.
const (
	// StateAuto: the hours of the configuration hold.
	StateAuto QueueState = "auto"
	// StateOpen and StateClosed hold whatever the hours are.
	StateOpen   QueueState = "open"
	StateClosed QueueState = "closed"
)

// QueueOverride opens or closes a queue by hand, or gives it back to its hours. It is part of the state: it survives
// restarts, and reloads as long as the queue is configured. A closing by hand is one like any other for those in line.
type QueueOverride struct {
	Queue string     `json:"queue"`
	State QueueState `json:"state"`
	// Until is when the hours hold again; the zero time is until something else is said.
	Until time.Time `json:"until,omitzero"`
	// By and Why are for people; what is longer than TextLimit is cut off.
	By  string `json:"by,omitempty"`
	Why string `json:"why,omitempty"`
}

// TextLimit bounds, in bytes, the texts of people that are kept.
const TextLimit = 200

func (in QueueOverride) apply(m *Machine) {
	switch _, known := m.policies.Queues[in.Queue]; {
	case !known:
		m.ignore(in, "there is no such queue")
		return
	case in.State == StateAuto:
		delete(m.overrides, in.Queue)
	case in.State != StateOpen && in.State != StateClosed:
		m.ignore(in, "a queue is auto, open or closed")
		return
	case !in.Until.IsZero() && !in.Until.After(m.now):
		m.ignore(in, "it would be over already")
		return
	default:
		in.By, in.Why = shorten(in.By), shorten(in.Why)
		m.overrides[in.Queue] = in
	}
	if l, ok := m.lines[in.Queue]; ok && l.len() > 0 {
		l.ring(m)
		m.advance(m.now) // so that a closing is at this very moment
	}
}

func shorten(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), TextLimit)], "")
}

// override is what is said by hand about a queue at present.
func (m *Machine) override(queue string) (o QueueOverride, ok bool) {
	o, ok = m.overrides[queue]
	return o, ok && (o.Until.IsZero() || m.now.Before(o.Until))
}

// overridden are all that hold, in the order of the queues.
func (m *Machine) overridden() []QueueOverride {
	var all []QueueOverride
	for queue := range m.overrides {
		if o, holds := m.override(queue); holds {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b QueueOverride) int { return cmp.Compare(a.Queue, b.Queue) })
	return all
}

// dropOverrides forgets what was said about queues that are configured no longer, and what is over.
func (m *Machine) dropOverrides() {
	for queue := range m.overrides {
		_, known := m.policies.Queues[queue]
		if _, holds := m.override(queue); !known || !holds {
			delete(m.overrides, queue)
		}
	}
}
