package queueflow

import (
	"cmp"
	"strings"

	"missedcalls/queueflow/callevent"
)

// reasonTransferred is why a call ends whose agent handed the caller on. No event carries it.
const reasonTransferred callevent.Reason = "transferred"

// The kinds of transfers.
const (
	transferBlind    = "blind"
	transferAttended = "attended"
)

// replaceLeg is for a channel that took over the place of an agent's. During a talk it is the other end of a transfer, and
// the caller talks on with it; before, somebody took the ringing phone's call.
func (m *Machine) replaceLeg(at *attempt, in CallerEntered) {
	if m.channels[in.Channel] != nil || m.legs[in.Channel] != nil {
		m.ignore(in, "the channel is in the application already")
		return
	}
	if at.state != talking {
		m.renameLeg(at, in.Channel)
		if in.Answered {
			m.legAnswered(at)
		}
		return
	}
	m.succeed(at, in)
	if len(at.talk.transfers) > 0 {
		m.transferred(at)
		return
	}
	m.await(at, talkWithin) // Asterisk tells what kind of transfer it was
}

// succeed makes the channel known that came for an agent's.
func (m *Machine) succeed(at *attempt, in CallerEntered) {
	at.talk.successor = m.newSuccessor(at.call, at.member, in.Channel, at.bridge)
	at.talk.successorName = in.Name
	m.endTalk(at, m.at(in.At), callevent.EndedByTransfer)
}

// newSuccessor is somebody to whom a caller was transferred. He is no agent to us.
func (m *Machine) newSuccessor(c *call, mb *member, ch Channel, bridge string) *attempt {
	s := &attempt{
		id: ch.ID, channel: ch, call: c, member: mb, bridge: bridge, state: succeeding, over: true, asked: true, talkingAt: m.now,
	}
	m.keepLeg(s)
	return s
}

// Transferred by an agent's phone ends the call for us once the other end is there. A caller's phone may do the same: the
// agent talks on with whom he handed his side to.
func (in Transferred) apply(m *Machine) {
	at := m.findLeg(in.Channel, in)
	if at == nil {
		return
	}
	if in.Failed || at.state != talking || in.Bridge != at.bridge || len(at.talk.transfers) > 0 {
		m.ignore(in, "nobody was handed on by it")
		return
	}
	kind := transferBlind
	if in.Attended {
		kind = transferAttended
	}
	at.talk.transfers = []callevent.Transfer{{Kind: kind, By: at.member.agent.name, Target: in.Target}}
	if at.talk.successor != nil {
		m.transferred(at)
	}
}

// transferred ends a call whose agent handed the caller on. The agent's channel is hung up once it is out of the bridge,
// for his phone may not have ended its part yet; the caller talks on.
func (m *Machine) transferred(at *attempt) {
	c, s := at.call, at.talk.successor
	if len(at.talk.transfers) == 0 {
		at.talk.transfers = []callevent.Transfer{{
			Kind: transferBlind, By: at.member.agent.name, Target: cmp.Or(at.talk.successorName, s.channel.ID),
		}}
	}
	m.end(c, at.talk.endedAt, ending{reason: reasonTransferred})
	c.state, c.talk = handedOn, s
}

// transferee is the call whose caller an agent hands on to a number of ours: Asterisk makes a Local channel for it, which enters without his
// number, or takes the place of the agent's who asked first, and is linked to whatever his is linked to. Nil for a call that is nothing of
// the kind.
func (m *Machine) transferee(c *call) *call {
	if !viaLocal(c.name) || !c.unidentified() || c.linkedID == "" || c.linkedID == c.channel.ID {
		return nil
	}
	for _, from := range c.node.inOrder() {
		if from != c && from.served() && (from.linkedID == c.linkedID || from.channel.ID == c.linkedID) {
			return from
		}
	}
	return nil
}

// viaLocal says whether a channel is an end of a Local one.
func viaLocal(name string) bool { return strings.HasPrefix(name, "Local/") }

// settleTransfer ends a call whose agent has been replaced, without waiting to be told what kind of transfer it was.
func (m *Machine) settleTransfer(c *call) {
	if c.state == connected && c.talk.talk.successor != nil {
		m.transferred(c.talk)
	}
}

// partFrom ends the channel of an agent whose talk is over.
func (m *Machine) partFrom(at *attempt) {
	switch {
	case m.legs[at.channel] != at:
	case at.talk.successor != nil && at.joined && !at.missing:
		at.state = hangingUp
		m.await(at, departureWithin)
	default:
		m.hangUp(at, false)
	}
}

// successorLeft ends the way of a caller who was transferred: the other one is gone.
func (m *Machine) successorLeft(s *attempt) {
	c := s.call
	m.settleTransfer(c)
	if c.state != handedOn {
		return
	}
	c.state, c.going = leaving, departure{}
	m.goAgain(c)
}

// transferredLeft is for a caller who was transferred and is gone: the other one is hung up.
func (m *Machine) transferredLeft(c *call) {
	if s := c.talk; m.legs[s.channel] == s {
		m.hangUp(s, false)
	}
	m.release(c)
}

// restoreSuccessor gives a caller who was transferred before a restart the channel that a listing shows beside him in the
// bridge.
func (m *Machine) restoreSuccessor(c *call, ch Channel) {
	c.talk = m.newSuccessor(c, c.talk.member, ch, c.talk.bridge)
}
