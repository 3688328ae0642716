package queueflow

// receive tells Asterisk to let a waiting caller hear that he waits, and comes back until that is seen to be so: an
// HTTP success is a promise, the event of joining the bridge is the fact. Every command of it may be repeated.
func (m *Machine) receive(c *call) {
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
	m.entertain(c, c.musicClass(p))
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

// ringAgain lets a caller hear ringing after a prompt: music comes back by itself, ringing does not.
func (m *Machine) ringAgain(c *call) {
	if c.music == MusicRinging {
		m.command(Ring{Channel: c.channel})
	}
}

// receiveAgain comes back to a caller who is in line and may not hear that he waits.
func (m *Machine) receiveAgain(c *call) {
	if c.place == nil {
		return
	}
	m.arm(c, dueReception, m.now.Add(backOff(receptionWithin, c.receptions)))
	c.receptions++
}

func (in CallerAnswered) apply(m *Machine) {
	if c := m.hear(in.Channel, in); c != nil {
		m.isHere(c)
		c.answered = true
		m.received(c)
	}
}

func (in BridgeJoined) apply(m *Machine) {
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	if in.Bridge != c.bridge {
		m.ignore(in, "not the bridge of the call")
		return
	}
	m.isHere(c)
	c.joined = true
	m.received(c)
}

// BridgeLeft of a caller who goes on waiting means that somebody took him out of his bridge, or the bridge away. Who is
// redirected leaves the application right after, so he is given the time to do so.
func (in BridgeLeft) apply(m *Machine) {
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	if in.Bridge != c.bridge || c.state == leaving {
		m.ignore(in, "not the bridge of a call that waits")
		return
	}
	c.joined = false
	m.receiveAgain(c)
}

// received stops the repeating once the caller is seen to be on hold and his music was not refused.
func (m *Machine) received(c *call) {
	p, _ := m.policy(c.queue)
	if c.joined && c.answered && c.music == c.musicClass(p) {
		c.receptions = 1
		m.disarm(c, dueReception)
	}
	m.sayNext(c)
}
