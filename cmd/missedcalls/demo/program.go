package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/rs/zerolog"

	"missedcalls/app"
	"missedcalls/app/bus"
	"missedcalls/app/config"
)

// program is the real application, running.
type program struct {
	settings config.Settings
	log      zerolog.Logger
	cancel   context.CancelFunc
	// over is closed when it has ended, then err says why.
	over chan struct{}
	err  error
	// http is where health and metrics are, empty for nowhere.
	http string
}

// startProgram runs the application in its roles, and returns when its HTTP listener is open, or it has ended.
func startProgram(s config.Settings, roles config.Roles, o Options, log zerolog.Logger) (*program, error) {
	a, err := app.New(app.Options{Settings: s, Roles: roles, Version: o.Version, Commit: o.Commit, Log: log})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{settings: s, log: log, cancel: cancel, over: make(chan struct{})}
	go func() {
		defer close(p.over)
		p.err = a.Run(ctx)
	}()
	if s.HTTP.Listen.Off() {
		return p, nil
	}
	if err := p.awaitHTTP(a); err != nil {
		cancel()
		<-p.over
		return nil, err
	}
	return p, nil
}

func (p *program) awaitHTTP(a *app.App) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	address := make(chan net.Addr, 1)
	go func() {
		if addr, err := a.Addr(ctx); err == nil {
			address <- addr
		}
	}()
	select {
	case addr := <-address:
		p.http = "http://" + reachable(addr.String())
		return nil
	case <-p.over:
		return p.ended()
	}
}

// ended says why the program ended although nobody told it to.
func (p *program) ended() error {
	if p.err == nil {
		return errors.New("the program ended by itself")
	}
	return fmt.Errorf("the program ended by itself: %w", p.err)
}

// stop lets the program hand over, as serve does when it is told to end, and waits until it has.
func (p *program) stop() error {
	p.cancel()
	<-p.over
	return p.err
}

// busSettings are those of a program's NATS, for who looks into it or asks it.
func busSettings(s config.Settings) bus.Settings {
	return bus.Settings{
		URL: s.NATS.URL, Username: s.NATS.Username, Password: s.NATS.Password.Reveal(), Token: s.NATS.Token.Reveal(),
		CredsFile: s.NATS.CredsFile, TLSCA: s.NATS.TLS.CA, Dir: filepath.Join(s.DataDir, "nats"),
		MaxAge: s.Events.MaxAge, MaxBytes: int64(s.Events.MaxBytes), Application: s.ARI.App,
	}
}
