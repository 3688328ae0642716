package queueflow

import (
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// Keys are what callers may press while they wait: one or more digits, and where that leads. A key that begins another
// one waits for KeyTimeout whether more follows.
type Keys map[string]Exit

// defaultKeyTimeout is the time between two digits of one key unless the policy says otherwise.
const defaultKeyTimeout = 3 * time.Second

// find says where digits lead, and whether more digits could lead elsewhere.
func (k Keys) find(digits string) (exit Exit, bound, longer bool) {
	exit, bound = k[digits]
	for key := range k {
		longer = longer || len(key) > len(digits) && strings.HasPrefix(key, digits)
	}
	return exit, bound, longer
}

func (in DigitPressed) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.pressOnLeg(at, in.Digit)
		return
	}
	c := m.hear(in.Channel, in)
	if c == nil {
		return
	}
	switch {
	case c.ended():
		m.ignore(in, "the call has ended")
		return
	case c.served():
		return // what he presses to an agent is between the two
	}
	m.isHere(c)
	c.addKey(in.Digit)
	if c.state == waiting && !c.connecting() {
		m.press(c, in.Digit)
	}
}

// press takes one digit. A digit that cannot go on a key begins a new one; what was a key by itself until then counts.
func (m *Machine) press(c *call, digit byte) {
	p, _ := m.policy(c.queue)
	digits := c.dialled + string(digit)
	exit, bound, longer := p.Keys.find(digits)
	switch {
	case longer:
		c.dialled = digits
		m.silence(c)
		m.sayNext(c)
		m.arm(c, dueKey, m.now.Add(p.keyTimeout()))
	case bound:
		m.keyComplete(c, exit)
	case c.dialled != "":
		m.keyOver(c)
		if c.state == waiting && c.dialled == "" && p.ID == c.queue {
			m.press(c, digit)
		}
	default:
		m.say(c, unknownKeyPrompt)
	}
}

func (p Policy) keyTimeout() time.Duration {
	if p.KeyTimeout > 0 {
		return p.KeyTimeout
	}
	return defaultKeyTimeout
}

// keyOver takes the digits pressed so far for all of a key: nothing more came in time.
func (m *Machine) keyOver(c *call) {
	p, _ := m.policy(c.queue)
	exit, bound, _ := p.Keys.find(c.dialled)
	if bound && c.state == waiting {
		m.keyComplete(c, exit)
		return
	}
	m.dropKey(c)
	m.say(c, unknownKeyPrompt)
}

// keyComplete does what a key means. What the caller hears ends at once; he hears more where the key leads nowhere.
func (m *Machine) keyComplete(c *call, exit Exit) {
	m.leaveBy(c, callevent.ReasonExitKey, exit)
	m.sayNext(c)
}

// dropKey forgets the digits of a key that is over.
func (m *Machine) dropKey(c *call) {
	c.dialled = ""
	m.disarm(c, dueKey)
}
