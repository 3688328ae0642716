package queueflow

import (
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// TriedSnapshot is an attempt that is over.
type TriedSnapshot struct {
	callevent.Attempt
	// Event is the id of the event that told it.
	Event string `json:"event"`
}

// TalkSnapshot is a talk with an agent, or with somebody to whom he transferred the caller.
type TalkSnapshot struct {
	Agent callevent.Agent `json:"agent"`
	// Channel is the agent's; of a call that was handed on, that of the other one, empty if it is not known.
	Channel   string    `json:"channel"`
	Bridge    string    `json:"bridge"`
	TalkingAt time.Time `json:"talking_at"`
	// HandedOn is true for a call whose ending event is made and whose caller talks on with somebody else.
	HandedOn bool `json:"handed_on,omitempty"`
	// EndedAt, EndedBy and WrapUp are set once the agent is gone and the caller is to be sent on.
	EndedAt   time.Time            `json:"ended_at,omitzero"`
	EndedBy   callevent.EndedBy    `json:"ended_by,omitempty"`
	WrapUp    time.Duration        `json:"wrap_up,omitempty"`
	Held      time.Duration        `json:"held,omitempty"`
	HeldSince time.Time            `json:"held_since,omitzero"`
	Transfers []callevent.Transfer `json:"transfers,omitempty"`
	// Recording is the file of the talk, Running the name of the recording that runs.
	Recording string `json:"recording,omitempty"`
	Running   string `json:"running,omitempty"`
}

func (c *call) triedSnapshot() []TriedSnapshot {
	var tried []TriedSnapshot
	for i, a := range c.tried {
		tried = append(tried, TriedSnapshot{Attempt: a, Event: c.triedBy[i]})
	}
	return tried
}

func (c *call) talkSnapshot() *TalkSnapshot {
	at := c.talk
	return &TalkSnapshot{
		Agent: at.member.agent.person(), Channel: at.channel.ID, Bridge: at.bridge, TalkingAt: at.talkingAt, HandedOn: c.state == handedOn,
		EndedAt: at.talk.endedAt, EndedBy: at.talk.endedBy, WrapUp: at.talk.wrapUp, Held: at.talk.held, HeldSince: at.talk.heldSince,
		Transfers: at.talk.transfers, Recording: at.talk.recording.file, Running: at.talk.recording.running,
	}
}

// restoreTalk gives a call its talk again. Whether the two are still there, a listing will show.
func (m *Machine) restoreTalk(c *call, s TalkSnapshot) {
	at := &attempt{
		id: s.Channel, channel: Channel{Node: c.channel.Node, ID: s.Channel}, call: c, member: m.memberOf(c.queue, s.Agent), state: talking,
		bridge: s.Bridge, talkingAt: s.TalkingAt, outcome: OutcomeAnswered, over: true, asked: true, joined: true, callerJoined: true,
		talk: talk{
			endedAt: s.EndedAt, endedBy: s.EndedBy, wrapUp: s.WrapUp, held: s.Held, heldSince: s.HeldSince, transfers: s.Transfers,
			recording: recording{file: s.Recording, running: s.Running},
		},
	}
	c.state, c.talk, c.due = connected, at, [deadlines]time.Time{}
	m.schedule(c)
	if s.HandedOn {
		c.state, at.state = handedOn, succeeding
	}
	if s.Channel != "" {
		m.keepLeg(at)
	}
	a := at.member.agent
	switch other := a.attempt; {
	case s.HandedOn, !s.EndedAt.IsZero():
		m.review(a) // who is a member no more is not kept for a talk that is over
	case other != nil && other.talkingAt.After(s.TalkingAt): // an event that came twice: the end of this one follows
	default:
		m.reserve(at)
		if other != nil { // he had left this one when he was rung; that its caller was sent on was not told yet
			m.endTalk(other, a.offeredAt, callevent.EndedByAgent)
		}
	}
}

// replayOffered takes up what came of an attempt after the snapshot.
func (m *Machine) replayOffered(id string, p callevent.Offered) {
	if c := m.calls[p.CallID]; c != nil && !slices.Contains(c.triedBy, id) {
		c.addTried(p.Attempt, id)
	}
}

// replayAnswered takes up that a caller who waited reached an agent. Of a queue whose talks are all recorded, this one is.
func (m *Machine) replayAnswered(p callevent.Answered) {
	c := m.calls[p.CallID]
	if c == nil || c.place == nil {
		return
	}
	m.take(c)
	c.queue, c.hears = p.Queue, hearing{}
	talk := TalkSnapshot{Agent: p.Agent, Channel: p.AgentChannel, Bridge: p.Bridge, TalkingAt: p.AnsweredAt}
	if policy, _ := m.policy(p.Queue); policy.Serving.Recording.Mode == RecordAlways {
		c.recordings = 1
		talk.Running = m.recordingName(c, talkEpoch(p.Bridge))
		talk.Recording = talk.Running + "." + policy.Serving.Recording.Format
	}
	m.restoreTalk(c, talk)
}

// replayCompleted takes up the end of a talk. Its caller may still be here: he talks on with somebody to whom he was
// transferred, or nobody knows whether he was told to go.
func (m *Machine) replayCompleted(p callevent.Completed) {
	if p.EndedBy == callevent.EndedByLost {
		m.lost.put(Channel{Node: p.Asterisk.URL, ID: p.Asterisk.ChannelID}, p.CallID)
	}
	transferred := p.EndedBy == callevent.EndedByTransfer && p.Bridge != ""
	sentAway := p.SentTo != "" || p.Hangup != nil && p.Hangup.By == callevent.ByApplication
	mayBeHere := (transferred || sentAway) && m.now.Sub(p.EndedAt) < departureMemory
	c := m.calls[p.CallID]
	if c == nil && mayBeHere {
		c = m.recall(entryOfTalk(p))
	}
	if c == nil || c.ended() {
		return
	}
	if c.place != nil {
		m.take(c)
	}
	if c.served() {
		m.letAgentGo(c.talk)
	}
	switch {
	case !mayBeHere:
		m.discard(c)
	case transferred:
		m.restoreTalk(c, TalkSnapshot{Agent: p.Agent, Bridge: p.Bridge, TalkingAt: p.AnsweredAt, HandedOn: true})
	default:
		d := departure{reason: reasonAgentHangup, toDialplan: p.Hangup == nil, target: parseTarget(p.SentTo)}
		d.variables = append(departureVariables(d.reason, 0, p.AnsweredAt.Sub(p.EnteredAt)), agentVariables(p.Agent)...)
		m.restoreGoing(c, d)
	}
}

// letAgentGo takes a talk from its agent of which an event says that it is over; the event counts it.
func (m *Machine) letAgentGo(at *attempt) {
	m.dropLeg(at)
	m.handled(at, false) // how long it took is not known
	if a := at.member.agent; a.attempt == at {
		a.attempt = nil
		m.review(a)
	}
}

// entryOfTalk is what an ending tells of the entry.
func entryOfTalk(p callevent.Completed) callevent.Entered {
	return callevent.Entered{
		CallID: p.CallID, Queue: p.Queue, QueueName: p.QueueName, DID: p.DID, Language: p.Language, Caller: p.Caller,
		EnteredAt: p.EnteredAt, Asterisk: p.Asterisk,
	}
}
