package journal

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/queueflow/callevent"
)

// Journal takes events and sees that they reach CALLS. Its methods are safe for concurrent use.
type Journal struct {
	settings  Settings
	publisher Publisher
	log       zerolog.Logger

	mu      sync.Mutex // guards what follows; never held while anybody else's code runs
	queue   []record   // recorded, not yet seen by the writer
	status  Status     // State, Since, Spooled and Err are the writer's, who alone sets them
	changed chan struct{}
	closed  bool

	wake      chan struct{}      // tells the writer of the queue, holds one
	snapshots chan chan<- opened // asks the writer for the spool
	stop      context.CancelFunc
	ended     chan struct{}
}

// record is one call of Record.
type record struct {
	events []callevent.Event
	done   func(seq uint64)
}

// opened is the answer to a request for the spool.
type opened struct {
	spooled *spooled
	err     error
}

// ErrClosed is wrapped when a journal was closed before it could do what was asked.
var ErrClosed = errors.New("journal is closed")

// Open takes up the spool of an earlier process and publishes it, for Settings.OpenWait at most; what remains stays in
// the spool, before everything that is recorded. The caller closes the journal before the publisher.
func Open(ctx context.Context, s Settings, p Publisher, log zerolog.Logger) (*Journal, error) {
	s = s.withDefaults()
	spool, err := openSpool(filepath.Join(s.Dir, "spool"), s.MaxSpool, log)
	if err != nil {
		return nil, err
	}
	j := &Journal{
		settings: s, publisher: p, log: log, status: Status{Since: time.Now()}, changed: make(chan struct{}),
		wake: make(chan struct{}, 1), snapshots: make(chan chan<- opened), ended: make(chan struct{}),
	}
	running, stop := context.WithCancel(context.Background())
	j.stop = stop
	w := newWriter(j, spool)
	go w.run(running)
	if err := j.awaitEmptySpool(ctx); err != nil {
		return nil, errors.Join(err, j.Close(ctx))
	}
	return j, nil
}

// awaitEmptySpool gives the spool of an earlier process the time to be published, so that what is folded afterwards is
// in CALLS alone as a rule.
func (j *Journal) awaitEmptySpool(ctx context.Context) error {
	wait, cancel := context.WithTimeout(ctx, j.settings.OpenWait)
	defer cancel()
	for {
		status, changed := j.watch()
		if status.State == Writing {
			return nil
		}
		select {
		case <-changed:
		case <-wait.Done():
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("open journal: %w", err)
			}
			j.log.Warn().Err(status.Err).Int("events", status.Spooled).Msg("events of the last run are still in the spool; going on with it")
			return nil
		}
	}
}

// Record takes the events of one step. It never waits. done is called exactly once, from the journal's goroutine and in
// the order of the calls of Record, when the events are durable or held, see the package's comment. seq is their place
// in CALLS: everything recorded up to here is in CALLS at or before it, and nothing recorded later. It is 0 when they
// are kept elsewhere for now. With no events, done tells the same of what was recorded before.
//
// After Close nothing is recorded, and done is not called.
func (j *Journal) Record(events []callevent.Event, done func(seq uint64)) {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		if len(events) > 0 {
			j.log.Error().Int("events", len(events)).Msg("events recorded after the journal was closed are lost")
		}
		return
	}
	kept := j.admit(events)
	refused := len(events) - len(kept)
	j.queue = append(j.queue, record{events: kept, done: done})
	j.status.Held += len(kept)
	j.status.Recorded += uint64(len(kept))
	first := j.status.Lost == 0
	j.status.Lost += uint64(refused)
	j.mu.Unlock()
	if refused > 0 && first {
		j.log.Error().Int("held", j.settings.MaxHeld).Msg("events are being lost: nothing can be stored, and as many as are allowed are in memory; free the disk")
	}
	j.awake()
}

// admit chooses what is kept of the events of a step: all, unless too many are held already.
func (j *Journal) admit(events []callevent.Event) []callevent.Event {
	if j.status.State != Holding || j.status.Held+len(events) <= j.settings.MaxHeld {
		return events
	}
	var kept []callevent.Event
	for _, e := range events {
		limit := j.settings.MaxHeld
		if e.Payload != nil && e.Payload.Kind().Ends() {
			limit *= 2
		}
		if j.status.Held+len(kept) < limit {
			kept = append(kept, e)
		}
	}
	return kept
}

// take gives the writer records with up to batch events, or one with more.
func (j *Journal) take() []record {
	j.mu.Lock()
	defer j.mu.Unlock()
	events, n := 0, 0
	for n < len(j.queue) && (n == 0 || events+len(j.queue[n].events) <= batch) {
		events += len(j.queue[n].events)
		n++
	}
	taken := j.queue[:n:n]
	j.queue = j.queue[n:]
	if len(j.queue) == 0 {
		j.queue = nil
	}
	return taken
}

// watch gives the status and a channel that is closed when its state changes.
func (j *Journal) watch() (Status, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.status, j.changed
}

// refuse counts an event that cannot be published, and says so.
func (j *Journal) refuse(e callevent.Event, err error) {
	j.mu.Lock()
	j.status.Held--
	j.status.Lost++
	j.mu.Unlock()
	j.log.Error().Err(err).Str("call", e.Call).Msg("an event is lost: it cannot be encoded")
}

// Flush waits until everything recorded before it is durable.
func (j *Journal) Flush(ctx context.Context) error {
	passed := make(chan struct{})
	j.Record(nil, func(uint64) { close(passed) })
	return j.flushed(ctx, passed)
}

func (j *Journal) flushed(ctx context.Context, passed <-chan struct{}) error {
	select {
	case <-passed:
	case <-j.ended:
		return fmt.Errorf("flush journal: %w", ErrClosed)
	case <-ctx.Done():
		return fmt.Errorf("flush journal: %w", ctx.Err())
	}
	for {
		status, changed := j.watch()
		if status.State != Holding {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("flush journal: %d events are in memory only: %w: %w", status.Held, ctx.Err(), status.Err)
		}
	}
}

// Close makes durable what was recorded, as far as it can until ctx ends, and ends the journal's goroutine. Every done
// has been called when it returns. The error tells of events that are lost.
func (j *Journal) Close(ctx context.Context) error {
	passed := make(chan struct{})
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		<-j.ended
		return nil
	}
	j.closed = true
	j.queue = append(j.queue, record{done: func(uint64) { close(passed) }})
	j.mu.Unlock()
	j.awake()
	err := j.flushed(ctx, passed)
	j.stop()
	<-j.ended
	if s := j.Status(); s.Held > 0 {
		return fmt.Errorf("close journal: %d events could be stored nowhere and are lost: %w", s.Held, errors.Join(err, s.Err))
	}
	return nil
}

func (j *Journal) awake() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Fold visits the events from a place in CALLS to its end, and then those that are only in the spool, with sequence 0.
// last is the end of CALLS as it was. It is meant for a start, before anything is recorded.
func (j *Journal) Fold(ctx context.Context, from uint64, visit func(seq uint64, e callevent.Event) error) (last uint64, err error) {
	spooled, err := j.openSpooled(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, spooled.close()) }()
	f := folding{visit: visit, waiting: map[string]bool{}}
	if err := spooled.each(f.expect); err != nil {
		return 0, fmt.Errorf("read spool: %w", err)
	}
	last, err = j.publisher.Fold(ctx, from, f.inCalls)
	if err != nil {
		return 0, err
	}
	if err := spooled.each(f.inSpool); err != nil {
		return 0, fmt.Errorf("read spool: %w", err)
	}
	return last, nil
}

func (j *Journal) openSpooled(ctx context.Context) (*spooled, error) {
	answer := make(chan opened, 1)
	select {
	case j.snapshots <- answer:
		o := <-answer
		return o.spooled, o.err
	case <-j.ended:
		return nil, fmt.Errorf("read spool: %w", ErrClosed)
	case <-ctx.Done():
		return nil, fmt.Errorf("read spool: %w", ctx.Err())
	}
}
