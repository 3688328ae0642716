package callevent

import "time"

// Ticket is what every event of a callback tells of it.
type Ticket struct {
	// CallID is the call that asked for the callback, or whose loss brought it about.
	CallID string `json:"call_id"`
	// TicketID names the callback: one wish of one person to be called back.
	TicketID  string `json:"ticket_id"`
	Queue     string `json:"queue"`
	QueueName string `json:"queue_name"`
	DID       string `json:"did"`
	Language  string `json:"language"`
	Caller    Caller `json:"caller"`
	// Number is what is dialled, in international form with a leading plus where it has one.
	Number      string    `json:"number"`
	RequestedAt time.Time `json:"requested_at"`
	// Episode is the open episode of the person's missed calls, absent when there is none.
	Episode string `json:"episode,omitempty"`
}

// QueueID implements Payload.
func (t Ticket) QueueID() string { return t.Queue }

func (t Ticket) callID() string { return t.CallID }

// CallbackRequested says that the caller asked to be called back and left the line. It ends the call's stay.
type CallbackRequested struct {
	Ticket
	EnteredAt time.Time `json:"entered_at"`
	LeftAt    time.Time `json:"left_at"`
	// WaitedMS counts from first entry, in milliseconds.
	WaitedMS int64 `json:"waited_ms"`
	// Position is the place in line that the ticket keeps, 1 is the next to be served.
	Position int      `json:"position"`
	Priority int      `json:"priority"`
	Keys     string   `json:"keys"`
	Asterisk Asterisk `json:"asterisk"`
}

// CallbackScheduled says when the next try is due.
type CallbackScheduled struct {
	Ticket
	// Attempt is the number of the attempt that is due, counted from 1.
	Attempt int       `json:"attempt_number"`
	DueAt   time.Time `json:"due_at"`
}

// CallbackAttempted says what came of one attempt.
type CallbackAttempted struct {
	Ticket
	// Attempt is its number, counted from 1.
	Attempt int `json:"attempt_number"`
	// AttemptedAt is when the person's phone began to be dialled.
	AttemptedAt time.Time `json:"attempted_at"`
	// Outcome is reached, busy, no_answer, congestion, invalid, machine, hung_up, not_confirmed or unknown.
	Outcome string `json:"outcome"`
	// RingMS is how long the person's phone rang, in milliseconds.
	RingMS int64 `json:"ring_ms"`
	// Cause is the Q.850 cause, SIP the final response; 0 when there was none.
	Cause int `json:"cause"`
	SIP   int `json:"sip"`
	// Agent is null when none took part.
	Agent *Agent `json:"agent"`
}

// CallbackCompleted says that the person was reached.
type CallbackCompleted struct {
	Ticket
	Attempts    int       `json:"attempts_made"`
	CompletedAt time.Time `json:"completed_at"`
	// AfterMS is the time from the request to the talk, TalkedMS the talk, in milliseconds.
	AfterMS  int64 `json:"after_ms"`
	TalkedMS int64 `json:"talked_ms"`
	// Agent is null when the customer was sent into the dialplan.
	Agent *Agent `json:"agent"`
}

// CallbackFailed says that the person was not reached and will not be called again.
type CallbackFailed struct {
	Ticket
	Attempts int       `json:"attempts_made"`
	FailedAt time.Time `json:"failed_at"`
	// Outcome is that of the last attempt.
	Outcome string `json:"outcome"`
}

// CallbackExpired says that the ticket's time ran out before the person was reached.
type CallbackExpired struct {
	Ticket
	Attempts  int       `json:"attempts_made"`
	ExpiredAt time.Time `json:"expired_at"`
}

// CallbackCancelled says that the callback is no longer wanted.
type CallbackCancelled struct {
	Ticket
	CancelledAt time.Time `json:"cancelled_at"`
	// By is who cancelled it: somebody's name, or `caller` when the person called again and was answered. Why is what was
	// said about it, empty when nothing was.
	By  string `json:"by"`
	Why string `json:"why"`
}

// Kind implements Payload.
func (CallbackRequested) Kind() Kind { return KindCallbackRequested }

// Kind implements Payload.
func (CallbackScheduled) Kind() Kind { return KindCallbackScheduled }

// Kind implements Payload.
func (CallbackAttempted) Kind() Kind { return KindCallbackAttempted }

// Kind implements Payload.
func (CallbackCompleted) Kind() Kind { return KindCallbackCompleted }

// Kind implements Payload.
func (CallbackFailed) Kind() Kind { return KindCallbackFailed }

// Kind implements Payload.
func (CallbackExpired) Kind() Kind { return KindCallbackExpired }

// Kind implements Payload.
func (CallbackCancelled) Kind() Kind { return KindCallbackCancelled }
