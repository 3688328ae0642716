package queueflow

import (
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// AgentSnapshot is one agent.
type AgentSnapshot struct {
	Endpoint string `json:"endpoint"`
	// WrapUpUntil and RestUntil are until when the agent is not rung; Refusals counts what made him rest.
	WrapUpUntil time.Time `json:"wrap_up_until,omitzero"`
	RestUntil   time.Time `json:"rest_until,omitzero"`
	Refusals    int       `json:"refusals,omitempty"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	OfferedAt   time.Time `json:"offered_at,omitzero"`
	// ToldAt is when the last attempt began that came to nothing: what it means is in here.
	ToldAt time.Time `json:"told_at,omitzero"`
	Talks  int       `json:"talks,omitempty"`
	// Since is when he came to stand as he did.
	Since time.Time `json:"since,omitzero"`
	// States are how his device stood on each Asterisk.
	States map[string]DeviceState `json:"states,omitempty"`
	// Members are his memberships, in the order of the queues' ids.
	Members []MemberSnapshot `json:"members"`
}

// MemberSnapshot is an agent in one queue. Position orders those that the configuration does not have.
type MemberSnapshot struct {
	MemberRecord
	Position    int `json:"position"`
	NoAnswer    int `json:"no_answer,omitempty"`
	Busy        int `json:"busy,omitempty"`
	Unavailable int `json:"unavailable,omitempty"`
}

// snapshotAgents gives all agents, in the order of their endpoints.
func (m *Machine) snapshotAgents() []AgentSnapshot {
	var all []AgentSnapshot
	for _, endpoint := range sortedKeys(m.agents) {
		all = append(all, m.agents[endpoint].snapshot())
	}
	return all
}

func (a *agent) snapshot() AgentSnapshot {
	s := AgentSnapshot{
		Endpoint: a.endpoint, WrapUpUntil: a.wrapUpUntil, RestUntil: a.restUntil, Refusals: a.refusals, EndedAt: a.endedAt,
		OfferedAt: a.offeredAt, ToldAt: a.toldAt, Talks: a.talks, Since: a.since,
	}
	for _, on := range a.device.states {
		if s.States == nil {
			s.States = make(map[string]DeviceState, len(a.device.states))
		}
		s.States[on.node] = on.state
	}
	for _, mb := range a.members {
		s.Members = append(s.Members, MemberSnapshot{
			MemberRecord: mb.record(false), Position: mb.position,
			NoAnswer: mb.failed.noAnswer, Busy: mb.failed.busy, Unavailable: mb.failed.unavailable,
		})
	}
	return s
}

// snapshotCursors gives, of the queues whose strategy remembers it, whose turn it is.
func (m *Machine) snapshotCursors() map[string]int {
	var cursors map[string]int
	for queue, r := range m.rosters {
		if r.cursor > 0 {
			if cursors == nil {
				cursors = make(map[string]int)
			}
			cursors[queue] = r.cursor
		}
	}
	return cursors
}

// restoreAgents takes up what a snapshot knows of agents. Who was a member by a configuration that has him no longer is
// none any more.
func (m *Machine) restoreAgents(s Snapshot) {
	for _, queue := range sortedKeys(m.rosters) {
		m.restoreMembers(m.rosters[queue], s.Agents, s.Cursors[queue])
	}
	for _, saved := range s.Agents {
		a := m.agents[saved.Endpoint]
		if a == nil && saved.WrapUpUntil.After(m.now) {
			a = m.strangerOf(callevent.Agent{Endpoint: saved.Endpoint})
		}
		if a != nil {
			m.restoreAgent(a, saved)
		}
	}
	for _, endpoint := range sortedKeys(m.agents) { // those who share a device know its states now
		m.review(m.agents[endpoint])
	}
	if s.Chance != 0 {
		m.chance.State = s.Chance
	}
}

// restoreSince takes up since when agents stand as they do, once their talks are restored, and all of those who are members
// of no queue any more: they are known from their talks alone.
func (m *Machine) restoreSince(saved []AgentSnapshot) {
	for _, s := range saved {
		if a := m.agents[s.Endpoint]; a != nil && len(a.members) == 0 {
			m.restoreAgent(a, s)
		}
		if a := m.agents[s.Endpoint]; a != nil {
			a.since = s.Since
		}
	}
}

// restoreMembers takes up the members of one queue, in the order they had, and whose turn it is.
func (m *Machine) restoreMembers(r *roster, saved []AgentSnapshot, cursor int) {
	var members []MemberSnapshot
	for _, a := range saved {
		for _, mb := range a.Members {
			if mb.Queue == r.queue {
				members = append(members, mb)
			}
		}
	}
	slices.SortFunc(members, func(a, b MemberSnapshot) int { return a.Position - b.Position })
	var turn *member
	for _, s := range members {
		m.takeUp(s.MemberRecord)
		a := m.agents[s.Member.Endpoint]
		if a == nil || a.in(r.queue) == nil {
			continue
		}
		mb := a.in(r.queue)
		mb.failed.noAnswer, mb.failed.busy, mb.failed.unavailable = s.NoAnswer, s.Busy, s.Unavailable
		if turn == nil && s.Position >= cursor {
			turn = mb
		}
	}
	if r.cursor = cursor; turn != nil {
		r.cursor = turn.position
	}
}

func (m *Machine) restoreAgent(a *agent, s AgentSnapshot) {
	a.wrapUpUntil, a.restUntil, a.refusals = s.WrapUpUntil, s.RestUntil, s.Refusals
	a.endedAt, a.offeredAt, a.toldAt, a.talks = s.EndedAt, s.OfferedAt, s.ToldAt, s.Talks
	for node, state := range s.States {
		a.device.set(node, state)
	}
	m.reorder(a)
	m.review(a)
}

// replayMember takes up an event of a member that is newer than the snapshot.
func (m *Machine) replayMember(p callevent.Member, removed bool) {
	as := Member{
		Endpoint: p.Agent.Endpoint, Name: p.Agent.Name, Penalty: p.Penalty, StateInterface: p.StateInterface,
		Paused: p.Paused, Confirm: p.Confirm, RingInUse: p.RingInUse, Skills: p.Skills,
	}
	if as.Name == as.Endpoint {
		as.Name = ""
	}
	if p.WrapUpMS != nil {
		wrapUp := time.Duration(*p.WrapUpMS) * time.Millisecond
		as.WrapUp = &wrapUp
	}
	mb := m.memberIn(p.Queue, p.Agent.Endpoint)
	m.takeUp(MemberRecord{
		Queue: p.Queue, Member: as, PenaltySet: mb != nil && mb.penaltySet, Dynamic: p.Dynamic, Removed: removed, Reason: p.Reason,
		By: p.By, At: p.At,
	})
}

// replayRung takes up that an agent was rung at the end of an attempt, and what it means for him, for his caller, and for
// the pauses that the queue makes itself; the pause itself has an event of its own.
func (m *Machine) replayRung(p callevent.Offered, when time.Time) {
	a := m.agents[p.Attempt.Endpoint]
	if a == nil {
		return
	}
	if p.OfferedAt.After(a.offeredAt) {
		a.offeredAt = p.OfferedAt
		m.reorder(a)
	}
	outcome := Outcome(p.Attempt.Outcome)
	if outcome == OutcomeAnswered || !p.OfferedAt.After(a.toldAt) {
		return
	}
	a.toldAt = p.OfferedAt
	a.rest(outcome, when)
	if mb := a.in(p.Queue); mb != nil {
		if failed := mb.failures(outcome); failed != nil {
			*failed++
		}
	}
	if c := m.calls[p.CallID]; c != nil && c.place != nil && c.queue == p.Queue {
		c.trials.replay(a, outcome, when)
	}
	m.review(a)
}

// replayTalk takes up that an agent has talked, and the wrap-up that followed.
func (m *Machine) replayTalk(p callevent.Completed) {
	a := m.agents[p.Agent.Endpoint]
	if a == nil || !p.EndedAt.After(a.endedAt) {
		return
	}
	m.talked(a, p.EndedAt, time.Duration(p.WrapUpMS)*time.Millisecond)
	if mb := a.in(p.Queue); mb != nil {
		mb.failed = failures{}
	}
	m.review(a)
}
