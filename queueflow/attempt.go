package queueflow

import (
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
	// offeredAt is when it began, answeredAt when he answered, talkingAt when the two heard each other.
	offeredAt, answeredAt, talkingAt time.Time
	outcome                          Outcome
	// over is true once the outcome is told.
	over bool
	told callevent.Attempt
	// handling is the attempt as the estimate of the wait sees it, nil once it is over.
	handling *estimate.Handling
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

// The seam between the agents and the attempts.

// offer rings a member for a call.
func (m *Machine) offer(c *call, mb *member) {}

// cancel ends the attempts of a call that have not led to a talk.
func (m *Machine) cancel(c *call) {}

func (in LegEntered) apply(m *Machine) {}

func (in LegRinging) apply(m *Machine) {}

func (in LegForwarded) apply(m *Machine) {}

func (in ChannelGone) apply(m *Machine) {
	CallerLeft{At: in.At, Channel: in.Channel, Timestamp: in.Timestamp}.apply(m)
}

func (in Held) apply(m *Machine) {}

func (in Transferred) apply(m *Machine) {}

func (in RecordingEnded) apply(m *Machine) {}
