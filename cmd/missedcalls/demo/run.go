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
	c, err := d.chat(h)
	if err != nil {
		return err
	}
	if c != nil {
		defer func() { err = errors.Join(err, c.stop()) }()
	}
	s, path, err := d.scene(h, c)
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
	return d.perform(ctx, stage{home: h, scene: s, config: path, standIn: a, ledger: l, chat: c})
}

// stage is what a performance stands on.
type stage struct {
	home    *home
	scene   scene
	config  string
	standIn *standIn
	ledger  *ledger
	// chat is nil when nobody is told.
	chat *chat
}

// chat starts the chat that is told of missed calls, nil when there is none: targets of the user's own file are real, and
// a cluster may have a notifier of its own.
func (d *Demo) chat(h *home) (*chat, error) {
	if d.configuration != nil || d.settings.NATS.URL != "" {
		return nil, nil //nolint:nilnil // without a chat nothing is wrong
	}
	c, err := startChat()
	if err != nil {
		return nil, err
	}
	if c.tokenFile, err = h.write("token", []byte(c.token)); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

// roles are those of the program: without a chat nobody is to be told of calls that are invented.
func (s stage) roles() config.Roles {
	if s.chat == nil {
		return config.Roles{config.RoleApp}
	}
	return config.EveryRole()
}

// telling is what the chat is to be told, nil without one.
func (s stage) telling() *telling {
	if s.chat == nil {
		return nil
	}
	return newTelling(s.scene.notifications)
}

// scene is the configuration that is played, and where its file is.
func (d *Demo) scene(h *home, c *chat) (s scene, path string, err error) {
	path, text := d.settings.Config, d.configuration
	if text == nil {
		text = ownConfiguration(d.options.Speed, c)
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
	p, err := startProgram(settings, on.roles(), d.options, log)
	if err != nil {
		return err
	}
	show, err := d.show(on, v, p, warned, terminal)
	if err != nil {
		return errors.Join(err, p.stop())
	}
	end, err := d.play(ctx, on, show)
	stopErr := p.stop()
	if err != nil {
		return err // which says so if it was the program that ended
	}
	if stopErr != nil || end.toldAt.IsZero() {
		return stopErr
	}
	audit := newAudit(on.standIn.url(), on.ledger.copy(), end.toldAt)
	audit.rings = on.standIn.rings(agents(on.scene.policies))
	audit.chat, audit.telling, audit.tellable = on.chat, on.telling(), end.tellable()
	return d.judge(on, p, audit, end.after)
}

// show is what the program is seen by, nothing of it drawn yet.
func (d *Demo) show(on stage, v view, p *program, w *warnings, terminal bool) (*show, error) {
	b := newBoard(on.scene, time.Local)
	b.chatting = on.chat != nil
	b.paint = variable(d.options.Environ, "NO_COLOR") == ""
	var err error
	b.head, err = d.signs(p, on, terminal)
	s := &show{view: v, board: b, ledger: on.ledger, program: p, warnings: w, chat: on.chat, telling: on.telling()}
	if terminal {
		s.roster = newRoster(p)
	}
	return s, err
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

// curtain is how a performance ended.
type curtain struct {
	// after is the last message in the stream before the demo's.
	after uint64
	// toldAt is when the program was told to hand over, zero if that was before anybody could call.
	toldAt time.Time
	// busy: the chat was still being told of what had happened before.
	busy bool
}

// lastMoment is before the program is told to hand over: what happens then may be told by its next start.
const lastMoment = time.Second

// tellable is the time before which everything must be told by now.
func (c curtain) tellable() time.Time {
	if c.busy {
		return time.Time{}
	}
	return c.toldAt.Add(-lastMoment)
}

// play lets people call, and shows what comes of it, until ctx ends.
func (d *Demo) play(ctx context.Context, on stage, s *show) (end curtain, err error) {
	if err := d.await(ctx, on, s.program); err != nil || ctx.Err() != nil {
		return end, err
	}
	if s.follower, err = follow(ctx, s.program.settings.NATS); err != nil {
		return end, err
	}
	defer s.follower.stop()
	s.view.begin(s.board.head)
	defer s.view.end()
	calling, hush := context.WithCancel(ctx)
	var people sync.WaitGroup
	people.Go(func() {
		play(calling, newCrowd(on.scene, d.options.Seed, d.options.Speed), on.standIn, on.ledger)
	})
	if d.configuration == nil {
		people.Go(func() { transfer(calling, on.standIn, d.options.Speed) })
	}
	if s.follower.follows() { // where nobody can follow, no command gets in
		d.command(calling, on, s, &people)
	}
	err = s.run(ctx)
	hush()
	people.Wait()
	s.view.end()
	if err != nil {
		return end, err
	}
	end.after, end.toldAt = s.follower.after, time.Now()
	fmt.Fprintln(d.options.Stdout, "handing over: those who wait keep their place and their music on Asterisk; Ctrl-C ends at once")
	end.busy = s.settle(end.toldAt)
	return end, nil
}

// command begins what people do by commands, and what is asked for that view, until ctx ends.
func (d *Demo) command(ctx context.Context, on stage, s *show, people *sync.WaitGroup) {
	if on.chat != nil {
		people.Go(func() { newColleague(s.program, on.chat, d.options.Speed).work(ctx) })
	}
	if d.configuration == nil {
		b := newBreaks(s.program, d.options.Speed)
		people.Go(func() { b.take(ctx) })
		people.Go(func() { b.call(ctx) })
	}
	if s.roster != nil {
		people.Go(func() { s.roster.work(ctx) })
	}
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
	faults := v.faults()
	if len(faults) == 0 {
		return nil
	}
	on.home.keep()
	return fmt.Errorf("%w: %s; the files are left in %s", ErrCheck, strings.Join(faults, "; "), on.home.data)
}
