package queueflow

import (
	"time"

	"missedcalls/queueflow/callevent"
)

// Input is the sealed set of what can happen to the queue. Late, repeated and unknown inputs are normal in telephony:
// they are reported in Output.Ignored and change nothing.
type Input interface {
	apply(m *Machine)
}

// Channel names a channel on one of the Asterisks. Two Asterisks may use the same id.
type Channel struct {
	// Node is the Asterisk's URL.
	Node string
	ID   string
}

// CallerEntered says that a caller's channel entered the application.
type CallerEntered struct {
	// At is the arrival of the news; the zero time is the time of the step.
	At time.Time
	// Call is a new, unused id for the call this may become.
	Call    string
	Channel Channel
	// Replaces is the channel whose identity this one took over (a pickup, the end of an attended transfer), if any.
	Replaces Channel
	// Name and Timestamp are Asterisk's, for people to look up.
	Name, Timestamp string
	// Dialled is the number the caller dialled.
	Dialled string
	// Args are the arguments of Stasis() after the application's name.
	Args []string
	// Caller as read from the caller id; whether it may be shown, the machine asks.
	Caller callevent.Caller
	// Language of the channel.
	Language string
	Answered bool
	// Bridge is the bridge the channel is in, known only from a listing.
	Bridge string
}

// CallerKnown answers AskCaller. A deadline goes on without it; it counts for what is said later, should it come late.
type CallerKnown struct {
	Channel Channel
	// Withheld is true when the caller asked that his number not be shown.
	Withheld bool
	LinkedID string
}

// CallerAnswered says that the channel is up.
type CallerAnswered struct{ Channel Channel }

// BridgeJoined says that a channel came into a bridge.
type BridgeJoined struct {
	Channel Channel
	Bridge  string
}

// BridgeLeft says that a channel is no longer in a bridge.
type BridgeLeft struct {
	Channel Channel
	Bridge  string
}

// DigitPressed is one DTMF digit: 0-9, *, #, A-D.
type DigitPressed struct {
	Channel Channel
	Digit   byte
}

// PromptStarted says that a playback of ours began to be heard.
type PromptStarted struct {
	Channel  Channel
	Playback string
}

// PromptFinished says that a playback of ours is over, to its end or not.
type PromptFinished struct {
	Channel  Channel
	Playback string
	// Failed says that Asterisk could not play it.
	Failed bool
}

// HangupRequested says that somebody wants the channel ended; CallerLeft follows.
type HangupRequested struct {
	Channel Channel
	// Cause is a Q.850 cause, 0 for none, unless Soft: then it is Asterisk's flag of a soft hang-up.
	Cause int
	Soft  bool
}

// CallerLeft says that a channel left the application, by a hang-up or otherwise.
type CallerLeft struct {
	// At is the arrival of the news; the zero time is the time of the step.
	At        time.Time
	Channel   Channel
	Timestamp string
}

// ExitChecked answers AskExit.
type ExitChecked struct {
	Channel Channel
	Exists  bool
}

// CommandFailed says that a command was not carried out, or that nobody knows.
type CommandFailed struct {
	Command Command
	// Gone is true when Asterisk says that the channel is not, or no longer, in the application.
	Gone bool
	// Why is for people.
	Why string
}

// NodeAway says that the events of one Asterisk no longer reach us.
type NodeAway struct {
	Node string
	// LastSeen is the last moment at which nothing had been missed.
	LastSeen time.Time
}

// Listed says what is in the application on one Asterisk at the beginning of a connection. Every later event of the
// connection follows as an input of its own.
type Listed struct {
	Node string
	// At is the beginning of the connection.
	At time.Time
	// Callers are the channels that are not legs of ours.
	Callers []CallerEntered
	// Bridges are the ids of the bridges that this application made.
	Bridges []string
}

// PolicyChanged replaces the policies. Callers who wait in a queue that is gone wait on under its old policy.
type PolicyChanged struct{ Policies Policies }

// IntakeChanged opens or closes the door: while it is closed, new calls are declined and go back to the dialplan.
type IntakeChanged struct{ Closed bool }

// Tick is nothing but time passing: deadlines fire.
type Tick struct{}

func (Tick) apply(*Machine) {}
