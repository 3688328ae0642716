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

	"missedcalls/app/bus"
	"missedcalls/app/caller"
	"missedcalls/app/config"
	"missedcalls/app/prompts"
	"missedcalls/app/stasis"
	"missedcalls/app/web"
	"missedcalls/notifier"
)

// App is one process. Run starts and ends it; it is used once.
type App struct {
	settings config.Settings
	roles    config.Roles
	// file is the one in force; once the process has started it belongs to who reloads it.
	file    config.File
	reload  <-chan struct{}
	metrics *web.Metrics
	log     zerolog.Logger

	lifecycle lifecycle
	parts     parts

	// These are of role app, nil without it.
	prompts   *prompts.Prompts
	driver    *stasis.Driver
	overrides *overrides
	members   *memberStore
	// reader reads numbers as the configuration in force says.
	reader atomic.Pointer[caller.Reader]

	// notifier is of role notifier, nil without it.
	notifier *notifier.Notifier
	// notifierFailed has the error of a notifier that ended by itself.
	notifierFailed chan error

	// httpAddr is sent once the listener is open.
	httpAddr chan net.Addr
}

// New reads the configuration file and starts nothing. Its error is for people: config.Problems, or why the file cannot
// be read.
func New(o Options) (*App, error) {
	roles := o.Roles
	if len(roles) == 0 {
		roles = config.EveryRole()
	}
	if err := o.Settings.CheckServe(roles); err != nil {
		return nil, err
	}
	file, err := config.Load(o.Settings.Config)
	if err != nil {
		return nil, err
	}
	a := &App{
		settings: o.Settings, roles: roles, file: file, reload: o.Reload, log: o.Log,
		metrics:   web.NewMetrics(o.Version, o.Commit),
		lifecycle: lifecycle{log: o.Log},
		httpAddr:  make(chan net.Addr, 1), notifierFailed: make(chan error, 1),
	}
	if a.takesCalls() {
		if a.prompts, err = prompts.New(o.Settings.Prompts.Dir, o.Log); err != nil {
			return nil, err
		}
	}
	a.configured(file)
	return a, nil
}

func (a *App) takesCalls() bool { return a.roles.Has(config.RoleApp) }

func (a *App) notifies() bool { return a.roles.Has(config.RoleNotifier) }

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

// Run starts the parts of every role, serves until ctx ends, and hands over: see stasis.Driver.Run. Its error says what
// could not be started, or why serving ended by itself.
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
	err = a.serve(ctx)
	endReloading()
	<-reloaded
	return err
}

// serve does the work of the roles until ctx ends. Parts that work by themselves were started.
func (a *App) serve(ctx context.Context) error {
	if !a.takesCalls() {
		select {
		case <-ctx.Done():
			return nil
		case err := <-a.notifierFailed:
			return err
		}
	}
	err := a.driver.Run(ctx)
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
// a process that waits for something says so. The notifier is there before the first event of this process, and ends
// after the last one.
func (a *App) start(ctx context.Context) error {
	if a.takesCalls() {
		if err := a.holdDataDir(); err != nil {
			return err
		}
		a.watchPrompts()
	}
	if err := a.serveHTTP(); err != nil {
		return err
	}
	nats, err := bus.Open(ctx, a.busSettings(), a.log)
	if err != nil {
		return err
	}
	a.lifecycle.started("nats", nats.Close)
	a.parts.setBus(nats)
	a.natsGauges(nats)
	if a.notifies() {
		if err := a.startNotifier(nats); err != nil {
			return err
		}
	}
	if a.takesCalls() {
		return a.startCalls(ctx, nats)
	}
	return nil
}

// busSettings are those of the process, which owns its events when it takes the calls.
func (a *App) busSettings() bus.Settings {
	s := busSettings(a.settings)
	s.Guest = !a.takesCalls()
	return s
}

// busSettings are those of any process, also of a command.
func busSettings(s config.Settings) bus.Settings {
	n := s.NATS
	return bus.Settings{
		URL: n.URL, Username: n.Username, Password: n.Password.Reveal(), Token: n.Token.Reveal(), CredsFile: n.CredsFile,
		TLSCA: n.TLS.CA, Listen: string(n.Listen), Dir: filepath.Join(s.DataDir, "nats"),
		MaxAge: s.Events.MaxAge, MaxBytes: int64(s.Events.MaxBytes), Application: s.ARI.App,
	}
}
