package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// Missed gives the newest of the open missed calls that are wanted: see queueflow.Machine.Episodes. wanted is called by
// Run's goroutine, which serves nobody meanwhile.
func (d *Driver) Missed(ctx context.Context, limit int, wanted func(queueflow.Episode) bool) ([]queueflow.Episode, error) {
	return ask(ctx, d, func(d *Driver) []queueflow.Episode { return d.Machine.Episodes(limit, wanted) })
}

// OpenMissed counts the open missed calls, those of one number once.
func (d *Driver) OpenMissed(ctx context.Context) (int, error) {
	return ask(ctx, d, func(d *Driver) int { return d.Machine.OpenEpisodes() })
}

// ResolveMissed closes a missed call by hand and gives what its event says, or nil when no such one is open. The event is
// given to the journal when it returns; the journal knows when it is durable. After an error nobody knows whether it was
// closed.
func (d *Driver) ResolveMissed(ctx context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error) {
	resolved, err := ask(ctx, d, func(d *Driver) *callevent.Resolved {
		if ctx.Err() != nil {
			return nil // whoever asked has gone
		}
		for _, e := range d.step(time.Now(), in).Events {
			if r, is := e.Payload.(callevent.Resolved); is {
				return &r
			}
		}
		return nil
	})
	if resolved == nil && err == nil {
		err = ctx.Err()
	}
	return resolved, err
}
