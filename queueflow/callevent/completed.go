package callevent

import "time"

// Completed says that a talk with an agent ended. It ends the call's stay.
type Completed struct {
	CallID     string    `json:"call_id"`
	Queue      string    `json:"queue"`
	QueueName  string    `json:"queue_name"`
	DID        string    `json:"did"`
	Language   string    `json:"language"`
	Caller     Caller    `json:"caller"`
	EnteredAt  time.Time `json:"entered_at"`
	AnsweredAt time.Time `json:"answered_at"`
	EndedAt    time.Time `json:"ended_at"`
	// WaitedMS is the wait from first entry to the answer, TalkedMS the talk; both monotonic, in milliseconds.
	WaitedMS int64 `json:"waited_ms"`
	TalkedMS int64 `json:"talked_ms"`
	// Agent is whom the caller talked with first.
	Agent   Agent   `json:"agent"`
	EndedBy EndedBy `json:"ended_by"`
	// HeldMS is how long the agent had the caller on hold, WrapUpMS how long the agent rests now, in milliseconds.
	HeldMS    int64      `json:"held_ms"`
	WrapUpMS  int64      `json:"wrap_up_ms"`
	Transfers []Transfer `json:"transfers"`
	// Recording is the name of the file of the talk, absent when none was made.
	Recording string `json:"recording,omitempty"`
	// Hangup is null for a call that went on in the dialplan or elsewhere.
	Hangup *Hangup `json:"hangup"`
	// SentTo is the dialplan target the caller was sent to, as context,extension,priority.
	SentTo string `json:"sent_to,omitempty"`
	// Bridge is where a caller who was transferred talks on.
	Bridge   string   `json:"bridge,omitempty"`
	Asterisk Asterisk `json:"asterisk"`
}

// EndedBy says what ended a talk.
type EndedBy string

// What may end a talk: either side, this application, a transfer, somebody else who took the call, or a failure unseen.
const (
	EndedByCaller      EndedBy = "caller"
	EndedByAgent       EndedBy = "agent"
	EndedByApplication EndedBy = "application"
	EndedByTransfer    EndedBy = "transfer"
	EndedByTaken       EndedBy = "taken"
	EndedByLost        EndedBy = "lost"
)

// Transfer is one handing-on of the call by a phone.
type Transfer struct {
	// Kind is blind or attended.
	Kind string `json:"kind"`
	// By is the agent who transferred, Target the extension or the channel the call went to.
	By     string `json:"by"`
	Target string `json:"target"`
}

// Kind implements Payload.
func (Completed) Kind() Kind { return KindCompleted }

// QueueID implements Payload.
func (c Completed) QueueID() string { return c.Queue }

func (c Completed) callID() string { return c.CallID }
