package journal

import (
	"fmt"
	"time"
)

// State says where events go.
type State int

// The states of a journal.
const (
	// Writing: events go to CALLS.
	Writing State = iota
	// Spooling: the cluster is away, or has not caught up; events go to disk here.
	Spooling
	// Holding: nothing can be stored; events are in memory only. New calls must be declined.
	Holding
)

// String implements fmt.Stringer.
func (s State) String() string {
	switch s {
	case Writing:
		return "writing"
	case Spooling:
		return "spooling"
	case Holding:
		return "holding"
	}
	return fmt.Sprintf("state %d", int(s))
}

// Status is how a journal is.
type Status struct {
	State State
	// Since is when the state began.
	Since time.Time
	// Held events are in memory only, Spooled ones on disk here.
	Held, Spooled int
	// Recorded counts events since the start, Lost those that were refused because MaxHeld were held, or because they
	// were no events that could be published.
	Recorded, Lost uint64
	// Err is what keeps events from CALLS, nil when nothing does.
	Err error
}

// Status gives the present state.
func (j *Journal) Status() Status {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status
}

// Healthy says that events are in memory only, so that no more calls should be taken. Spooling is healthy: calls are
// served, and nothing is lost.
func (j *Journal) Healthy() error {
	s := j.Status()
	if s.State != Holding {
		return nil
	}
	return fmt.Errorf("events are in memory only since %s, %d of %d: %w", s.Since.Format(time.RFC3339), s.Held, j.settings.MaxHeld, s.Err)
}

// state follows from where events are.
func (w *writer) state() State {
	switch {
	case len(w.held) > 0:
		return Holding
	case !w.spool.empty():
		return Spooling
	}
	return Writing
}

// tell makes the state known, and a change of it to those who asked for it.
func (w *writer) tell() {
	j := w.j
	j.mu.Lock()
	before := j.status.State
	j.status.State, j.status.Spooled, j.status.Err = w.state(), w.spool.frames, w.cause
	if j.status.State == Writing {
		j.status.Err, w.cause = nil, nil
	}
	if before != j.status.State {
		j.status.Since = time.Now()
		close(j.changed)
		j.changed = make(chan struct{})
	}
	status := j.status
	j.mu.Unlock()
	if before != status.State {
		w.report(status)
		j.settings.Notify(status)
	}
}

func (w *writer) report(s Status) {
	switch s.State {
	case Writing:
		w.j.log.Info().Uint64("lost", s.Lost).Msg("events are written to CALLS again")
	case Spooling:
		w.j.log.Warn().Err(s.Err).Int("spooled", s.Spooled).Msg("events go to the spool here until nats has taken them")
	case Holding:
		w.j.log.Error().Err(s.Err).Int("held", s.Held).Int("limit", w.j.settings.MaxHeld).
			Msg("events are in memory only: new calls are declined, and a crash would lose events; free the disk")
	}
}
