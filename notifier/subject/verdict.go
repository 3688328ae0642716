package subject

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/notifier/target"
)

// The reasons of verdicts.
const (
	reasonOK          = "ok"
	reasonUnavailable = "unavailable"
	reasonTimeout     = "timeout"
	reasonNetwork     = "network"
	reasonForbidden   = "forbidden"
	reasonRejected    = "rejected"
	reasonTooLarge    = "too_large"
	reasonMalformed   = "malformed_reply"
)

// advice is what to do about a failure.
var advice = map[string]string{
	reasonUnavailable: "it is tried again; see whether the stream is full or sealed",
	reasonTimeout:     "it is tried again; see whether the NATS user may publish there, and whether the stream acknowledges",
	reasonNetwork:     "it is tried again",
	reasonForbidden:   "let the NATS user publish there",
	reasonRejected:    "correct the subject",
	reasonTooLarge:    "raise the largest message of the stream, or of the server (max_payload)",
	reasonMalformed:   "it is tried again; a program that answers on this subject answers before the stream",
}

// judge says what follows from an error, all but Err. What is wrong with one message is for good; all else is about the
// connection or the stream, and so about every message.
func judge(ctx context.Context, err error) target.Verdict {
	retry := func(reason string) target.Verdict {
		return target.Verdict{Outcome: target.Retry, Reason: reason, All: true}
	}
	permanent := func(reason string) target.Verdict {
		return target.Verdict{Outcome: target.Permanent, Reason: reason}
	}
	var api *jetstream.APIError
	switch {
	case errors.Is(err, nats.ErrMaxPayload), errors.Is(err, jetstream.ErrStreamMessageExceedsMaximum):
		return permanent(reasonTooLarge)
	case errors.Is(err, nats.ErrBadSubject), errors.Is(err, jetstream.ErrInvalidSubject):
		return permanent(reasonRejected)
	case errors.Is(err, nats.ErrPermissionViolation):
		return retry(reasonForbidden)
	case errors.Is(err, jetstream.ErrInvalidJSAck):
		return retry(reasonMalformed)
	case errors.As(err, &api), errors.Is(err, jetstream.ErrNoStreamResponse):
		return retry(reasonUnavailable)
	case ctx.Err() != nil, errors.Is(err, nats.ErrTimeout):
		return retry(reasonTimeout)
	}
	return retry(reasonNetwork)
}
