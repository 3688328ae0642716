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
	// found is true for a channel that a listing shows: what it asked for at its entry may have been done.
	found bool
}

// CallerKnown answers AskCaller. A deadline goes on without it; it counts for what is said later, should it come late.
type CallerKnown struct {
	Channel Channel
	// Withheld is true when the caller asked that his number not be shown.
	Withheld bool
	// Caller is who calls, if that was asked.
	Caller   callevent.Caller
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
	// Legs are the channels to agents.
	Legs []LegListed
	// Bridges are the ids of the bridges that this application made.
	Bridges []string
}

// LegListed is a channel to an agent that a listing shows.
type LegListed struct {
	Channel Channel
	// Leg is the id under which this application made it, which another phone may have taken over.
	Leg string
	Up  bool
	// Bridge is the bridge the channel is in, if any.
	Bridge string
}

// LegEntered says that a channel we made to an agent is in the application. Leg is the id we gave it; the channel has
// another one when a colleague picked the call up.
type LegEntered struct {
	Channel Channel
	Leg     string
	Up      bool
}

// LegRinging says that an agent's phone rings.
type LegRinging struct{ Channel Channel }

// LegForwarded says that an agent's phone wants the call to go elsewhere. Nobody follows it.
type LegForwarded struct {
	Channel Channel
	To      string
}

// ChannelGone says that a channel is no more, and why. It comes for channels that we made, after CallerLeft or without it;
// for a caller's it is as good as CallerLeft.
type ChannelGone struct {
	// At is the arrival of the news; the zero time is the time of the step.
	At        time.Time
	Channel   Channel
	Timestamp string
	// Cause is a Q.850 cause; 0 is normal clearing. SIP is the final response, 0 for none.
	Cause, SIP int
}

// Held says that somebody who talks put the other on hold, or took him back.
type Held struct {
	Channel Channel
	On      bool
}

// Transferred says that a phone handed its side of a talk on.
type Transferred struct {
	// Bridge is the bridge of the talk, Channel the phone that did it.
	Bridge  string
	Channel Channel
	// Attended is true when the phone had talked to the target before.
	Attended bool
	// Target is where the call went: extension@context, or the name of a channel.
	Target string
	// Failed says that Asterisk did not do it.
	Failed bool
}

// DeviceChanged says how a device stands on one Asterisk.
type DeviceChanged struct {
	Node, Device string
	State        DeviceState
}

// DeviceState is the state of a device as Asterisk has it. It is a hint; whether an agent is reserved, we know.
type DeviceState uint8

// The states.
const (
	DeviceUnknown DeviceState = iota
	DeviceNotInUse
	DeviceInUse
	DeviceBusy
	DeviceInvalid
	DeviceUnavailable
	DeviceRinging
	DeviceRingInUse
	DeviceOnHold
)

// RecordingEnded says that a recording of a talk is over.
type RecordingEnded struct {
	Node, Name string
	Failed     bool
	// Why is for people.
	Why string
}

// MembersStored are the newest records of members that were stored before this start; the machine knows better where
// it has newer ones.
type MembersStored struct{ Records []MemberRecord }

// MemberRecord is what was decided about one member beside the configuration, by hand or by the queue itself.
type MemberRecord struct {
	Queue string `json:"queue"`
	// Member is the member; one of the configuration has only Endpoint, Paused and, if PenaltySet says so, Penalty from here.
	Member Member `json:"member"`
	// PenaltySet is true when the penalty of a member of the configuration was set by hand; otherwise it is the configuration's.
	PenaltySet bool `json:"penalty_set,omitempty"`
	// Dynamic is true for a member that the configuration does not have. Removed is true for one that is none any more.
	Dynamic bool `json:"dynamic,omitempty"`
	Removed bool `json:"removed,omitempty"`
	// Reason and By are of the newest change, At is when it was made.
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at"`
}

// ChangeMember adds, removes or changes a member. It is all or nothing; Machine.MemberChange says beforehand what would be
// wrong with it.
type ChangeMember struct {
	Change MemberChange
	// Queue is its id. For pausing, unpausing and removing, empty is every queue of the agent.
	Queue string
	// Member names the agent by its Endpoint; the rest counts for AddMember, Penalty also for SetPenalty.
	Member Member
	// Reason and By are for people; what is longer than TextLimit is cut off.
	Reason, By string
}

// MemberChange is what ChangeMember does.
type MemberChange uint8

// The changes.
const (
	AddMember MemberChange = iota
	RemoveMember
	PauseMember
	UnpauseMember
	SetPenalty
)

// PolicyChanged replaces the policies. Callers who wait in a queue that is gone wait on under its old policy.
type PolicyChanged struct{ Policies Policies }

// IntakeChanged opens or closes the door: while it is closed, new calls are declined and go back to the dialplan.
type IntakeChanged struct{ Closed bool }

// Tick is nothing but time passing: deadlines fire.
type Tick struct{}

func (Tick) apply(*Machine) {}
