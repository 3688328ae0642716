package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// Reasons of dead letters that no channel gives.
const (
	reasonExpired    = "expired"    // older than the target's max_age
	reasonUnreadable = "unreadable" // no job
	reasonNoTarget   = "no_target"  // its target is configured no longer
	reasonTooMany    = "too_many_fallbacks"
)

// The text of an error, and bytes that are no job, are cut to so many bytes. A longer progress is left out.
const (
	maxError    = 1 << 10
	maxRaw      = 64 << 10
	maxProgress = 4 << 10
)

// Letter is a dead letter: what could not be told, and why.
type Letter struct {
	// ID is its place in stream DEAD.
	ID     uint64 `json:"id,omitempty"`
	Target string `json:"target"`
	// Reason is a short word, Error says it to people; it may be empty.
	Reason string `json:"reason"`
	Error  string `json:"error,omitempty"`
	// Attempts counts the deliveries that were tried.
	Attempts int       `json:"attempts"`
	At       time.Time `json:"at"`
	// Fallback is the target that is told in its place, empty for none.
	Fallback string `json:"fallback,omitempty"`
	// Progress is who has it already, in the channel's own terms: a replay is for the others.
	Progress json.RawMessage `json:"progress,omitempty"`
	// Job is what was to be done, Raw its bytes when they are no job.
	Job json.RawMessage `json:"job,omitempty"`
	Raw []byte          `json:"raw,omitempty"`
}

// Event is what was to be told.
func (l Letter) Event() (callevent.Event, error) {
	j, err := decodeJob(l.Job)
	return j.event, err
}

// newLetter is about a job in stream JOBS, whatever it holds.
func newLetter(target, reason string, data []byte) Letter {
	l := Letter{Target: target, Reason: reason, At: time.Now()}
	if json.Valid(data) {
		l.Job = data
	} else {
		l.Raw = data[:min(len(data), maxRaw)]
	}
	return l
}

func (l Letter) withError(err error) Letter {
	if err != nil {
		l.Error = strings.ToValidUTF8(err.Error()[:min(len(err.Error()), maxError)], "")
	}
	return l
}

// message is the letter on its way into the stream, once for each place a job had.
func (l Letter) message(seq uint64) (bus.Message, error) {
	data, err := json.Marshal(l)
	if err != nil {
		return bus.Message{}, fmt.Errorf("write dead letter: %w", err)
	}
	return bus.Message{Subject: deadSubject(l.Target), ID: fmt.Sprintf("%d.%s", seq, bus.Token(l.Target)), Data: data}, nil
}

func deadSubject(target string) string { return "dead." + bus.Token(target) }

// DeadLetters are those of a running program, seen by itself or by a command.
type DeadLetters struct{ *bus.Notifications }

// List gives the dead letters of a target, or of all for an empty name, oldest first, and whether there are more than the
// limit.
func (d DeadLetters) List(ctx context.Context, target string, limit int) (letters []Letter, more bool, err error) {
	err = d.each(ctx, target, func(l Letter) (bool, error) {
		if len(letters) == limit {
			more = true
			return false, nil
		}
		letters = append(letters, l)
		return true, nil
	})
	return letters, more, err
}

// each visits dead letters, oldest first, until visit says no.
func (d DeadLetters) each(ctx context.Context, target string, visit func(Letter) (bool, error)) error {
	subject := "dead.>"
	if target != "" {
		subject = deadSubject(target)
	}
	for next := uint64(1); ; {
		m, err := d.Dead.Next(ctx, subject, next)
		if errors.Is(err, bus.ErrNone) {
			return nil
		}
		if err != nil {
			return err
		}
		next = m.Seq + 1
		if on, err := visit(readLetter(m)); err != nil || !on {
			return err
		}
	}
}

// readLetter reads what is in the stream; others may have put something else there.
func readLetter(m bus.Stored) Letter {
	var l Letter
	if err := json.Unmarshal(m.Data, &l); err != nil {
		l = newLetter(strings.TrimPrefix(m.Subject, "dead."), reasonUnreadable, m.Data).withError(err)
		l.At = m.At
	}
	l.ID = m.Seq
	return l
}

// Show gives one dead letter.
func (d DeadLetters) Show(ctx context.Context, id uint64) (Letter, error) {
	m, err := d.Dead.Get(ctx, id)
	if errors.Is(err, bus.ErrNone) {
		return Letter{}, fmt.Errorf("dead letter %d: %w; `missedcalls dead list` shows those there are", id, err)
	}
	if err != nil {
		return Letter{}, err
	}
	return readLetter(m), nil
}

// Replay has a dead letter told again, as if it were new: its age counts from now, and it waits for nothing. The letter
// is gone when this returns nil. When the target was told of the event meanwhile, nothing is said twice.
func (d DeadLetters) Replay(ctx context.Context, id uint64) error {
	l, err := d.Show(ctx, id)
	if err != nil {
		return err
	}
	return d.replay(ctx, l)
}

func (d DeadLetters) replay(ctx context.Context, l Letter) error {
	j, err := decodeJob(l.Job)
	if err != nil {
		return fmt.Errorf("replay dead letter %d: it holds no job that could be done: %w", l.ID, err)
	}
	j.Since, j.Due, j.Hops, j.Routed = time.Now(), time.Time{}, 0, true
	if len(l.Progress) > 0 {
		j.Progress = l.Progress
	}
	m, err := j.message()
	if err != nil {
		return err
	}
	m.ID = fmt.Sprintf("%s.replay.%d", m.ID, l.ID) // the stream may know the id of the job; a replay that is repeated is one
	if _, err := d.Jobs.Publish(ctx, []bus.Message{m}); err != nil {
		return fmt.Errorf("replay dead letter %d: %w", l.ID, err)
	}
	if err := d.Dead.Delete(ctx, l.ID); err != nil && !errors.Is(err, bus.ErrNone) {
		return fmt.Errorf("replay dead letter %d: it is told again, but is still there: %w", l.ID, err)
	}
	return nil
}

// ReplayAll replays the dead letters of a target that are there now, and says how many. Those that cannot be stay, and are
// told of in the error.
func (d DeadLetters) ReplayAll(ctx context.Context, target string) (n int, err error) {
	state, err := d.Dead.State(ctx)
	if err != nil {
		return 0, err
	}
	var stay []error
	err = d.each(ctx, target, func(l Letter) (bool, error) {
		if l.ID > state.LastSeq { // died again meanwhile
			return false, nil
		}
		if _, err := l.Event(); err != nil {
			stay = append(stay, fmt.Errorf("dead letter %d: %w", l.ID, err))
			return true, nil
		}
		if err := d.replay(ctx, l); err != nil {
			return false, err
		}
		n++
		return true, nil
	})
	return n, errors.Join(append(stay, err)...)
}
