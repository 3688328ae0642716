package queueflow

import (
	"slices"

	"missedcalls/queueflow/callevent"
)

// refusesEmpty says whether a queue takes nobody because every agent is in a state that its policy names. A queue without
// members counts as such.
func (m *Machine) refusesEmpty(p Policy) bool {
	return p.Serving.RefuseWhenAll != 0 && m.roster(p.ID).enterable == 0
}

// tooManyPerAgent says whether one more caller would be more than there may be for each agent who is logged in: who is
// neither paused nor out of reach.
func (m *Machine) tooManyPerAgent(p Policy) bool {
	if p.Serving.MaxCallersPerAgent == 0 {
		return false
	}
	r := m.roster(p.ID)
	loggedIn := len(r.members) - r.counts[statePaused] - r.counts[stateUnavailable]
	return m.line(p.ID).len() >= p.Serving.MaxCallersPerAgent*loggedIn
}

// checkEmpty lets match look whether the callers of a queue have to leave it, or need not any more.
func (m *Machine) checkEmpty(r *roster) {
	if !r.checks && (r.serving.LeaveWhenAll != 0 || r.empty) {
		r.checks = true
		m.unmatched.checked = append(m.unmatched.checked, r)
	}
}

// deserted says whether every agent is in a state in which those who wait leave. Where the penalty is one of these, it is
// so for those callers who reach nobody else.
func (m *Machine) deserted(c *call) bool {
	r := m.roster(c.queue)
	switch leave := r.serving.LeaveWhenAll; {
	case leave == 0:
		return false
	case leave&FactorPenalty == 0:
		return r.stayable == 0
	}
	return c.demand != nil && c.demand.stayable == 0
}

// leaveAllEmpty lets those callers of a queue go who reach no agent who could serve them, in the order of the line.
func (m *Machine) leaveAllEmpty(r *roster) {
	leave := r.serving.LeaveWhenAll
	empty := leave != 0 && r.stayable == 0
	if leave&FactorPenalty != 0 {
		empty = false
		for _, d := range r.demands {
			empty = empty || d.stayable == 0
		}
	}
	if empty && !r.empty {
		r.spell++
	}
	r.empty = empty
	l, used := m.lines[r.queue]
	if !empty || !used {
		return
	}
	for _, c := range slices.Collect(l.all()) {
		m.leaveEmpty(c)
	}
}

// leaveEmpty lets a caller go whom nobody could serve, unless an agent is being rung for him, or his way out was not there
// when it came to be so. One whose Asterisk is away goes when it is back.
func (m *Machine) leaveEmpty(c *call) {
	if c.state != waiting || c.place == nil || !m.deserted(c) || c.keptSpell == m.roster(c.queue).spell {
		return
	}
	if live, _ := c.rung(); live > 0 || c.node.away {
		return
	}
	if until, yes := m.hangingUp(c); yes {
		m.arm(c, dueEmpty, until)
		return
	}
	m.touch(c)
	p, _ := m.policy(c.queue)
	m.leaveBy(c, callevent.ReasonNoAgents, p.OnEmpty)
}

// agentCounts are the agents of a queue as a missed call tells them: who is being rung could have been had, and whose
// phone is in use talks.
func (m *Machine) agentCounts(queue string) callevent.AgentCounts {
	r := m.rosters[queue]
	if r == nil {
		return callevent.AgentCounts{}
	}
	return callevent.AgentCounts{
		Ready: r.counts[stateReady] + r.counts[stateRinging], Talking: r.counts[stateTalking] + r.counts[stateInUse],
		WrappingUp: r.counts[stateWrappingUp], Paused: r.counts[statePaused], Unavailable: r.counts[stateUnavailable],
	}
}
