package notifier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// Deps are what a notifier is made of. All but Observer and Grace are needed.
type Deps struct {
	Bus *bus.Bus
	// Factory makes the channel of a target, with the secrets in the files that it names, and Renderer its words. An error of
	// Factory names the target, as those of the channels do.
	Factory  func(policy.Target) (target.Target, error)
	Renderer func(policy.Target) (Renderer, error)
	// Mask hides the numbers in an event.
	Mask     func(callevent.Event) callevent.Event
	Observer Observer
	// Grace is how long deliveries on their way have when the notifier ends; 5 s.
	Grace time.Duration
	Log   zerolog.Logger
}

// Notifier tells people of events. It is used once.
type Notifier struct {
	deps   Deps
	tuning tuning
	at     func(step string) // tests end the process there

	policy  atomic.Pointer[policy.Policy]
	streams atomic.Pointer[bus.Notifications] // nil until Run has made them

	swap sync.Mutex // held by whoever starts and ends senders

	mu      sync.Mutex // guards what follows
	senders map[string]*sender
	crew    *crew // nil unless Run runs
	ended   bool
}

// crew are the senders that run, and how to end them.
type crew struct {
	life  context.Context // of Run
	stop  context.CancelFunc
	ended sync.WaitGroup
}

// New makes the targets of a policy, and starts nothing. Its error tells of every target that cannot be made.
func New(p policy.Policy, d Deps) (*Notifier, error) {
	d.Observer = d.Observer.withDefaults()
	n := &Notifier{deps: d, tuning: defaultTuning(), at: func(string) {}}
	n.tuning.grace = cmp.Or(d.Grace, n.tuning.grace)
	senders, err := n.build(p)
	if err != nil {
		return nil, err
	}
	n.policy.Store(&p)
	n.senders = senders
	return n, nil
}

// build makes the senders of a policy.
func (n *Notifier) build(p policy.Policy) (map[string]*sender, error) {
	senders := make(map[string]*sender)
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(p.Targets)) {
		s, err := n.sender(name, p.Targets[name])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		senders[name] = s
	}
	if len(problems) > 0 {
		closeTargets(senders)
		return nil, errors.Join(problems...)
	}
	return senders, nil
}

func closeTargets(senders map[string]*sender) {
	for _, s := range senders {
		s.target.Close()
	}
}

func (n *Notifier) sender(name string, t policy.Target) (*sender, error) {
	t.Name = name
	t.Workers = max(t.Workers, 1)
	if t.MaskNumbers && n.deps.Mask == nil {
		return nil, fmt.Errorf("target %s: its numbers are to be masked, and nothing is given that does", name)
	}
	words, err := n.deps.Renderer(t)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", name, err)
	}
	channel, err := n.deps.Factory(t)
	if err != nil {
		return nil, err
	}
	return &sender{
		policy: t, target: channel, words: words, mask: maskingFor(t, n.deps.Mask),
		gate: newGate(t), pace: newPace(t.Rate, t.Per), observer: n.deps.Observer,
		log: n.deps.Log.With().Str("target", name).Str("channel", t.Channel()).Logger(),
	}, nil
}

// Run routes events and tells targets until ctx ends. What is on its way then has Deps.Grace to arrive. Nothing of the
// notifier runs when it returns. Its error says that the streams cannot be made, or that ctx ended before they were.
func (n *Notifier) Run(ctx context.Context) error {
	defer n.end()
	streams, err := n.deps.Bus.Notifications(ctx)
	if err != nil {
		return err
	}
	n.streams.Store(streams)
	n.swap.Lock()
	n.start(ctx)
	n.swap.Unlock()
	r := &router{
		bus: n.deps.Bus, streams: streams, records: records{streams.Deliveries}, policy: n.policy.Load,
		observer: n.deps.Observer, at: n.at, tuning: n.tuning, log: n.deps.Log,
	}
	var others sync.WaitGroup
	others.Go(func() { r.run(ctx) })
	others.Go(func() { n.buryOrphans(ctx, streams) })
	others.Wait()
	return nil
}

// end ends the senders for good.
func (n *Notifier) end() {
	n.swap.Lock()
	defer n.swap.Unlock()
	n.stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	closeTargets(n.senders)
	n.ended = true
}

// start starts the senders. Whoever calls it holds swap.
func (n *Notifier) start(life context.Context) {
	ctx, stop := context.WithCancel(life)
	c := &crew{life: life, stop: stop}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range n.senders {
		s.ready(n)
		c.ended.Go(func() { s.run(ctx) })
	}
	n.crew = c
}

// stop ends the senders that run, waits for them, and gives the life of Run, nil when it does not run. Whoever calls it
// holds swap.
func (n *Notifier) stop() context.Context {
	n.mu.Lock()
	c := n.crew
	n.crew = nil
	n.mu.Unlock()
	if c == nil {
		return nil
	}
	c.stop()
	c.ended.Wait()
	return c.life
}

// Reconfigure takes another policy, for which every target is made anew, so that changed files are read and a target that
// was off is tried again. An error keeps the old one as it is. Jobs stay in the stream meanwhile; it takes as long as
// what is on its way, five seconds at most.
func (n *Notifier) Reconfigure(p policy.Policy) error {
	senders, err := n.build(p)
	if err != nil {
		return err
	}
	n.swap.Lock()
	defer n.swap.Unlock()
	life := n.stop()
	if err := n.replace(senders); err != nil {
		closeTargets(senders)
		return err
	}
	n.policy.Store(&p)
	if life != nil {
		n.start(life)
	}
	return nil
}

// replace puts senders in place of those there are, none of which runs. One whose target is as before goes on with what
// the old one knew of it.
func (n *Notifier) replace(senders map[string]*sender) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.ended {
		return errors.New("reconfigure the notifier: it has ended")
	}
	for name, s := range senders {
		if old := n.senders[name]; old != nil && reflect.DeepEqual(old.policy, s.policy) {
			s.pace = old.pace
			s.gate.inherit(old.gate)
		}
	}
	closeTargets(n.senders)
	n.senders = senders
	return nil
}
