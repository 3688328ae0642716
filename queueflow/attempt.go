package queueflow

import (
	"slices"
	"strconv"
	"time"

	"missedcalls/queueflow/callevent"
	"missedcalls/queueflow/estimate"
)

// attempt is one ringing of one agent for one call and, if he answers, their talk.
type attempt struct {
	// id is that of the agent's channel as we made it; channel has another one when a colleague picked the call up.
	id      string
	channel Channel
	call    *call
	member  *member // also when he is no member any more
	state   attemptState
	// bridge is the one in which the two talk.
	bridge string
	// position is the caller's place in line at the beginning, ringFor is how long the phone may ring at most.
	position int
	ringFor  time.Duration
	// offeredAt is when it began, dialledAt when the phone was told to ring, answeredAt when he answered, talkingAt when the
	// two heard each other.
	offeredAt, dialledAt, answeredAt, talkingAt time.Time
	outcome                                     Outcome
	// over is true once the outcome is told, which is what the event says.
	over bool
	told callevent.Attempt
	// handling is the attempt as the estimate of the wait sees it, nil once it is over.
	handling *estimate.Handling

	// rings is true once the phone was heard to ring, forwards once it wanted the call to go elsewhere.
	rings, forwards bool
	// left is true once the channel is out of the application, since leftAt, and missing while a listing does not show it.
	left, missing bool
	leftAt        time.Time
	// tries counts the commands sent to bring about what it waits for.
	tries int
	// hangupAt is when somebody first wanted the channel ended.
	hangupAt time.Time
	// elsewhere says that a colleague has answered, undone that Asterisk did not do what the ringing needs.
	elsewhere, undone bool
	// playback is what plays to the agent, empty for nothing; confirms is true while he has to press 1.
	playback string
	confirms bool
	// asked is true once both were told to come into the bridge; joined and callerJoined say who is seen to be there.
	asked, joined, callerJoined bool
	// callerTries counts how often the caller was brought back into the bridge.
	callerTries int

	talk  talk
	due   time.Time
	alarm alarm
}

// attemptState is how far an attempt has come.
type attemptState uint8

const (
	// creating: the channel is being made.
	creating attemptState = iota
	// ringing: the phone was told to ring.
	ringing
	// whispering: he answered, and hears what is said before the caller is connected, or is to press 1.
	whispering
	// joining: the two are being connected.
	joining
	// talking: they hear each other.
	talking
	// hangingUp: his channel was told to go and is not gone yet; he may be reserved for another attempt.
	hangingUp
	// succeeding: not an agent's channel, but that of somebody to whom an agent transferred the caller.
	succeeding
)

// Outcome is what came of an attempt.
type Outcome string

// The outcomes.
const (
	OutcomeAnswered     Outcome = "answered"
	OutcomeNoAnswer     Outcome = "no_answer"
	OutcomeBusy         Outcome = "busy"
	OutcomeRejected     Outcome = "rejected"
	OutcomeUnavailable  Outcome = "unavailable"
	OutcomeCancelled    Outcome = "cancelled"
	OutcomeForwarded    Outcome = "forwarded"
	OutcomeDropped      Outcome = "dropped"
	OutcomeNotConfirmed Outcome = "not_confirmed"
	OutcomeLostRace     Outcome = "lost_race"
)

const (
	// createWithin bounds the wait for a channel that was to be made, dialGrace that for the end of a ringing that Asterisk
	// itself ends.
	createWithin = 5 * time.Second
	dialGrace    = time.Second
	// goneWithin bounds the wait for the cause with which a channel ended, once it left the application.
	goneWithin = time.Second
)

// live says whether an attempt may still lead to a talk.
func (at *attempt) live() bool { return at.state < talking }

// offer rings a member for a call.
func (m *Machine) offer(c *call, mb *member) {
	c.legs++
	suffix := c.id + "-" + strconv.FormatUint(m.settings.Epoch, 10) + "-" + strconv.Itoa(c.legs)
	id := m.settings.Application + "-leg-" + suffix
	at := &attempt{
		id: id, channel: Channel{Node: c.channel.Node, ID: id}, call: c, member: mb, bridge: m.talkPrefix + suffix, offeredAt: m.now,
	}
	if c.place != nil {
		at.position = m.line(c.queue).position(c)
	}
	c.attempts = append(c.attempts, at)
	m.touch(c)
	m.keepLeg(at)
	m.reserve(at)
	m.command(m.createLeg(at))
	m.await(at, createWithin)
}

// keepLeg makes the channel of an attempt known. Among equal times the deadlines of its call come first: a limit of the
// wait that runs out when the ringing does cuts it.
func (m *Machine) keepLeg(at *attempt) {
	at.alarm = alarm{rank: at.call.alarm.rank, order: at.call.order, id: at.call.id + " " + at.id, owner: at}
	m.legs[at.channel] = at
	at.call.node.legs[at] = struct{}{}
}

// dropLeg forgets the channel of an attempt, which is gone.
func (m *Machine) dropLeg(at *attempt) {
	m.alarms.set(&at.alarm, time.Time{})
	at.due = time.Time{}
	if m.legs[at.channel] == at {
		delete(m.legs, at.channel)
	}
	delete(at.call.node.legs, at)
}

// await sets the one deadline of an attempt; 0 takes it away.
func (m *Machine) await(at *attempt, d time.Duration) {
	at.due = time.Time{}
	if d > 0 {
		at.due = m.now.Add(d)
	}
	m.scheduleLeg(at)
}

// scheduleLeg puts the deadline of an attempt into the heap, or none while its Asterisk is away.
func (m *Machine) scheduleLeg(at *attempt) {
	if at.call.node.away {
		m.alarms.set(&at.alarm, time.Time{})
		return
	}
	m.alarms.set(&at.alarm, at.due)
}

// cancel ends the attempts of a call that have not led to a talk.
func (m *Machine) cancel(c *call) { m.cancelOthers(c, nil, false) }

// cancelOthers ends the attempts of a call but one; elsewhere says that a colleague has answered. What came of them is told
// when their channels are gone, for an answer may be on its way, and before the end of the call at the latest.
func (m *Machine) cancelOthers(c *call, winner *attempt, elsewhere bool) {
	if c.talk != nil && c.talk != winner && c.talk.live() {
		c.talk = nil
	}
	for _, at := range slices.Clone(c.attempts) {
		if at == winner || !at.live() {
			continue
		}
		answered := !at.answeredAt.IsZero()
		m.decide(at, OutcomeCancelled, 0, 0)
		if answered {
			m.tell(at)
		}
		m.hangUp(at, elsewhere)
	}
}

// letGo ends an attempt whose channel is still there.
func (m *Machine) letGo(at *attempt, o Outcome, elsewhere bool) {
	m.decide(at, o, 0, 0)
	m.tell(at)
	m.hangUp(at, elsewhere)
}

// decide ends an attempt that has led to no talk: its agent is free, and the caller is where he was.
func (m *Machine) decide(at *attempt, o Outcome, cause, sip int) {
	c := at.call
	asked := at.asked
	at.outcome = o
	at.told = m.toldOf(at, cause, sip)
	at.state = hangingUp
	if at.playback != "" && !at.missing {
		m.command(StopPlaying{Channel: at.channel, Playback: at.playback})
	}
	at.playback = ""
	m.attemptOver(at)
	if asked { // by whichever of the two comes last: each may have made it
		m.command(DestroyBridge{Channel: at.channel, Bridge: at.bridge})
		m.command(DestroyBridge{Channel: c.channel, Bridge: at.bridge})
	}
	if c.talk == at {
		c.talk = nil
		m.backInLine(c)
	}
	m.entertainAgain(c)
}

// toldOf is what is told of an attempt that ends now.
func (m *Machine) toldOf(at *attempt, cause, sip int) callevent.Attempt {
	a := callevent.Attempt{
		Agent: at.member.agent.name, Endpoint: at.member.agent.endpoint, Outcome: string(at.outcome), Cause: cause, SIP: sip,
	}
	if !at.dialledAt.IsZero() {
		a.RingMS = m.rangUntil(at).Sub(at.dialledAt).Milliseconds()
	}
	return a
}

func (m *Machine) rangUntil(at *attempt) time.Time {
	switch {
	case !at.answeredAt.IsZero():
		return at.answeredAt
	case at.left:
		return at.leftAt
	}
	return m.now
}

// tell makes the event of an attempt whose outcome is decided. Nothing else makes one.
func (m *Machine) tell(at *attempt) {
	if at.over {
		return
	}
	c := at.call
	at.over = true
	c.attempts = slices.DeleteFunc(c.attempts, func(other *attempt) bool { return other == at })
	id := c.stepID(m.settings.Epoch)
	c.addTried(at.told, id)
	p, _ := m.policy(at.member.queue)
	m.emit(c, id, callevent.Offered{
		CallID: c.id, Queue: at.member.queue, QueueName: p.Name, DID: c.did, Language: c.spokenLanguage(p), Caller: c.caller,
		OfferedAt: at.offeredAt, WaitedMS: at.offeredAt.Sub(c.enteredAt).Milliseconds(), Position: at.position, Attempt: at.told,
		Asterisk: c.asterisk(""),
	})
}

// addTried keeps what came of an attempt, and the id of its event, for the events that tell the newest of them.
func (c *call) addTried(a callevent.Attempt, id string) {
	c.tried, c.triedBy = append(c.tried, a), append(c.triedBy, id)
	if over := len(c.tried) - callevent.MostAttempts; over > 0 {
		c.tried, c.triedBy = slices.Delete(c.tried, 0, over), slices.Delete(c.triedBy, 0, over)
	}
}

// tellAll tells what came of the attempts of a call that ends.
func (m *Machine) tellAll(c *call) {
	for _, at := range slices.Clone(c.attempts) {
		if !at.live() {
			m.tell(at)
		}
	}
}

// hangUp lets an agent's phone go, and comes back until it is gone. One that a listing does not show is gone.
func (m *Machine) hangUp(at *attempt, elsewhere bool) {
	p, _ := m.policy(at.member.queue)
	at.state, at.elsewhere = hangingUp, elsewhere && !p.Serving.AgentLeg.ShowMissed
	if at.missing || at.call.node.away {
		m.tell(at)
		m.dropLeg(at)
		return
	}
	m.command(HangupLeg{Channel: at.channel, Elsewhere: at.elsewhere})
	m.await(at, goneWithin)
}

// hangUpAgain comes back to a channel that was told to go and is still there. What came of its attempt has waited long
// enough.
func (m *Machine) hangUpAgain(at *attempt) {
	if at.outcome != "" {
		m.tell(at)
	}
	m.command(HangupLeg{Channel: at.channel, Elsewhere: at.elsewhere})
	m.await(at, backOff(departureWithin, at.tries))
	at.tries++
}
