package queueflow

import "time"

// leg gives the attempt of an agent's channel that Asterisk tells of, nil when the channel is none.
func (m *Machine) leg(ch Channel) *attempt {
	at := m.legs[ch]
	if at == nil {
		return nil
	}
	if n := at.call.node; !n.away {
		n.seen(m.now)
	}
	m.touch(at.call)
	return at
}

// findLeg is leg, and notes the input as ignored when there is none.
func (m *Machine) findLeg(ch Channel, in Input) *attempt {
	at := m.leg(ch)
	if at == nil {
		m.ignore(in, "no attempt has this channel")
	}
	return at
}

// LegEntered of a channel that no live attempt wants is hung up: it was cancelled while it was being made, or is of a
// time before a restart.
func (in LegEntered) apply(m *Machine) {
	at := m.leg(in.Channel)
	if at == nil {
		if at = m.leg(Channel{Node: in.Channel.Node, ID: in.Leg}); at != nil {
			m.renameLeg(at, in.Channel)
		}
	}
	if at == nil {
		m.ignore(in, "no attempt has this channel")
		m.hangUpStray(in.Channel)
		return
	}
	switch at.state {
	case creating:
		m.dial(at)
	case hangingUp:
		m.ignore(in, "the attempt is over")
		return
	}
	if in.Up {
		m.legAnswered(at)
	}
}

// renameLeg gives an attempt the channel of a phone that took it over: a colleague picked it up.
func (m *Machine) renameLeg(at *attempt, ch Channel) {
	delete(m.legs, at.channel)
	at.channel, at.joined = ch, false
	m.legs[ch] = at
	if at.state == hangingUp {
		m.command(HangupLeg{Channel: ch, Elsewhere: at.elsewhere})
	}
}

// dial lets an agent's phone ring.
func (m *Machine) dial(at *attempt) {
	at.state, at.dialledAt, at.ringFor = ringing, m.now, m.ringFor(at.member)
	m.command(DialLeg{Channel: at.channel, Timeout: at.ringFor})
	m.await(at, at.ringFor+dialGrace)
}

func (in LegRinging) apply(m *Machine) {
	if at := m.findLeg(in.Channel, in); at != nil && at.state == ringing && !at.rings {
		at.rings = true
		m.entertainAgain(at.call)
	}
}

// LegForwarded is a refusal: the phone is not rung any more, and nobody follows it.
func (in LegForwarded) apply(m *Machine) {
	at := m.findLeg(in.Channel, in)
	if at == nil || at.state != ringing || at.forwards {
		return
	}
	at.forwards = true
	m.await(at, goneWithin)
}

// legAnswered is for an agent who answers. The first one of a call is to be connected; one who is too late has lost.
func (m *Machine) legAnswered(at *attempt) {
	c := at.call
	switch {
	case at.state == hangingUp && !at.over && at.answeredAt.IsZero() && at.outcome == OutcomeCancelled:
		at.answeredAt = m.now
		at.outcome, at.told.Outcome = OutcomeLostRace, string(OutcomeLostRace)
		m.tell(at)
		return
	case at.state != creating && at.state != ringing || at.left:
		return
	}
	at.answeredAt = m.now
	_, leaves := m.hangingUp(c)
	switch {
	case c.state != waiting || leaves:
		m.letGo(at, OutcomeCancelled, false)
	case c.talk != nil:
		m.letGo(at, OutcomeLostRace, true)
	default:
		c.talk = at
		m.entertainAgain(c)
		m.whisper(at)
	}
}

// legLeft is for an agent's channel that is out of the application. Why an un-answered one went, the end of the channel
// tells, which follows at once.
func (m *Machine) legLeft(at *attempt, when time.Time) {
	switch at.state {
	case creating, ringing:
		at.left, at.leftAt = true, when
		m.await(at, goneWithin)
	case hangingUp:
		at.left = true
		if at.over {
			m.dropLeg(at)
		}
	default:
		m.legOver(at, when)
	}
}

// legOver is for the channel of an agent who had answered, or of a successor, that is no more.
func (m *Machine) legOver(at *attempt, when time.Time) {
	m.dropLeg(at)
	switch at.state {
	case whispering, joining:
		at.playback = ""
		m.decide(at, OutcomeDropped, 0, 0)
		m.tell(at)
	case talking:
		m.agentLeft(at, when)
	case succeeding:
		m.successorLeft(at)
	}
}

// ChannelGone of an agent's channel tells why.
func (in ChannelGone) apply(m *Machine) {
	if at := m.leg(in.Channel); at != nil {
		m.legGone(at, in)
		return
	}
	if m.dropStray(in.Channel) {
		return
	}
	CallerLeft{At: in.At, Channel: in.Channel, Timestamp: in.Timestamp}.apply(m)
}

// legGone is for an agent's channel that is no more, and why.
func (m *Machine) legGone(at *attempt, in ChannelGone) {
	switch at.state {
	case creating, ringing:
		o := at.outcomeOf(in.Cause, in.SIP)
		if m.rangOut(at) {
			o = OutcomeNoAnswer
		}
		m.decide(at, o, in.Cause, in.SIP)
		m.tell(at)
		m.dropLeg(at)
	case hangingUp:
		if at.outcome != "" {
			m.tell(at)
		}
		m.dropLeg(at)
	default:
		m.legOver(at, m.at(in.At))
	}
}

// ringSlack is how much sooner than its limit, counted from the command, a ringing may be over: Asterisk 22 was seen to end one a moment
// before.
const ringSlack = 20 * time.Millisecond

// rangOut says whether a phone rang for as long as it may. Asterisk ends it then with 480, as a phone does that cannot be
// reached.
func (m *Machine) rangOut(at *attempt) bool {
	return !at.forwards && at.state == ringing && !m.rangUntil(at).Before(at.dialledAt.Add(at.ringFor-ringSlack))
}

// outcomeOf reads from the end of an un-answered channel what came of the attempt. The final response says more than the
// cause; without one, as for a channel that is no SIP phone, the cause has to do.
func (at *attempt) outcomeOf(cause, sip int) Outcome {
	switch {
	case at.forwards, sip >= 300 && sip < 400:
		return OutcomeForwarded
	case sip == 486, sip == 600:
		return OutcomeBusy
	case sip == 603:
		return OutcomeRejected
	case sip == 408, sip == 487:
		return OutcomeNoAnswer
	case sip >= 400:
		return OutcomeUnavailable
	}
	switch cause {
	case 17:
		return OutcomeBusy
	case 21:
		return OutcomeRejected
	case 26:
		return OutcomeCancelled // somebody else picked the call up, and his channel is none of ours
	case 0, causeNormal, 18, causeNoAnswer, 127:
		return OutcomeNoAnswer
	}
	return OutcomeUnavailable
}

// ring fires the deadline of an attempt.
func (at *attempt) ring(m *Machine) {
	m.await(at, 0)
	m.touch(at.call)
	switch at.state {
	case creating:
		at.undone = true
		m.letGo(at, OutcomeUnavailable, false)
	case ringing:
		m.ringOver(at)
	case whispering:
		m.whisperLate(at)
	case joining:
		m.joinLate(at)
	case talking:
		m.talkLate(at)
	case hangingUp:
		if at.left {
			m.tell(at)
			m.dropLeg(at)
			return
		}
		m.hangUpAgain(at)
	}
}

// ringOver is for a phone that should have stopped ringing long ago, or whose end was never told.
func (m *Machine) ringOver(at *attempt) {
	o := OutcomeNoAnswer
	switch {
	case at.forwards:
		o = OutcomeForwarded
	case at.left && m.now.Before(at.dialledAt.Add(at.ringFor)):
		o = OutcomeUnavailable
	}
	if !at.left {
		m.letGo(at, o, false)
		return
	}
	m.decide(at, o, 0, 0)
	m.tell(at)
	m.dropLeg(at)
}

// notMade ends an attempt whose channel could not be made, unless it was seen to have been. Should it be made after all,
// nobody wants it. refused says that Asterisk said so itself.
func (m *Machine) notMade(at *attempt, refused bool) {
	if at.state != creating {
		return
	}
	at.undone = !refused
	m.decide(at, OutcomeUnavailable, 0, 0)
	m.tell(at)
	m.dropLeg(at)
}

// legFailed is for a command to an agent's channel that was not carried out. What its answer said is worth less than what
// was seen since: a channel that entered was made, and a phone that rings was called.
func (m *Machine) legFailed(at *attempt, in CommandFailed) {
	m.touch(at.call)
	if !in.Gone {
		m.notice(NoticeCommandFailed, at.call, in.Why)
	}
	switch cmd := in.Command.(type) {
	case CreateLeg:
		m.notMade(at, in.Gone)
		return
	case DialLeg:
		if at.state == ringing && !in.Gone && !at.rings {
			at.undone = true
			m.letGo(at, OutcomeUnavailable, false)
			return
		}
	case Play:
		if cmd.Playback == at.playback && at.playback != "" {
			m.whisperLate(at)
		}
	case HangupLeg:
		if in.Gone {
			m.tell(at)
			m.dropLeg(at)
		}
		return
	}
	if in.Gone && !at.left && !aboutBridge(in.Command) {
		m.legLeft(at, m.now)
	}
}
