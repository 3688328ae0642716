package queueflow

import "slices"

// receive tells Asterisk to let a waiting caller hear that he waits, and comes back until that is seen to be so: an
// HTTP success is a promise, the event of joining the bridge is the fact. Every command of it may be repeated.
func (m *Machine) receive(c *call) {
	if c.connecting() {
		return
	}
	p, _ := m.policy(c.queue)
	if p.Answer == AnswerAgent && !c.answered {
		m.command(Ring{Channel: c.channel})
		return
	}
	if !c.answered {
		m.command(Answer{Channel: c.channel})
	}
	if !c.joined {
		m.cutOff(c)
		m.command(Hold{Channel: c.channel, Bridge: c.bridge})
	}
	m.entertain(c, c.sound(p))
	if !c.joined || !c.answered {
		m.receiveAgain(c)
	}
}

// In place of a class of music on hold: the caller hears ringing, or nothing.
const (
	MusicRinging = "@ringing"
	MusicNone    = "@none"
)

// entertain lets a caller hear a class of music, or what stands in its place.
func (m *Machine) entertain(c *call, class string) {
	before := c.music
	if class == before {
		return
	}
	c.music = class
	switch before {
	case MusicRinging:
		m.command(StopRinging{Channel: c.channel})
	case "", MusicNone:
	default:
		if class == MusicRinging || class == MusicNone {
			m.command(StopMusic{Channel: c.channel})
		}
	}
	switch class {
	case MusicRinging:
		m.command(Ring{Channel: c.channel})
	case MusicNone:
	default:
		m.command(StartMusic{Channel: c.channel, Class: class})
	}
}

// sound is what a caller hears in a queue: its music, or what stands in its place while an agent's phone rings for him.
func (c *call) sound(p Policy) string {
	if p.Serving.MusicWhileRinging != "" && slices.ContainsFunc(c.attempts, (*attempt).heard) {
		return p.Serving.MusicWhileRinging
	}
	return c.musicClass(p)
}

// heard says whether an agent's phone rings, or he has answered and is not connected yet.
func (at *attempt) heard() bool { return at.live() && (at.rings || !at.answeredAt.IsZero()) }

// entertainAgain changes what a waiting caller hears when a phone begins or ends to ring for him.
func (m *Machine) entertainAgain(c *call) {
	p, _ := m.policy(c.queue)
	rings := p.Answer == AnswerAgent && !c.answered
	if c.state == waiting && c.music != "" && !rings && !c.connecting() {
		m.entertain(c, c.sound(p))
	}
}

// receptionLate is for a caller who is not seen to be where he should be.
func (m *Machine) receptionLate(c *call) {
	if c.state == connected {
		m.command(Connect{Channel: c.channel, Bridge: c.talk.bridge})
		m.seeJoined(c)
		return
	}
	c.music = ""
	m.receive(c)
}

// ringAgain lets a caller hear ringing after a prompt: music comes back by itself, ringing does not.
func (m *Machine) ringAgain(c *call) {
	if c.music == MusicRinging {
		m.command(Ring{Channel: c.channel})
	}
}

// receiveAgain comes back to a caller who is in line and may not hear that he waits.
func (m *Machine) receiveAgain(c *call) {
	if c.place == nil || c.connecting() {
		return
	}
	m.arm(c, dueReception, m.now.Add(backOff(receptionWithin, c.receptions)))
	c.receptions++
}

func (in CallerAnswered) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legAnswered(at)
		return
	}
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	m.isHere(c)
	c.answered = true
	if p, _ := m.policy(c.queue); c.state == waiting && p.Answer == AnswerAgent {
		m.receive(c) // he was answered for an agent who is gone
	}
	m.received(c)
}

func (in BridgeJoined) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legJoinedBridge(at, in.Bridge)
		return
	}
	c := m.hear(in.Channel, in)
	switch {
	case c == nil:
	case c.talk != nil && in.Bridge == c.talk.bridge:
		m.isHere(c)
		c.talk.callerJoined = true
		m.seeJoined(c)
	case in.Bridge != c.bridge || c.state == connected || c.state == handedOn:
		m.ignore(in, "not the bridge of the call")
	default:
		m.isHere(c)
		c.joined = true
		m.received(c)
	}
}

// BridgeLeft of a caller who goes on waiting means that somebody took him out of his bridge, or the bridge away. Who is
// redirected leaves the application right after, so he is given the time to do so.
func (in BridgeLeft) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legLeftBridge(at, in.Bridge)
		return
	}
	c := m.hear(in.Channel, in)
	switch {
	case c == nil:
	case c.talk != nil && in.Bridge == c.talk.bridge:
		c.talk.callerJoined = false
		m.seeJoined(c)
	case in.Bridge != c.bridge || c.state == leaving || c.state == connected || c.state == handedOn:
		m.ignore(in, "not the bridge of a call that waits")
	default:
		c.joined = false
		m.receiveAgain(c)
	}
}

// received stops the repeating once the caller is seen to be on hold and his music was not refused.
func (m *Machine) received(c *call) {
	p, _ := m.policy(c.queue)
	if c.joined && c.answered && c.music == c.sound(p) {
		c.receptions = 1
		m.disarm(c, dueReception)
	}
	m.sayNext(c)
}
