package app

import (
	"context"
	"time"

	"missedcalls/app/ari"
	"missedcalls/app/bus"
	"missedcalls/app/caller"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
	"missedcalls/queueflow"
)

// holdDataDir keeps other processes from the data directory until this one ends.
func (a *App) holdDataDir() error {
	lock, err := bus.LockDir(a.settings.DataDir)
	if err != nil {
		return err
	}
	a.lifecycle.started("data directory", func(context.Context) error { return lock.Close() })
	return nil
}

// startCalls starts the role app: the journal of events, and the driver that takes calls, which begins to with Run.
func (a *App) startCalls(ctx context.Context, nats *bus.Bus) error {
	j, err := journal.Open(ctx, journal.Settings{Dir: a.settings.DataDir, Notify: a.journalChanged}, nats, a.log)
	if err != nil {
		return err
	}
	a.lifecycle.started("journal", j.Close)
	a.parts.setJournal(j)
	return a.startDriver(ctx, nats, j)
}

// startDriver takes the calls up again where the last process left them.
func (a *App) startDriver(ctx context.Context, nats *bus.Bus, j *journal.Journal) error {
	epoch, err := nats.NextEpoch(ctx, a.settings.ARI.App)
	if err != nil {
		return err
	}
	machine, seq, err := a.restore(ctx, queueflow.Settings{
		Application: a.settings.ARI.App, Epoch: epoch, LostAfter: a.settings.LostAfter, DeafFor: ari.DeafFor,
		OwnPrompts: a.prompts.Reachable(),
	}, j)
	if err != nil {
		return err
	}
	asterisks := make(map[string]stasis.Asterisk)
	for _, url := range a.settings.ARI.URL {
		client, err := a.client(url)
		if err != nil {
			return err
		}
		asterisks[url] = client
		a.parts.addAsterisk(url, client)
		a.lifecycle.started("asterisk "+url, func(context.Context) error { client.Close(); return nil })
	}
	records := nats.Records(queueRecords)
	a.members = newMemberStore(nats.Records(memberRecords), a.log)
	a.driver = stasis.New(stasis.Config{
		Machine: machine, First: append(a.readOverrides(ctx, records), a.members.read(ctx)), Application: a.settings.ARI.App,
		Asterisks: asterisks, Journal: j, StoreMember: a.members.Store,
		Caller: caller.NewReader(a.file.Region), Prompt: a.prompts.Media, Drain: a.settings.DrainTimeout,
		Seq: seq, Every: checkpointEvery, Checkpoint: a.saveCheckpoint,
		Observer: stasis.Observer{
			Stepped: a.metrics.Stepped, Durable: a.metrics.Durable, Ringing: a.metrics.Ringing, Ignored: a.metrics.Ignored,
			Noticed: a.metrics.Noticed, Commanded: a.metrics.Commanded,
		},
		Log: a.log, LogNumbers: a.settings.Log.Numbers,
	})
	if err := a.serveRequests(nats, j); err != nil {
		return err
	}
	a.parts.setDriver(a.driver)
	a.journalChanged(j.Status()) // nobody told the driver while there was none
	a.gauges(j, asterisks)
	a.followOverrides(records)
	return nil
}

// client makes the client of one Asterisk, whose doings are counted.
func (a *App) client(url string) (*ari.Client, error) {
	return ari.New(ari.Settings{
		URL: url, Username: a.settings.ARI.Username, Password: a.settings.ARI.Password.Reveal(), Application: a.settings.ARI.App,
	}, a.log.With().Str("asterisk", url).Logger(), ari.WithObserver(ari.Observer{
		Requested: func(op string, kind ari.Kind, took time.Duration) { a.metrics.Requested(op, kind.String(), took) },
		Delivered: a.metrics.Event,
		Skipped:   a.metrics.Skipped,
		Queued:    func(frames int) { a.metrics.Queued(url, frames) },
		Connected: func() { a.metrics.Connected(url) },
		Gap:       func(why string) { a.metrics.Gap(url, why) },
	}))
}
