package callevent

import "time"

// Entered says that a call was admitted to a queue. It carries all that is needed to take the call up again after a
// restart: the events are the truth about calls.
type Entered struct {
	CallID    string    `json:"call_id"`
	Queue     string    `json:"queue"`
	QueueName string    `json:"queue_name"`
	DID       string    `json:"did"`
	Language  string    `json:"language"`
	Caller    Caller    `json:"caller"`
	EnteredAt time.Time `json:"entered_at"`
	// Position in the line at entry, 1 is the next to be served.
	Position int `json:"position"`
	// Priority of the call, higher first.
	Priority int `json:"priority"`
	// Asked is what the dialplan asked for this call beside the queue's policy.
	Asked Asked `json:"asked"`
	// RefusedBy lists the queues that refused the call before this one took it, in order.
	RefusedBy []Refusal `json:"refused_by,omitempty"`
	// ResumedFrom is the id under which the same channel had been given up as lost.
	ResumedFrom string   `json:"resumed_from,omitempty"`
	Asterisk    Asterisk `json:"asterisk"`
}

// Asked is what the arguments of Stasis() asked for one call; an empty field follows the queue.
type Asked struct {
	Music    string `json:"music,omitempty"`
	Language string `json:"language,omitempty"`
	// Skills are what an agent must have, all of them; AnySkills those of which he must have one.
	Skills    []string `json:"skills,omitempty"`
	AnySkills []string `json:"any_skills,omitempty"`
	// MaxWaitMS is the asked limit of the wait in milliseconds, 0 for none; absent follows the queue.
	MaxWaitMS *int64 `json:"max_wait_ms,omitempty"`
}

// Refusal is one queue that did not take the call, and why.
type Refusal struct {
	Queue  string `json:"queue"`
	Reason Reason `json:"reason"`
}

// Kind implements Payload.
func (Entered) Kind() Kind { return KindEntered }

// QueueID implements Payload.
func (e Entered) QueueID() string { return e.Queue }

func (e Entered) callID() string { return e.CallID }
