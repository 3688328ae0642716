package notifier

import (
	"encoding/json"
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// facts are what routes ask of an event. What an event does not tell is empty.
type facts struct {
	kind  callevent.Kind
	queue string // _ for none
	at    time.Time
	call  string

	DID      string `json:"did"`
	Language string `json:"language"`
	Caller   struct {
		Kind callevent.CallerKind `json:"kind"`
	} `json:"caller"`
	Reason   callevent.Reason `json:"reason"`
	Priority *int             `json:"priority"`
	Episode  string           `json:"episode"`
}

// factsOf reads them from the payload's fields, whose names are the same in every kind of event that has them: they are
// the wire contract.
func factsOf(e callevent.Event) facts {
	f := facts{kind: e.Payload.Kind(), queue: e.Payload.QueueID(), at: e.Time, call: e.Call}
	if f.queue == "" {
		f.queue = noQueue
	}
	if b, err := json.Marshal(e.Payload); err == nil { // it was decoded from JSON, or is about to be encoded
		_ = json.Unmarshal(b, &f)
	}
	return f
}

// notReached says whether the event tells of a person who did not reach anybody. A call that somebody else took did.
func (f facts) notReached() bool {
	switch f.kind {
	case callevent.KindMissed:
		return f.Reason != callevent.ReasonTaken
	case callevent.KindCallbackFailed, callevent.KindCallbackExpired:
		return true
	}
	return false
}

// matter is what the event is about, for those who are told of it one after the other: the episode, or the call.
func (f facts) matter() string {
	if f.Episode != "" {
		return f.Episode
	}
	return f.call
}

// settling are the kinds of events that change how a matter stands of which people were told.
var settling = []callevent.Kind{
	callevent.KindResolved, callevent.KindCallbackCompleted, callevent.KindCallbackFailed,
	callevent.KindCallbackExpired, callevent.KindCallbackCancelled,
}

func settles(k callevent.Kind) bool { return slices.Contains(settling, k) }

// closes says whether nothing is left to be done about a matter after such an event.
func closes(k callevent.Kind) bool {
	return k == callevent.KindResolved || k == callevent.KindCallbackCompleted
}

// isNews says whether people want to hear of it even if they were told of the matter before, rather than find an old
// message changed.
func isNews(k callevent.Kind) bool {
	return !settles(k) || k == callevent.KindCallbackFailed || k == callevent.KindCallbackExpired
}
