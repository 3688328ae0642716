package callevent

import "fmt"

// maxName bounds ids of events and calls in bytes: they travel in headers and stand in logs and indexes.
const maxName = 255

// maxQueue bounds a queue's id in bytes, as the configuration does.
const maxQueue = 63

// check says what keeps an event off the wire; the error wraps ErrMalformed.
func (e Event) check() error {
	switch {
	case e.Payload == nil:
		return fmt.Errorf("no payload: %w", ErrMalformed)
	case !validName(e.ID), !validName(e.Call):
		return fmt.Errorf("call %q: ids are 1 to %d printable ASCII characters without spaces: %w", e.Call, maxName, ErrMalformed)
	case e.Call != e.Payload.callID():
		return fmt.Errorf("subject %q but call %q: %w", e.Call, e.Payload.callID(), ErrMalformed)
	case !validQueue(e.Payload.QueueID()):
		return fmt.Errorf("queue %q: ids are at most %d letters, digits, - and _: %w", e.Payload.QueueID(), maxQueue, ErrMalformed)
	}
	return nil
}

// validName keeps control characters and spaces out of ids, which become the header Nats-Msg-Id.
func validName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return 0 < len(s) && len(s) <= maxName
}

// validQueue holds for what may be a token of a subject: an id as the configuration has it, or none.
func validQueue(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case (c == '-' || c == '_') && i > 0:
		default:
			return false
		}
	}
	return len(s) <= maxQueue
}
