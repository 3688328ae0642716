package notifier

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// messages are events on their way into CALLS.
func messages(events []callevent.Event) (m []bus.Message) {
	for _, e := range events {
		data, err := callevent.Encode(e)
		if err != nil {
			panic(err)
		}
		m = append(m, bus.Message{Subject: e.Subject(), ID: e.ID, Data: data})
	}
	return m
}

func TestEventsThatAreRoutedAgainAfterACrashMakeNoSecondJob(t *testing.T) {
	f := routed(t, one(), someMissed(1, 50)...)
	streams, err := f.bus.Notifications(t.Context())
	require.NoError(t, err)
	_, revision, err := streams.Positions.Get(t.Context(), positionKey)
	require.NoError(t, err)
	_, err = streams.Positions.Put(t.Context(), positionKey, []byte(`{"seq":1}`), revision) // the crash was before this was stored
	require.NoError(t, err)
	f.run(t).idle(t)
	assert.ElementsMatch(t, someIDs(1, 50, "crm"), idsOf(f.channels["crm"].all()))
}

func TestOfTwoRoutersOneLeadsAndTheOtherTakesOverWhenItIsGone(t *testing.T) {
	server := openBus(t, bus.Settings{Listen: "127.0.0.1:0", Username: "u", Password: "p"})
	there := bus.Settings{URL: "nats://" + server.Addr(), Username: "u", Password: "p", AckWait: 2 * time.Second}
	first, second := prepare(t, openBus(t, there), one()), prepare(t, openBus(t, there), one())
	all := newChannel()
	first.channels["crm"], second.channels["crm"] = all, all
	for _, f := range []*fixture{first, second} {
		require.NoError(t, f.Reconfigure(one()))
		f.run(t)
	}
	const n = 150
	for i := range n {
		// Of each matter two events, one right after the other.
		publish(t, server, missed(number(i)), resolved(number(i)))
		if i == n/2 {
			first.stop()
		}
	}
	got := all.await(t, 2*n)
	second.idle(t)
	assert.Len(t, all.all(), 2*n, "nobody was told twice")
	seen := make(map[string]bool)
	for _, d := range got {
		call := d.Event.Call
		if d.Event.Payload.Kind() == callevent.KindResolved {
			assert.True(t, seen[call], "%s was settled before it was told", call)
			assert.True(t, d.Changes)
		}
		seen[call] = true
	}
}

func TestThePlaceOfARouterIsStoredThoughEventsThatNobodyIsToldOfNeverCease(t *testing.T) {
	f := start(t, one())
	require.Eventually(t, func() bool { return f.streams.Load() != nil }, patience, time.Millisecond)
	r, giveUp := router{streams: f.streams.Load()}, time.Now().Add(patience)
	for n, stored := 0, false; !stored; n++ {
		require.True(t, time.Now().Before(giveUp), "those who stand by think that nobody routes")
		f.publish(t, callback(number(n), callevent.CallbackScheduled{Ticket: ticket(number(n))}))
		at, err := r.position(t.Context())
		require.NoError(t, err)
		stored = at.Seq > 0
	}
}

func TestAWorkQueueThatIsFullKeepsEventsInCallsUntilThereIsRoom(t *testing.T) {
	b := openBus(t, bus.Settings{MaxJobs: 64 << 10})
	f := prepare(t, b, one())
	said := &lines{}
	f.log = zerolog.New(said)
	var err error
	f.Notifier, err = New(one(), f.deps())
	require.NoError(t, err)
	f.tuning = quick()
	f.channels["crm"].says(target.Verdict{Outcome: target.Retry, All: true, After: 3 * time.Second, Reason: "rate_limited"})
	f.run(t)
	f.publish(t, missed("first"))
	require.Eventually(t, func() bool { return !f.Health()[0].OK }, patience, time.Millisecond)
	const n = 400
	f.publish(t, someMissed(1, n)...)
	require.Eventually(t, func() bool { return said.has("events wait in CALLS") }, patience, 5*time.Millisecond)
	jobs, err := f.streams.Load().Jobs.State(t.Context())
	require.NoError(t, err)
	assert.Less(t, jobs.Messages, uint64(n))
	f.channels["crm"].answers(nil)
	f.channels["crm"].await(t, n+1)
	f.idle(t)
	assert.Len(t, f.channels["crm"].all(), n+1)
	assert.Empty(t, f.letters(t))
}

// lines is a log that can be asked.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), text)
}

func TestAPositionThatIsNoneSaysWhatToDo(t *testing.T) {
	b := openBus(t, bus.Settings{})
	streams, err := b.Notifications(t.Context())
	require.NoError(t, err)
	_, err = streams.Positions.Put(t.Context(), positionKey, []byte(`nonsense`), 0)
	require.NoError(t, err)
	_, err = (&router{streams: streams}).position(t.Context())
	assert.ErrorContains(t, err, "delete it")
}

func TestEventsNobodyIsToldOfMoveThePositionToo(t *testing.T) {
	f := start(t, one())
	f.publish(t, callback("c1", callevent.CallbackScheduled{Ticket: ticket("c1")}))
	f.idle(t)
	assert.Zero(t, f.channels["crm"].tries())
}

func TestNewsOfAMatterThatIsKnownAreNews(t *testing.T) {
	f := start(t, one())
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.publish(t, callback("c1", callevent.CallbackFailed{Ticket: ticket("c1")}))
	got := f.channels["crm"].await(t, 2)
	assert.False(t, got[1].Changes, "a callback that failed is to be seen")
	assert.Len(t, got[1].Earlier, 1)
	f.publish(t, resolved("c1"))
	got = f.channels["crm"].await(t, 3)
	assert.True(t, got[2].Changes)
	assert.Len(t, got[2].Earlier, 2)
}

func TestAMatterThatIsClosedTwiceIsToldOnce(t *testing.T) {
	f := start(t, one())
	f.publish(t, missed("c1"), callback("c1", callevent.CallbackCompleted{Ticket: ticket("c1")}), resolved("c1"))
	f.channels["crm"].await(t, 2)
	f.idle(t)
	assert.Equal(t, []string{"c1.end.crm", "c1.callback_completed.crm"}, idsOf(f.channels["crm"].all()))
	assert.Equal(t, 1, f.counts.of("skipped", "crm", "settled"))
}

func TestWhoAsksForTheEndOfMattersIsToldThoughHeKnewNothing(t *testing.T) {
	p := one()
	p.CopyAll = nil
	p.Routes = []policy.Route{{Match: policy.Match{Events: []callevent.Kind{callevent.KindResolved}}, To: []string{"crm"}}}
	f := start(t, p)
	f.publish(t, missed("c1"), resolved("c1"))
	got := f.channels["crm"].await(t, 1)
	assert.False(t, got[0].Changes)
	f.idle(t)
}

func TestANotifierThatIsStoppedWhileNatsIsAwayEnds(t *testing.T) {
	dir := t.TempDir()
	server, err := bus.Open(t.Context(), bus.Settings{Dir: dir, Listen: "127.0.0.1:0", Username: "u", Password: "p"}, zerolog.Nop())
	require.NoError(t, err)
	f := prepare(t, openBus(t, bus.Settings{URL: "nats://" + server.Addr(), Username: "u", Password: "p"}), one()).run(t)
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	closeBus(t, server)
	at := time.Now()
	f.stop()
	assert.Less(t, time.Since(at), 15*time.Second)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, prepare(t, f.bus, one()).Run(ctx), context.DeadlineExceeded)
}

func TestOneTargetThatHangsDelaysNoOther(t *testing.T) {
	targets := make(map[string]policy.Target)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		targets[name] = webhook()
	}
	well, ill := start(t, everybody(targets)), start(t, everybody(targets))
	ill.channels["e"].answers(func(ctx context.Context, _ target.Delivery) target.Verdict {
		<-ctx.Done()
		return target.Verdict{Outcome: target.Retry, Reason: "timeout"}
	})
	var without, with []time.Duration
	for i := range 60 { // in turns, so that whatever else the machine does is in both
		without = append(without, latency(t, well, "c", i))
		with = append(with, latency(t, ill, "c", i))
	}
	t.Logf("event to accepted message: p50 %v p99 %v; with one of five targets hanging: p50 %v p99 %v",
		percentile(without, 50), percentile(without, 99), percentile(with, 50), percentile(with, 99))
	assert.Less(t, percentile(with, 50), 3*percentile(without, 50)+50*time.Millisecond, "one that waited for the other would be told after minutes")
	assert.Equal(t, 4, hanging(ill.channels["e"]), "its workers, and no more")
}

// hanging counts the deliveries that are on their way.
func hanging(c *channel) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun - c.tried
}

// latency is the time from the n-th event, counted from 0, to the moment at which a target has taken it.
func latency(t testing.TB, f *fixture, name string, n int) time.Duration {
	t.Helper()
	f.publish(t, missed(number(n)))
	d := f.channels[name].await(t, n+1)[n]
	f.channels[name].mu.Lock()
	defer f.channels[name].mu.Unlock()
	return f.channels[name].at[n].Sub(d.Event.Time)
}

func TestTheEndOfTheNotifierIsNoFailureToWriteJobs(t *testing.T) {
	b := openBus(t, bus.Settings{})
	streams, err := b.Notifications(t.Context())
	require.NoError(t, err)
	var log bytes.Buffer
	r := router{bus: b, streams: streams, tuning: quick(), log: zerolog.New(&log)}
	ctx, end := context.WithCancel(t.Context())
	end()
	require.ErrorIs(t, r.write(ctx, []bus.Message{{Subject: "jobs.x.y", ID: "1", Data: []byte("{}")}}), context.Canceled)
	assert.Empty(t, log.String())
}
