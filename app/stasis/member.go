package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
)

// ChangeMember adds, removes or changes a member, and gives the records of it that Config.StoreMember is told of. Its events
// are given to the journal when it returns; the journal knows when they are durable, and StoreMember is told after that.
// Its error is that of queueflow.Machine.MemberChange when nothing was changed. After another one nobody knows whether it
// was.
func (d *Driver) ChangeMember(ctx context.Context, in queueflow.ChangeMember) ([]queueflow.MemberRecord, error) {
	type change struct {
		records []queueflow.MemberRecord
		err     error
	}
	made, err := ask(ctx, d, func(d *Driver) (made change) {
		if ctx.Err() != nil { // whoever asked has gone
			return change{err: ctx.Err()}
		}
		if err := d.Machine.MemberChange(in); err != nil {
			return change{err: err}
		}
		for _, c := range d.step(time.Now(), in).Commands {
			if store, is := c.(queueflow.StoreMember); is {
				made.records = append(made.records, store.Record)
			}
		}
		return made
	})
	if err != nil {
		return nil, err
	}
	return made.records, made.err
}

// Members tells how the members of a queue are, or for an empty one those of every queue. Run's goroutine serves nobody
// meanwhile: it looks at each of them.
func (d *Driver) Members(ctx context.Context, queue string) ([]queueflow.MemberView, error) {
	return ask(ctx, d, func(d *Driver) (all []queueflow.MemberView) {
		if queue != "" {
			return d.Machine.Members(queue)
		}
		for _, q := range d.Machine.Queues() {
			all = append(all, d.Machine.Members(q.Queue)...)
		}
		return all
	})
}

// Queues tells how every queue is.
func (d *Driver) Queues(ctx context.Context) ([]queueflow.QueueView, error) {
	return ask(ctx, d, func(d *Driver) []queueflow.QueueView { return d.Machine.Queues() })
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
