package app

import (
	"context"
	"fmt"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// deliveriesEnd bounds the time for what is on its way when the process ends.
const deliveriesEnd = 5 * time.Second

// startNotifier starts the role notifier. A target that cannot be opened keeps nobody from being served: its messages wait.
func (a *App) startNotifier(nats *bus.Bus) error {
	open := channels{core: nats.Conn(), streams: nats.JetStream()}.open
	starting := true // New makes the first targets; those of another file must be good
	n, err := notifier.New(a.file.Notifications, notifier.Deps{
		Bus: nats, Renderer: words, Mask: message.Mask, Observer: a.observer(), Log: a.log,
		Grace: min(deliveriesEnd, a.settings.DrainTimeout/2),
		Factory: func(t policy.Target) (target.Target, error) {
			channel, err := open(t)
			if err != nil && starting {
				log := a.log.With().Str("target", t.Name).Logger()
				log.Error().Err(err).Msg("the target cannot be opened; its messages wait until it can")
				return &mending{policy: t, open: open, log: log}, nil
			}
			return channel, err
		},
	})
	if err != nil {
		return fmt.Errorf("start the notifier: %w", err)
	}
	starting = false
	a.notifier = n
	a.notifierGauges(n)
	a.runNotifier(n)
	return nil
}

// runNotifier lets it tell people until the process ends. When it ends by itself, health says why, and so does Run of a
// process that does nothing else: calls are served all the same.
func (a *App) runNotifier(n *notifier.Notifier) {
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan struct{})
	a.parts.setNotifier(n)
	go func() {
		defer close(ended)
		if err := n.Run(ctx); err != nil && ctx.Err() == nil {
			err = fmt.Errorf("the notifier ended: %w", err)
			a.log.Error().Err(err).Msg("nobody is told of missed calls; the events are kept")
			a.parts.failNotifier(err)
			a.notifierFailed <- err
		}
	}()
	a.lifecycle.started("notifier", func(context.Context) error { end(); <-ended; return nil })
}

// observer counts what the notifier does.
func (a *App) observer() notifier.Observer {
	return notifier.Observer{
		Delivered: func(name, channel string, v target.Verdict, after time.Duration) {
			a.metrics.Told(name, channel, string(v.Outcome))
			if v.Outcome == target.Sent {
				a.metrics.Accepted(name, after)
			}
		},
		Dead: func(name, _ string) { a.metrics.Dead(name) },
	}
}

// notifierGauges are asked for at each scrape.
func (a *App) notifierGauges(n *notifier.Notifier) {
	a.metrics.Backlog(func(ctx context.Context) (map[string]uint64, error) {
		waiting := make(map[string]uint64)
		for _, name := range n.Targets() {
			jobs, err := n.Backlog(ctx, name)
			if err != nil {
				return nil, err
			}
			waiting[name] = uint64(jobs)
		}
		return waiting, nil
	})
	a.metrics.TargetsUp(func() map[string]bool {
		up := make(map[string]bool)
		for _, h := range n.Health() {
			up[h.Target] = h.OK
		}
		return up
	})
}

// notifierReady says whether events reach the notifier. Whether they reach people is told by each target's metrics.
func (a *App) notifierReady(context.Context) error {
	n, err := a.parts.notifierHealth()
	switch {
	case err != nil:
		return err
	case n == nil:
		return errStarting
	}
	return n.Ready()
}
