package queueflow

import (
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// ending is what end must know beside the call.
type ending struct {
	reason    callevent.Reason
	hangup    *callevent.Hangup
	sentTo    string
	window    *callevent.Window
	timestamp string
}

// end makes the one ending event of a call and takes it out of its line. Nothing else makes one. What came of the
// attempts is told before.
func (m *Machine) end(c *call, at time.Time, e ending) {
	if at.Before(c.enteredAt) {
		at = c.enteredAt
	}
	c.state = leaving
	m.cancel(c)
	m.tellAll(c)
	position := 0
	if c.place != nil {
		position = m.line(c.queue).position(c)
		if e.reason == callevent.ReasonAbandoned {
			m.line(c.queue).waits.HungUp(m.now)
		}
		m.take(c)
	}
	c.due = [deadlines]time.Time{}
	m.schedule(c)
	if c.served() {
		m.emit(c, callevent.EndID(c.id), m.completedEvent(c, at, e))
		m.partFrom(c.talk)
		return
	}
	m.emit(c, callevent.EndID(c.id), m.missedEvent(c, at, position, e))
}

// missedEvent is the ending of a call that reached nobody.
func (m *Machine) missedEvent(c *call, at time.Time, position int, e ending) callevent.Missed {
	p, _ := m.policy(c.queue)
	missed := callevent.Missed{
		CallID: c.id, Queue: c.queue, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		Reason: e.reason, EnteredAt: c.enteredAt, LeftAt: at, WaitedMS: at.Sub(c.enteredAt).Milliseconds(),
		PositionAtEntry: c.positionAtEntry, Position: position, Priority: c.priority, EstimateToldMS: c.waitTold.milliseconds(),
		Agents: m.agentCounts(c.queue), Attempts: slices.Concat([]callevent.Attempt{}, c.tried), Keys: string(c.keys),
		Hangup: e.hangup, SentTo: e.sentTo, LostWindow: e.window,
		RefusedBy: c.refusedBy, ResumedFrom: c.resumedFrom, Asterisk: c.asterisk(e.timestamp),
	}
	m.fold(c, &missed)
	return missed
}

func (in HangupRequested) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		if at.hangupAt.IsZero() {
			at.hangupAt = m.now
		}
		return
	}
	if c := m.hear(in.Channel, in); c != nil {
		c.hangup, c.hangupAt = &in, m.now
	}
}

func (in CallerLeft) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legLeft(at, m.at(in.At))
		return
	}
	if m.dropStray(in.Channel) {
		return
	}
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	m.settleTransfer(c)
	if c.state == handedOn {
		m.transferredLeft(c)
		return
	}
	if c.state != leaving {
		m.nameQueue(c)
		e := c.howLeft()
		e.timestamp = in.Timestamp
		at := m.at(in.At)
		if at.Before(c.queuedAt) {
			at = c.queuedAt // he was moved on while this news waited for the listing before it
		}
		m.end(c, at, e)
	}
	m.release(c)
}

// nameQueue finds the queue of a call that ends before it could be led there.
func (m *Machine) nameQueue(c *call) {
	if c.state == arriving {
		c.queue = m.route(c)
	}
}

// howLeft reads from the hang-up requests how a caller left whom we did not send away. Asterisk tells a BYE, a CANCEL
// and an operator's hang-up by a request before the channel leaves; a channel that leaves without one, or with a soft
// request to go elsewhere, was taken by somebody.
func (c *call) howLeft() ending {
	const softAsyncGoto = 2 // AST_SOFTHANGUP_ASYNCGOTO
	h := c.hangup
	switch {
	case h == nil, h.Soft && h.Cause == softAsyncGoto:
		return ending{reason: callevent.ReasonTaken}
	case h.Soft:
		return ending{reason: callevent.ReasonAbandoned, hangup: hangupOf(0, callevent.ByAsterisk)}
	}
	return ending{reason: callevent.ReasonAbandoned, hangup: hangupOf(h.Cause, callevent.ByCaller)}
}

// CommandFailed of a channel that Asterisk does not have starts a short wait for the news of its leaving; any other
// failure is left to the deadlines that repeat commands.
func (in CommandFailed) apply(m *Machine) {
	if at := m.legs[in.Command.On()]; at != nil {
		m.legFailed(at, in)
		return
	}
	if in.Gone && m.dropStray(in.Command.On()) {
		return
	}
	c := m.channels[in.Command.On()]
	if c == nil {
		m.ignore(in, "no call has this channel")
		return
	}
	m.touch(c)
	if !in.Gone {
		m.notice(NoticeCommandFailed, c, in.Why)
	}
	m.callerFailed(c, in)
	if in.Gone && !aboutBridge(in.Command) && c.due[dueVanish].IsZero() {
		m.arm(c, dueVanish, m.now.Add(vanishWithin))
	}
}

// aboutBridge says whether a command is about a bridge, so that its failure says nothing of the channel.
func aboutBridge(c Command) bool {
	switch c.(type) {
	case StartRecording, StopRecording, DestroyBridge:
		return true
	}
	return false
}

// callerFailed goes on without what a command to a caller's channel was to bring about.
func (m *Machine) callerFailed(c *call, in CommandFailed) {
	switch cmd := in.Command.(type) {
	case AskCaller:
		if c.state == arriving && !in.Gone {
			m.disarm(c, dueIdentity)
			m.admit(c)
		}
	case AskExit:
		m.exitUnknown(c, in.Gone)
	case Ring:
		m.receiveAgain(c)
	case Play:
		if cmd.Playback == c.hears.playing {
			m.promptLate(c) // it may play all the same
		}
	case StartRecording:
		if c.talk != nil {
			m.recordingOver(c.talk, RecordingEnded{Name: cmd.Name, Failed: true, Why: in.Why})
		}
	case StartMusic:
		if c.music == cmd.Class {
			c.music = ""
			m.receiveAgain(c)
		}
	}
}

// exitUnknown goes on without an answer about the exit. When there is no channel any more, the news of its leaving
// decides, or their not coming.
func (m *Machine) exitUnknown(c *call, gone bool) {
	if c.state != checking {
		return
	}
	m.disarm(c, dueExit)
	if !gone {
		m.goTo(c, c.going)
	}
}

// vanished ends a call whose channel Asterisk no longer has, though its leaving was never told.
func (m *Machine) vanished(c *call) {
	m.settleTransfer(c)
	if c.state == handedOn {
		m.transferredLeft(c)
		return
	}
	if c.state != leaving {
		m.endLost(c, c.seenAt, m.now)
	}
	m.release(c)
}

// endLost ends a call that left unseen in a window. When his hang-up was still seen, it was only its end that was not.
func (m *Machine) endLost(c *call, from, to time.Time) {
	m.nameQueue(c)
	if c.hangup != nil && !c.hangupAt.Add(vanishWithin).Before(from) {
		at := c.hangupAt
		if at.Before(c.queuedAt) {
			at = c.queuedAt // he was moved on, for he did not go
		}
		m.end(c, at, c.howLeft())
		return
	}
	if from.Before(c.enteredAt) {
		from = c.enteredAt
	}
	m.lost.put(c.channel, c.id)
	m.end(c, from, ending{reason: callevent.ReasonLost, window: &callevent.Window{From: from, To: to}})
}
