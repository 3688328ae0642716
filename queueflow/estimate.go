package queueflow

import (
	"cmp"
	"math"
	"slices"
	"time"

	"missedcalls/queueflow/estimate"
)

// staff are the agents of a queue, as the estimate of the wait has to know them.
type staff struct {
	// agents are those who take calls of the queue, or would if they were not busy: not paused, with a phone that can be
	// reached. members are those who are not paused.
	agents, members int
	// shared are the queues that have members in common with this one, in the order of their ids.
	shared []sharing
}

// sharing is another queue, and how many members it has in common who are not paused.
type sharing struct {
	with   *line
	common int
}

// expected is what the estimate of a queue takes for granted.
func (p Policy) expected() estimate.Expected {
	return estimate.Expected{Handling: p.Serving.Expected.Handling, Patience: p.Serving.Expected.Patience}
}

// staff counts a member for the estimate of the wait: whether he is not paused, and whether his phone can be reached
// besides. It costs a look at the agent's other queues when the first changes.
func (m *Machine) staff(mb *member, staffed, reachable bool) {
	if staffed != mb.staffed {
		mb.staffed = staffed
		m.countShared(mb, sign(staffed))
	}
	if reachable != mb.reachable {
		mb.reachable = reachable
		l := m.line(mb.queue)
		l.staff.agents += sign(reachable)
		l.waits.Staffed(m.now, l.staff.agents)
	}
}

// countShared counts a member who is not paused, here and in what the queue shares with the agent's others.
func (m *Machine) countShared(mb *member, more int) {
	l := m.line(mb.queue)
	l.staff.members += more
	for _, other := range mb.agent.members {
		if other != mb && other.staffed {
			with := m.line(other.queue)
			l.staff.share(with, more)
			with.staff.share(l, more)
		}
	}
}

func sign(more bool) int {
	if more {
		return 1
	}
	return -1
}

func (s *staff) share(with *line, more int) {
	i, known := slices.BinarySearchFunc(s.shared, with.queue, func(x sharing, queue string) int { return cmp.Compare(x.with.queue, queue) })
	if !known {
		s.shared = slices.Insert(s.shared, i, sharing{with: with})
	}
	if s.shared[i].common += more; s.shared[i].common == 0 {
		s.shared = slices.Delete(s.shared, i, i+1)
	}
}

// estimate is how long a call would go on waiting in a line, in which it need not be: there is none (ok is false) while
// nobody takes calls of the queue. Penalties and skills are not looked at. It costs a look at each queue that has agents in
// common with this one.
func (m *Machine) estimate(c *call, l *line) (w estimate.Wait, ok bool) {
	ahead := estimate.Ahead{Callers: l.ahead(c), Overtaking: l.waits.Overtaking(m.now, c.priority)}
	ahead.Rivals = make([]estimate.Rival, 0, len(l.staff.shared))
	weight := m.roster(l.queue).serving.Weight
	for _, s := range l.staff.shared {
		ahead.Rivals = append(ahead.Rivals, m.rival(c, s, weight))
	}
	return l.waits.Estimate(m.now, ahead)
}

// rival is another queue as a call of a queue of a weight has to see it: an agent serves the heavier queue first, and among
// equal ones the calls in the order of a line.
func (m *Machine) rival(c *call, s sharing, weight int) estimate.Rival {
	r := estimate.Rival{Queue: s.with.waits, Share: float64(s.common) / float64(s.with.staff.members)}
	switch other := m.roster(s.with.queue).serving.Weight; {
	case other > weight:
		r.Callers, r.Overtaking = s.with.len(), s.with.waits.Overtaking(m.now, math.MinInt)
	case other == weight:
		r.Callers, r.Overtaking = s.with.ahead(c), s.with.waits.Overtaking(m.now, c.priority)
	}
	return r
}

// waitTold is a wait that a caller was told, and when he began to hear it; the zero value is none.
type waitTold struct {
	wait time.Duration
	at   time.Time
}

// toldBefore is a wait that was told before a restart; nil is none.
func toldBefore(ms *int64, at time.Time) waitTold {
	if ms == nil {
		return waitTold{}
	}
	return waitTold{wait: time.Duration(*ms) * time.Millisecond, at: at}
}

// milliseconds are those of the wait, as events have them; nil for none.
func (t waitTold) milliseconds() *int64 {
	if t.wait == 0 {
		return nil
	}
	ms := t.wait.Milliseconds()
	return &ms
}

// lateMilliseconds is how much longer a caller waited than he was told, if he is answered at a time; nil when he was told
// nothing.
func (t waitTold) lateMilliseconds(answered time.Time) *int64 {
	if t.wait == 0 {
		return nil
	}
	ms := (answered.Sub(t.at) - t.wait).Milliseconds()
	return &ms
}

// hearsWait says whether a caller may still be told the wait in his queue.
func (c *call) hearsWait(a Announce) bool {
	return a.EstimatedWait == EstimateTold || a.EstimatedWait == EstimateOnce && !c.hears.waitTold
}

// waitToTell is the wait that a caller is to be told now; 0 is nothing. Nothing is told of the wait to one for whom an
// agent rings.
func (m *Machine) waitToTell(c *call, a Announce) time.Duration {
	if live, _ := c.rung(); live > 0 || !c.hearsWait(a) {
		return 0
	}
	w, _ := m.estimate(c, m.line(c.queue))
	return w.Told(a.Round)
}

// wouldWaitTooLong says whether a queue refuses a caller because of how long he would have to wait. While an agent of it is
// free it refuses nobody, though he might not be one for this caller.
func (m *Machine) wouldWaitTooLong(c *call, p Policy) bool {
	limit := p.Serving.RefuseEstimateOver
	if limit == 0 || m.roster(p.ID).order.AnyFree() {
		return false
	}
	w, ok := m.estimate(c, m.line(p.ID))
	return ok && w.Mean > limit
}

// occupy counts an agent as busy with a call of a queue, since he was rung for it. Of a talk that a restart finds again only
// the talk itself counts.
func (m *Machine) occupy(at *attempt) {
	since := at.offeredAt
	if since.IsZero() {
		since = at.talkingAt
	}
	at.handling = m.line(at.member.queue).waits.Began(m.now, since)
}

// handled counts him as free again, and the call as handled or not.
func (m *Machine) handled(at *attempt, handled bool) {
	if at.handling != nil {
		m.line(at.member.queue).waits.Ended(m.now, at.handling, handled)
		at.handling = nil
	}
}

// wrapUpBegins leaves an agent busy until the end of his wrap-up.
func (m *Machine) wrapUpBegins(at *attempt) {
	a := at.member.agent
	if a.wrapping != nil {
		m.handled(a.wrapping, true)
	}
	a.wrapping = at
	m.wrappedUp(a)
}

// wrappedUp counts the call of an agent as handled once his wrap-up is over.
func (m *Machine) wrappedUp(a *agent) {
	if a.wrapping != nil && !a.wrapUpUntil.After(m.now) {
		m.handled(a.wrapping, true)
		a.wrapping = nil
	}
}

// LearnedSnapshot is what one queue has learned of how long its callers wait.
type LearnedSnapshot struct {
	Queue   string           `json:"queue"`
	Learned estimate.Learned `json:"learned"`
}

// learned is what the queues have learned, those that are no longer configured left out.
func (m *Machine) learned() []LearnedSnapshot {
	var all []LearnedSnapshot
	for queue, l := range m.lines {
		_, known := m.policy(queue)
		if learned := l.waits.Learned(m.now); known && learned.BusySeconds+learned.WaitedSeconds > 0 {
			all = append(all, LearnedSnapshot{Queue: queue, Learned: learned})
		}
	}
	slices.SortFunc(all, func(a, b LearnedSnapshot) int { return cmp.Compare(a.Queue, b.Queue) })
	return all
}
