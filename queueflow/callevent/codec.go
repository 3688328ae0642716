package callevent

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ContentType is the media type of an encoded event.
const ContentType = "application/cloudevents+json"

// MaxSize bounds an encoded event in bytes; Decode refuses more. NATS allows 1 MiB by default.
const MaxSize = 256 << 10

// ErrUnknownKind is wrapped by Decode's error for a well-formed event of a kind this version does not know. A consumer
// passes over it.
var ErrUnknownKind = errors.New("unknown kind of event")

// ErrMalformed is wrapped by Decode's error for bytes that are no event of this contract.
var ErrMalformed = errors.New("malformed event")

// envelope is CloudEvents 1.0 in structured JSON.
type envelope struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         string          `json:"subject"`
	Time            time.Time       `json:"time"`
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

// Encode gives the event's bytes on the wire.
func Encode(e Event) ([]byte, error) {
	if e.Payload == nil || e.ID == "" || e.Call == "" || e.Call != e.Payload.callID() {
		return nil, fmt.Errorf("encode event %q of call %q: %w", e.ID, e.Call, ErrMalformed)
	}
	data, err := json.Marshal(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return json.Marshal(envelope{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Payload.Kind().Type(), Subject: e.Call,
		Time: e.Time, DataContentType: "application/json", Data: data,
	})
}

// Decode reads an event. Unknown fields are passed over. The error wraps ErrUnknownKind or ErrMalformed.
func Decode(b []byte) (Event, error) {
	if len(b) > MaxSize {
		return Event{}, fmt.Errorf("decode event of %d bytes, at most %d: %w", len(b), MaxSize, ErrMalformed)
	}
	var v envelope
	if err := json.Unmarshal(b, &v); err != nil {
		return Event{}, fmt.Errorf("decode event: %w: %w", ErrMalformed, err)
	}
	if v.SpecVersion != "1.0" || v.ID == "" || v.Subject == "" {
		return Event{}, fmt.Errorf("decode event %q: no CloudEvents 1.0 with id and subject: %w", v.ID, ErrMalformed)
	}
	payload, err := decodePayload(v.Type, v.Data)
	if err != nil {
		return Event{}, fmt.Errorf("decode event %s: %w", v.ID, err)
	}
	if payload.callID() != v.Subject {
		return Event{}, fmt.Errorf("decode event %s: subject %q but call %q: %w", v.ID, v.Subject, payload.callID(), ErrMalformed)
	}
	return Event{ID: v.ID, Source: v.Source, Call: v.Subject, Time: v.Time, Payload: payload}, nil
}

func decodePayload(typ string, data []byte) (Payload, error) {
	kind, ok := strings.CutPrefix(typ, typePrefix)
	if !ok {
		return nil, fmt.Errorf("type %q: %w", typ, ErrUnknownKind)
	}
	switch kind {
	case string(KindEntered) + typeVersion:
		return decodeAs[Entered](data)
	case string(KindMoved) + typeVersion:
		return decodeAs[Moved](data)
	case string(KindMissed) + typeVersion:
		return decodeAs[Missed](data)
	}
	return nil, fmt.Errorf("type %q: %w", typ, ErrUnknownKind)
}

func decodeAs[P Payload](data []byte) (Payload, error) {
	var p P
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", p.Kind(), ErrMalformed, err)
	}
	return p, nil
}
