package callevent

import "time"

// Announced says that a waiting caller was told his place in line, or how long he is expected to wait.
type Announced struct {
	CallID    string `json:"call_id"`
	Queue     string `json:"queue"`
	QueueName string `json:"queue_name"`
	DID       string `json:"did"`
	Language  string `json:"language"`
	Caller    Caller `json:"caller"`
	// AnnouncedAt is when the announcement began to be heard; WaitedMS counts to it from first entry, in milliseconds.
	AnnouncedAt time.Time `json:"announced_at"`
	WaitedMS    int64     `json:"waited_ms"`
	// Position is the caller's place then, 1 is the next to be served.
	Position int `json:"position"`
	// PositionTold is the place he was told; absent when it was not said. With MoreThan he was told that it is beyond it.
	PositionTold *int `json:"position_told,omitempty"`
	MoreThan     bool `json:"more_than,omitempty"`
	// EstimateToldMS is the wait he was told to expect, in milliseconds; absent when none was said.
	EstimateToldMS *int64 `json:"estimate_told_ms,omitempty"`
	// Media is what Asterisk was told to play, in order.
	Media    []string `json:"media"`
	Asterisk Asterisk `json:"asterisk"`
}

// Kind implements Payload.
func (Announced) Kind() Kind { return KindAnnounced }

// QueueID implements Payload.
func (a Announced) QueueID() string { return a.Queue }

func (a Announced) callID() string { return a.CallID }
