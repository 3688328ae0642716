package queueflow

import "time"

// Command is the sealed set of what the queue wants done on an Asterisk. Commands on one channel are carried out in the
// order given; between channels there is no order. A failure comes back as CommandFailed.
type Command interface {
	// On is the channel the command is about; its ID is empty for a bridge that no channel is known of.
	On() Channel
}

// AskCaller asks what the news of a channel does not tell: whether the caller's number may be shown, and the linked id.
// CallerKnown answers.
type AskCaller struct {
	Channel Channel
	// Number asks who calls, too: the channel's own news lack it, or tell of somebody else. It may become known some milliseconds later.
	Number bool
}

// Answer answers the call.
type Answer struct{ Channel Channel }

// Ring lets the caller hear ringing.
type Ring struct{ Channel Channel }

// Hold puts the channel into a holding bridge, which is made if it does not exist. BridgeJoined proves it.
type Hold struct {
	Channel Channel
	Bridge  string
}

// StartMusic plays a class of music on hold to the channel.
type StartMusic struct {
	Channel Channel
	Class   string
}

// StopMusic ends the music on the channel.
type StopMusic struct{ Channel Channel }

// StopRinging ends the ringing that the caller hears.
type StopRinging struct{ Channel Channel }

// Play plays media to the channel, one after the other, and the music goes on after them. PromptStarted and PromptFinished
// tell of it under the id Playback.
type Play struct {
	Channel  Channel
	Playback string
	Media    []string
	Language string
}

// StopPlaying ends a playback at once. One that is over is as good.
type StopPlaying struct {
	Channel  Channel
	Playback string
}

// AskExit asks whether a place in the dialplan exists; ExitChecked answers.
type AskExit struct {
	Channel Channel
	Target  Target
}

// Leave sends the channel on in the dialplan with variables set. CallerLeft proves it.
type Leave struct {
	Channel   Channel
	Target    Target
	Variables []Variable
}

// Variable is a channel variable.
type Variable struct{ Name, Value string }

// Hangup ends the channel. CallerLeft proves it.
type Hangup struct {
	Channel Channel
	// Answered chooses what an un-answered caller's phone is told: SIP 480 instead of a normal clearing.
	Answered bool
}

// DestroyBridge removes a bridge of ours that nobody needs: the one of Channel, which is gone, or one that a call of old
// left behind, when Channel has no ID.
type DestroyBridge struct {
	Channel Channel
	Bridge  string
}

// CreateLeg makes a channel to an agent, which is in the application at once and rings nobody yet: LegEntered proves it.
type CreateLeg struct {
	// Channel has the id that the channel gets.
	Channel  Channel
	Endpoint string
	// Caller is the channel for which it is made; its linked id and codecs are taken over.
	Caller Channel
	// CallerName and CallerNumber are shown by the phone.
	CallerName, CallerNumber string
	// Headers are added to the INVITE of a PJSIP phone, Variables set on the channel.
	Headers, Variables []Variable
}

// DialLeg lets the agent's phone ring for a time at most. ChannelGone or CallerAnswered follows.
type DialLeg struct {
	Channel Channel
	Timeout time.Duration
}

// HangupLeg ends a channel to an agent. ChannelGone proves it.
type HangupLeg struct {
	Channel Channel
	// Elsewhere tells a phone that rings that somebody else has answered, so that it shows no missed call.
	Elsewhere bool
}

// Connect puts a channel into a bridge in which people talk, which is made if it does not exist. BridgeJoined proves it.
type Connect struct {
	Channel Channel
	Bridge  string
}

// StartRecording records a bridge into a file of Asterisk's folder of recordings.
type StartRecording struct {
	// Channel is the caller's.
	Channel              Channel
	Bridge, Name, Format string
}

// StopRecording ends a recording and keeps its file. One that is over is as good.
type StopRecording struct {
	// Channel is the caller's.
	Channel Channel
	Name    string
}

// WatchDevices asks for the states of devices, now and whenever they change: DeviceChanged tells each.
type WatchDevices struct {
	Node    string
	Devices []string
}

// UnwatchDevices ends that.
type UnwatchDevices struct {
	Node    string
	Devices []string
}

// StoreMember keeps a record of a member for the next start. It is no command to an Asterisk.
type StoreMember struct{ Record MemberRecord }

// On implements Command.
func (c CreateLeg) On() Channel { return c.Channel }

// On implements Command.
func (c DialLeg) On() Channel { return c.Channel }

// On implements Command.
func (c HangupLeg) On() Channel { return c.Channel }

// On implements Command.
func (c Connect) On() Channel { return c.Channel }

// On implements Command.
func (c StartRecording) On() Channel { return c.Channel }

// On implements Command.
func (c StopRecording) On() Channel { return c.Channel }

// On implements Command. All of one Asterisk go one after the other.
func (c WatchDevices) On() Channel { return Channel{Node: c.Node, ID: devicesLane} }

// On implements Command.
func (c UnwatchDevices) On() Channel { return Channel{Node: c.Node, ID: devicesLane} }

// devicesLane stands for a channel in the commands about devices; no channel has this id.
const devicesLane = "@devices"

// On implements Command. It names no Asterisk; those of one agent go one after the other.
func (c StoreMember) On() Channel { return Channel{ID: "@member " + c.Record.Member.Endpoint} }

// On implements Command.
func (c AskCaller) On() Channel { return c.Channel }

// On implements Command.
func (c Answer) On() Channel { return c.Channel }

// On implements Command.
func (c Ring) On() Channel { return c.Channel }

// On implements Command.
func (c Hold) On() Channel { return c.Channel }

// On implements Command.
func (c StartMusic) On() Channel { return c.Channel }

// On implements Command.
func (c StopMusic) On() Channel { return c.Channel }

// On implements Command.
func (c StopRinging) On() Channel { return c.Channel }

// On implements Command.
func (c Play) On() Channel { return c.Channel }

// On implements Command.
func (c StopPlaying) On() Channel { return c.Channel }

// On implements Command.
func (c AskExit) On() Channel { return c.Channel }

// On implements Command.
func (c Leave) On() Channel { return c.Channel }

// On implements Command.
func (c Hangup) On() Channel { return c.Channel }

// On implements Command.
func (c DestroyBridge) On() Channel { return c.Channel }
