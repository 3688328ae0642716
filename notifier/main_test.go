package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/app/bus/bustest"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("NOTIFIER_TEST_CHILD"); child != "" {
		os.Exit(children[child]())
	}
	bustest.Verify(m)
}

// children are what the test binary does when a test starts it as a process of its own.
var children = map[string]func() int{
	"killed": killedChild,
}

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// channel is a target that does as a test says, and remembers what it has taken.
type channel struct {
	// answer says what becomes of a delivery; nil for sent.
	answer func(ctx context.Context, d target.Delivery) target.Verdict

	mu      sync.Mutex
	taken   []target.Delivery
	at      []time.Time
	begun   int // deliveries, of which some may be on their way yet
	tried   int
	changed chan struct{}
	closed  int
}

func newChannel() *channel { return &channel{changed: make(chan struct{})} }

func (c *channel) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	c.mu.Lock()
	answer := c.answer
	c.begun++
	c.tell()
	c.mu.Unlock()
	v := sentAs(d.ID)
	if answer != nil {
		v = answer(ctx, d)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried++
	if v.Outcome == target.Sent {
		c.taken = append(c.taken, d)
		c.at = append(c.at, time.Now())
	}
	c.tell()
	return v
}

// tell tells those who wait for something that it may have come.
func (c *channel) tell() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *channel) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed++
}

func sentAs(ref string) target.Verdict {
	b, _ := json.Marshal(ref)
	return target.Verdict{Outcome: target.Sent, Ref: b}
}

// answers changes what becomes of deliveries from now on.
func (c *channel) answers(answer func(ctx context.Context, d target.Delivery) target.Verdict) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// says answers every delivery with a verdict.
func (c *channel) says(v target.Verdict) {
	c.answers(func(context.Context, target.Delivery) target.Verdict { return v })
}

func (c *channel) all() []target.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]target.Delivery(nil), c.taken...)
}

func (c *channel) tries() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tried
}

// until waits until something holds for the channel.
func (c *channel) until(t testing.TB, holds func() bool) {
	t.Helper()
	giveUp := time.After(patience)
	for {
		c.mu.Lock()
		changed := c.changed
		c.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-giveUp:
			require.FailNow(t, "it never came to that", "tried %d, taken %v", c.tries(), idsOf(c.all()))
		}
	}
}

// await waits until n deliveries were taken, and gives them.
func (c *channel) await(t testing.TB, n int) []target.Delivery {
	t.Helper()
	c.until(t, func() bool { return len(c.all()) >= n })
	return c.all()
}

// percentile of durations, by nearest rank.
func percentile(of []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func idsOf(deliveries []target.Delivery) (ids []string) {
	for _, d := range deliveries {
		ids = append(ids, d.ID)
	}
	return ids
}

// words are plain: kind and call.
type words struct{ fail error }

func (w words) Announce(e callevent.Event) (message.Message, error) {
	return message.Message{Title: fmt.Sprintf("%s %s", e.Payload.Kind(), e.Call)}, w.fail
}

func (words) Changed(earlier message.Message, e callevent.Event) message.Message {
	earlier.Status = string(e.Payload.Kind())
	return earlier
}

func (words) Digest(events []callevent.Event) (message.Message, error) {
	m := message.Message{Title: fmt.Sprintf("%d events", len(events))}
	for _, e := range events {
		m.Facts = append(m.Facts, message.Fact{Label: string(e.Payload.Kind()), Value: e.Call})
	}
	return m, nil
}

// counts are what an observer was told.
type counts struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counts) add(parts ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[string]int)
	}
	c.n[fmt.Sprint(parts)]++
}

func (c *counts) of(parts ...string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n[fmt.Sprint(parts)]
}

func (c *counts) observer() Observer {
	return Observer{
		Routed: func(target string) { c.add("routed", target) },
		Delivered: func(name, channel string, v target.Verdict, _ time.Duration) {
			c.add("delivered", name, channel, string(v.Outcome), v.Reason)
		},
		Digested:       func(target string, jobs int) { c.add("digested", target, fmt.Sprint(jobs)) },
		Skipped:        func(target, reason string) { c.add("skipped", target, reason) },
		Moved:          func(target, fallback string) { c.add("moved", target, fallback) },
		Dead:           func(target, reason string) { c.add("dead", target, reason) },
		TemplateFailed: func(target string) { c.add("template", target) },
	}
}

// fixture is a notifier on an embedded NATS, whose targets are channels.
type fixture struct {
	*Notifier
	bus      *bus.Bus
	channels map[string]*channel
	counts   *counts
	log      zerolog.Logger
	stop     func()
}

// quick are times for tests.
func quick() tuning {
	tuned := defaultTuning()
	tuned.firstPause, tuned.ackWait, tuned.poll = 20*time.Millisecond, 3*time.Second, 50*time.Millisecond
	tuned.grace, tuned.lookAgain, tuned.orphanAge = 2*time.Second, 50*time.Millisecond, 0
	tuned.comeBack = 50 * time.Millisecond
	tuned.standBy, tuned.fullPause = 100*time.Millisecond, 50*time.Millisecond
	return tuned
}

// prepare makes a notifier that does not run yet. Targets without a channel in the fixture get one.
func prepare(t testing.TB, b *bus.Bus, p policy.Policy) *fixture {
	t.Helper()
	f := &fixture{bus: b, channels: make(map[string]*channel), counts: &counts{}, log: zerolog.Nop()}
	for name := range p.Targets {
		f.channels[name] = newChannel()
	}
	var err error
	f.Notifier, err = New(p, f.deps())
	require.NoError(t, err)
	f.tuning = quick()
	return f
}

func (f *fixture) deps() Deps {
	return Deps{
		Bus: f.bus, Factory: f.factory, Mask: masked, Observer: f.counts.observer(), Log: f.log,
		Renderer: func(policy.Target) (Renderer, error) { return words{}, nil },
	}
}

func (f *fixture) factory(t policy.Target) (target.Target, error) {
	c := f.channels[t.Name]
	if c == nil {
		return nil, fmt.Errorf("target %s: no such channel", t.Name)
	}
	return c, nil
}

// masked hides the caller of a missed call.
func masked(e callevent.Event) callevent.Event {
	m := e.Payload.(callevent.Missed)
	m.Caller = callevent.Caller{Kind: m.Caller.Kind}
	e.Payload = m
	return e
}

// run runs the notifier until the test ends, or stop is called.
func (f *fixture) run(t testing.TB) *fixture {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	f.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	t.Cleanup(f.stop)
	return f
}

// start runs a notifier on an embedded NATS of its own.
func start(t testing.TB, p policy.Policy) *fixture {
	t.Helper()
	return prepare(t, openBus(t, bus.Settings{}), p).run(t)
}

func openBus(t testing.TB, s bus.Settings) *bus.Bus {
	t.Helper()
	if s.URL == "" && s.Dir == "" {
		s.Dir = t.TempDir()
	}
	b, err := bus.Open(t.Context(), s, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { closeBus(t, b) })
	return b
}

func closeBus(t testing.TB, b *bus.Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, b.Close(ctx))
}

// publish puts events into CALLS.
func (f *fixture) publish(t testing.TB, events ...callevent.Event) {
	t.Helper()
	publish(t, f.bus, events...)
}

func publish(t testing.TB, b *bus.Bus, events ...callevent.Event) {
	t.Helper()
	var m []bus.Message
	for _, e := range events {
		data, err := callevent.Encode(e)
		require.NoError(t, err)
		m = append(m, bus.Message{Subject: e.Subject(), ID: e.ID, Data: data})
	}
	_, err := b.Publish(t.Context(), m)
	require.NoError(t, err)
}

// idle waits until nothing is left to be done.
func (f *fixture) idle(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return f.isIdle(t) }, patience, 5*time.Millisecond)
}

func (f *fixture) isIdle(t testing.TB) bool {
	t.Helper()
	streams := f.streams.Load()
	if streams == nil {
		return false
	}
	last, err := f.bus.LastSeq(t.Context())
	if err != nil {
		return false
	}
	r := router{streams: streams}
	at, err := r.position(t.Context())
	jobs, stateErr := streams.Jobs.State(t.Context())
	return err == nil && stateErr == nil && at.Seq >= last && jobs.Messages == 0
}

// letters are the dead letters.
func (f *fixture) letters(t testing.TB) []Letter {
	t.Helper()
	letters, _, err := DeadLetters{f.streams.Load()}.List(t.Context(), "", 10_000)
	require.NoError(t, err)
	return letters
}

// told is the record of a target and a matter.
func (f *fixture) told(t testing.TB, name, matter string) *record {
	t.Helper()
	r, err := records{f.streams.Load().Deliveries}.load(t.Context(), recordKey(name, matter))
	require.NoError(t, err)
	return r
}
