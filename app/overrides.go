package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/queueflow"
)

// queueRecords is the kind of the records that say what was decided by hand about queues: by name of the queue, the JSON
// of queueflow.QueueOverride. Also auto is stored, so that it wins over a checkpoint that is older.
const queueRecords = "queue"

// SetQueue stores what is decided by hand about a queue, for the program of these settings. When it returns nil the
// decision is durable, and every program that serves the queue learns it, at once or when it starts.
func SetQueue(ctx context.Context, s config.Settings, o queueflow.QueueOverride) error {
	value, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("store the record of %s: %w", o.Queue, err)
	}
	records, done, err := bus.OpenRecords(ctx, busSettings(s), queueRecords)
	if err != nil {
		return err
	}
	defer done()
	return records.Put(ctx, o.Queue, value)
}

// QueueStates gives what is decided by hand about queues and holds now, in the order of their names, also of queues that
// are configured no longer. The error says why it cannot be known, and nothing is given, or which records cannot be read,
// and the others are given.
func QueueStates(ctx context.Context, s config.Settings) ([]queueflow.QueueOverride, error) {
	records, done, err := bus.OpenRecords(ctx, busSettings(s), queueRecords)
	if err != nil {
		return nil, err
	}
	defer done()
	values, err := records.All(ctx)
	if err != nil {
		return nil, err
	}
	states := []queueflow.QueueOverride{} // nil is for when nothing is known
	var unreadable []error
	for _, value := range values {
		o, err := readOverride(value, time.Now())
		switch {
		case err != nil:
			unreadable = append(unreadable, err)
		case o.State != queueflow.StateAuto:
			states = append(states, o)
		}
	}
	slices.SortFunc(states, func(a, b queueflow.QueueOverride) int { return cmp.Compare(a.Queue, b.Queue) })
	return states, errors.Join(unreadable...)
}

// readOverride reads a record. One whose time is over says that the hours hold again: a checkpoint may have what was
// decided before it.
func readOverride(value []byte, now time.Time) (queueflow.QueueOverride, error) {
	if len(value) > bus.MaxRecord {
		return queueflow.QueueOverride{}, fmt.Errorf("read the record of a queue: it has %d bytes, and may have %d", len(value), bus.MaxRecord)
	}
	var o queueflow.QueueOverride
	if err := json.Unmarshal(value, &o); err != nil {
		return queueflow.QueueOverride{}, fmt.Errorf("read the record of a queue: %w", err)
	}
	switch {
	case o.Queue == "":
		return queueflow.QueueOverride{}, errors.New("read the record of a queue: it names none")
	case o.State != queueflow.StateAuto && o.State != queueflow.StateOpen && o.State != queueflow.StateClosed:
		return queueflow.QueueOverride{}, fmt.Errorf("read the record of queue %s: state %q is not auto, open or closed", o.Queue, o.State)
	case !o.Until.IsZero() && !o.Until.After(now):
		return queueflow.QueueOverride{Queue: o.Queue, State: queueflow.StateAuto}, nil
	}
	return o, nil
}

// maxOverrides bounds how many queues are remembered.
const maxOverrides = 10_000

// overrides is the newest that was decided by hand about each queue, whether it is configured or not, and who is to be
// told. What give is given comes in the order of the decisions, also when the configuration is reloaded meanwhile.
type overrides struct {
	log  zerolog.Logger
	give func(queueflow.QueueOverride)

	mu     sync.Mutex // guards newest, and is held while it is given
	newest map[string]queueflow.QueueOverride
}

// take reads a record, and remembers and gives what is new in it.
func (v *overrides) take(value []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if o, isNew := v.remember(value); isNew {
		v.tell(o)
		v.give(o)
	}
}

// remember says what a record decides, and whether that was not known.
func (v *overrides) remember(value []byte) (o queueflow.QueueOverride, isNew bool) {
	o, err := readOverride(value, time.Now())
	if err != nil {
		v.log.Warn().Err(err).Msg("a decision by hand is passed over; `missedcalls queues` sets it anew")
		return o, false
	}
	last, known := v.newest[o.Queue]
	if known && same(last, o) {
		return o, false
	}
	if known || len(v.newest) < maxOverrides {
		v.newest[o.Queue] = o
	}
	return o, true
}

func same(a, b queueflow.QueueOverride) bool {
	until := a.Until.Equal(b.Until)
	a.Until, b.Until = time.Time{}, time.Time{}
	return until && a == b
}

func (v *overrides) tell(o queueflow.QueueOverride) {
	line := v.log.Info().Str("queue", o.Queue)
	if o.By != "" {
		line.Str("by", o.By)
	}
	if o.Why != "" {
		line.Str("why", o.Why)
	}
	if !o.Until.IsZero() {
		line.Time("until", o.Until)
	}
	line.Msg(map[queueflow.QueueState]string{
		queueflow.StateAuto: "queue is given back to its hours", queueflow.StateOpen: "queue is opened by hand",
		queueflow.StateClosed: "queue is closed by hand",
	}[o.State])
}

// repeat gives all that is remembered, for queues that were not configured when it was given.
func (v *overrides) repeat() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, o := range v.newest {
		v.give(o)
	}
}

// readOverrides gives what was decided by hand so far. Calls are served even when it cannot be read, as they were before
// the last end of the program; the decisions follow then.
func (a *App) readOverrides(ctx context.Context, records bus.Records) []queueflow.Input {
	a.overrides = &overrides{log: a.log, newest: make(map[string]queueflow.QueueOverride)}
	values, err := records.All(ctx)
	if err != nil {
		a.log.Error().Err(err).Msg("what was decided by hand about queues is not known yet; it follows when it can be read")
	}
	var first []queueflow.Input
	for _, value := range values {
		o, isNew := a.overrides.remember(value)
		if !isNew {
			continue
		}
		if o.State != queueflow.StateAuto { // as most queues are
			a.overrides.tell(o)
		}
		first = append(first, o)
	}
	return first
}

// followOverrides tells the driver what is decided by hand, until the process ends. The driver runs when it is called, or
// will: it is what takes them.
func (a *App) followOverrides(records bus.Records) {
	a.overrides.give = a.driver.Override
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		records.Follow(ctx, a.overrides.take, func(err error) {
			a.log.Warn().Err(err).Msg("what is decided by hand about queues does not reach this program; trying again")
		})
	}()
	a.lifecycle.started("decisions by hand", func(context.Context) error { end(); <-ended; return nil })
}
