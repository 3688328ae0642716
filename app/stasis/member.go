package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// ChangeMember adds, removes or changes a member, and gives the events of it, which are given to the journal when it
// returns; the journal knows when they are durable, and Config.StoreMember is told after that. Its error is that of
// queueflow.Machine.MemberChange when nothing was changed. After another one nobody knows whether it was.
func (d *Driver) ChangeMember(ctx context.Context, in queueflow.ChangeMember) ([]callevent.Event, error) {
	type change struct {
		events []callevent.Event
		err    error
	}
	made, err := ask(ctx, d, func(d *Driver) change {
		if ctx.Err() != nil { // whoever asked has gone
			return change{err: ctx.Err()}
		}
		if err := d.Machine.MemberChange(in); err != nil {
			return change{err: err}
		}
		return change{events: d.step(time.Now(), in).Events}
	})
	if err != nil {
		return nil, err
	}
	return made.events, made.err
}

// The pauses between tries to store a member, and how long one try may take.
const (
	storeRetry     = time.Second
	storeRetryMost = 30 * time.Second
	storeWithin    = 10 * time.Second
)

// storeMember keeps a member's record for the next start. It tries until it succeeds or the work ends; the records of one
// agent go one after the other, so that the newest is the last.
func (d *Driver) storeMember(ctx context.Context, c queueflow.StoreMember) {
	if d.StoreMember == nil {
		return
	}
	for retry := storeRetry; ; retry = min(2*retry, storeRetryMost) {
		started := time.Now()
		err := d.storeOnce(ctx, c.Record)
		if ctx.Err() != nil {
			return
		}
		d.Observer.stored(c, err, time.Since(started))
		if err == nil {
			return
		}
		d.Log.Warn().Err(err).Str("agent", c.Record.Member.Endpoint).Str("queue", c.Record.Queue).Dur("retry", retry).
			Msg("what was decided about a member is not stored yet: a restart now would know it only from the checkpoint")
		pause(ctx, retry)
	}
}

func (d *Driver) storeOnce(ctx context.Context, r queueflow.MemberRecord) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	return d.StoreMember(ctx, r)
}
