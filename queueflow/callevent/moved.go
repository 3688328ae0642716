package callevent

import "time"

// Moved says that a waiting call went on to another queue. It keeps its time of first entry, and its place by it.
type Moved struct {
	CallID string `json:"call_id"`
	// From is the queue the call left, Queue the one it is in now.
	From      string    `json:"from"`
	FromName  string    `json:"from_name"`
	Queue     string    `json:"queue"`
	QueueName string    `json:"queue_name"`
	DID       string    `json:"did"`
	Language  string    `json:"language"`
	Caller    Caller    `json:"caller"`
	Reason    Reason    `json:"reason"`
	EnteredAt time.Time `json:"entered_at"`
	MovedAt   time.Time `json:"moved_at"`
	// WaitedMS counts from first entry, in milliseconds.
	WaitedMS int64 `json:"waited_ms"`
	// Position in the new line, 1 is the next to be served.
	Position int      `json:"position"`
	Priority int      `json:"priority"`
	Keys     string   `json:"keys"`
	Asterisk Asterisk `json:"asterisk"`
}

// Kind implements Payload.
func (Moved) Kind() Kind { return KindMoved }

// QueueID implements Payload: the queue the call went to.
func (m Moved) QueueID() string { return m.Queue }

func (m Moved) callID() string { return m.CallID }
