package queueflow

import (
	"cmp"
	"slices"
	"time"
)

// listing is what a listing shows of an Asterisk, to go on with what the machine knows.
type listing struct {
	at time.Time
	// callers are those whom no call has taken yet, by the id of their channel; inBridge are the same by their bridge.
	callers  map[string]CallerEntered
	inBridge map[string][]CallerEntered
	legs     map[*attempt]LegListed
}

func (m *Machine) newListing(n *node, in Listed) listing {
	l := listing{at: in.At, callers: make(map[string]CallerEntered, len(in.Callers)), inBridge: make(map[string][]CallerEntered)}
	for _, caller := range in.Callers {
		l.callers[caller.Channel.ID] = caller
		if caller.Bridge != "" {
			l.inBridge[caller.Bridge] = append(l.inBridge[caller.Bridge], caller)
		}
	}
	l.legs = m.seenLegs(n, in)
	for _, leg := range l.legs {
		delete(l.callers, leg.Channel.ID)
	}
	return l
}

// seenLegs finds the attempts of the channels that a listing shows, and notes of the others that they are missing. A
// channel to an agent that no attempt wants is of a time before a restart, or was cancelled unseen: it is hung up.
func (m *Machine) seenLegs(n *node, in Listed) map[*attempt]LegListed {
	for at := range n.legs {
		at.missing = at.state != succeeding
	}
	seen := make(map[*attempt]LegListed, len(in.Legs))
	for _, caller := range in.Callers { // a colleague's channel that picked a call up does not say so
		if at := m.legs[caller.Channel]; at != nil && at.state != succeeding {
			at.missing = false
			seen[at] = LegListed{Channel: caller.Channel, Leg: at.id, Up: caller.Answered, Bridge: caller.Bridge}
		}
	}
	for _, l := range in.Legs {
		at := m.legs[l.Channel]
		if at == nil {
			if at = m.legs[Channel{Node: l.Channel.Node, ID: l.Leg}]; at != nil {
				m.renameLeg(at, l.Channel)
			}
		}
		if at == nil {
			m.hangUpStray(l.Channel)
			continue
		}
		at.missing = false
		seen[at] = l
	}
	for at := range n.legs {
		m.scheduleLeg(at)
	}
	return seen
}

// clearLegs goes on with the channels that were told to go.
func (m *Machine) clearLegs(n *node) {
	for _, at := range n.legsInOrder() {
		switch {
		case at.state != hangingUp:
		case at.missing:
			m.tell(at)
			m.dropLeg(at)
		default:
			m.hangUpAgain(at)
		}
	}
}

// legsInOrder gives the attempts of a node, always in the same order.
func (n *node) legsInOrder() []*attempt {
	legs := make([]*attempt, 0, len(n.legs))
	for at := range n.legs {
		legs = append(legs, at)
	}
	slices.SortFunc(legs, func(a, b *attempt) int { return cmp.Compare(a.alarm.id, b.alarm.id) })
	return legs
}

// resumeGone ends a call whose channel is not there any more.
func (m *Machine) resumeGone(c *call, l listing) {
	m.settleTransfer(c)
	switch c.state {
	case leaving:
	case handedOn:
		m.findSuccessor(c, l)
		m.transferredLeft(c)
		return
	default:
		m.endLost(c, c.node.lastSeen, l.at)
	}
	m.forget(c)
}

// resumeAttempts goes on with the attempts of a call that have not led to a talk. What became of a phone that is not there
// any more, nobody knows: it is held against nobody.
func (m *Machine) resumeAttempts(c *call, caller CallerEntered, l listing) {
	for _, at := range slices.Clone(c.attempts) {
		leg, here := l.legs[at]
		switch {
		case at.over || at.state == hangingUp:
		case !here:
			m.decide(at, OutcomeCancelled, 0, 0)
			m.tell(at)
			m.dropLeg(at)
		default:
			at.joined, at.callerJoined = leg.Bridge == at.bridge, caller.Bridge == at.bridge
			m.resumeAttempt(at, leg)
		}
	}
}

func (m *Machine) resumeAttempt(at *attempt, l LegListed) {
	if at.state == creating {
		m.dial(at)
	}
	switch {
	case at.state == ringing && l.Up:
		m.legAnswered(at)
	case at.state == whispering && at.playback != "":
		m.whisperLate(at) // nobody told how it went on
	case at.state == joining && !at.asked:
		m.promptLate(at.call)
	case at.state == joining && at.joined && at.callerJoined:
		m.talks(at)
	case at.state == joining:
		at.tries = 0
		m.bringTogether(at)
	}
}

// resumeTalk goes on with a talk of which one side or both are still there.
func (m *Machine) resumeTalk(c *call, caller CallerEntered, l listing) {
	at := c.talk
	at.joined, at.callerJoined = l.legs[at].Bridge == at.bridge, caller.Bridge == at.bridge
	if other, found := m.inBridgeWith(c, l); found {
		delete(l.callers, other.Channel.ID)
		if at.talk.successor == nil {
			other.At = c.node.lastSeen
			m.succeed(at, other)
		}
		m.transferred(at)
		return
	}
	if at.missing {
		m.dropLeg(at)
		m.agentLeft(at, c.node.lastSeen)
		return
	}
	if !at.joined {
		m.command(Connect{Channel: at.channel, Bridge: at.bridge})
	}
	if !at.callerJoined {
		m.receptionLate(c)
	}
}

// inBridgeWith finds who is in the bridge of a caller's talk and is neither he nor an agent: somebody to whom he was
// transferred.
func (m *Machine) inBridgeWith(c *call, l listing) (other CallerEntered, found bool) {
	for _, other := range l.inBridge[c.talk.bridge] {
		if m.channels[other.Channel] == nil && m.legs[other.Channel] == nil {
			return other, true
		}
	}
	return CallerEntered{}, false
}

// findSuccessor finds again the channel to which a caller was transferred.
func (m *Machine) findSuccessor(c *call, l listing) (found bool) {
	s := c.talk
	if _, here := l.callers[s.channel.ID]; here {
		delete(l.callers, s.channel.ID)
		return true
	}
	m.dropLeg(s)
	other, found := m.inBridgeWith(c, l)
	if found {
		delete(l.callers, other.Channel.ID)
		m.restoreSuccessor(c, other.Channel)
	}
	return found
}

// resumeHandedOn goes on with a caller who was transferred, as long as he is not alone.
func (m *Machine) resumeHandedOn(c *call, l listing) {
	if !m.findSuccessor(c, l) {
		m.successorLeft(c.talk)
	}
}
