package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"

	"missedcalls/app/ari"
	"missedcalls/app/bus"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
	"missedcalls/app/web"
)

// errStarting is what a part that is not there yet is reported as.
var errStarting = errors.New("starting")

// parts are what health looks at. Run's goroutine sets them, requests read them.
type parts struct {
	mu        sync.Mutex
	bus       *bus.Bus
	journal   *journal.Journal
	driver    *stasis.Driver
	asterisks map[string]*ari.Client
}

func (p *parts) setBus(b *bus.Bus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bus = b
}

func (p *parts) setJournal(j *journal.Journal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.journal = j
}

func (p *parts) setDriver(d *stasis.Driver) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.driver = d
}

func (p *parts) addAsterisk(url string, c *ari.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asterisks == nil {
		p.asterisks = make(map[string]*ari.Client)
	}
	p.asterisks[url] = c
}

// serveHTTP opens the listener for health, metrics and prompts, unless it is off.
func (a *App) serveHTTP() error {
	if a.settings.HTTP.Listen.Off() {
		a.log.Info().Msg("MISSEDCALLS_HTTP_LISTEN is off: there is no health, no metrics, and Asterisk cannot get the program's own prompts")
		return nil
	}
	var pages []web.Page
	if a.takesCalls() {
		pages = append(pages, web.Page{Pattern: "/prompts/", Handler: a.prompts})
	}
	server, err := web.Listen(string(a.settings.HTTP.Listen), a.liveChecks(), a.readyChecks(), a.metrics.Gatherer(), a.log, pages...)
	if err != nil {
		return err
	}
	a.lifecycle.started("http", server.Close)
	a.httpAddr <- server.Addr()
	a.log.Info().Stringer("address", server.Addr()).Msg("serving /livez, /readyz and /metrics")
	if a.takesCalls() {
		_, port, _ := net.SplitHostPort(server.Addr().String()) // an address of the system has a port
		a.offerPrompts(port)
	}
	return nil
}

// liveChecks ask whether the process works at all: restarting it helps when it does not.
func (a *App) liveChecks() []web.Check {
	return []web.Check{{Name: "driver", Probe: a.driverLives}}
}

func (a *App) driverLives(ctx context.Context) error {
	a.parts.mu.Lock()
	driver := a.parts.driver
	a.parts.mu.Unlock()
	if driver == nil {
		return nil // starting is living
	}
	if _, err := driver.Lines(ctx); err != nil {
		return fmt.Errorf("the driver's loop does not answer: %w", err)
	}
	return nil
}

// readyChecks ask whether the roles of the process can do their work. A configuration file that could not be reloaded does
// not keep them from it: the old one is in force, and a metric and the log tell of it. Nor does a target that takes
// nothing: its messages wait.
func (a *App) readyChecks() []web.Check {
	checks := []web.Check{{Name: "nats", Probe: func(context.Context) error { return a.parts.busHealth() }}}
	if a.notifies() {
		checks = append(checks, web.Check{Name: "notifier", Probe: a.notifierReady})
	}
	if a.takesCalls() {
		checks = append(checks, a.callChecks()...)
	}
	return checks
}

// callChecks are those of the role app.
func (a *App) callChecks() []web.Check {
	checks := []web.Check{
		{Name: "journal", Probe: func(context.Context) error { return a.parts.journalHealth() }},
		{Name: "driver", Probe: a.driverReady},
	}
	for _, address := range a.settings.ARI.URL {
		checks = append(checks, web.Check{
			Name: "asterisk " + host(address), Probe: func(context.Context) error { return a.parts.asteriskHealth(address) },
		})
	}
	return checks
}

func (a *App) driverReady(ctx context.Context) error {
	a.parts.mu.Lock()
	driver := a.parts.driver
	a.parts.mu.Unlock()
	if driver == nil {
		return errStarting
	}
	return a.driverLives(ctx)
}

func (p *parts) busHealth() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bus == nil {
		return errStarting
	}
	return p.bus.Healthy()
}

func (p *parts) journalHealth() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.journal == nil {
		return errStarting
	}
	return p.journal.Healthy()
}

func (p *parts) asteriskHealth(address string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	client, ok := p.asterisks[address]
	if !ok {
		return errStarting
	}
	return client.Health()
}

// journalChanged closes the door to new calls while events can be kept in memory only, and opens it again.
func (a *App) journalChanged(journal.Status) {
	a.parts.mu.Lock()
	driver := a.parts.driver
	a.parts.mu.Unlock()
	if driver != nil {
		driver.CheckIntake(a.parts.holding)
	}
}

// holding says whether events can be kept in memory only, now.
func (p *parts) holding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.journal != nil && p.journal.Status().State == journal.Holding
}

// host is the part of an address that tells it from others.
func host(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Host
	}
	return address
}
