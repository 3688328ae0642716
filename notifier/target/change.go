package target

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"missedcalls/notifier/message"
)

// Channel is a channel that can change what it said.
type Channel interface {
	// Change makes a message say what it is to say now. Permanent: this one cannot be changed. Doing it twice does no harm.
	Change(ctx context.Context, said Said) Verdict
	// Say says something new, as an answer to a message that could not be changed; nil for none.
	Say(ctx context.Context, m message.Message, answers *Said) Verdict
}

// done is the Verdict.Progress of a delivery that changes messages.
type done struct {
	// Changed counts the messages that are dealt with.
	Changed int `json:"changed"`
	// Stale is the number of the last one that could not be changed, counted from 1; 0 for none.
	Stale int `json:"stale,omitempty"`
}

// Change carries out a delivery with Changes: every earlier message is changed, and when one could not be, or there is
// none, what happened is said once, after all of them. A delivery that is tried again goes on where it was.
func Change(ctx context.Context, c Channel, d Delivery) Verdict {
	var so done
	if json.Unmarshal(d.Progress, &so) != nil || so.Changed > len(d.Earlier) || so.Stale > so.Changed || so.Changed < 0 || so.Stale < 0 {
		so = done{}
	}
	var notes Notes
	for ; so.Changed < len(d.Earlier); so.Changed++ {
		v := c.Change(ctx, d.Earlier[so.Changed])
		notes.Add(v.Note)
		if v.Outcome == Retry || v.Outcome == Permanent && v.All {
			return so.after(v, notes)
		}
		if v.Outcome == Permanent {
			so.Stale = so.Changed + 1
		}
	}
	v := Verdict{Outcome: Sent, Reason: ReasonOK}
	switch {
	case so.Stale > 0:
		v = c.Say(ctx, d.Message, &d.Earlier[so.Stale-1])
	case len(d.Earlier) == 0:
		v = c.Say(ctx, d.Message, nil)
	}
	notes.Add(v.Note)
	return so.after(v, notes)
}

// Notes gathers what becomes a Verdict.Note, each thing once.
type Notes []string

// Add takes a note; an empty one is none.
func (n *Notes) Add(note string) {
	if note != "" && !slices.Contains(*n, note) {
		*n = append(*n, note)
	}
}

func (n Notes) String() string { return strings.Join(n, "; ") }

// after is the verdict with all notes, and with what is done so far for the next try.
func (so done) after(v Verdict, notes Notes) Verdict {
	v.Note = notes.String()
	if v.Outcome == Retry {
		v.Progress, _ = json.Marshal(so) // two numbers
	}
	return v
}

// CannotChange is the verdict about a message whose Ref is of another channel, or none.
func CannotChange() Verdict {
	return Verdict{Outcome: Permanent, Reason: ReasonNotFound, Err: errors.New("change a message: it is not known where it is")}
}
