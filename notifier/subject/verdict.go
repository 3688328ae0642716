package subject

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/notifier/target"
)

// advice is what to do about a failure.
var advice = map[string]string{
	target.ReasonUnavailable:    "it is tried again; see whether the stream is full or sealed",
	target.ReasonTimeout:        "it is tried again; see whether the NATS user may publish there, and whether the stream acknowledges",
	target.ReasonNetwork:        "it is tried again",
	target.ReasonForbidden:      "let the NATS user publish there",
	target.ReasonRejected:       "correct the subject",
	target.ReasonTooLarge:       "raise the largest message of the stream, or of the server (max_payload)",
	target.ReasonMalformedReply: "it is tried again; a program that answers on this subject answers before the stream",
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
		return permanent(target.ReasonTooLarge)
	case errors.Is(err, nats.ErrBadSubject), errors.Is(err, jetstream.ErrInvalidSubject):
		return permanent(target.ReasonRejected)
	case errors.Is(err, nats.ErrPermissionViolation):
		return retry(target.ReasonForbidden)
	case errors.Is(err, jetstream.ErrInvalidJSAck):
		return retry(target.ReasonMalformedReply)
	case errors.As(err, &api), errors.Is(err, jetstream.ErrNoStreamResponse):
		return retry(target.ReasonUnavailable)
	case ctx.Err() != nil, errors.Is(err, nats.ErrTimeout):
		return retry(target.ReasonTimeout)
	}
	return retry(target.ReasonNetwork)
}
