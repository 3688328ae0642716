package journal

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// fill makes a server refuse to store anything, until the stream is purged.
func fill(t *testing.T, addr string) jetstream.Stream {
	t.Helper()
	nc, err := nats.Connect("nats://app:secret@" + addr)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	filler, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "FILLER", Subjects: []string{"filler"}})
	require.NoError(t, err)
	for err == nil {
		_, err = js.Publish(t.Context(), "filler", make([]byte, 100<<10))
	}
	return filler
}

func TestWhileTheStoreRefusesCallsGoOnAndTheirEventsFollowInOrder(t *testing.T) {
	b := embeddedBus(t, bus.Settings{
		MaxBytes: 1 << 20, MaxStore: 3 << 20, Listen: "127.0.0.1:0", Username: "app", Password: "secret",
	})
	told := make(chan State, 10)
	j := openJournal(t, Settings{Notify: func(s Status) { told <- s.State }}, b)
	var d dones
	j.Record([]callevent.Event{entered(call(0), 1)}, d.done)
	flush(t, j)

	filler := fill(t, b.Addr())
	for n := 1; n < 700; n++ {
		j.Record([]callevent.Event{entered(call(n), 1)}, d.done)
	}
	assert.Equal(t, Holding, <-told)
	require.Eventually(t, func() bool { return len(d.all()) == 700 }, 10*time.Second, time.Millisecond, "calls go on")
	assert.ErrorIs(t, j.Healthy(), bus.ErrStorage)
	assert.Len(t, inCalls(t, b), 1)

	require.NoError(t, filler.Purge(t.Context()))
	assert.Equal(t, Writing, <-told)
	flush(t, j)
	assert.NoError(t, j.Healthy())
	ids := inCalls(t, b)
	require.Len(t, ids, 700)
	for n, id := range ids {
		assert.Equal(t, callevent.StepID(call(n), 1, 1), id)
	}
	assert.Zero(t, j.Status().Lost)
}

func TestMoreThanMayBeHeldIsRefusedButEndingsAreKeptAndNothingOlderIsDropped(t *testing.T) {
	var well atomic.Bool
	p := &scripted{embedded: true}
	p.publish = func(_ context.Context, m []bus.Message) ([]uint64, error) {
		if !well.Load() {
			return nil, bus.ErrStorage
		}
		return numbers(p.count(), len(m)), nil
	}
	j := openJournal(t, Settings{MaxHeld: 10, RetryMax: time.Millisecond}, p)
	var d dones
	j.Record([]callevent.Event{entered(call(0), 1)}, d.done)
	reach(t, j, Holding)
	var want []string
	want = append(want, "c00000.1.1")
	for n := 1; n < 15; n++ {
		j.Record([]callevent.Event{entered(call(n), 1)}, d.done)
		if n < 10 {
			want = append(want, callevent.StepID(call(n), 1, 1))
		}
	}
	for n := range 15 {
		j.Record([]callevent.Event{missed(call(n)), entered(call(n), 2)}, d.done)
		if n < 10 {
			want = append(want, callevent.EndID(call(n)))
		}
	}
	require.Eventually(t, func() bool { return len(d.all()) == 30 }, 10*time.Second, time.Millisecond, "calls go on")
	s := j.Status()
	assert.Equal(t, 20, s.Held)
	assert.Equal(t, uint64(45-20), s.Lost)
	assert.Equal(t, uint64(20), s.Recorded)

	well.Store(true)
	flush(t, j)
	reach(t, j, Writing)
	assert.Equal(t, want, inCalls(t, p))
}

func TestABurstThatCanBeStoredMayBeLargerThanWhatMayBeHeld(t *testing.T) {
	b := embeddedBus(t, bus.Settings{})
	j := openJournal(t, Settings{MaxHeld: 10}, b)
	var all []callevent.Event
	for n := range 3000 {
		all = append(all, missed(call(n)))
	}
	var d dones
	j.Record(all, d.done)
	flush(t, j)
	assert.Equal(t, []uint64{3000}, d.all())
	assert.Zero(t, j.Status().Lost)
}

func TestFlushingEndsWithItsContextWhileNothingCanBeStored(t *testing.T) {
	p := &scripted{embedded: true, publish: func(context.Context, []bus.Message) ([]uint64, error) {
		return nil, bus.ErrStorage
	}}
	j := openJournal(t, Settings{}, p)
	var d dones
	j.Record([]callevent.Event{missed(call(1))}, d.done)
	reach(t, j, Holding)
	ctx, cancel := context.WithCancel(t.Context())
	flushed := make(chan error)
	go func() { flushed <- j.Flush(ctx) }()
	cancel()
	err := <-flushed
	assert.ErrorIs(t, err, context.Canceled)
}
