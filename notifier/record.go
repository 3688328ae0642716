package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// record is what one target was told of one matter. It is kept for 7 days after the last word.
type record struct {
	// Told are the ids of the events it was told of, oldest first.
	Told []string `json:"told,omitempty"`
	// Partly are the events that it was told of but for some recipients who were refused, oldest first.
	Partly []partly `json:"partly,omitempty"`
	// Said are the messages it was told in, as they stand now, oldest first. What was told in a digest has none.
	Said []target.Said `json:"said,omitempty"`
	// Closed says that nothing is left to be done about the matter.
	Closed bool `json:"closed,omitempty"`
	// ClosedAt is the time of the event that closed it.
	ClosedAt time.Time `json:"closed_at,omitzero"`
	// MovedTo is the target that was told in place of this one.
	MovedTo string `json:"moved_to,omitempty"`
	// Trying is the delivery that has failed so far.
	Trying *trying `json:"trying,omitempty"`

	key      string
	revision uint64
}

// trying is an event that could not be told so far.
type trying struct {
	Event    string    `json:"event"`
	Attempts int       `json:"attempts"`
	Since    time.Time `json:"since"`
	// Progress is what is done already of a delivery, by its id, in the channel's own terms.
	Delivery string          `json:"delivery,omitempty"`
	Progress json.RawMessage `json:"progress,omitempty"`
}

// partly is an event of which some recipients of a target were told. The others are told when its dead letter is replayed.
type partly struct {
	Event string `json:"event"`
	// Ref is that of the message in which it was told, nil when an earlier message has the same: whoever is told later has
	// none of before.
	Ref json.RawMessage `json:"ref,omitempty"`
}

// A record is bounded: when it has more, the oldest go.
const (
	maxTold   = 200
	maxSaid   = 20
	maxRecord = 128 << 10 // bytes
)

func (r *record) wasTold(event string) bool { return slices.Contains(r.Told, event) }

// isKnown says whether anybody was told of the matter.
func (r *record) isKnown() bool { return len(r.Told)+len(r.Partly) > 0 }

// partlyTold is what is known of an event of which some were told; zero for none.
func (r *record) partlyTold(event string) partly {
	if i := slices.IndexFunc(r.Partly, func(p partly) bool { return p.Event == event }); i >= 0 {
		return r.Partly[i]
	}
	return partly{}
}

// tell notes that an event was told.
func (r *record) tell(e callevent.Event) {
	if !r.wasTold(e.ID) {
		r.Told = append(r.Told, e.ID)
	}
	r.Told = r.Told[max(0, len(r.Told)-maxTold):]
	r.Partly = slices.DeleteFunc(r.Partly, func(p partly) bool { return p.Event == e.ID })
	r.Trying = nil
	r.follow(e)
}

// tellSome notes that some were told of an event, in a message that has a place of its own, nil for none, and how far that
// has come.
func (r *record) tellSome(e callevent.Event, ref json.RawMessage, t trying) {
	if r.partlyTold(e.ID).Event == "" {
		r.Partly = append(r.Partly, partly{Event: e.ID, Ref: ref})
	}
	r.Partly = r.Partly[max(0, len(r.Partly)-maxTold):]
	r.Trying = &t
	r.follow(e)
}

// follow notes how the matter stands after an event.
func (r *record) follow(e callevent.Event) {
	kind := e.Payload.Kind()
	if r.Closed = closes(kind) || r.Closed && settles(kind); closes(kind) {
		r.ClosedAt = e.Time
	}
}

// say notes a message that was accepted. One that changed another has no place of its own.
func (r *record) say(s target.Said) {
	if r.hasSaid(s.Ref) {
		return
	}
	r.Said = append(r.Said, s)
	r.Said = r.Said[max(0, len(r.Said)-maxSaid):]
}

func (r *record) hasSaid(ref json.RawMessage) bool {
	return len(ref) > 0 && slices.ContainsFunc(r.Said, func(o target.Said) bool { return string(o.Ref) == string(ref) })
}

// tried is what is known of an event that could not be told so far; zero for one that was not tried yet.
func (r *record) tried(event string) trying {
	if r.Trying == nil || r.Trying.Event != event {
		return trying{Event: event}
	}
	return *r.Trying
}

// again counts one more attempt, by a delivery that has come as far as progress.
func (t trying) again(now time.Time, delivery string, progress json.RawMessage) trying {
	t.Attempts++
	if t.Since.IsZero() {
		t.Since = now
	}
	return t.reached(delivery, progress)
}

// reached notes how far a delivery has come, if that is told.
func (t trying) reached(delivery string, progress json.RawMessage) trying {
	if len(progress) > 0 {
		t.Delivery, t.Progress = delivery, progress
	}
	return t
}

// progress is how far a delivery has come.
func (t trying) progress(delivery string) json.RawMessage {
	if t.Delivery != delivery {
		return nil
	}
	return t.Progress
}

// encode drops the oldest messages until the rest fits.
func (r *record) encode() ([]byte, error) {
	for {
		b, err := json.Marshal(r)
		if err != nil || len(b) <= maxRecord || len(r.Said) == 0 {
			return b, err
		}
		r.Said = r.Said[1:]
	}
}

// records are those in the bucket.
type records struct{ ledger bus.Ledger }

func recordKey(target, matter string) string { return bus.Token(target) + "." + bus.Token(matter) }

// load reads a record. One that cannot be understood is as good as none: it is written anew.
func (s records) load(ctx context.Context, key string) (*record, error) {
	value, revision, err := s.ledger.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	r := &record{}
	if len(value) > 0 && json.Unmarshal(value, r) != nil {
		r = &record{}
	}
	r.key, r.revision = key, revision
	return r, nil
}

// maxRaces bounds the attempts to change a record that others change as well. No two processes have jobs of one matter and
// target in hand at a time, unless one was slower than the server's patience.
const maxRaces = 10

// change changes a record and stores it; when another process was faster, it changes what that one stored.
func (s records) change(ctx context.Context, r *record, change func(*record)) error {
	for range maxRaces {
		change(r)
		value, err := r.encode()
		if err != nil {
			return fmt.Errorf("write record %s: %w", r.key, err)
		}
		revision, err := s.ledger.Put(ctx, r.key, value, r.revision)
		if err == nil {
			r.revision = revision
			return nil
		}
		if !errors.Is(err, bus.ErrChanged) {
			return err
		}
		fresh, err := s.load(ctx, r.key)
		if err != nil {
			return err
		}
		*r = *fresh
	}
	return fmt.Errorf("record %s: %w by others, again and again", r.key, bus.ErrChanged)
}

// changeAll changes records and stores them, all or none. Records of one key are one.
func (s records) changeAll(ctx context.Context, all []*record, change func(i int, r *record)) error {
	first := make(map[string]*record)
	var entries []bus.Entry
	for i, r := range all {
		if first[r.key] == nil {
			first[r.key] = r
		}
		change(i, first[r.key])
	}
	for key, r := range first {
		value, err := r.encode()
		if err != nil {
			return fmt.Errorf("write record %s: %w", key, err)
		}
		entries = append(entries, bus.Entry{Key: key, Value: value, Revision: r.revision})
	}
	return s.ledger.PutAll(ctx, entries)
}
