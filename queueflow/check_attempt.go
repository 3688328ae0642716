package queueflow

import (
	"errors"
	"fmt"
)

// checkServing says whether what a call has to do with agents is as it must be.
func (m *Machine) checkServing(c *call) error {
	if err := m.checkTalk(c); err != nil {
		return err
	}
	answers := 0
	for _, a := range c.tried {
		if a.Outcome == string(OutcomeAnswered) {
			answers++
		}
	}
	if answers > 1 || len(c.tried) != len(c.triedBy) {
		return fmt.Errorf("call %s was answered %d times in %d attempts", c.id, answers, len(c.tried))
	}
	for _, at := range c.attempts {
		if err := m.checkAttempt(c, at); err != nil {
			return err
		}
	}
	return nil
}

// checkTalk says whether a call talks with somebody, or is being connected to somebody, exactly if it should be.
func (m *Machine) checkTalk(c *call) error {
	switch c.state {
	case waiting:
		if c.talk != nil && c.talk.state != whispering && c.talk.state != joining {
			return fmt.Errorf("call %s waits, and is connected in state %d", c.id, c.talk.state)
		}
	case connected, handedOn:
		wanted := talking
		if c.state == handedOn {
			wanted = succeeding
		}
		switch {
		case c.talk == nil || c.talk.call != c:
			return fmt.Errorf("call %s is connected to nobody", c.id)
		case !c.node.away && m.legs[c.talk.channel] != c.talk:
			return fmt.Errorf("call %s talks with a channel that is not known", c.id)
		case c.talk.state != wanted:
			return fmt.Errorf("call %s talks in state %d", c.id, c.talk.state)
		}
	}
	return nil
}

// checkAttempt says whether an attempt of which nothing is told yet is as it must be.
func (m *Machine) checkAttempt(c *call, at *attempt) error {
	plays := at.state == joining && !at.asked && c.hears.playing != ""
	switch {
	case at.call != c || at.over || at.state >= talking && at.state != hangingUp:
		return fmt.Errorf("call %s: attempt %s is over, in state %d", c.id, at.id, at.state)
	case at.live() && c.state != waiting:
		return fmt.Errorf("call %s does not wait, and %s is rung for it", c.id, at.member.Endpoint)
	case at.live() && !at.answeredAt.IsZero() && c.talk != at:
		return fmt.Errorf("call %s: attempt %s is answered and connected to nobody", c.id, at.id)
	case at.due.IsZero() && !plays:
		return fmt.Errorf("call %s: attempt %s is in state %d and nothing will end it", c.id, at.id, at.state)
	case m.legs[at.channel] != at:
		return fmt.Errorf("call %s: attempt %s has no channel", c.id, at.id)
	}
	return nil
}

// checkLegs says whether every channel to an agent is known once and will come to an end, and every agent is rung for, or
// talks with, one caller at most.
func (m *Machine) checkLegs() error {
	byNode := 0
	for _, n := range m.nodes {
		byNode += len(n.legs)
	}
	if byNode != len(m.legs) {
		return fmt.Errorf("%d channels to agents, %d of the Asterisks", len(m.legs), byNode)
	}
	var errs []error
	reserved := make(map[*agent]*attempt)
	for ch, at := range m.legs {
		errs = append(errs, m.checkLeg(ch, at))
		if !at.live() && at.state != talking || !at.talk.endedAt.IsZero() {
			continue
		}
		who := at.member.agent
		if other := reserved[who]; other != nil || who.attempt != at {
			errs = append(errs, fmt.Errorf("agent %s is not reserved for %s alone", who.endpoint, at.id))
		}
		reserved[who] = at
	}
	for _, who := range m.agents {
		if who.attempt != nil && reserved[who] != who.attempt {
			errs = append(errs, fmt.Errorf("agent %s is reserved for %s, which is over", who.endpoint, who.attempt.id))
		}
	}
	return errors.Join(errs...)
}

func (m *Machine) checkLeg(ch Channel, at *attempt) error {
	away := at.call.node.away
	switch {
	case at.channel != ch:
		return fmt.Errorf("attempt %s is not where it is looked for", at.id)
	case m.channels[ch] != nil:
		return fmt.Errorf("the channel %s is an agent's and a caller's", ch.ID)
	case away && at.alarm.index != 0:
		return fmt.Errorf("attempt %s: alarm while its Asterisk is away", at.id)
	case !away && !at.alarm.at.Equal(at.due):
		return fmt.Errorf("attempt %s: alarm at %s, due at %s", at.id, at.alarm.at, at.due)
	case at.state == hangingUp && at.due.IsZero():
		return fmt.Errorf("attempt %s is told to go, and nobody looks whether it does", at.id)
	case at.live() && m.calls[at.call.id] != at.call:
		return fmt.Errorf("attempt %s is for a call that is over", at.id)
	}
	return nil
}
