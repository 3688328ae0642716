package bus

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// lookEvery is the time between two looks of the keeper.
const lookEvery = time.Second

// confirmAfter is how long a server must be seen to be broken before that is believed: while a stream is being made, its
// health is bad for a moment (seen with nats-server 2.15.2), and to start the server anew then would lose requests.
const confirmAfter = 500 * time.Millisecond

// A server that breaks again and again is started anew after pauses that double up to restartPauseMax.
const restartPauseMax = 30 * time.Second

// keeper looks after the embedded server. One goroutine, run, starts and stops the server after the first start; others
// read its verdict.
type keeper struct {
	embedded *embedded
	space    *space
	log      zerolog.Logger

	// These belong to the goroutine run.
	startedAt   time.Time     // of the last restart
	pause       time.Duration // before the next one
	brokenSince time.Time     // zero while the server works

	verdict  atomic.Pointer[error] // what keeps events from being stored, nil for nothing
	restarts atomic.Uint64
	poke     chan struct{}
	ended    chan struct{}
}

func newKeeper(e *embedded, s *space, log zerolog.Logger) *keeper {
	return &keeper{embedded: e, space: s, log: log, poke: make(chan struct{}, 1), ended: make(chan struct{})}
}

// run looks every second and whenever somebody had no answer, until ctx ends.
func (k *keeper) run(ctx context.Context) {
	defer close(k.ended)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		k.look(ctx, time.Now())
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-k.poke:
		}
	}
}

// suspect makes the keeper look now.
func (k *keeper) suspect() {
	select {
	case k.poke <- struct{}{}:
	default:
	}
}

// trouble is the last verdict.
func (k *keeper) trouble() error {
	if err := k.verdict.Load(); err != nil {
		return *err
	}
	return nil
}

// look starts a broken server anew as soon as there is room for it to work.
func (k *keeper) look(ctx context.Context, now time.Time) {
	full, broken := k.space.check(), k.confirmed(now)
	if broken != nil && full == nil {
		full = k.space.probe()
	}
	if broken != nil && full == nil && now.Sub(k.startedAt) >= k.pause {
		k.log.Error().Err(broken).Msg("embedded nats cannot store: starting it anew")
		broken = k.restart(ctx, now)
	}
	switch {
	case full != nil:
		k.say(full)
	case broken != nil:
		k.say(fmt.Errorf("%w: %w", ErrStorage, broken))
	default:
		k.verdict.Store(nil)
	}
}

// confirmed is what keeps the server from storing, once it has done so for a while.
func (k *keeper) confirmed(now time.Time) error {
	broken := k.embedded.broken()
	switch {
	case broken == nil:
		k.brokenSince = time.Time{}
	case k.brokenSince.IsZero():
		k.brokenSince = now
	}
	if broken != nil && now.Sub(k.brokenSince) >= confirmAfter {
		return broken
	}
	return nil
}

func (k *keeper) say(err error) { k.verdict.Store(&err) }

// restart doubles the pause before the next restart, unless this one was the first in a while.
func (k *keeper) restart(ctx context.Context, now time.Time) error {
	if now.Sub(k.startedAt) > 2*restartPauseMax {
		k.pause = 0
	}
	k.pause = min(max(lookEvery, 2*k.pause), restartPauseMax)
	k.startedAt = now
	k.embedded.stop()
	if err := k.embedded.start(ctx); err != nil {
		return err
	}
	k.restarts.Add(1)
	k.brokenSince = time.Time{}
	return k.embedded.broken()
}
