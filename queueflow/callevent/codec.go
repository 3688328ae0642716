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

// Encode gives the event's bytes on the wire, times in RFC 3339 with the fractions of a second they have. The error wraps
// ErrMalformed when Decode would refuse the bytes, or when the event could have no subject on NATS.
func Encode(e Event) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("encode event %q: %w", e.ID, err)
	}
	data, err := json.Marshal(e.Payload)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	b, err := json.Marshal(envelope{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Payload.Kind().Type(), Subject: e.Call,
		Time: e.Time, DataContentType: "application/json", Data: data,
	})
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("encode event %s of %d bytes, at most %d: %w", e.ID, len(b), MaxSize, ErrMalformed)
	}
	return b, nil
}

// Decode reads an event. Unknown fields are passed over. The error wraps ErrUnknownKind or ErrMalformed. A decoded event
// has an id that can be a message id and a subject of three tokens; what else its payload says is not judged.
func Decode(b []byte) (Event, error) {
	if len(b) > MaxSize {
		return Event{}, fmt.Errorf("decode event of %d bytes, at most %d: %w", len(b), MaxSize, ErrMalformed)
	}
	var v envelope
	if err := json.Unmarshal(b, &v); err != nil {
		return Event{}, fmt.Errorf("decode event: %w: %w", ErrMalformed, err)
	}
	if v.SpecVersion != "1.0" || v.Type == "" || v.ID == "" || v.Subject == "" {
		return Event{}, fmt.Errorf("decode event %q: no CloudEvents 1.0 with type, id and subject: %w", v.ID, ErrMalformed)
	}
	payload, err := decodePayload(v.Type, v.Data)
	if err != nil {
		return Event{}, fmt.Errorf("decode event %q: %w", v.ID, err)
	}
	e := Event{ID: v.ID, Source: v.Source, Call: v.Subject, Time: v.Time, Payload: payload}
	if err := e.check(); err != nil {
		return Event{}, fmt.Errorf("decode event %q: %w", v.ID, err)
	}
	return e, nil
}

// decoders read the payload of each kind.
var decoders = map[Kind]func(data []byte) (Payload, error){
	KindEntered:           decodeAs[Entered],
	KindOffered:           decodeAs[Offered],
	KindAnnounced:         decodeAs[Announced],
	KindAnswered:          decodeAs[Answered],
	KindMoved:             decodeAs[Moved],
	KindCompleted:         decodeAs[Completed],
	KindMissed:            decodeAs[Missed],
	KindCallbackRequested: decodeAs[CallbackRequested],
	KindCallbackScheduled: decodeAs[CallbackScheduled],
	KindCallbackAttempted: decodeAs[CallbackAttempted],
	KindCallbackCompleted: decodeAs[CallbackCompleted],
	KindCallbackFailed:    decodeAs[CallbackFailed],
	KindCallbackExpired:   decodeAs[CallbackExpired],
	KindCallbackCancelled: decodeAs[CallbackCancelled],
	KindResolved:          decodeAs[Resolved],
	KindMemberAdded:       decodeAs[MemberAdded],
	KindMemberRemoved:     decodeAs[MemberRemoved],
	KindMemberPaused:      decodeAs[MemberPaused],
	KindMemberUnpaused:    decodeAs[MemberUnpaused],
}

func decodePayload(typ string, data []byte) (Payload, error) {
	kind, ok := strings.CutPrefix(typ, typePrefix)
	kind, current := strings.CutSuffix(kind, typeVersion)
	decode := decoders[Kind(kind)]
	if !ok || !current || decode == nil {
		return nil, fmt.Errorf("type %q: %w", typ, ErrUnknownKind)
	}
	return decode(data)
}

func decodeAs[P Payload](data []byte) (Payload, error) {
	var p P
	if err := json.Unmarshal(data, &p); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", p.Kind(), ErrMalformed, err)
	}
	return p, nil
}
