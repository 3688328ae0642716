package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
)

func (d *Driver) ChangeMember(ctx context.Context, in queueflow.ChangeMember) ([]queueflow.MemberRecord, error) {
	return ask(ctx, d, func(d *Driver) []queueflow.MemberRecord {
		d.step(time.Now(), in)
		return nil
	})
}

func (d *Driver) Members(ctx context.Context, queue string) ([]queueflow.MemberView, error) { return nil, nil }

func (d *Driver) Queues(ctx context.Context) ([]queueflow.QueueView, error) { return nil, nil }
