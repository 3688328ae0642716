package queueflow

import (
	"slices"

	"missedcalls/queueflow/callevent"
)

// enlistConfigured makes the members of the configuration those of the queues, in the place of those that the policies
// before had; there are none at the start. Nothing is told of who is a member from the start on.
func (m *Machine) enlistConfigured(before map[string]Policy) {
	m.enlisting = true
	defer m.forgetAgents()
	for _, queue := range sortedKeys(m.rosters) {
		if !m.takes(queue) {
			m.disband(m.rosters[queue])
		}
	}
	for _, queue := range sortedKeys(m.policies.Queues) {
		old, reload := before[queue]
		m.reenlist(m.roster(queue), old.Serving.Members, reload || before != nil)
	}
}

// disband takes all members out of a queue that is no more.
func (m *Machine) disband(r *roster) {
	for _, mb := range slices.Clone(r.members) {
		mb.reason, mb.by, mb.changedAt = "", byConfiguration, m.now
		m.tellMember(mb, callevent.MemberRemoved{Member: m.toldMember(mb)})
		if mb.dynamic {
			m.store(mb, true)
		}
		m.strike(mb)
	}
	delete(m.rosters, r.queue)
}

// reenlist brings the members of one queue in line with its policy. What was said by hand about one who stays, stays; but
// a penalty that the configuration changes is that of the configuration.
func (m *Machine) reenlist(r *roster, before []Member, told bool) {
	p := m.policies.Queues[r.queue]
	for _, mb := range slices.Clone(r.members) {
		if !mb.dynamic && find(p.Serving.Members, mb.Endpoint) == nil {
			m.leaveConfiguration(mb)
		}
	}
	for i := range p.Serving.Members {
		as := p.Serving.Members[i]
		mb := m.agentOf(as.Endpoint).in(r.queue)
		if mb == nil {
			m.enterConfiguration(r, as, told)
			continue
		}
		penalty, taken := mb.Penalty, mb.dynamic
		if old := find(before, as.Endpoint); old == nil || old.Penalty != as.Penalty {
			penalty, mb.penaltySet = as.Penalty, false
		}
		mb.Member, mb.dynamic = as, false
		mb.Penalty = penalty
		m.describe(mb.agent)
		if taken {
			m.store(mb, false) // so that he is gone once the configuration has him no longer
		}
	}
	m.sortMembers(r, p.Serving.Members)
	m.serve(r, p.Serving)
	for _, mb := range r.members {
		m.free(mb.agent)
		m.review(mb.agent)
	}
}

func (m *Machine) leaveConfiguration(mb *member) {
	mb.reason, mb.by, mb.changedAt = "", byConfiguration, m.now
	m.tellMember(mb, callevent.MemberRemoved{Member: m.toldMember(mb)})
	m.strike(mb)
}

func (m *Machine) enterConfiguration(r *roster, as Member, told bool) {
	mb := newMember(m.agentOf(as.Endpoint), r.queue, as)
	m.enlist(r, mb)
	if told {
		mb.by, mb.changedAt = byConfiguration, m.now
		m.tellMember(mb, callevent.MemberAdded{Member: m.toldMember(mb)})
	}
}

// sortMembers puts the members of the configuration first, in its order, and the others behind them in theirs. Whose turn
// it is stays.
func (m *Machine) sortMembers(r *roster, configured []Member) {
	next := slices.IndexFunc(r.members, func(mb *member) bool { return mb.position >= r.cursor })
	var turn *member
	if next >= 0 {
		turn = r.members[next]
	}
	place := make(map[string]int, len(configured))
	for i, as := range configured {
		place[as.Endpoint] = i - len(configured)
	}
	slices.SortStableFunc(r.members, func(a, b *member) int { return place[a.Endpoint] - place[b.Endpoint] })
	for i, mb := range r.members {
		mb.position = i
		if mb == turn {
			r.cursor = i
		}
	}
}

func find(members []Member, endpoint string) *Member {
	i := slices.IndexFunc(members, func(as Member) bool { return as.Endpoint == endpoint })
	if i < 0 {
		return nil
	}
	return &members[i]
}
