package callevent

import "time"

// Offered says that one agent was rung once for the call, and what came of it.
type Offered struct {
	CallID    string    `json:"call_id"`
	Queue     string    `json:"queue"`
	QueueName string    `json:"queue_name"`
	DID       string    `json:"did"`
	Language  string    `json:"language"`
	Caller    Caller    `json:"caller"`
	OfferedAt time.Time `json:"offered_at"`
	// WaitedMS counts from first entry to the offer, in milliseconds.
	WaitedMS int64 `json:"waited_ms"`
	// Position is the caller's place in line at the offer, 1 is the next to be served.
	Position int      `json:"position"`
	Attempt  Attempt  `json:"attempt"`
	Asterisk Asterisk `json:"asterisk"`
}

// Kind implements Payload.
func (Offered) Kind() Kind { return KindOffered }

// QueueID implements Payload.
func (o Offered) QueueID() string { return o.Queue }

func (o Offered) callID() string { return o.CallID }
