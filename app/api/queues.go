package api

import (
	"context"

	"missedcalls/queueflow"
)

// QueuesRequest asks how queues are, in the order of their ids.
type QueuesRequest struct {
	// Queue is the id of one; empty for all.
	Queue string `json:"queue,omitempty"`
	// Limit is how many are told at most, 0 for DefaultLimit.
	Limit int `json:"limit,omitempty"`
	// After is Next of the list before; empty for the first.
	After string `json:"after,omitempty"`
}

// QueuesReply is a page of queues.
type QueuesReply struct {
	Queues []queueflow.QueueView `json:"queues"`
	// Next asks for those that follow; absent when there are no more.
	Next string `json:"next,omitempty"`
}

func listQueues(ctx context.Context, m Members, in QueuesRequest) (any, error) {
	limit, err := limitOf(in.Limit)
	if err != nil {
		return nil, err
	}
	all, err := m.Queues(ctx)
	if err != nil {
		return nil, err
	}
	if in.Queue != "" {
		all = only(all, func(v queueflow.QueueView) bool { return v.Queue == in.Queue })
		if len(all) == 0 {
			return nil, &Error{Code: NotFound, Message: "no queue " + clip(in.Queue) + " is configured"}
		}
	}
	var reply QueuesReply
	reply.Queues, reply.Next = page(all, func(v queueflow.QueueView) string { return v.Queue }, in.After, limit)
	return reply, nil
}

func only[T any](all []T, wanted func(T) bool) (some []T) {
	for _, one := range all {
		if wanted(one) {
			some = append(some, one)
		}
	}
	return some
}
