package queueflow

import (
	"cmp"
	"slices"

	"missedcalls/queueflow/strategy"
)

// unmatched is what match has to look at. It is empty between two steps.
type unmatched struct {
	// doubted are calls of which it is not known whether they want an agent, roused those that do and may find one now.
	doubted, roused []*call
	// freed are agents who may have become free.
	freed []*agent
	// checked are queues that everybody may have to leave.
	checked []*roster
}

func (m *Machine) doubt(c *call) {
	if !c.doubted {
		c.doubted = true
		m.unmatched.doubted = append(m.unmatched.doubted, c)
	}
}

func (m *Machine) rouse(c *call) {
	if !c.roused {
		c.roused = true
		m.unmatched.roused = append(m.unmatched.roused, c)
	}
}

func (m *Machine) free(a *agent) {
	if !a.freed {
		a.freed = true
		m.unmatched.freed = append(m.unmatched.freed, a)
	}
}

// match rings agents for calls until no agent who is free could serve a call that wants one. Every step ends with it.
// Between two steps there is no such pair, so it looks only at agents who became free, and at calls that came to want one.
func (m *Machine) match() {
	for u := &m.unmatched; len(u.doubted)+len(u.roused)+len(u.freed)+len(u.checked) > 0; {
		for _, c := range drain(&u.doubted) {
			c.doubted = false
			m.reconsider(c)
			m.leaveEmpty(c)
		}
		for _, r := range drain(&u.checked) {
			r.checks = false
			m.leaveAllEmpty(r)
		}
		if len(u.doubted) > 0 {
			continue
		}
		m.serveFreed(drain(&u.freed))
		m.serveRoused(drain(&u.roused))
	}
}

func drain[T any](list *[]T) []T {
	all := *list
	*list = nil
	return all
}

// serveFreed finds the first caller for each agent who became free, and rings for him whom his queue's strategy chooses:
// that may be another one, when more than one became free.
func (m *Machine) serveFreed(agents []*agent) {
	slices.SortFunc(agents, func(a, b *agent) int { return cmp.Compare(a.endpoint, b.endpoint) })
	for _, a := range agents {
		a.freed = false
		for a.attempt == nil {
			c := m.firstFor(a)
			if c == nil || !m.serveOne(c) {
				break
			}
		}
	}
}

// serveRoused finds agents for calls that came to want one, in the order in which they are served.
func (m *Machine) serveRoused(calls []*call) {
	calls = slices.DeleteFunc(calls, func(c *call) bool {
		c.roused = false
		return c.wanting == nil
	})
	slices.SortFunc(calls, m.comparePrior)
	for _, c := range calls {
		for c.wanting != nil && m.serveOne(c) {
		}
	}
}

// serveOne rings one agent for a call, or ends its round; false says that nothing came of it.
func (m *Machine) serveOne(c *call) bool {
	mb, over := m.pick(c)
	switch {
	case over:
		m.roundOver(c)
	case mb == nil:
		m.holdUp(c)
		return false
	default:
		if first := m.firstFor(mb.agent); first != nil && m.comparePrior(first, c) < 0 && m.serveOne(first) {
			return true // who stands before may have this one, though not the one who was freed
		}
		m.offer(c, mb)
	}
	m.reconsider(c)
	return over || mb.agent.attempt != nil
}

// comparePrior orders calls of all queues: those of the heavier queue are before the others, then it is the order of the
// line.
func (m *Machine) comparePrior(a, b *call) int {
	if a == b {
		return 0
	}
	switch heavier := m.weight(b) - m.weight(a); {
	case heavier != 0:
		return heavier
	case before(a, b):
		return -1
	}
	return 1
}

func (m *Machine) weight(c *call) int { return m.roster(c.queue).serving.Weight }

// firstFor gives, of all calls that an agent may serve now, the one that is served first; nil for none. It costs a look at
// each of his queues and at the kinds of demand there.
func (m *Machine) firstFor(a *agent) *call {
	var first *call
	for _, mb := range a.members {
		r := mb.roster
		if r.wanting == 0 || !mb.seat.Free() || mb.settling {
			continue
		}
		for _, d := range r.demands {
			if c := m.firstOf(r, d, mb); c != nil && (first == nil || m.comparePrior(c, first) < 0) {
				first = c
			}
		}
	}
	return first
}

// firstOf is the first call of a demand that a member may serve now.
func (m *Machine) firstOf(r *roster, d *demand, mb *member) *call {
	if _, in := d.penalty(r, mb); !in || !d.able(mb) {
		return nil
	}
	for c := range d.all() {
		if m.serves(c, mb) {
			return c
		}
	}
	return nil
}

// serves says whether a call would get an agent now that a member is free.
func (m *Machine) serves(c *call, mb *member) bool {
	answer, _, tried := m.may(c, mb)
	if answer == strategy.No && !tried || mb.roster.settling+len(c.trials.of)+len(c.attempts) == 0 {
		return answer == strategy.Yes
	}
	chosen, over := m.pick(c)
	return chosen != nil || over
}
