package api

import "context"

// ServeList serves a request without NATS.
func ServeList(m Missed, body []byte) (any, error) { return served(m, body, list) }

// ServeResolve serves a request without NATS.
func ServeResolve(m Missed, body []byte) (any, error) { return served(m, body, resolve) }

func served[In any](m Missed, body []byte, serve func(context.Context, Missed, In) (any, error)) (any, error) {
	in, err := read[In](body)
	if err != nil {
		return nil, err
	}
	return serve(context.Background(), m, in)
}

// Header is what stands in the header of an answer.
func (e *Error) Header() string { return oneLine(e) }
