package api

import "context"

// Serves are all kinds of requests, served without NATS, by their names.
func Serves(missed Missed, members Members) map[string]func(body []byte) (any, error) {
	return map[string]func(body []byte) (any, error){
		"missed.list":     served(missed, list),
		"missed.resolve":  served(missed, resolve),
		"members.list":    served(members, listMembers),
		"members.add":     served(members, addMember),
		"members.remove":  served(members, removeMember),
		"members.pause":   served(members, pauseMember),
		"members.unpause": served(members, unpauseMember),
		"members.penalty": served(members, setPenalty),
		"queues.list":     served(members, listQueues),
	}
}

func served[In, Desk any](desk Desk, serve func(context.Context, Desk, In) (any, error)) func(body []byte) (any, error) {
	return func(body []byte) (any, error) {
		in, err := read[In](body)
		if err != nil {
			return nil, err
		}
		return serve(context.Background(), desk, in)
	}
}

// Header is what stands in the header of an answer.
func (e *Error) Header() string { return oneLine(e) }
