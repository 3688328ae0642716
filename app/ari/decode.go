package ari

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// errIncomplete is the fault of an event that does not say which channel, bridge or name it is about.
var errIncomplete = errors.New("what the event is about is missing")

// Decode reads one frame. known is false, with no error, for a type this package does not know; fields it does not
// know are ignored. A field of the wrong JSON type costs only that field, as long as the event still says what it is
// about. Anything else that cannot be used is an error, whose text holds nothing that came in the frame.
func Decode(frame []byte) (event Event, known bool, err error) {
	name, err := peek(frame)
	if err != nil {
		return nil, false, err
	}
	read, known := decoders[string(name)]
	if !known {
		return nil, false, nil
	}
	if event, err = read(frame); err != nil {
		return nil, true, fmt.Errorf("decode %s: %w", name, err)
	}
	if head := event.Head(); head.Type != string(name) { // a frame that names its type twice
		head.Type = string(name)
	}
	return event, true, nil
}

// peek finds the type of an event, as a rule without reading the rest of it.
func peek(frame []byte) ([]byte, error) {
	if name := skim(frame); name != nil {
		return name, nil
	}
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(frame, &head); err != nil {
		return nil, fmt.Errorf("decode frame: %w", discreet(err))
	}
	if head.Type == "" {
		return nil, errors.New("decode frame: an object without a type")
	}
	return []byte(head.Type), nil
}

// skim finds "type":"…" among the members of the outermost object, in the compact form Asterisk writes. It comes
// first in most events, and behind the cause in ChannelHangupRequest. Nil means that it has to be looked for properly.
func skim(frame []byte) []byte {
	const key = `"type":"`
	depth := 0
	for i := 0; i < len(frame); i++ {
		switch frame[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end := closing(frame, i+1)
			if end > 0 && depth == 1 && bytes.HasPrefix(frame[i:], []byte(key)) {
				return plain(frame[i+len(key):])
			}
			if end < 0 {
				return nil
			}
			i = end
		}
	}
	return nil
}

// closing finds the quote that ends a string whose text begins at from, or gives -1.
func closing(frame []byte, from int) int {
	for i := from; i < len(frame); i++ {
		switch frame[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// plain gives the text of a string up to its quote, or nil when it is empty or has an escape in it.
func plain(text []byte) []byte {
	end := bytes.IndexByte(text, '"')
	if end <= 0 || bytes.IndexByte(text[:end], '\\') >= 0 {
		return nil
	}
	return text[:end]
}

// decode reads a frame as one type of event.
func decode[E any, P interface {
	*E
	Event
}](frame []byte) (Event, error) {
	event := P(new(E))
	err := json.Unmarshal(frame, event)
	var wrong *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &wrong) {
		return nil, discreet(err)
	}
	if !event.complete() {
		return nil, incomplete(err)
	}
	return event, nil
}

// incomplete tells, where it can, which field of the wrong type made the event so.
func incomplete(err error) error {
	if err == nil {
		return errIncomplete
	}
	return fmt.Errorf("%w: %w", errIncomplete, discreet(err))
}

// discreet repeats an error of encoding/json without the value it quotes, which may be somebody's phone number.
func discreet(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return fmt.Errorf("field %q at byte %d is not a %s", wrong.Field, wrong.Offset, wrong.Type)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON from byte %d on", syntax.Offset)
	default:
		return errors.New("no JSON")
	}
}
