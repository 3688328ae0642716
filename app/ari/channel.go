package ari

// Channel is one leg of a call as Asterisk describes it, in an event or in a list.
//
// The channel model of Asterisk 20 to 23 holds no linkedid: read it with Variable(ctx, id, "CHANNEL(linkedid)").
type Channel struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"` // PJSIP/trunk-0000001c
	State     ChannelState `json:"state"`
	Caller    Party        `json:"caller"`
	Connected Party        `json:"connected"`
	// CallerRDNIS is the number the call was diverted from; Asterisk sends it since 20.6 and 21.1, and only when there is one.
	CallerRDNIS string    `json:"caller_rdnis,omitempty"`
	AccountCode string    `json:"accountcode"`
	Dialplan    Dialplan  `json:"dialplan"`
	CreatedAt   Timestamp `json:"creationtime"`
	Language    string    `json:"language"`
	// ProtocolID is the SIP Call-ID for PJSIP, empty for drivers that have nothing of the kind.
	ProtocolID string `json:"protocol_id,omitempty"`
	// Variables holds the variables named by channelvars in ari.conf, nothing else.
	Variables map[string]string `json:"channelvars,omitempty"`
}

// Party is a name and a number, either of which may be empty.
type Party struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

// Dialplan is where a channel stands in the dialplan. In Stasis the Application is "Stasis" and its Data the
// application and its arguments; both outlive a channel that somebody else has taken away, so they do not prove
// that the channel is still ours. Application(ctx) does.
type Dialplan struct {
	Context     string `json:"context"`
	Extension   string `json:"exten"`
	Priority    int    `json:"priority"`
	Application string `json:"app_name"`
	Data        string `json:"app_data"`
}

// ChannelState is Asterisk's word for how far a channel has come.
type ChannelState string

// The states that a caller's channel passes through. Asterisk has more (OffHook, Dialing, Busy, "Dialing Offhook",
// "Pre-ring", Unknown), and an unlisted one is carried as it came.
const (
	StateDown     ChannelState = "Down"
	StateReserved ChannelState = "Rsrved"
	StateRing     ChannelState = "Ring"    // a caller who has not been answered
	StateRinging  ChannelState = "Ringing" // somebody we call, whose phone rings
	StateUp       ChannelState = "Up"
)
