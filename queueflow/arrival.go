package queueflow

import (
	"strings"

	"missedcalls/queueflow/callevent"
)

func (in CallerEntered) apply(m *Machine) {
	if n := m.node(in.Channel.Node); !n.away {
		n.seen(m.at(in.At))
	}
	if in.Replaces != (Channel{}) {
		if c := m.channels[in.Replaces]; c != nil {
			m.replace(c, in)
			return
		}
		if at := m.leg(in.Replaces); at != nil {
			m.replaceLeg(at, in)
			return
		}
	}
	if m.channels[in.Channel] != nil || m.legs[in.Channel] != nil {
		m.ignore(in, "the channel is in the application already")
		return
	}
	if m.leftBehind(in) {
		m.hangUpStray(in.Channel)
		return
	}
	if _, used := m.calls[in.Call]; used || in.Call == "" {
		m.ignore(in, "the id of the call is used")
		return
	}
	m.enter(in)
}

// replace gives a call the channel that took over its caller's identity. Nothing that was done to the old channel, or
// heard of it, holds for the new one.
func (m *Machine) replace(c *call, in CallerEntered) {
	if m.channels[in.Channel] != nil || m.legs[in.Channel] != nil {
		m.ignore(in, "the channel is in the application already")
		return
	}
	m.touch(c)
	delete(m.channels, c.channel)
	c.channel, c.name, c.answered = in.Channel, in.Name, in.Answered
	m.channels[c.channel] = c
	c.seenAt, c.hangup, c.joined, c.music, c.foundAlone = m.at(in.At), nil, false, "", false
	c.hears.muted = false
	m.over(c)
	m.disarm(c, dueVanish)
	c.tookOver = c.tookOver || viaLocal(c.name) && c.talk == nil
	if c.state == arriving || c.tookOver && !c.ended() {
		m.askCaller(c)
	}
	switch c.state {
	case waiting:
		m.receive(c)
	case checking:
		m.checkAgain(c)
	case leaving:
		m.goAgain(c)
	}
	if c.talk != nil {
		c.talk.callerJoined = false
		m.seeJoined(c)
		m.sayNext(c)
	}
}

// checkAgain asks for the exit once more; a departure that has none was only waiting for its caller to hang up.
func (m *Machine) checkAgain(c *call) {
	if c.going.target == (Target{}) {
		m.goTo(c, c.going)
		return
	}
	m.askExit(c)
}

// enter makes a call of a channel.
func (m *Machine) enter(in CallerEntered) {
	args := ParseArgs(in.Args)
	at := m.at(in.At)
	c := &call{
		id: in.Call, order: m.orderOf(at), channel: in.Channel, node: m.node(in.Channel.Node),
		name: in.Name, timestamp: in.Timestamp,
		did: in.Dialled, caller: in.Caller, language: in.Language,
		priority: args.Priority, asked: args.Asked, named: args.Queue,
		enteredAt: at, seenAt: at, answered: in.Answered, resumedFrom: m.lost.take(in.Channel), foundAlone: in.found && in.Bridge == "",
	}
	m.add(c)
	if args.Command != nil {
		m.takeCommand(c, args.Command, in.found)
		return
	}
	for _, problem := range args.Problems {
		m.notice(NoticeBadArgument, c, problem)
	}
	m.askCaller(c)
	m.arm(c, dueIdentity, m.now.Add(identityWithin))
}

// add makes a call known under its id and its channel.
func (m *Machine) add(c *call) {
	c.bridge = m.holdPrefix + c.id
	c.alarm = alarm{rank: -c.priority, order: c.order, id: c.id, owner: c}
	c.byDID, _ = m.policies.DIDs.Route(c.did)
	m.calls[c.id] = c
	m.channels[c.channel] = c
	c.node.calls[c] = struct{}{}
	m.touch(c)
}

// refuseCommand gives a channel that came with a command back to the dialplan. It is nobody's call, so no event tells of
// it; like a call that has ended, it is told to go until it is gone.
func (m *Machine) refuseCommand(c *call, command string) {
	m.notice(NoticeUnknownCommand, c, "Stasis() was given the command "+clip(command)+", which this version does not know")
	c.state = leaving
	c.going = departure{reason: callevent.ReasonDeclined, toDialplan: true}
	c.going.variables = departureVariables(c.going.reason, 0, 0)
	m.goAgain(c)
}

// admit leads an arriving call to its queue, or away.
func (m *Machine) admit(c *call) {
	queue := m.route(c)
	switch {
	case queue == "":
		m.goTo(c, departure{reason: callevent.ReasonUnknownDID, toDialplan: true})
	case m.closed:
		c.queue = queue
		m.goTo(c, departure{reason: callevent.ReasonDeclined, toDialplan: true})
	default:
		m.join(c, queue, "")
	}
}

// route finds the queue of a new call, empty for none.
func (m *Machine) route(c *call) string {
	if c.named != "" {
		if _, known := m.policies.Queues[c.named]; known {
			return c.named
		}
		m.notice(NoticeUnknownQueue, c, "Stasis() named queue "+clip(c.named)+", which is not configured; the dialled number decides")
	}
	if c.byDID.Queue != "" {
		return c.byDID.Queue
	}
	if m.policies.DefaultQueue == "" {
		m.notice(NoticeUnknownDID, c, "no queue for the dialled number and no default_queue: the call goes back to the dialplan")
	}
	return m.policies.DefaultQueue
}

const (
	// refusalLimit bounds how many full or empty queues may pass a call on before it is sent away.
	refusalLimit = 8
	// refusalsKept bounds how many of a call's refusals its events tell; a caller can cause more with his keys.
	refusalsKept = 4 * refusalLimit
)

// join puts a call into the line of a queue, or follows what the queue says to those it refuses. why is the reason of
// the move when the call comes from another queue.
func (m *Machine) join(c *call, queue string, why callevent.Reason) {
	var refused callevent.Reason
	for range refusalLimit {
		p, known := m.policy(queue)
		if !known || !m.takes(queue) {
			m.queueMissing(c, queue, why)
			return
		}
		var exit Exit
		if refused, exit = m.refusal(c, p); refused == "" {
			m.lineUp(c, p, why)
			return
		}
		if why == callevent.ReasonExitKey {
			m.notice(NoticeMoveRefused, c, "queue "+clip(queue)+" takes nobody now ("+string(refused)+"); the caller whose key leads there waits on")
			return
		}
		c.refuse(callevent.Refusal{Queue: queue, Reason: refused})
		if c.place == nil {
			c.queue = queue
		}
		if exit.Queue == "" {
			m.leaveBy(c, refused, exit)
			return
		}
		queue = exit.Queue
	}
	m.leaveBy(c, refused, Exit{})
}

func (c *call) refuse(r callevent.Refusal) {
	if len(c.refusedBy) < refusalsKept {
		c.refusedBy = append(c.refusedBy, r)
	}
}

// queueMissing is for a call that the policy of a queue sends on to another one that a reload took away. Who waits waits
// on, if only he asked to go; the others go back to the dialplan, so that somebody serves them.
func (m *Machine) queueMissing(c *call, queue string, why callevent.Reason) {
	m.notice(NoticeUnknownQueue, c, "a caller should go on to queue "+clip(queue)+", which is no longer configured")
	switch {
	case c.place != nil && why == callevent.ReasonExitKey:
		return
	case why == "" && len(c.refusedBy) > 0:
		why = c.refusedBy[len(c.refusedBy)-1].Reason
	case why == "":
		why = callevent.ReasonUnknownDID
	}
	m.goTo(c, departure{reason: why, toDialplan: true})
}

// refusal says why a queue does not take one more caller, and where he goes then; no reason means that it takes him.
func (m *Machine) refusal(c *call, p Policy) (callevent.Reason, Exit) {
	switch {
	case !m.open(p):
		return callevent.ReasonClosed, p.OnClosed
	case m.refusesEmpty(p):
		return callevent.ReasonNoAgents, p.OnEmpty
	case p.MaxCallers > 0 && m.line(p.ID).len() >= p.MaxCallers, m.tooManyPerAgent(p):
		return callevent.ReasonQueueFull, p.OnFull
	case m.wouldWaitTooLong(c, p):
		return callevent.ReasonQueueFull, p.OnFull
	}
	return "", Exit{}
}

// lineUp puts a call into a line that takes it, and lets the caller hear so.
func (m *Machine) lineUp(c *call, p Policy, why callevent.Reason) {
	from := c.queue
	if c.place != nil {
		m.cancel(c)
		m.take(c)
	}
	c.queue, c.state, c.kept = p.ID, waiting, false
	c.trials, c.keptSpell = trials{}, 0
	m.disarm(c, dueClosing)
	m.put(c)
	m.line(p.ID).waits.Arrived(m.now, c.priority)
	if c.admitted {
		c.queuedAt = m.now
		m.emit(c, c.stepID(m.settings.Epoch), c.movedEvent(m, from, p, why))
	} else {
		c.admitted, c.queuedAt = true, c.enteredAt
		c.positionAtEntry = m.line(p.ID).position(c)
		m.emit(c, c.stepID(m.settings.Epoch), c.enteredEvent(p))
	}
	m.armMaxWait(c)
	m.beginHearing(c, p)
	m.receive(c)
	m.sayNext(c)
}

func (c *call) enteredEvent(p Policy) callevent.Entered {
	return callevent.Entered{
		CallID: c.id, Queue: p.ID, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		EnteredAt: c.enteredAt, Position: c.positionAtEntry, Priority: c.priority, Asked: c.asked,
		RefusedBy: c.refusedBy, ResumedFrom: c.resumedFrom, Asterisk: c.asterisk(c.timestamp),
	}
}

func (c *call) movedEvent(m *Machine, from string, p Policy, why callevent.Reason) callevent.Moved {
	old, _ := m.policy(from)
	return callevent.Moved{
		CallID: c.id, From: from, FromName: old.Name, Queue: p.ID, QueueName: p.Name, DID: c.did,
		Language: c.spokenLanguage(p), Caller: c.caller, Reason: why, EnteredAt: c.enteredAt, MovedAt: m.now,
		WaitedMS: m.now.Sub(c.enteredAt).Milliseconds(), Position: m.line(p.ID).position(c), Priority: c.priority,
		Keys: string(c.keys), Asterisk: c.asterisk(""),
	}
}

// clip makes text of the dialplan fit for a log line.
func clip(s string) string {
	const most = 64
	return `"` + strings.Map(printable, s[:min(len(s), most)]) + `"`
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return '?'
	}
	return r
}
