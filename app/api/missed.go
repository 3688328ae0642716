package api

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// Limits of a list: how many it has when the request does not say, and at most.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ListRequest asks for open missed calls, those of one number once, the newest first.
type ListRequest struct {
	// Queue is the id of the queue of the latest call, empty for any.
	Queue string `json:"queue,omitempty"`
	// Number is the caller's, in whatever form people of the region write it; empty for any.
	Number string `json:"number,omitempty"`
	// Limit is how many are told at most, 0 for DefaultLimit.
	Limit int `json:"limit,omitempty"`
	// After is Next of the list before; empty for the newest.
	After string `json:"after,omitempty"`
}

// ListReply is a page of open missed calls.
type ListReply struct {
	Missed []queueflow.Episode `json:"missed"`
	// Next asks for those that follow; absent when there are no more. One that another call joins meanwhile is newer then,
	// and not among them.
	Next string `json:"next,omitempty"`
}

// ResolveRequest closes an open missed call by hand. Exactly one of Episode and Number is needed.
type ResolveRequest struct {
	// Episode is its id.
	Episode string `json:"episode,omitempty"`
	// Number is the caller's, in whatever form people of the region write it.
	Number string `json:"number,omitempty"`
	// By says who closes it, Why what was done about it; both are needed, of at most queueflow.TextLimit bytes.
	By  string `json:"by"`
	Why string `json:"why"`
}

// ResolveReply says that it is closed, for good: its event is durable.
type ResolveReply struct {
	Resolved callevent.Resolved `json:"resolved"`
}

// Missed is who knows the open missed calls. It may give an Error; any other error is Unavailable.
type Missed interface {
	// Open gives the newest that are wanted. wanted must be quick.
	Open(ctx context.Context, limit int, wanted func(queueflow.Episode) bool) ([]queueflow.Episode, error)
	// Resolve closes one, nil when it is not open. Its event is durable when it returns.
	Resolve(ctx context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error)
	// Number reads a number as queueflow.Episode has it; empty when it is none.
	Number(text string) string
}

func list(ctx context.Context, m Missed, in ListRequest) (any, error) {
	limit, err := limitOf(in.Limit)
	if err != nil {
		return nil, err
	}
	number, err := numberOf(m, in.Number)
	if err != nil {
		return nil, err
	}
	after, err := readMark(in.After)
	if err != nil {
		return nil, err
	}
	found, err := m.Open(ctx, limit+1, func(e queueflow.Episode) bool {
		return (in.Queue == "" || e.Queue == in.Queue) && (number == "" || e.Number() == number) && after.isBefore(e)
	})
	if err != nil {
		return nil, err
	}
	reply := ListReply{Missed: make([]queueflow.Episode, 0, len(found))} // no null in JSON
	reply.Missed = append(reply.Missed, found[:min(len(found), limit)]...)
	if len(found) > limit {
		reply.Next = markOf(found[limit-1]).String()
	}
	return reply, nil
}

func limitOf(asked int) (int, error) {
	switch {
	case asked == 0:
		return DefaultLimit, nil
	case asked < 0, asked > MaxLimit:
		return 0, badRequest("limit %d: it is 1 to %d", asked, MaxLimit)
	}
	return asked, nil
}

// numberOf reads a number that may be empty.
func numberOf(m Missed, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	number := m.Number(text)
	if number == "" {
		return "", badRequest("number %q: it is no telephone number", clip(text))
	}
	return number, nil
}

func resolve(ctx context.Context, m Missed, in ResolveRequest) (any, error) {
	if (in.Episode == "") == (in.Number == "") {
		return nil, badRequest("one of episode and number says what is resolved")
	}
	for name, text := range map[string]string{"by": in.By, "why": in.Why} {
		if text == "" || len(text) > queueflow.TextLimit {
			return nil, badRequest("%s: it has %d bytes, and may have 1 to %d", name, len(text), queueflow.TextLimit)
		}
	}
	number, err := numberOf(m, in.Number)
	if err != nil {
		return nil, err
	}
	resolved, err := m.Resolve(ctx, queueflow.ResolveMissed{Episode: in.Episode, Number: number, By: in.By, Why: in.Why})
	switch {
	case err != nil:
		return nil, err
	case resolved == nil:
		return nil, &Error{Code: NotFound, Message: fmt.Sprintf("no missed call is open under %q", clip(in.Episode+number))}
	}
	return ResolveReply{Resolved: *resolved}, nil
}

// clip bounds what is repeated of a request.
func clip(text string) string {
	const limit = 64
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

// mark is a place in a list: that of the episode it was made of. The zero mark is before all.
type mark struct {
	at time.Time
	id string
}

func markOf(e queueflow.Episode) mark { return mark{e.LastAt, e.ID} }

func (m mark) String() string { return strconv.FormatInt(m.at.UnixNano(), 10) + "." + m.id }

func readMark(text string) (mark, error) {
	if text == "" {
		return mark{}, nil
	}
	nanos, id, found := strings.Cut(text, ".")
	n, err := strconv.ParseInt(nanos, 10, 64)
	if !found || id == "" || err != nil {
		return mark{}, badRequest("after %q: it is the next of an earlier list", clip(text))
	}
	return mark{time.Unix(0, n), id}, nil
}

// isBefore says whether an episode follows in a list that has the newest first, and the greater id of two at one time.
func (m mark) isBefore(e queueflow.Episode) bool {
	return m.id == "" || e.LastAt.Before(m.at) || e.LastAt.Equal(m.at) && e.ID < m.id
}
