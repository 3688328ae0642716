package notifier

import (
	"context"
	"sync"
	"time"
)

// pace lets through at most so many messages in any span of so long. It is safe for concurrent use. A token bucket, which
// is full after a quiet hour, would let twice as many through in the first span, and the chats that have such a limit
// count them.
type pace struct {
	per time.Duration

	mu   sync.Mutex
	past []time.Time // a ring of the last that were let through; empty for no limit
	next int         // where the oldest is
}

func newPace(count int, per time.Duration) *pace {
	return &pace{per: per, past: make([]time.Time, max(count, 0))}
}

// free is how long it takes until the next may go; 0 for now.
func (p *pace) free(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wait(now)
}

func (p *pace) wait(now time.Time) time.Duration {
	if len(p.past) == 0 || p.past[p.next].IsZero() {
		return 0
	}
	return max(0, p.past[p.next].Add(p.per).Sub(now))
}

// take lets one go, or says how long that takes.
func (p *pace) take(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.wait(now); wait > 0 {
		return wait
	}
	if len(p.past) > 0 {
		p.past[p.next] = now
		p.next = (p.next + 1) % len(p.past)
	}
	return 0
}

// pass waits until one may go, or ctx ends.
func (p *pace) pass(ctx context.Context) error {
	for {
		wait := p.take(time.Now())
		if wait == 0 {
			return nil
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// pause waits for a while, or until ctx ends, which it says.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
