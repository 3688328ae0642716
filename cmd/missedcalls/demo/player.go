package demo

import (
	"context"
	"time"
)

// play lets the crowd call until ctx ends.
func play(ctx context.Context, c *crowd, a *standIn, l *ledger) {
	begun := time.Now()
	for {
		next := c.next()
		select {
		case <-time.After(time.Until(begun.Add(next.at))):
			l.call(a.Server, next.caller)
		case <-ctx.Done():
			return
		}
	}
}
