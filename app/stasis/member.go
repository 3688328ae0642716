package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
)

// ChangeMember adds, removes or changes a member, and gives the records of what was decided, which are stored once its events
// are durable: the events are given to the journal when it returns. Its error is that of queueflow.Machine.MemberChange
// when nothing was changed. After another one nobody knows whether it was.
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
		return change{records: recordsOf(d.step(time.Now(), in))}
	})
	if err != nil {
		return nil, err
	}
	return made.records, made.err
}

func recordsOf(out queueflow.Output) (records []queueflow.MemberRecord) {
	for _, c := range out.Commands {
		if store, is := c.(queueflow.StoreMember); is {
			records = append(records, store.Record)
		}
	}
	return records
}

// Members gives the members of a queue in the order of its list, or of every configured queue when none is named. Each queue
// is as it was at one moment, not all at the same.
func (d *Driver) Members(ctx context.Context, queue string) ([]queueflow.MemberView, error) {
	queues := []string{queue}
	if queue == "" {
		lines, err := d.Lines(ctx)
		if err != nil {
			return nil, err
		}
		queues = queues[:0]
		for _, l := range lines {
			queues = append(queues, l.Queue)
		}
	}
	var all []queueflow.MemberView
	for _, queue := range queues { // each in a turn of its own: the calls go first
		members, err := ask(ctx, d, func(d *Driver) []queueflow.MemberView { return d.Machine.Members(queue) })
		if err != nil {
			return nil, err
		}
		all = append(all, members...)
	}
	return all, nil
}

// TakeUp gives the machine what is stored of members of queues that were not configured before. It never blocks for longer
// than the loop does.
func (d *Driver) TakeUp(in queueflow.MembersStored) { d.put(in) }

// Queues gives every configured queue, and every other in which somebody waits, as it looks now.
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
