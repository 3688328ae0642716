package queueflow

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
	"missedcalls/queueflow/strategy"
)

// agent is one person who takes calls, in however many queues: one phone, one reservation, one wrap-up.
type agent struct {
	endpoint, name string
	// device is whose state tells whether he is free.
	device *device
	// members are his memberships, in the order of the queues' ids.
	members []*member
	// attempt is what his phone rings for, or whom he talks with: the reservation. nil is none.
	attempt *attempt
	// wrapUpUntil and restUntil are until when he is not rung: after a talk, and because his phone cannot be reached.
	wrapUpUntil, restUntil time.Time
	// refusals counts in a row the attempts after which he rests.
	refusals int
	// rang is true while his device is in use because it was rung for an attempt.
	rang bool
	// settles is true while his device is still said to be in use by an attempt of his that has just ended: until it is told
	// anew, or asked for again. He is not rung, but nobody of a higher penalty is either who would have to wait for him.
	settles bool
	// askAt is when his device's state is asked for again, because it is in use with nothing of ours; asked counts how often.
	askAt time.Time
	asked int
	// endedAt is when his last talk ended, offeredAt when he was last rung, talks how many he had. toldAt is when the last
	// attempt began that came to nothing.
	endedAt, offeredAt, toldAt time.Time
	talks                      int
	// standing is what follows from all this and from his device.
	standing standing
	// since is when his standing last changed.
	since time.Time
	// freed is true while match is to look whom he could serve.
	freed bool
	// wrapping is the attempt whose wrap-up goes on, until it counts as handled for the estimate of the wait.
	wrapping *attempt
	alarm    alarm
}

// standing is how an agent stands, whatever the queue.
type standing struct {
	factors Factors
	// able says that he could be rung were his phone not in use; inUse that it is, by nothing of ours.
	able, inUse bool
}

// member is an agent in one queue.
type member struct {
	agent *agent
	queue string
	Member
	// roster is that of the queue, nil once he is no member any more.
	roster *roster
	// seat is his place among the members of the queue, and position that in its list.
	seat     strategy.Seat[*member]
	position int
	// settling says that he is among the free ones of the order for no more than to hold back those of a higher penalty.
	settling bool
	paused   bool
	// penaltySet is true for a penalty that was set by hand and that the configuration has not changed since.
	penaltySet bool
	// reason and by are of the newest change, changedAt is when it was made.
	reason, by string
	changedAt  time.Time
	dynamic    bool
	// failed counts the failed attempts in a row, for Autopause.
	failed failures
	// state and factors are how he stands in the queue, as it counts him.
	state   agentState
	factors Factors
	// staffed says whether he is not paused, and reachable whether his phone can be reached besides, as the estimate counts him.
	staffed, reachable bool
}

// agentState is what people call the state of an agent in a queue.
type agentState uint8

// The states, in the order in which one hides the other.
const (
	statePaused agentState = iota
	stateTalking
	stateRinging
	stateWrappingUp
	stateUnavailable
	stateInUse
	stateReady
	agentStates
)

// agentOf gives the agent of an endpoint, made when it is first heard of.
func (m *Machine) agentOf(endpoint string) *agent {
	a, ok := m.agents[endpoint]
	if !ok {
		a = &agent{endpoint: endpoint, since: m.now}
		a.alarm = alarm{rank: rankBeforeCalls, order: agentOrder, id: endpoint, owner: a}
		m.agents[endpoint] = a
	}
	return a
}

// in gives the membership of an agent in a queue, nil for none.
func (a *agent) in(queue string) *member {
	i, found := slices.BinarySearchFunc(a.members, queue, func(mb *member, queue string) int { return cmp.Compare(mb.queue, queue) })
	if !found {
		return nil
	}
	return a.members[i]
}

// memberOf gives the member that an attempt belongs to of which only events tell. For somebody who is no member any more it
// makes one that no queue has.
func (m *Machine) memberOf(queue string, who callevent.Agent) *member {
	a := m.strangerOf(who)
	if mb := a.in(queue); mb != nil {
		return mb
	}
	return &member{agent: a, queue: queue, Member: Member{Endpoint: who.Endpoint, Name: who.Name}}
}

// strangerOf gives an agent who may be a member of no queue.
func (m *Machine) strangerOf(who callevent.Agent) *agent {
	a := m.agentOf(who.Endpoint)
	if a.device == nil {
		a.name = cmp.Or(who.Name, who.Endpoint)
		m.watchDevice(a, deviceOf(who.Endpoint))
	}
	return a
}

// describe takes the name and the device of an agent from his memberships: the first that says something, in the order of
// the queues' ids.
func (m *Machine) describe(a *agent) {
	name, device := "", ""
	for _, mb := range a.members {
		name, device = cmp.Or(name, mb.Name), cmp.Or(device, mb.StateInterface)
	}
	if len(a.members) > 0 {
		a.name = cmp.Or(name, a.endpoint)
		m.watchDevice(a, cmp.Or(device, deviceOf(a.endpoint)))
	}
}

// forgetAgent drops an agent who is a member of no queue, once nothing is left of what he did.
func (m *Machine) forgetAgent(a *agent) {
	if m.enlisting || len(a.members) > 0 || a.attempt != nil || a.wrapUpUntil.After(m.now) {
		return
	}
	m.unwatchDevice(a)
	m.alarms.set(&a.alarm, time.Time{})
	delete(m.agents, a.endpoint)
}

// forgetAgents ends a reload: only now it is known who is no member any more. One who went to another queue is as before.
func (m *Machine) forgetAgents() {
	m.enlisting = false
	for _, endpoint := range sortedKeys(m.agents) {
		m.forgetAgent(m.agents[endpoint])
	}
}

// review finds anew how an agent stands, after anything that may change it, and tells his queues. It costs a look at each
// of them.
func (m *Machine) review(a *agent) {
	if was := a.standing; m.stand(a) != was {
		a.since = m.now
	}
	m.wrappedUp(a)
	for _, mb := range a.members {
		m.recount(mb)
	}
	m.scheduleAgent(a)
	m.forgetAgent(a)
}

// stand says how an agent stands.
func (m *Machine) stand(a *agent) standing {
	s := standing{able: a.attempt == nil}
	switch {
	case a.attempt == nil:
		s.factors = m.deviceFactors(a.device)
		s.inUse = s.factors&(FactorInUse|FactorRinging) != 0
		s.able = s.factors&(FactorUnavailable|FactorInvalid) == 0
	case a.attempt.state >= talking:
		s.factors = FactorInUse
	default:
		s.factors = FactorRinging
	}
	if a.wrapUpUntil.After(m.now) {
		s.factors |= FactorWrapUp
		s.able = false
	}
	if a.restUntil.After(m.now) {
		s.factors |= FactorUnavailable
		s.able = false
	}
	a.standing = s
	return s
}

// scheduleAgent sets the alarm of an agent to the next moment at which he stands otherwise, or his device is asked again.
func (m *Machine) scheduleAgent(a *agent) {
	var next time.Time
	for _, at := range []time.Time{a.wrapUpUntil, a.restUntil, a.askAt} {
		if at.After(m.now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	m.alarms.set(&a.alarm, next)
}

// ring fires when a wrap-up or a rest is over, or a device is to be asked again.
func (a *agent) ring(m *Machine) {
	if !a.askAt.IsZero() && !a.askAt.After(m.now) {
		m.askDevice(a)
	}
	m.review(a)
}

// The seam between the agents and the attempts.

// reserve takes an agent for an attempt. One that a restart finds again was counted when it began.
func (m *Machine) reserve(at *attempt) {
	a, mb := at.member.agent, at.member
	a.attempt, a.askAt, a.settles = at, time.Time{}, false
	if at.offeredAt.After(a.offeredAt) {
		a.offeredAt = at.offeredAt
	}
	if mb.roster != nil && at.state == creating {
		m.rung(at.call, mb)
	}
	m.occupy(at)
	m.reorder(a)
	m.review(a)
}

// talkBegun lets the queues know that an agent is no longer rung, but talks: what he failed before counts no more.
func (m *Machine) talkBegun(c *call) {
	at := c.talk
	if at == nil || at.state != talking || at.member.agent.attempt != at || at.member.agent.standing.factors&FactorInUse != 0 {
		return
	}
	at.member.agent.refusals = 0
	at.member.failed = failures{}
	m.review(at.member.agent)
}

// attemptOver lets an agent go whose attempt, which led to no talk, has its outcome; it draws the consequences for him and
// for the call's choice of agents.
func (m *Machine) attemptOver(at *attempt) {
	a := at.member.agent
	if a.attempt == at {
		a.attempt = nil
	}
	m.handled(at, false)
	m.tried(at)
	a.rest(at.outcome, m.now)
	a.toldAt = at.offeredAt
	m.fail(at)
	m.askLater(a)
	m.review(a)
}

// rest lets an agent rest after an attempt that came to nothing because of his phone.
func (a *agent) rest(o Outcome, when time.Time) {
	switch o {
	case OutcomeBusy, OutcomeUnavailable:
		a.restUntil = when.Add(backOff(refusalRest, a.refusals))
		a.refusals++
	case OutcomeDropped, OutcomeNotConfirmed, OutcomeLostRace:
		a.refusals = 0
	}
}

// talkOver lets an agent go who has talked: his wrap-up begins. It gives how long that is. One that is still to last longer,
// of a talk of another queue, is not shortened.
func (m *Machine) talkOver(at *attempt) time.Duration {
	a, mb := at.member.agent, at.member
	if a.attempt == at {
		a.attempt = nil
	}
	wrapUp := m.wrapUp(mb)
	m.talked(a, at.talk.endedAt, wrapUp)
	m.wrapUpBegins(at)
	mb.failed = failures{}
	m.askLater(a)
	m.review(a)
	return wrapUp
}

// talked counts a talk that ended at a time.
func (m *Machine) talked(a *agent, at time.Time, wrapUp time.Duration) {
	a.talks++
	a.endedAt, a.refusals, a.restUntil = at, 0, time.Time{}
	if until := at.Add(wrapUp); until.After(a.wrapUpUntil) {
		a.wrapUpUntil = until
	}
	m.reorder(a)
}

// wrapUp is how long a member rests after a talk.
func (m *Machine) wrapUp(mb *member) time.Duration {
	if mb.WrapUp != nil {
		return *mb.WrapUp
	}
	p, _ := m.policy(mb.queue)
	return p.Serving.WrapUp
}

// refusalRest is how long an agent rests at first whose phone was busy or could not be reached, and how long at first a
// caller is kept from one who refused him.
const refusalRest = time.Second

// person is an agent as events tell of him.
func (a *agent) person() callevent.Agent {
	return callevent.Agent{Name: a.name, Endpoint: a.endpoint}
}
