package notifier

import (
	"context"
	"errors"
	"strings"
	"time"

	"missedcalls/app/bus"
)

// buryOrphans makes dead letters, again and again until ctx ends, of the jobs whose target is configured no longer. They
// get some time before that: another process may know the target still.
func (n *Notifier) buryOrphans(ctx context.Context, streams *bus.Notifications) {
	for {
		if err := n.buryOrphansOnce(ctx, streams); err != nil && ctx.Err() == nil {
			n.deps.Log.Warn().Err(err).Msg("jobs of targets that are configured no longer cannot be looked for")
		}
		if pause(ctx, n.tuning.lookAgain) != nil {
			return
		}
	}
}

func (n *Notifier) buryOrphansOnce(ctx context.Context, streams *bus.Notifications) error {
	subjects, err := streams.Jobs.Subjects(ctx, "jobs.>")
	if err != nil {
		return err
	}
	known := make(map[string]bool)
	for name := range n.policy.Load().Targets {
		known[bus.Token(name)] = true
	}
	buried := make(map[string]int)
	for subject := range subjects {
		name, _, _ := strings.Cut(strings.TrimPrefix(subject, "jobs."), ".")
		if known[name] {
			continue
		}
		count, err := n.burySubject(ctx, streams, subject, name)
		if buried[name] += count; err != nil {
			return err
		}
	}
	for name, count := range buried {
		if count > 0 {
			n.deps.Log.Warn().Str("target", name).Int("jobs", count).
				Msg("jobs of a target that is configured no longer are dead letters now: see `missedcalls dead list`")
		}
	}
	return nil
}

// burySubject buries the jobs of one subject that are old enough, and says how many.
func (n *Notifier) burySubject(ctx context.Context, streams *bus.Notifications, subject, name string) (count int, err error) {
	for {
		m, err := streams.Jobs.Next(ctx, subject, 1)
		if errors.Is(err, bus.ErrNone) || err == nil && time.Since(m.At) < n.tuning.orphanAge {
			return count, nil
		}
		if err != nil {
			return count, err
		}
		letter, err := newLetter(name, reasonNoTarget, m.Data).message(m.Seq)
		if err != nil {
			return count, err
		}
		if _, err := streams.Dead.Publish(ctx, []bus.Message{letter}); err != nil {
			return count, err
		}
		n.deps.Observer.Dead(name, reasonNoTarget)
		count++
		if err := streams.Jobs.Delete(ctx, m.Seq); err != nil && !errors.Is(err, bus.ErrNone) {
			return count, err
		}
	}
}
