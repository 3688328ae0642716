package callevent

import "time"

// Resolved says that an episode, the open missed calls of one person, was closed.
type Resolved struct {
	// CallID is the first missed call of the episode, and with it the episode's id.
	CallID  string `json:"call_id"`
	Episode string `json:"episode"`
	// Queue, QueueName, DID and Language are those of the latest missed call of the episode.
	Queue     string      `json:"queue"`
	QueueName string      `json:"queue_name"`
	DID       string      `json:"did"`
	Language  string      `json:"language"`
	Caller    Caller      `json:"caller"`
	How       ResolvedHow `json:"how"`
	// By is who closed it by hand, or the agent who reached the person; empty when nobody is known. Why is what was said
	// about it, empty when nothing was.
	By  string `json:"by"`
	Why string `json:"why"`
	// Calls is the number of missed calls in the episode; MissedAt and LastAt are when the first and the latest were missed.
	Calls    int       `json:"calls"`
	MissedAt time.Time `json:"missed_at"`
	LastAt   time.Time `json:"last_missed_at"`
	ClosedAt time.Time `json:"resolved_at"`
	// AfterMS is the time from the first missed call to the closing, in milliseconds.
	AfterMS int64 `json:"after_ms"`
	// ByCall is the call by which the person got through, absent when there was none.
	ByCall string `json:"by_call,omitempty"`
}

// ResolvedHow says what closed an episode.
type ResolvedHow string

// How an episode may be closed: the caller got through, was called back, or somebody closed it by hand.
const (
	ResolvedAnswered ResolvedHow = "answered"
	ResolvedCallback ResolvedHow = "callback"
	ResolvedByHand   ResolvedHow = "by_hand"
)

// Kind implements Payload.
func (Resolved) Kind() Kind { return KindResolved }

// QueueID implements Payload.
func (r Resolved) QueueID() string { return r.Queue }

func (r Resolved) callID() string { return r.CallID }
