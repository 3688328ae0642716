package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/ari"
	"missedcalls/app/bus"
	"missedcalls/app/caller"
	"missedcalls/app/config"
	"missedcalls/app/journal"
	"missedcalls/app/prompts"
	"missedcalls/app/stasis"
	"missedcalls/app/web"
	"missedcalls/queueflow"
)

// App is one process. Run starts and ends it; it is used once.
type App struct {
	settings config.Settings
	file     config.File
	reload   <-chan struct{}
	metrics  *web.Metrics
	prompts  *prompts.Prompts
	log      zerolog.Logger

	lifecycle lifecycle
	parts     parts
	driver    *stasis.Driver
	overrides *overrides
	// reader reads numbers as the configuration in force says.
	reader atomic.Pointer[caller.Reader]
	// httpAddr is sent once the listener is open.
	httpAddr chan net.Addr
}

// New reads the configuration file and starts nothing. Its error is for people: config.Problems, or why the file cannot
// be read.
func New(o Options) (*App, error) {
	if err := o.Settings.CheckServe(); err != nil {
		return nil, err
	}
	file, err := config.Load(o.Settings.Config)
	if err != nil {
		return nil, err
	}
	sounds, err := prompts.New(o.Settings.Prompts.Dir, o.Log)
	if err != nil {
		return nil, err
	}
	a := &App{
		settings: o.Settings, file: file, reload: o.Reload, log: o.Log,
		metrics:   web.NewMetrics(o.Version, o.Commit),
		prompts:   sounds,
		lifecycle: lifecycle{log: o.Log},
		httpAddr:  make(chan net.Addr, 1),
	}
	a.configured(file)
	return a, nil
}

// Addr gives the address of the HTTP listener once it is open. It must not be called when there is none.
func (a *App) Addr(ctx context.Context) (net.Addr, error) {
	select {
	case addr := <-a.httpAddr:
		a.httpAddr <- addr
		return addr, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Run starts every part, serves calls until ctx ends, and hands over: see stasis.Driver.Run. Its error says what could
// not be started, or why serving ended by itself.
func (a *App) Run(ctx context.Context) (err error) {
	told := make(chan time.Time, 1)
	stop := context.AfterFunc(ctx, func() { told <- time.Now() })
	defer stop()
	defer func() { err = errors.Join(err, a.lifecycle.stop(a.leftOf(told))) }()
	if err := a.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // told to end before it was up
		}
		return err
	}
	reloading, endReloading := context.WithCancel(ctx)
	reloaded := make(chan struct{})
	go func() {
		defer close(reloaded)
		a.reloadOnDemand(reloading)
	}()
	err = a.driver.Run(ctx)
	endReloading()
	<-reloaded
	if errors.Is(err, stasis.ErrReplaced) {
		return fmt.Errorf("serve: %w: only one program may use the Stasis application %q; stop the other one, or set MISSEDCALLS_ARI_APP", err, a.settings.ARI.App)
	}
	return err
}

// leastToStop is what the parts have to end even when the driver has used the time for the hand-over up.
const leastToStop = time.Second

// leftOf is what is left of the time for the hand-over since the process was told to end.
func (a *App) leftOf(told <-chan time.Time) time.Duration {
	select {
	case at := <-told:
		return max(a.settings.DrainTimeout-time.Since(at), leastToStop)
	default:
		return a.settings.DrainTimeout
	}
}

// start brings the parts up in the order in which they need each other. Health is served from the first moment, so that
// a process that waits for something says so.
func (a *App) start(ctx context.Context) error {
	lock, err := bus.LockDir(a.settings.DataDir)
	if err != nil {
		return err
	}
	a.lifecycle.started("data directory", func(context.Context) error { return lock.Close() })
	a.watchPrompts()
	if err := a.serveHTTP(); err != nil {
		return err
	}
	nats, err := bus.Open(ctx, busSettings(a.settings), a.log)
	if err != nil {
		return err
	}
	a.lifecycle.started("nats", nats.Close)
	a.parts.setBus(nats)
	j, err := journal.Open(ctx, journal.Settings{Dir: a.settings.DataDir, Notify: a.journalChanged}, nats, a.log)
	if err != nil {
		return err
	}
	a.lifecycle.started("journal", j.Close)
	a.parts.setJournal(j)
	return a.startDriver(ctx, nats, j)
}

func busSettings(s config.Settings) bus.Settings {
	n := s.NATS
	return bus.Settings{
		URL: n.URL, Username: n.Username, Password: n.Password.Reveal(), Token: n.Token.Reveal(), CredsFile: n.CredsFile,
		TLSCA: n.TLS.CA, Listen: string(n.Listen), Dir: filepath.Join(s.DataDir, "nats"),
		MaxAge: s.Events.MaxAge, MaxBytes: int64(s.Events.MaxBytes), Application: s.ARI.App,
	}
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
	a.driver = stasis.New(stasis.Config{
		Machine: machine, First: a.readOverrides(ctx, records), Application: a.settings.ARI.App, Asterisks: asterisks, Journal: j,
		Caller: caller.NewReader(a.file.Region), Prompt: a.prompts.Media, Drain: a.settings.DrainTimeout,
		Seq: seq, Every: checkpointEvery, Checkpoint: a.saveCheckpoint,
		Observer: stasis.Observer{
			Stepped: a.metrics.Stepped, Durable: a.metrics.Durable, Ignored: a.metrics.Ignored,
			Noticed: a.metrics.Noticed, Commanded: a.metrics.Commanded,
		},
		Log: a.log, LogNumbers: a.settings.Log.Numbers,
	})
	if err := a.serveRequests(nats, j); err != nil {
		return err
	}
	a.parts.setDriver(a.driver)
	a.journalChanged(j.Status()) // nobody told the driver while there was none
	a.gauges(nats, j, asterisks)
	a.followOverrides(records)
	return nil
}

// gauges are asked for at each scrape.
func (a *App) gauges(nats *bus.Bus, j *journal.Journal, asterisks map[string]stasis.Asterisk) {
	a.metrics.Lines(a.driver.Lines)
	status := func(value func(s journal.Status) float64) func() float64 {
		return func() float64 { return value(j.Status()) }
	}
	a.metrics.Func("journal_held_events", "Events that are in memory only, because nothing can be stored.",
		status(func(s journal.Status) float64 { return float64(s.Held) }), nil)
	a.metrics.Func("journal_spooled_events", "Events that are on disk here, because the cluster is away.",
		status(func(s journal.Status) float64 { return float64(s.Spooled) }), nil)
	a.metrics.CounterFunc("journal_lost_events_total", "Events that could be kept nowhere.",
		status(func(s journal.Status) float64 { return float64(s.Lost) }))
	a.natsGauges(nats)
	for url := range asterisks {
		a.metrics.Func("ari_connected", "1 while the events of Asterisk reach us.",
			func() float64 { return one(a.parts.asteriskHealth(url) == nil) }, map[string]string{"asterisk": url})
	}
}

func (a *App) natsGauges(nats *bus.Bus) {
	stat := func(value func(s bus.Stats) uint64) func() float64 {
		return func() float64 { return float64(value(nats.Stats())) }
	}
	a.metrics.CounterFunc("nats_published_total", "Events that stream CALLS acknowledged.", stat(func(s bus.Stats) uint64 { return s.Published }))
	a.metrics.CounterFunc("nats_duplicates_total", "Events that were in CALLS already.", stat(func(s bus.Stats) uint64 { return s.Duplicates }))
	a.metrics.CounterFunc("nats_passed_over_total", "Messages in CALLS that are no event this version can read.",
		stat(func(s bus.Stats) uint64 { return s.Unknown + s.Malformed }))
	a.metrics.CounterFunc("nats_reconnects_total", "Connections to NATS after the first.", stat(func(s bus.Stats) uint64 { return s.Reconnects }))
	a.metrics.CounterFunc("nats_restarts_total", "Starts of the embedded server because it could not store.", stat(func(s bus.Stats) uint64 { return s.Restarts }))
	a.metrics.Func("nats_free_bytes", "Free space under the embedded server.", stat(func(s bus.Stats) uint64 { return s.FreeBytes }), nil)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
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
