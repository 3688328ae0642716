package message

import (
	"bytes"
	"encoding/json"
	"html/template"
	"time"

	"missedcalls/queueflow/callevent"
)

// View is an event as templates see it. Texts are plain, one line each, and of a bounded length. What an event does not
// tell is empty, 0, or the zero time, which date and clock write as nothing. Times are in the time zone of the target.
type View struct {
	// Kind is the event: missed, resolved, callback_failed and so on.
	Kind string
	// Language is that of the words: ru or en.
	Language string
	// Icon is an emoji for the event.
	Icon string
	// Title says what happened, and where: Missed call: Sales.
	Title string
	// Facts are the lines of the built-in message, each with Label, Value and Tel.
	Facts []Fact
	// Status says how the matter stands, for events that settle it: Resolved by Anna after 12 minutes: called back.
	Status string
	// At is when it happened.
	At time.Time

	// Queue is the queue's id, empty when no queue stands for the dialled number.
	Queue string
	// QueueName is what people call the queue; its id when it has no name, and "unknown queue" without one.
	QueueName string
	// DID is the dialled number as the dialplan has it.
	DID string
	// Dialled is the dialled number for reading.
	Dialled string
	// CallID is the id of the call.
	CallID string

	// Caller is who called, number and name, for reading.
	Caller string
	// Number is the caller's number for reading, in words when it is withheld. For callbacks it is what is dialled.
	Number string
	// Name is the caller's name.
	Name string
	// Tel is the number in international form, +79161234567; empty when it is none, withheld or masked.
	Tel string
	// CallerKind is external, internal, withheld or invalid.
	CallerKind string
	// Withheld says that the caller hid the number.
	Withheld bool

	// Reason is why the caller left without a person, or was moved: abandoned, max_wait and so on.
	Reason string
	// ReasonText is Reason in words.
	ReasonText string
	// EnteredAt is when the caller entered the first queue.
	EnteredAt time.Time
	// LeftAt is when the caller left.
	LeftAt time.Time
	// Waited is how long the caller waited: 1 minute 5 seconds. In Russian it is in the accusative, as after ждал or через.
	Waited string
	// WaitedSeconds is Waited in seconds.
	WaitedSeconds int64
	// PositionAtEntry is the place in line at entry, 1 is the next to be served.
	PositionAtEntry int
	// Position is the last place in line.
	Position int
	// Keys are the digits that the caller typed.
	Keys string
	// Attempts are the ringings of agents, each with Agent, Outcome, Seconds and Text, which says it in words. At most 20.
	Attempts []Attempt
	// Rung is the Attempts in words.
	Rung string
	// Agent is the agent who answered, or whose state changed.
	Agent string
	// Talked is how long caller and agent talked.
	Talked string
	// TalkedSeconds is Talked in seconds.
	TalkedSeconds int64

	// Episode is the id of the open episode of the caller's missed calls.
	Episode string
	// EpisodeCalls is how many missed calls the episode has, this one too.
	EpisodeCalls int
	// EpisodeText says that the missed call is not the first: third missed call of this number.
	EpisodeText string
	// After is how long it took from the first missed call, or from the request of a callback, to what happened.
	After string
	// AfterSeconds is After in seconds.
	AfterSeconds int64
	// How says what closed an episode: answered, callback or by_hand.
	How string
	// By is who closed, cancelled or changed something.
	By string
	// Why is the reason that was given for that.
	Why string

	// TicketID is the id of the callback's ticket.
	TicketID string
	// Try is the number of the try of a callback, or how many there were.
	Try int
	// DueAt is when the next try is due.
	DueAt time.Time
	// Outcome is what came of the try, or of a ringing: no_answer, busy and so on.
	Outcome string
	// OutcomeText is Outcome in words.
	OutcomeText string

	payload callevent.Payload
}

// Attempt is one ringing of one agent.
type Attempt struct {
	Agent   string `json:"agent"`
	Outcome string `json:"outcome"`
	Seconds int64  `json:"seconds"`
	// Text says it in words: Anna did not answer for 15 seconds.
	Text string `json:"text"`
}

// TelLink is Tel as a link, tel:+79161234567, that may stand in href; empty without Tel.
func (v View) TelLink() template.URL {
	if v.Tel == "" {
		return ""
	}
	return template.URL("tel:" + v.Tel)
}

// maxData bounds a text of Data, in UTF-16 units.
const maxData = 1000

// Data is the event's data with the names of events.md, such as .Data.asterisk.linkedid. The caller is empty when the
// number is withheld.
func (v View) Data() (map[string]any, error) {
	shown := rewrite(v.payload, func(t text) string {
		if v.Withheld && t.of == callerType && t.field != "kind" {
			return ""
		}
		return clean(t.value, maxData)
	})
	b, err := json.Marshal(shown)
	if err != nil {
		return nil, err
	}
	var data map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&data); err != nil {
		return nil, err
	}
	whole(data)
	return data, nil
}

// whole turns the numbers of decoded JSON into those that templates can compare; all are whole in events.
func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			v[name] = whole(value)
		}
	case []any:
		for i, value := range v {
			v[i] = whole(value)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
	}
	return v
}
