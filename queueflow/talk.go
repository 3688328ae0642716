package queueflow

import (
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// talk is what is remembered of a talk between a caller and an agent.
type talk struct {
	// endedAt is when it ended, by whom, and how long the agent rests after it.
	endedAt time.Time
	endedBy callevent.EndedBy
	wrapUp  time.Duration
	// held is how long the agent had the caller on hold; heldSince is set while he has.
	held      time.Duration
	heldSince time.Time
	recording recording
	// transfers are what the phones said of handing the caller on, successor is the channel that came for the agent's, and
	// successorName what Asterisk calls it.
	transfers     []callevent.Transfer
	successor     *attempt
	successorName string
}

// reasonAgentHangup is why a caller goes whose agent hung up. No event carries it.
const reasonAgentHangup callevent.Reason = "agent_hangup"

// talkWithin bounds the wait for a side of a talk that is out of the bridge to leave the application, too, and for what
// belongs to a transfer.
const talkWithin = 2 * time.Second

// served says whether a call has reached an agent, so that its ending is that of a talk.
func (c *call) served() bool { return c.talk != nil && !c.talk.talkingAt.IsZero() }

// talks is for two who hear each other now: the call is out of the line, and all other phones stop ringing. Nothing else
// makes the event of an answer.
func (m *Machine) talks(at *attempt) {
	c := at.call
	position := 0
	if c.place != nil {
		position = m.line(c.queue).position(c)
		m.take(c)
	}
	at.state, at.talkingAt, at.outcome, at.tries = talking, m.now, OutcomeAnswered, 0
	if !at.talk.heldSince.IsZero() {
		at.talk.heldSince = m.now
	}
	m.await(at, 0)
	c.state, c.due = connected, [deadlines]time.Time{}
	m.schedule(c)
	c.hears.next, c.dialled = nil, ""
	m.cancelOthers(c, at, true)
	at.told = m.toldOf(at, 0, 0)
	answered := m.answeredEvent(at, position)
	m.tell(at)
	m.emit(c, c.stepID(m.settings.Epoch), answered)
	m.resolveAnswered(c, at.member.agent.name)
	m.dropBridge(c)
	m.beginRecording(at)
}

func (m *Machine) answeredEvent(at *attempt, position int) callevent.Answered {
	c := at.call
	p, _ := m.policy(c.queue)
	attempts := slices.Clone(c.tried)
	for _, other := range c.attempts {
		if other != at {
			attempts = append(attempts, other.told) // as it looks now: an answer may be on its way
		}
	}
	return callevent.Answered{
		CallID: c.id, Queue: c.queue, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		EnteredAt: c.enteredAt, AnsweredAt: at.talkingAt, WaitedMS: at.talkingAt.Sub(c.enteredAt).Milliseconds(),
		Position: position, Priority: c.priority, Agent: at.member.agent.person(), Attempts: newest(append(attempts, at.told)),
		EstimateToldMS: c.waitTold.milliseconds(), EstimateErrorMS: c.waitTold.lateMilliseconds(at.talkingAt),
		AgentChannel: at.channel.ID, Bridge: at.bridge, Asterisk: c.asterisk(""),
	}
}

// newest gives as many attempts as an event tells.
func newest(all []callevent.Attempt) []callevent.Attempt {
	return all[max(0, len(all)-callevent.MostAttempts):]
}

// endTalk ends the talk itself, once: the agent's wrap-up begins, though his channel may not be gone yet.
func (m *Machine) endTalk(at *attempt, when time.Time, by callevent.EndedBy) {
	if !at.talk.endedAt.IsZero() {
		return
	}
	if when.Before(at.talkingAt) {
		when = at.talkingAt
	}
	at.talk.endedAt, at.talk.endedBy = when, by
	m.unhold(at, when)
	m.endRecording(at)
	at.talk.wrapUp = m.talkOver(at)
}

// agentLeft is for a talk whose agent's channel is gone. If the caller had wanted to end it before, he did; he is
// expected to leave. Otherwise he goes where his queue sends those whose agent hung up.
func (m *Machine) agentLeft(at *attempt, when time.Time) {
	c := at.call
	if at.talk.successor != nil {
		m.transferred(at)
		return
	}
	if m.callerHungUpFirst(at) {
		m.end(c, when, c.howLeft())
		m.goAgain(c)
		return
	}
	by := callevent.EndedByAgent
	if len(at.talk.transfers) > 0 {
		by = callevent.EndedByTransfer
	}
	m.endTalk(at, when, by)
	p, _ := m.policy(c.queue)
	m.leaveBy(c, reasonAgentHangup, Exit{Dialplan: p.Serving.OnAgentHangup.Dialplan})
}

func (m *Machine) callerHungUpFirst(at *attempt) bool {
	_, yes := m.hangingUp(at.call)
	return yes && (at.hangupAt.IsZero() || !at.hangupAt.Before(at.call.hangupAt))
}

// talkLate is for a side of a talk that is out of the bridge and neither left nor was replaced: it is brought back.
func (m *Machine) talkLate(at *attempt) {
	if at.talk.successor != nil {
		m.transferred(at)
		return
	}
	if !at.joined {
		m.command(Connect{Channel: at.channel, Bridge: at.bridge})
		m.await(at, backOff(talkWithin, at.tries))
		at.tries++
	}
}

// completedEvent is the ending of a call that reached an agent.
func (m *Machine) completedEvent(c *call, when time.Time, e ending) callevent.Completed {
	at := c.talk
	m.endTalk(at, when, endedBy(e.reason))
	p, _ := m.policy(c.queue)
	done := callevent.Completed{
		CallID: c.id, Queue: c.queue, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		EnteredAt: c.enteredAt, AnsweredAt: at.talkingAt, EndedAt: at.talk.endedAt,
		WaitedMS: at.talkingAt.Sub(c.enteredAt).Milliseconds(), TalkedMS: at.talk.endedAt.Sub(at.talkingAt).Milliseconds(),
		Agent: at.member.agent.person(), EndedBy: at.talk.endedBy, HeldMS: at.talk.held.Milliseconds(), WrapUpMS: at.talk.wrapUp.Milliseconds(),
		Transfers: slices.Concat([]callevent.Transfer{}, at.talk.transfers), Recording: at.talk.recording.file,
		Hangup: e.hangup, SentTo: e.sentTo, Asterisk: c.asterisk(e.timestamp),
	}
	if e.reason == reasonTransferred {
		done.Bridge = at.bridge
	}
	return done
}

// endedBy is what a reason to leave means for a call that reached an agent.
func endedBy(r callevent.Reason) callevent.EndedBy {
	switch r {
	case callevent.ReasonAbandoned:
		return callevent.EndedByCaller
	case callevent.ReasonTaken:
		return callevent.EndedByTaken
	case callevent.ReasonLost:
		return callevent.EndedByLost
	case reasonAgentHangup:
		return callevent.EndedByAgent
	case reasonTransferred:
		return callevent.EndedByTransfer
	}
	return callevent.EndedByApplication
}

func (in Held) apply(m *Machine) {
	at := m.leg(in.Channel)
	switch {
	case at == nil:
		m.ignore(in, "not the channel of an agent")
	case at.state == joining: // he is up and in the bridge already, the caller on his way
		at.talk.heldSince = time.Time{}
		if in.On {
			at.talk.heldSince = m.now
		}
	case at.state != talking:
		m.ignore(in, "the agent does not talk")
	case !in.On:
		m.unhold(at, m.now)
	case at.talk.heldSince.IsZero():
		at.talk.heldSince = m.now
	}
}

// unhold counts the time for which an agent had the caller on hold.
func (m *Machine) unhold(at *attempt, when time.Time) {
	if since := at.talk.heldSince; !since.IsZero() && when.After(since) {
		at.talk.held += when.Sub(since)
	}
	at.talk.heldSince = time.Time{}
}

// resolveAnswered closes the open missed calls of a caller who got through.
func (m *Machine) resolveAnswered(c *call, agent string) {
	m.episodes.ring(m)
	if e := m.episodes.byNumber[numberOf(c.caller)]; e != nil {
		m.resolve(e, resolution{how: callevent.ResolvedAnswered, by: agent, byCall: c.id})
	}
}
