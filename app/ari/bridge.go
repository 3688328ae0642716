package ari

// Bridge is a place where channels meet, as Asterisk describes it.
type Bridge struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Type       string    `json:"bridge_type"` // holding or mixing
	Class      string    `json:"bridge_class"`
	Technology string    `json:"technology"`
	Creator    string    `json:"creator"`
	Channels   []string  `json:"channels"`
	CreatedAt  Timestamp `json:"creationtime"`
}

// BridgeType says what a new bridge does with its channels.
type BridgeType string

// The types a bridge is created with.
const (
	// BridgeHolding is a waiting room: its channels do not hear each other, and the music of each comes back after
	// each announcement.
	BridgeHolding BridgeType = "holding"
	// BridgeMixing is a conversation. The attribute dtmf_events keeps Asterisk from connecting the two legs below
	// itself, where their digits would not be seen.
	BridgeMixing BridgeType = "mixing,dtmf_events"
)
