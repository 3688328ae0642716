// Package target is what the channels have in common: what they are asked to deliver, and the verdict they give. Each
// channel is a package of its own beside it; none knows queues, streams or other channels.
package target

import (
	"context"
	"encoding/json"
	"time"

	"missedcalls/notifier/message"
	"missedcalls/queueflow/callevent"
)

// Target is one place where messages go. Deliver is safe for concurrent use, and returns soon after ctx ends.
type Target interface {
	Deliver(ctx context.Context, d Delivery) Verdict
	// Close ends what the target keeps open.
	Close()
}

// Delivery is one thing to say. Every try of it is the same, but for Progress.
type Delivery struct {
	// ID is unique for the event and the target, and the same at each try.
	ID string
	// Event is what happened, and Data its encoding; both with numbers masked if the target asks for it. A digest has none.
	Event callevent.Event
	Data  []byte
	// Message says it in words.
	Message message.Message
	// Earlier is what this target was told about the same matter before, oldest first.
	Earlier []Said
	// Changes says that the messages in Earlier are out of date: a channel that can change them gives them the Message that
	// stands there, and says nothing new. One that cannot says Message, as a follow-up to them.
	Changes bool
	// Progress is what the last try of this delivery gave as Verdict.Progress.
	Progress json.RawMessage
}

// Said is one message that was accepted.
type Said struct {
	// Ref is where it is, in the channel's own terms, as Verdict.Ref gave it; nil when that gave none.
	Ref json.RawMessage `json:"ref,omitempty"`
	// Message is what it is to say now.
	Message message.Message `json:"message"`
}

// Outcome is what became of a delivery.
type Outcome string

// The outcomes.
const (
	// Sent: the channel has accepted it.
	Sent Outcome = "sent"
	// Retry: not now.
	Retry Outcome = "retry"
	// Permanent: never, whoever tries again.
	Permanent Outcome = "permanent"
)

// Verdict is what became of a delivery, and what the sender must do.
type Verdict struct {
	Outcome Outcome
	// Reason is a short word for it, one of Reasons: a label of metrics.
	Reason string
	// Err says it to people, without secrets, with what to do; nil when Sent.
	Err error
	// Note is what the operator should mend beside that, though messages go out; without secrets, empty for nothing.
	Note string
	// After is how long to wait before the next try, as the channel asked; 0 for the sender's own pause.
	After time.Duration
	// All says that the channel takes nothing at all now, or, when Permanent, ever: for Retry nothing else is tried before
	// After; for Permanent the target is switched off until it is configured anew.
	All bool
	// Ref is where the accepted message is, for Delivery.Earlier; nil when it cannot be referred to.
	Ref json.RawMessage
	// Progress is what is done already of a delivery that is to be tried again: the recipients who have it.
	Progress json.RawMessage
}
