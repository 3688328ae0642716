package ari

// Event is something Asterisk said about the application. The set is closed: an event of a type that this package
// does not know is counted and ignored. Events are handed out as pointers (*StasisStart), are never changed after
// they have been delivered, and hold no reference to the frame they came from.
type Event interface {
	// Head is what every event carries.
	Head() *Header
	// ChannelID is the channel the event is about, empty when there is none: the key to dispatch by.
	ChannelID() string
	// complete tells whether the event says what it is about. One that does not is counted as malformed.
	complete() bool
}

// Header is what every event carries.
type Header struct {
	Type        string    `json:"type"`
	Application string    `json:"application"`
	Timestamp   Timestamp `json:"timestamp"` // Asterisk's clock, in its milliseconds
	// AsteriskID is the entity id; 00:00:00:00:00:00 on a machine without Ethernet and without entityid in
	// asterisk.conf, so it is not unique by itself.
	AsteriskID string `json:"asterisk_id,omitempty"`
}

// Head returns the header itself; it is there for the Event interface.
func (h *Header) Head() *Header { return h }

// StasisStart says that a channel has entered the application.
type StasisStart struct {
	Header
	Args    []string `json:"args"`
	Channel Channel  `json:"channel"`
	// Replaced is the channel whose place the new one takes, after a transfer or a pickup; such a start has no arguments.
	Replaced *Channel `json:"replace_channel,omitempty"`
}

// StasisEnd says that a channel has left the application: it hung up, was sent on in the dialplan, or was taken away.
// It is the last event about a caller's channel unless the channel itself was subscribed to.
type StasisEnd struct {
	Header
	Channel Channel `json:"channel"`
}

// ChannelHangupRequest says that somebody wants the channel gone. It can come more than once and even after StasisEnd.
type ChannelHangupRequest struct {
	Header
	// Cause is a Q.850 cause, but with Soft it is Asterisk's soft hang-up flag (32 asked for by ARI or AMI,
	// 2 redirected, 8 absolute time limit). Zero means that none was given: a plain BYE.
	Cause     int     `json:"cause,omitempty"`
	TechCause int     `json:"tech_cause,omitempty"` // the SIP status; since 20.17, 22.7 and 23.1
	Soft      bool    `json:"soft,omitempty"`
	Channel   Channel `json:"channel"`
}

// ChannelDestroyed says that the channel is no more. It comes only for channels the application has made or subscribed to,
// not by itself for a caller's, and not for one that another channel has replaced.
type ChannelDestroyed struct {
	Header
	Cause     int     `json:"cause"` // Q.850; 0 is normal clearing, what a plain BYE leaves
	CauseText string  `json:"cause_txt"`
	TechCause int     `json:"tech_cause,omitempty"`
	Channel   Channel `json:"channel"`
}

// ChannelDtmfReceived says that a digit was pressed; it comes when the digit ends.
type ChannelDtmfReceived struct {
	Header
	Digit        string  `json:"digit"`
	Milliseconds int     `json:"duration_ms"`
	Channel      Channel `json:"channel"`
}

// ChannelStateChange says that Channel.State is a new one.
type ChannelStateChange struct {
	Header
	Channel Channel `json:"channel"`
}

// ChannelEnteredBridge is the only proof that a channel joined a bridge: the answer to AddChannel is not.
type ChannelEnteredBridge struct {
	Header
	Bridge  Bridge  `json:"bridge"`
	Channel Channel `json:"channel"`
}

// ChannelLeftBridge says that a channel is no longer in a bridge.
type ChannelLeftBridge struct {
	Header
	Bridge  Bridge  `json:"bridge"`
	Channel Channel `json:"channel"`
}

// ChannelCallerId says that Channel.Caller is a new one. (The name is Asterisk's.)
type ChannelCallerId struct {
	Header
	Presentation     int     `json:"caller_presentation"`
	PresentationText string  `json:"caller_presentation_txt"`
	Channel          Channel `json:"channel"`
}

// PlaybackStarted says that an item of a playback began to be heard; a list says so for each of its items.
type PlaybackStarted struct {
	Header
	Playback Playback `json:"playback"`
}

// PlaybackFinished says that a playback is over. One that a hang-up ended, or that waited when it came, has failed.
type PlaybackFinished struct {
	Header
	Playback Playback `json:"playback"`
}

// ChannelUserevent is an event that somebody made, from the dialplan or through ARI. The echoes by which this
// package proves that its connection lives are not delivered.
type ChannelUserevent struct {
	Header
	Name    string         `json:"eventname"`
	Values  map[string]any `json:"userevent"`
	Channel *Channel       `json:"channel,omitempty"`
}

// ApplicationReplaced says that another connection has registered the application. Listen gives it as Replaced.
type ApplicationReplaced struct {
	Header
}

// decoders holds the events this package knows: to add one, write its type, its two methods, and its line here.
var decoders = map[string]func(frame []byte) (Event, error){
	"StasisStart":          decode[StasisStart],
	"StasisEnd":            decode[StasisEnd],
	"ChannelHangupRequest": decode[ChannelHangupRequest],
	"ChannelDestroyed":     decode[ChannelDestroyed],
	"ChannelDtmfReceived":  decode[ChannelDtmfReceived],
	"ChannelStateChange":   decode[ChannelStateChange],
	"ChannelEnteredBridge": decode[ChannelEnteredBridge],
	"ChannelLeftBridge":    decode[ChannelLeftBridge],
	"ChannelCallerId":      decode[ChannelCallerId],
	"PlaybackStarted":      decode[PlaybackStarted],
	"PlaybackFinished":     decode[PlaybackFinished],
	"ChannelUserevent":     decode[ChannelUserevent],
	"ApplicationReplaced":  decode[ApplicationReplaced],

	"Dial":                   decode[Dial],
	"DeviceStateChanged":     decode[DeviceStateChanged],
	"ChannelHold":            decode[ChannelHold],
	"ChannelUnhold":          decode[ChannelUnhold],
	"BridgeBlindTransfer":    decode[BridgeBlindTransfer],
	"BridgeAttendedTransfer": decode[BridgeAttendedTransfer],
	"RecordingFinished":      decode[RecordingFinished],
	"RecordingFailed":        decode[RecordingFailed],
}

func (e *StasisStart) ChannelID() string          { return e.Channel.ID }
func (e *StasisEnd) ChannelID() string            { return e.Channel.ID }
func (e *ChannelHangupRequest) ChannelID() string { return e.Channel.ID }
func (e *ChannelDestroyed) ChannelID() string     { return e.Channel.ID }
func (e *ChannelDtmfReceived) ChannelID() string  { return e.Channel.ID }
func (e *ChannelStateChange) ChannelID() string   { return e.Channel.ID }
func (e *ChannelEnteredBridge) ChannelID() string { return e.Channel.ID }
func (e *ChannelLeftBridge) ChannelID() string    { return e.Channel.ID }
func (e *ChannelCallerId) ChannelID() string      { return e.Channel.ID }
func (e *PlaybackStarted) ChannelID() string      { return e.Playback.channelID() }
func (e *PlaybackFinished) ChannelID() string     { return e.Playback.channelID() }
func (e *ApplicationReplaced) ChannelID() string  { return "" }

func (e *ChannelUserevent) ChannelID() string {
	if e.Channel == nil {
		return ""
	}
	return e.Channel.ID
}

func (e *StasisStart) complete() bool          { return e.Channel.ID != "" }
func (e *StasisEnd) complete() bool            { return e.Channel.ID != "" }
func (e *ChannelHangupRequest) complete() bool { return e.Channel.ID != "" }
func (e *ChannelDestroyed) complete() bool     { return e.Channel.ID != "" }
func (e *ChannelDtmfReceived) complete() bool  { return e.Channel.ID != "" && e.Digit != "" }
func (e *ChannelStateChange) complete() bool   { return e.Channel.ID != "" }
func (e *ChannelEnteredBridge) complete() bool { return e.Channel.ID != "" && e.Bridge.ID != "" }
func (e *ChannelLeftBridge) complete() bool    { return e.Channel.ID != "" && e.Bridge.ID != "" }
func (e *ChannelCallerId) complete() bool      { return e.Channel.ID != "" }
func (e *PlaybackStarted) complete() bool      { return e.Playback.ID != "" }
func (e *PlaybackFinished) complete() bool     { return e.Playback.ID != "" }
func (e *ChannelUserevent) complete() bool     { return e.Name != "" }
func (e *ApplicationReplaced) complete() bool  { return true }
