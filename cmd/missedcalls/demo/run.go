package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"missedcalls/app/config"
)

// ErrCheck is wrapped by Run's error when calls do not have the events they must have.
var ErrCheck = errors.New("calls and events do not agree")

// Run shows the demo until ctx ends, hands over as serve does, prints what there was and checks it. Its error says what
// could not be started or what failed; it wraps ErrCheck when the check found something.
func (d *Demo) Run(ctx context.Context) (err error) {
	if ctx.Err() != nil {
		return nil // told to end before anything was begun
	}
	h, err := openHome(d.settings, d.isSet("DATA_DIR"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.remove()) }()
	s, path, err := d.scene(h)
	if err != nil {
		return err
	}
	a, err := startStandIn(d.settings.ARI.App, s)
	if err != nil {
		return err
	}
	l := newLedger()
	defer func() {
		err = errors.Join(err, a.stop())
		l.calls.Wait()
	}()
	return d.perform(ctx, stage{home: h, scene: s, config: path, standIn: a, ledger: l})
}

// stage is what a performance stands on.
type stage struct {
	home    *home
	scene   scene
	config  string
	standIn *standIn
	ledger  *ledger
}

// scene is the configuration that is played, and where its file is.
func (d *Demo) scene(h *home) (s scene, path string, err error) {
	path, text := d.settings.Config, d.configuration
	if text == nil {
		text = ownConfiguration(d.options.Speed)
		if path, err = h.write("missedcalls.yaml", text); err != nil {
			return scene{}, "", err
		}
	}
	s, err = readScene(path, text, d.options.Speed)
	return s, path, err
}

// perform runs the program and the callers on a stage, and judges what came out.
func (d *Demo) perform(ctx context.Context, on stage) error {
	v, terminal := viewFor(d.options.Stdout, d.options.Environ)
	settings, err := d.programSettings(on, terminal)
	if err != nil {
		return err
	}
	out, err := d.logOutput(on.home, terminal)
	if err != nil {
		return err
	}
	defer out.Close()
	warned := &warnings{quiet: !terminal && !d.isSet("LOG_LEVEL")}
	log := d.options.Log(settings.Log, out).Hook(warned)
	p, err := startProgram(settings, d.options, log)
	if err != nil {
		return err
	}
	show := &show{view: v, board: newBoard(on.scene, time.Local), ledger: on.ledger, program: p, warnings: warned}
	show.board.head = d.signs(p, on, terminal)
	show.board.paint = variable(d.options.Environ, "NO_COLOR") == ""
	after, toldAt, err := d.play(ctx, on, show)
	stopErr := p.stop()
	if err != nil {
		return err // which says so if it was the program that ended
	}
	if stopErr != nil || toldAt.IsZero() {
		return stopErr
	}
	return d.judge(on, p, newAudit(on.standIn.url(), on.ledger.copy(), toldAt), after)
}

// programSettings are those of the program: the user's, except for the Asterisk, and with ports that are free.
func (d *Demo) programSettings(on stage, terminal bool) (s config.Settings, err error) {
	s = d.settings
	s.Config, s.DataDir = on.config, on.home.data
	s.ARI.URL, s.ARI.Username, s.ARI.Password = []string{on.standIn.url()}, username, config.Secret(on.standIn.password)
	if s.NATS.URL == "" {
		if s.NATS.Listen, err = free(s.NATS.Listen, d.isSet("NATS_LISTEN")); err != nil {
			return s, err
		}
	}
	if s.HTTP.Listen, err = free(s.HTTP.Listen, d.isSet("HTTP_LISTEN")); err != nil {
		return s, err
	}
	if !terminal && !d.isSet("LOG_LEVEL") {
		s.Log.Level = "warn"
	}
	return s, nil
}

// logOutput is where the program's log goes: beside the view on a terminal, which it would destroy.
func (d *Demo) logOutput(h *home, terminal bool) (io.WriteCloser, error) {
	if terminal {
		return h.logFile()
	}
	return unclosed{d.options.Stderr}, nil
}

// unclosed is an output that is somebody else's to close.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// play lets people call, and shows what comes of it, until ctx ends. toldAt is when that was, zero if it was before
// anybody could call; after is the last message in the stream before the demo's.
func (d *Demo) play(ctx context.Context, on stage, s *show) (after uint64, toldAt time.Time, err error) {
	if err := d.await(ctx, on, s.program); err != nil || ctx.Err() != nil {
		return 0, time.Time{}, err
	}
	if s.follower, err = follow(ctx, s.program.settings.NATS); err != nil {
		return 0, time.Time{}, err
	}
	defer s.follower.stop()
	s.view.begin(s.board.head)
	defer s.view.end()
	calling, hush := context.WithCancel(ctx)
	var player sync.WaitGroup
	player.Go(func() {
		play(calling, newCrowd(on.scene, d.options.Seed, d.options.Speed), on.standIn, on.ledger)
	})
	err = s.run(ctx)
	hush()
	player.Wait()
	s.view.end()
	if err != nil {
		return 0, time.Time{}, err
	}
	toldAt = time.Now()
	fmt.Fprintln(d.options.Stdout, "handing over: those who wait keep their place and their music on Asterisk; Ctrl-C ends at once")
	s.settle(toldAt)
	return s.follower.after, toldAt, nil
}

// await returns when callers get to the program, when ctx has ended, or with an error when the program has.
func (d *Demo) await(ctx context.Context, on stage, p *program) error {
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	registered := make(chan error, 1)
	asking.Go(func() { registered <- on.standIn.await(ctx) })
	select {
	case err := <-registered:
		if ctx.Err() != nil {
			return nil // told to end before it was up
		}
		return err
	case <-p.over:
		return p.ended()
	}
}

// judge reads the events, tells what there was, and checks it.
func (d *Demo) judge(on stage, p *program, a *audit, after uint64) error {
	if err := a.read(p.settings, after, p.log); err != nil {
		return err
	}
	v := a.judge()
	a.summary(d.options.Stdout, v)
	if len(v.wrong) == 0 {
		return nil
	}
	on.home.keep()
	return fmt.Errorf("%w: %s; the files are left in %s", ErrCheck, strings.Join(v.wrong, "; "), on.home.data)
}
