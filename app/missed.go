package app

import (
	"context"
	"fmt"
	"math"
	"time"

	"missedcalls/app/api"
	"missedcalls/app/bus"
	"missedcalls/app/config"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// missedCalls is what the program can be asked about missed calls.
type missedCalls struct {
	app     *App
	driver  *stasis.Driver
	journal *journal.Journal
}

// Open implements api.Missed.
func (m missedCalls) Open(ctx context.Context, limit int, wanted func(queueflow.Episode) bool) ([]queueflow.Episode, error) {
	return m.driver.Missed(ctx, limit, wanted)
}

// Resolve implements api.Missed. Nothing is begun while events are in memory only.
func (m missedCalls) Resolve(ctx context.Context, in queueflow.ResolveMissed) (*callevent.Resolved, error) {
	if err := m.journal.Healthy(); err != nil {
		return nil, err
	}
	resolved, err := m.driver.ResolveMissed(ctx, in)
	if err != nil || resolved == nil {
		return nil, err
	}
	if err := m.journal.Flush(ctx); err != nil {
		return nil, fmt.Errorf("it is resolved, and not durable yet: %w", err)
	}
	return resolved, nil
}

// Number implements api.Missed, by the region of the configuration in force.
func (m missedCalls) Number(text string) string {
	return queueflow.Episode{Caller: m.app.reader.Load().Identify(text, "", "")}.Number()
}

// serveRequests answers what is asked over NATS.
func (a *App) serveRequests(nats *bus.Bus, j *journal.Journal) error {
	service, err := api.Serve(
		nats.Conn(), bus.Requests(a.settings.ARI.App), missedCalls{a, a.driver, j}, memberDesk{a.driver, j, a.members}, a.log,
	)
	if err != nil {
		return err
	}
	a.lifecycle.started("requests", service.Close)
	a.metrics.Func("missed_open", "Missed calls that are open, those of one number once.", a.openMissed, nil)
	return nil
}

// openMissedWithin bounds a scrape while the driver's loop does not answer.
const openMissedWithin = time.Second

// openMissed is no number while nobody answers.
func (a *App) openMissed() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), openMissedWithin)
	defer cancel()
	n, err := a.driver.OpenMissed(ctx)
	if err != nil {
		return math.NaN()
	}
	return float64(n)
}

// ListMissed asks the program of these settings for open missed calls, the newest first, page by page until it has as
// many as the limit says. more says that there are others.
func ListMissed(ctx context.Context, s config.Settings, in api.ListRequest, limit int) (found []queueflow.Episode, more bool, err error) {
	err = asking(s, func(c api.Client) error {
		found, more, err = pages(limit, func(limit int, after string) ([]queueflow.Episode, string, error) {
			in.Limit, in.After = limit, after
			page, err := c.ListMissed(ctx, in)
			return page.Missed, page.Next, err
		})
		return err
	})
	return found, more, err
}

// ResolveMissed closes an open missed call by hand, in the program of these settings. When it returns no error that is
// durable; an api.Error says why the program did not do it.
func ResolveMissed(ctx context.Context, s config.Settings, in api.ResolveRequest) (resolved callevent.Resolved, err error) {
	err = asking(s, func(c api.Client) error {
		reply, err := c.ResolveMissed(ctx, in)
		resolved = reply.Resolved
		return err
	})
	return resolved, err
}
