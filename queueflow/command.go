package queueflow

// Command is the sealed set of what the queue wants done on an Asterisk. Commands on one channel are carried out in the
// order given; between channels there is no order. A failure comes back as CommandFailed.
type Command interface {
	// On is the channel the command is about; its ID is empty for a bridge that no channel is known of.
	On() Channel
}

// AskCaller asks what the news of a channel does not tell: whether the caller's number may be shown, and the linked id.
// CallerKnown answers.
type AskCaller struct{ Channel Channel }

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
