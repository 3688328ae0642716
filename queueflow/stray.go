package queueflow

import (
	"strings"
	"time"
)

// stray is a channel that nobody wants: to an agent, made for an attempt that had been given up or of a time before a restart,
// or in the place of an agent who handed a caller on who is gone.
type stray struct {
	channel Channel
	// tries counts the commands sent to end it.
	tries int
	alarm alarm
}

// leftBehind says whether a channel came for an agent's, and the talk in which it did is over: it is no caller. The agent's
// may be that of a colleague who picked the call up, whose id tells nothing.
func (m *Machine) leftBehind(in CallerEntered) bool {
	return strings.HasPrefix(in.Replaces.ID, m.settings.Application+"-leg-") ||
		viaLocal(in.Name) && (in.Replaces != Channel{} || strings.HasPrefix(in.Bridge, m.talkPrefix))
}

// handedOver says whether a channel that a listing showed came for an agent's in a talk that ended while nobody heard of it, and is in no
// bridge any more. Such a one is the near end of a Local channel and linked to the caller it was to talk with; of those that enter by
// themselves, the near end is linked to none but itself.
func (c *call) handedOver() bool {
	return c.foundAlone && c.resumedFrom == "" && viaLocal(c.name) && strings.HasSuffix(c.name, ";1") && c.linkedID != "" && c.linkedID != c.channel.ID
}

// hangUpStray ends a channel that nobody wants, and comes back until it is gone: nobody else would.
func (m *Machine) hangUpStray(ch Channel) {
	s := m.strays[ch]
	if s == nil {
		s = &stray{channel: ch}
		s.alarm = alarm{rank: rankBeforeCalls, order: strayOrder, id: ch.Node + " " + ch.ID, owner: s}
		m.strays[ch] = s
	}
	m.command(HangupLeg{Channel: ch})
	m.alarms.set(&s.alarm, m.now.Add(backOff(departureWithin, s.tries)))
	s.tries++
}

func (s *stray) ring(m *Machine) { m.hangUpStray(s.channel) }

// dropStray forgets such a channel, which is gone; false says that it was none.
func (m *Machine) dropStray(ch Channel) bool {
	s := m.strays[ch]
	if s == nil {
		return false
	}
	m.alarms.set(&s.alarm, time.Time{})
	delete(m.strays, ch)
	return true
}

// dropStrays forgets those of an Asterisk that is away: its listing will show which are still there.
func (m *Machine) dropStrays(n *node) {
	for ch := range m.strays {
		if ch.Node == n.id {
			m.dropStray(ch)
		}
	}
}
