package ari

// Dial says how far the call to somebody whom we call has come. Of its end it tells only what the far end said, and not
// always: ChannelDestroyed does.
type Dial struct {
	Header
	Peer Channel `json:"peer"`
	// Caller is the channel for which it is made, if that was said.
	Caller *Channel `json:"caller,omitempty"`
	// Status is empty at the beginning, then RINGING, PROGRESS or PROCEEDING, then ANSWER, BUSY, CONGESTION, CANCEL,
	// NOANSWER or CHANUNAVAIL.
	Status string `json:"dialstatus"`
	// Forward is where the far end wants the call to go. A channel that CreateChannel made does not go there.
	Forward string `json:"forward,omitempty"`
	// Forwarded is the channel that goes there, if one does.
	Forwarded *Channel `json:"forwarded,omitempty"`
}

// DeviceStateChanged says that a device that was subscribed to stands otherwise than before. Asterisk writes it from
// another thread than the events of channels, so it has no order with them, and lags a little.
type DeviceStateChanged struct {
	Header
	Device DeviceState `json:"device_state"`
}

// ChannelHold says that the channel's far end has put us on hold.
type ChannelHold struct {
	Header
	Channel Channel `json:"channel"`
	Music   string  `json:"musicclass,omitempty"` // what it wants to be played, if it said so
}

// ChannelUnhold says that the channel's far end has taken us back.
type ChannelUnhold struct {
	Header
	Channel Channel `json:"channel"`
}

// TransferSuccess is the Result of a transfer that was done. Others are Fail, Invalid and "Not Permitted".
const TransferSuccess = "Success"

// BridgeBlindTransfer says that somebody in a bridge sent the other on to an extension. In a bridge of ours the other
// stays where he is, and a Local channel takes the place of the one who transferred: see StasisStart.Replaced.
type BridgeBlindTransfer struct {
	Header
	// Channel is the one who transfers, Transferee the other. Replacement is what takes the place of Channel.
	Channel     Channel  `json:"channel"`
	Transferee  *Channel `json:"transferee,omitempty"`
	Replacement *Channel `json:"replace_channel,omitempty"`
	Bridge      Bridge   `json:"bridge"`
	Extension   string   `json:"exten"`
	Context     string   `json:"context"`
	Result      string   `json:"result"`
}

// BridgeAttendedTransfer says that somebody connected the two he talked with.
type BridgeAttendedTransfer struct {
	Header
	// First is the leg over which the transfer was asked for, Second the other one of the same person, and each has the
	// bridge it was in, empty for none.
	First        Channel `json:"transferer_first_leg"`
	FirstBridge  Bridge  `json:"transferer_first_leg_bridge"`
	Second       Channel `json:"transferer_second_leg"`
	SecondBridge Bridge  `json:"transferer_second_leg_bridge"`
	// Transferee is who was talked with over First, Target who was over Second. Replacement is what takes the place of the
	// one who transfers.
	Transferee  *Channel `json:"transferee,omitempty"`
	Target      *Channel `json:"transfer_target,omitempty"`
	Replacement *Channel `json:"replace_channel,omitempty"`
	// DestinationType is bridge, application, link, threeway or fail.
	DestinationType string `json:"destination_type"`
	// DestinationBridge is the id of the bridge, DestinationApplication the name of the application where it ended.
	DestinationBridge      string `json:"destination_bridge,omitempty"`
	DestinationApplication string `json:"destination_application,omitempty"`
	Result                 string `json:"result"`
}

// RecordingFinished says that a recording is over and its file is complete.
type RecordingFinished struct {
	Header
	Recording Recording `json:"recording"`
}

// RecordingFailed says that a recording is over and there may be no file of it.
type RecordingFailed struct {
	Header
	Recording Recording `json:"recording"`
}

func (e *Dial) ChannelID() string                   { return e.Peer.ID }
func (e *DeviceStateChanged) ChannelID() string     { return "" }
func (e *ChannelHold) ChannelID() string            { return e.Channel.ID }
func (e *ChannelUnhold) ChannelID() string          { return e.Channel.ID }
func (e *BridgeBlindTransfer) ChannelID() string    { return e.Channel.ID }
func (e *BridgeAttendedTransfer) ChannelID() string { return e.First.ID }
func (e *RecordingFinished) ChannelID() string      { return e.Recording.channelID() }
func (e *RecordingFailed) ChannelID() string        { return e.Recording.channelID() }

func (e *Dial) complete() bool                   { return e.Peer.ID != "" }
func (e *DeviceStateChanged) complete() bool     { return e.Device.Name != "" && e.Device.State != "" }
func (e *ChannelHold) complete() bool            { return e.Channel.ID != "" }
func (e *ChannelUnhold) complete() bool          { return e.Channel.ID != "" }
func (e *BridgeBlindTransfer) complete() bool    { return e.Channel.ID != "" }
func (e *BridgeAttendedTransfer) complete() bool { return e.First.ID != "" && e.Second.ID != "" }
func (e *RecordingFinished) complete() bool      { return e.Recording.Name != "" }
func (e *RecordingFailed) complete() bool        { return e.Recording.Name != "" }
