package api

import (
	"errors"
	"fmt"
	"strconv"

	"missedcalls/queueflow"
)

// Error is what a request got in place of its reply.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

// Code says what whoever asked can do about an error. Its numbers are those of HTTP.
type Code int

// The codes.
const (
	// BadRequest: ask otherwise.
	BadRequest Code = 400
	// NotFound: what is named is not there, or not any more.
	NotFound Code = 404
	// Conflict: it is so already, or the configuration says otherwise.
	Conflict Code = 409
	// Unavailable: ask again later.
	Unavailable Code = 503
)

// Error implements error.
func (e *Error) Error() string { return e.Message }

func (c Code) String() string { return strconv.Itoa(int(c)) }

func badRequest(format string, args ...any) *Error {
	return &Error{Code: BadRequest, Message: fmt.Sprintf(format, args...)}
}

// errorOf is what is told of an error: one that is none of ours keeps the program from doing what it is asked.
func errorOf(err error) *Error {
	if ours := (*Error)(nil); errors.As(err, &ours) {
		return ours
	}
	switch {
	case errors.Is(err, queueflow.ErrUnknownQueue), errors.Is(err, queueflow.ErrNoMember):
		return &Error{Code: NotFound, Message: err.Error()}
	case errors.Is(err, queueflow.ErrAlreadyMember), errors.Is(err, queueflow.ErrConfigured):
		return &Error{Code: Conflict, Message: err.Error()}
	case errors.Is(err, queueflow.ErrBadEndpoint), errors.Is(err, queueflow.ErrBadPenalty), errors.Is(err, queueflow.ErrUnknownChange):
		return &Error{Code: BadRequest, Message: err.Error()}
	}
	return &Error{Code: Unavailable, Message: "not now: " + err.Error()}
}
