package queueflow

import (
	"slices"

	"missedcalls/queueflow/strategy"
)

// roster is the agents of one queue, and the callers of it who want one.
type roster struct {
	queue   string
	serving Serving
	// members in the order of the list; their positions grow along it.
	members []*member
	order   strategy.Order[*member]
	// cursor is the place of the list at which the next choice begins, for strategies that remember it.
	cursor int
	// windows are the penalties that a caller may reach at first and after each step of the escalation.
	windows []strategy.Window
	// plain says that penalties count; they do not in a queue of few members.
	plain bool
	// demands are the callers who want an agent, by what they ask for.
	demands map[demandKey]*demand
	// wanting counts those callers. held are those of them who may have to wait for an agent whom they may not have now,
	// though others of a higher penalty are free: they pause after a round, phones ring for them, or he settles.
	wanting int
	held    map[*call]struct{}
	// settling counts the members who settle.
	settling int
	// counts are the members by state. enterable and stayable count those who are in none of the states of RefuseWhenAll
	// and of LeaveWhenAll.
	counts              [agentStates]int
	enterable, stayable int
	// empty is true while everybody has to leave, and spell counts how often it came to be so.
	empty   bool
	spell   int
	service Service
	// checks is true while match is to look whether everybody has to leave.
	checks bool
}

// roster of a queue, made when it is first used.
func (m *Machine) roster(queue string) *roster {
	r, ok := m.rosters[queue]
	if !ok {
		r = &roster{queue: queue, demands: make(map[demandKey]*demand), held: make(map[*call]struct{})}
		m.rosters[queue] = r
		p, _ := m.policy(queue)
		m.serve(r, p.Serving)
	}
	return r
}

// serve lets a queue serve as a policy says. Its members stay, and are counted anew; its callers are asked anew what they
// want.
func (m *Machine) serve(r *roster, s Serving) {
	for _, d := range r.demands {
		for _, c := range slices.Collect(d.all()) {
			m.unwant(c)
			m.doubt(c)
		}
	}
	r.serving = s
	r.windows = []strategy.Window{s.Penalties.window()}
	for i, step := range s.Escalation {
		r.windows = append(r.windows, r.windows[i].Change(step.window()))
	}
	m.rank(r)
	m.checkEmpty(r)
}

func (p Penalties) window() strategy.Window {
	return strategy.Window{Min: p.Min, Max: p.Max, Raise: p.Raise, RaiseRespectsMin: p.RaiseRespectsMin}
}

// rank puts all members of a queue into their order anew, and counts them.
func (m *Machine) rank(r *roster) {
	r.plain = len(r.members) > r.serving.PenaltyMembersLimit
	r.counts, r.enterable, r.stayable = [agentStates]int{}, 0, 0
	r.order, r.settling = strategy.Order[*member]{}, 0
	for _, mb := range r.members {
		mb.seat, mb.settling = strategy.Seat[*member]{Of: mb}, false
		r.order.Insert(&mb.seat, r.key(mb))
		mb.state, mb.factors = agentStates, 0
		m.recount(mb)
	}
	for _, d := range r.demands {
		m.countStayable(r, d)
	}
}

// key is where a member stands in the order of his queue.
func (r *roster) key(mb *member) strategy.Key {
	a, penalty := mb.agent, 0
	if r.plain {
		penalty = mb.Penalty
	}
	past := strategy.Past{Talks: a.talks}
	if !a.endedAt.IsZero() {
		past.EndedAt = a.endedAt.UnixNano()
	}
	if !a.offeredAt.IsZero() {
		past.OfferedAt = a.offeredAt.UnixNano()
	}
	return strategy.Kind(r.serving.Strategy).Key(penalty, mb.position, past)
}

// enlist makes a member of an agent, behind all others of the queue.
func (m *Machine) enlist(r *roster, mb *member) {
	if last := len(r.members) - 1; last >= 0 {
		mb.position = r.members[last].position + 1
	}
	mb.roster, mb.seat.Of = r, mb
	r.members = append(r.members, mb)
	a := mb.agent
	at, _ := slices.BinarySearchFunc(a.members, mb, compareQueues)
	a.members = slices.Insert(a.members, at, mb)
	m.describe(a)
	m.changeSize(r, func() {
		r.order.Insert(&mb.seat, r.key(mb))
		mb.state = agentStates
	})
	m.review(a)
}

// strike takes a member out of his queue. Whom his phone rings for now, or whom he talks with, he keeps.
func (m *Machine) strike(mb *member) {
	r, a := mb.roster, mb.agent
	m.uncount(mb)
	m.staff(mb, false, false)
	m.seat(mb, false, false)
	mb.roster = nil
	m.rouseHeld(r)
	r.members = slices.DeleteFunc(r.members, func(other *member) bool { return other == mb })
	a.members = slices.DeleteFunc(a.members, func(other *member) bool { return other == mb })
	m.changeSize(r, func() { r.order.Remove(&mb.seat) })
	m.checkEmpty(r)
	m.describe(a)
	m.review(a)
}

// changeSize changes the number of members; when penalties begin or cease to count by it, all are put in order anew.
func (m *Machine) changeSize(r *roster, change func()) {
	change()
	if plain := len(r.members) > r.serving.PenaltyMembersLimit; plain != r.plain {
		m.rank(r)
	}
}

func compareQueues(a, b *member) int {
	switch {
	case a.queue < b.queue:
		return -1
	case a.queue > b.queue:
		return 1
	}
	return 0
}

// reorder moves an agent to where he stands now in those of his queues that go by what he did.
func (m *Machine) reorder(a *agent) {
	for _, mb := range a.members {
		if r := mb.roster; strategy.Kind(r.serving.Strategy).GoesByPast() {
			r.order.Move(&mb.seat, r.key(mb))
		}
	}
}

// ringInUse says whether a member is rung while his phone is in use.
func (mb *member) ringInUse() bool {
	if mb.RingInUse != nil {
		return *mb.RingInUse
	}
	return mb.roster.serving.RingInUse
}

// free says whether a member may be rung, or else whether he settles.
func (mb *member) free() (free, settling bool) {
	s := mb.agent.standing
	able := s.able && !mb.paused
	free = able && (!s.inUse || mb.ringInUse())
	return free, able && !free && mb.agent.settles
}

// recount finds how a member stands in his queue, and counts him there. It costs the same whatever the number of members
// and of callers, but for those of demands by penalty.
func (m *Machine) recount(mb *member) {
	r, s := mb.roster, mb.agent.standing
	free, settling := mb.free()
	m.seat(mb, free, settling)
	if free {
		m.free(mb.agent)
	}
	factors := s.factors
	if mb.paused {
		factors |= FactorPaused
	}
	if _, in := r.windows[0].Penalty(mb.Penalty); r.plain && !in {
		factors |= FactorPenalty
	}
	m.staff(mb, !mb.paused, !mb.paused && factors&(FactorUnavailable|FactorInvalid) == 0)
	state := stateOf(mb, factors)
	if state == mb.state && factors == mb.factors {
		return
	}
	m.uncount(mb)
	mb.state, mb.factors = state, factors
	m.countIn(mb, 1)
	m.checkEmpty(r)
}

// seat notes whether a member is free, or settles; who settles is among the free ones, but may not be had yet.
func (m *Machine) seat(mb *member, free, settling bool) {
	r := mb.roster
	if mb.seat.Free() == (free || settling) && mb.settling == settling {
		return
	}
	switch {
	case settling && !mb.settling:
		r.settling++
	case mb.settling && !settling:
		r.settling--
	}
	mb.settling = settling
	r.order.SetFree(&mb.seat, free || settling)
	m.rouseHeld(r)
}

func (m *Machine) uncount(mb *member) {
	if mb.state < agentStates {
		m.countIn(mb, -1)
		mb.state = agentStates
	}
}

func (m *Machine) countIn(mb *member, n int) {
	r := mb.roster
	r.counts[mb.state] += n
	if mb.factors&r.serving.RefuseWhenAll == 0 {
		r.enterable += n
	}
	if mb.factors&r.serving.LeaveWhenAll == 0 {
		r.stayable += n
	}
	if r.serving.LeaveWhenAll&FactorPenalty != 0 {
		for _, d := range r.demands {
			if d.keeps(r, mb) {
				d.stayable += n
			}
		}
	}
}

// stateOf is what people call the state of a member.
func stateOf(mb *member, f Factors) agentState {
	at := mb.agent.attempt
	switch {
	case at != nil && at.state >= talking:
		return stateTalking
	case mb.paused:
		return statePaused
	case at != nil:
		return stateRinging
	case f&FactorWrapUp != 0:
		return stateWrappingUp
	case f&(FactorUnavailable|FactorInvalid) != 0:
		return stateUnavailable
	case f&(FactorInUse|FactorRinging) != 0:
		return stateInUse
	}
	return stateReady
}
