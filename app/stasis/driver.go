package stasis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/xid"
	"github.com/rs/zerolog"

	"missedcalls/app/ari"
	"missedcalls/app/caller"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// ErrReplaced is Run's error when another program has registered the application: this one must do nothing more.
var ErrReplaced = ari.ErrReplaced

// Journal makes events durable.
type Journal interface {
	// Record never blocks. It calls done once, in the order of the calls of Record, when the events are durable; seq is
	// their place in stream CALLS, 0 when they are kept elsewhere for now.
	Record(events []callevent.Event, done func(seq uint64))
}

// Config is what a driver is made of.
type Config struct {
	// Machine goes to the driver for good.
	Machine *queueflow.Machine
	// First are inputs that the machine takes before anything is heard of an Asterisk.
	First []queueflow.Input
	// Application is the name of the Stasis application.
	Application string
	// Asterisks by URL.
	Asterisks map[string]Asterisk
	Journal   Journal
	// StoreMember keeps what was decided about a member for the next start; it is called again until it succeeds, and never
	// twice at once for one agent. nil keeps nothing.
	StoreMember func(ctx context.Context, record queueflow.MemberRecord) error
	// Caller reads numbers.
	Caller caller.Reader
	// Prompt is the media under which Asterisk finds a prompt of ours; nil when there are none.
	Prompt func(language, name string) string
	// Drain bounds how long Run takes to end.
	Drain time.Duration
	// Seq is the place in CALLS of the last event that is in Machine.
	Seq uint64
	// Checkpoint is given the state now and then, with the place in CALLS of the last event that is in it. It is called
	// from a goroutine of its own, never twice at once. Every is the time between; 0 is never.
	Checkpoint func(seq uint64, state queueflow.Snapshot)
	Every      time.Duration
	Observer   Observer
	Log        zerolog.Logger
	// LogNumbers lets callers' numbers into the log above level debug.
	LogNumbers bool
}

// Driver runs one machine. Its methods may be called from any goroutine; they need a running Run to have effect.
type Driver struct {
	Config

	// inbox brings everything that is an input or makes one; acks brings the journal's answers.
	inbox chan any
	acks  chan uint64
	done  chan struct{}

	// The fields below belong to Run's goroutine.
	nodes       map[string]*node
	obligations obligations
	ringings    ringings
	checkpoints *checkpoints
	fenced      error
	ending      bool // the hand-over has begun
	lanes       *lanes
	bridges     bridges // the lanes have it among themselves
	// work is the context of commands and listings; it ends after the hand-over.
	work    context.Context
	endWork context.CancelFunc
}

// inboxRoom is how many inputs may wait for the loop before listeners block.
const inboxRoom = 1024

// New makes a driver. Nothing runs before Run.
func New(c Config) *Driver {
	d := &Driver{
		Config: c,
		inbox:  make(chan any, inboxRoom),
		acks:   make(chan uint64, inboxRoom),
		done:   make(chan struct{}),
		nodes:  make(map[string]*node),
	}
	for url, asterisk := range c.Asterisks {
		d.nodes[url] = &node{url: url, asterisk: asterisk, errands: newErrands()}
	}
	d.checkpoints, d.ringings = newCheckpoints(c), make(ringings)
	return d
}

// Run drives the machine until ctx ends or the application is replaced, and then hands over within Config.Drain: the
// websockets are closed, so that new calls take the dialplan's fallback; what has arrived is stepped; events become
// durable, their commands are carried out; and nothing else is done to the callers, who stay on Asterisk. It returns
// nil or ErrReplaced. It is called once.
func (d *Driver) Run(ctx context.Context) error {
	defer close(d.done)
	work, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	d.work, d.endWork = work, endWork
	d.lanes = newLanes(func(c queueflow.Command) { d.carryOut(work, c) })

	for _, in := range d.First {
		d.step(time.Now(), in)
	}
	// Not by ctx: a connection that ended before the loop knew of the end would be told as one that was cut.
	listening, endListening := context.WithCancel(context.WithoutCancel(ctx))
	defer endListening()
	var listeners sync.WaitGroup
	for _, n := range d.nodes {
		listeners.Go(func() { d.listen(listening, n) })
	}
	d.loop(ctx)

	d.ending = true
	endListening()
	limit, release := context.WithTimeout(context.WithoutCancel(ctx), d.Drain)
	defer release()
	d.drain(limit, &listeners)
	go d.discard() // whoever still has something to say finds nobody, and must not wait for that
	endWork()
	listeners.Wait()
	d.lanes.wait()
	d.checkpoints.wait(limit)
	return d.fenced
}

// loop is the heart: the next input or the earliest deadline, a step, and what the step obliges to.
func (d *Driver) loop(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for d.fenced == nil {
		due := d.nextDue()
		timer.Reset(due)
		select {
		case <-ctx.Done():
			return
		case item := <-d.inbox:
			d.take(item)
		case seq := <-d.acks:
			d.settle(seq)
		case now := <-timer.C:
			d.takeWaiting() // what arrived before the deadline counts before it
			d.step(now, queueflow.Tick{})
		}
		d.checkpoints.consider(d)
	}
}

// nextDue is how long the loop may sleep.
func (d *Driver) nextDue() time.Duration {
	at, ok := d.Machine.NextDeadline()
	if !ok {
		return time.Hour
	}
	return time.Until(at)
}

// takeWaiting takes what is in the inbox now, and no more.
func (d *Driver) takeWaiting() {
	for range len(d.inbox) {
		d.take(<-d.inbox)
	}
}

// take handles one item of the inbox.
func (d *Driver) take(item any) {
	switch it := item.(type) {
	case signal:
		d.takeSignal(it)
	case listing:
		d.takeListing(it)
	case queueflow.Input:
		d.step(time.Now(), it)
	case deviceRead:
		d.takeDeviceRead(it)
	case callerRead:
		d.takeCallerRead(it)
	case question:
		it.answer <- it.ask(d)
	}
}

// step gives the machine one input, takes on what follows, and tells it.
func (d *Driver) step(now time.Time, in queueflow.Input) queueflow.Output {
	started := time.Now()
	out := d.Machine.Step(now, in)
	d.Observer.stepped(time.Since(started))
	d.report(out)
	d.ringings.wanted(now, out.Commands)
	if len(out.Events) == 0 {
		d.dispatch(out.Commands)
		return out
	}
	d.obligations.add(out)
	d.Journal.Record(out.Events, d.acknowledge)
	return out
}

// acknowledge brings an answer of the journal to the loop.
func (d *Driver) acknowledge(seq uint64) {
	select {
	case d.acks <- seq:
	case <-d.done:
	}
}

// dispatch hands out the commands of a step without events, behind those that wait for an event of the same channel.
func (d *Driver) dispatch(commands []queueflow.Command) {
	for _, c := range commands {
		if !d.obligations.append(c) {
			d.submit(c)
		}
	}
}

// submit hands out one command, unless this process is fenced: then nothing more is sent, to no Asterisk.
func (d *Driver) submit(c queueflow.Command) {
	if d.fenced != nil {
		return
	}
	if since, is := d.ringings.handedOut(c); is {
		d.Observer.ringing(time.Since(since))
	}
	switch c.(type) {
	case queueflow.WatchDevices, queueflow.UnwatchDevices:
		d.sendErrands(c)
	default:
		d.lanes.submit(c)
	}
}

// settle hands out the commands of the oldest step whose events are durable now.
func (d *Driver) settle(seq uint64) {
	o := d.obligations.settle()
	for _, e := range o.events {
		d.Observer.durable(e, time.Since(e.Time))
	}
	for _, c := range o.commands {
		d.submit(c)
	}
	d.checkpoints.acked(seq)
}

// put brings an input to the loop from another goroutine; it is dropped when the driver has ended.
func (d *Driver) put(item any) {
	select {
	case d.inbox <- item:
	case <-d.done:
	}
}

// drain brings to an end what the loop took on, until ctx ends.
func (d *Driver) drain(ctx context.Context, listeners *sync.WaitGroup) {
	quiet := make(chan struct{})
	go func() {
		listeners.Wait()
		close(quiet)
	}()
	listenersGone := false
	for !listenersGone || d.obligations.len() > 0 || len(d.inbox) > 0 || (d.fenced == nil && d.lanes.busy()) {
		var idle <-chan struct{}
		if d.lanes.busy() {
			idle = d.lanes.idle()
		}
		select {
		case <-quiet:
			listenersGone, quiet = true, nil
		case item := <-d.inbox:
			d.take(item)
		case seq := <-d.acks:
			d.settle(seq)
		case <-idle:
		case <-ctx.Done():
			d.Log.Warn().Int("unacknowledged", d.obligations.len()).Dur("limit", d.Drain).
				Msg("hand-over is taking too long: ending without the rest; the next start lists what Asterisk has")
			return
		}
	}
	d.checkpoints.last(ctx, d)
}

// discard empties the inbox until the driver has ended, so that nobody blocks on it.
func (d *Driver) discard() {
	for {
		select {
		case <-d.inbox:
		case <-d.acks:
		case <-d.done:
			return
		}
	}
}

// Reload gives the machine new policies, and the driver a new reader of numbers.
func (d *Driver) Reload(p queueflow.Policies, r caller.Reader) {
	_, _ = ask(context.Background(), d, func(d *Driver) struct{} {
		d.Caller = r
		d.step(time.Now(), queueflow.PolicyChanged{Policies: p})
		return struct{}{}
	})
}

// Override opens or closes a queue by hand, or gives it back to its hours. It holds for what arrives afterwards, in the
// order of the calls of Override and Reload. It never blocks for longer than the loop does.
func (d *Driver) Override(o queueflow.QueueOverride) { d.put(o) }

// CheckIntake lets the loop ask whether the door to new calls is closed. It never blocks for longer than the loop does.
func (d *Driver) CheckIntake(closed func() bool) {
	d.put(question{answer: make(chan any, 1), ask: func(d *Driver) any {
		d.step(time.Now(), queueflow.IntakeChanged{Closed: closed()})
		return nil
	}})
}

// Lines tells how every line looks now.
func (d *Driver) Lines(ctx context.Context) ([]queueflow.LineView, error) {
	return ask(ctx, d, func(d *Driver) []queueflow.LineView { return d.Machine.Lines() })
}

// errEnded is the answer of a driver that runs no more.
var errEnded = errors.New("the driver has ended")

// question asks something of Run's goroutine. answer has room for one.
type question struct {
	ask    func(d *Driver) any
	answer chan any
}

func ask[T any](ctx context.Context, d *Driver, what func(d *Driver) T) (T, error) {
	var none T
	q := question{ask: func(d *Driver) any { return what(d) }, answer: make(chan any, 1)}
	select {
	case d.inbox <- q:
	case <-d.done:
		return none, errEnded
	case <-ctx.Done():
		return none, fmt.Errorf("ask the driver: %w", ctx.Err())
	}
	select {
	case a := <-q.answer:
		return a.(T), nil
	case <-d.done:
		return none, errEnded
	case <-ctx.Done():
		return none, fmt.Errorf("ask the driver: %w", ctx.Err())
	}
}

// newCallID gives an id that no call ever had: 20 characters that sort by time.
func newCallID() string { return xid.New().String() }
