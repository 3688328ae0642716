package journal

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

func TestAnEventIsInCallsWhenItsDoneIsCalledAndDoneTellsItsPlace(t *testing.T) {
	b := embeddedBus(t, bus.Settings{})
	j := openJournal(t, Settings{}, b)
	for n := 1; n <= 20; n++ {
		durable := make(chan uint64, 1)
		j.Record([]callevent.Event{entered(call(n), 1), missed(call(n))}, func(seq uint64) { durable <- seq })
		assert.Equal(t, uint64(2*n), <-durable)
		assert.Len(t, inCalls(t, b), 2*n)
	}
	assert.Equal(t, Status{State: Writing, Since: j.Status().Since, Recorded: 40}, j.Status())
	assert.NoError(t, j.Healthy())
}

func TestDonesAreCalledInTheOrderOfRecordsWithThePlaceOfTheirOwnEvents(t *testing.T) {
	b := embeddedBus(t, bus.Settings{})
	j := openJournal(t, Settings{}, b)
	var d dones
	var want []uint64
	events := 0
	for n := range 2000 {
		step := []callevent.Event{entered(call(n), 1), missed(call(n))}[:n%3]
		events += len(step)
		j.Record(step, d.done)
		want = append(want, uint64(events))
	}
	flush(t, j)
	assert.Equal(t, want, d.all(), "a step without events has the place of what was before it")
	assert.Len(t, inCalls(t, b), events)
	assert.NotZero(t, b.Stats().Batches)
}

func TestRecordingWaitsForNobody(t *testing.T) {
	release := make(chan struct{})
	p := &scripted{publish: func(_ context.Context, m []bus.Message) ([]uint64, error) {
		<-release
		return numbers(0, len(m)), nil
	}}
	j := openJournal(t, Settings{}, p)
	var d dones
	for n := range 5000 {
		j.Record([]callevent.Event{entered(call(n), 1)}, d.done) // would never return if it waited
	}
	assert.Empty(t, d.all())
	assert.Equal(t, 5000, j.Status().Held)
	close(release)
	flush(t, j)
	assert.Len(t, d.all(), 5000)
	assert.Zero(t, j.Status().Held)
}

func TestOnlyWhatWasAcknowledgedCountsAsInCalls(t *testing.T) {
	away := true
	p := &scripted{}
	p.publish = func(_ context.Context, m []bus.Message) ([]uint64, error) {
		if away {
			away = false
			return numbers(0, 3), bus.ErrAway // three of five, the last was one of two of a step
		}
		return numbers(p.count(), len(m)), nil
	}
	held, gate := make(chan struct{}), make(chan struct{})
	j := openJournal(t, Settings{RetryMax: time.Millisecond}, p)
	j.Record(nil, func(uint64) { close(held); <-gate })
	<-held // so that the rest is one batch
	var d dones
	j.Record([]callevent.Event{entered(call(1), 1), entered(call(1), 2)}, d.done)
	j.Record(nil, d.done)
	j.Record([]callevent.Event{entered(call(2), 1), entered(call(2), 2)}, d.done)
	j.Record(nil, d.done)
	j.Record([]callevent.Event{entered(call(3), 1)}, d.done)
	close(gate)
	reach(t, j, Writing)
	flush(t, j)
	assert.Equal(t, []uint64{2, 2, 0, 0, 0}, d.all())
	reach(t, j, Writing)
	requireSame(t, []string{"c00001.1.1", "c00001.1.2", "c00002.1.1", "c00002.1.2", "c00003.1.1"}, inCalls(t, p))
	j.Record(nil, d.done)
	flush(t, j)
	assert.Equal(t, uint64(5), d.all()[5], "all is in CALLS now, so that a checkpoint may say so")
}

func requireSame(t *testing.T, want, got []string) {
	t.Helper()
	require.Equal(t, want, got)
}

func TestAnEventThatCannotBeEncodedIsCountedAndTheOthersGoOn(t *testing.T) {
	b := embeddedBus(t, bus.Settings{})
	j := openJournal(t, Settings{}, b)
	var d dones
	j.Record([]callevent.Event{entered(call(1), 1), {ID: "no payload"}, missed(call(1))}, d.done)
	flush(t, j)
	assert.Equal(t, []uint64{2}, d.all())
	assert.Equal(t, uint64(1), j.Status().Lost)
	assert.Zero(t, j.Status().Held)
}

func TestClosingWritesWhatWasRecordedAndEndsForGood(t *testing.T) {
	b := embeddedBus(t, bus.Settings{})
	j, err := Open(t.Context(), Settings{Dir: t.TempDir()}, b, zerolog.Nop())
	require.NoError(t, err)
	var d dones
	for n := range 1200 {
		j.Record([]callevent.Event{entered(call(n), 1)}, d.done)
	}
	require.NoError(t, j.Close(t.Context()))
	assert.Len(t, d.all(), 1200)
	assert.Len(t, inCalls(t, b), 1200)

	j.Record([]callevent.Event{missed(call(1))}, d.done)
	assert.Len(t, d.all(), 1200, "nothing is recorded after closing")
	assert.ErrorIs(t, j.Flush(t.Context()), ErrClosed)
	_, err = j.Fold(t.Context(), 1, nil)
	assert.ErrorIs(t, err, ErrClosed)
	assert.NoError(t, j.Close(t.Context()))
}

func TestClosingTellsOfEventsThatCouldBeStoredNowhere(t *testing.T) {
	p := &scripted{embedded: true, publish: func(context.Context, []bus.Message) ([]uint64, error) {
		return nil, bus.ErrStorage
	}}
	j, err := Open(t.Context(), Settings{Dir: t.TempDir()}, p, zerolog.Nop())
	require.NoError(t, err)
	var d dones
	j.Record([]callevent.Event{missed(call(1))}, d.done)
	reach(t, j, Holding)
	ctx, end := context.WithCancel(t.Context())
	end()
	err = j.Close(ctx)
	assert.ErrorContains(t, err, "1 events could be stored nowhere")
	assert.ErrorIs(t, err, bus.ErrStorage)
	assert.Equal(t, []uint64{0}, d.all())
}

func TestClosingWhileAClusterDoesNotAnswerLeavesTheEventsInTheSpool(t *testing.T) {
	p := &scripted{publish: func(ctx context.Context, _ []bus.Message) ([]uint64, error) {
		<-ctx.Done() // answers nothing until it is told to give up
		return nil, errors.Join(bus.ErrAway, ctx.Err())
	}}
	dir := t.TempDir()
	j, err := Open(t.Context(), Settings{Dir: dir}, p, zerolog.Nop())
	require.NoError(t, err)
	var d dones
	j.Record([]callevent.Event{entered(call(1), 1), missed(call(1))}, d.done)
	ctx, end := context.WithCancel(t.Context())
	end()
	require.NoError(t, j.Close(ctx))
	assert.Equal(t, []uint64{0}, d.all())

	b := embeddedBus(t, bus.Settings{})
	openJournal(t, Settings{Dir: dir}, b)
	assert.Equal(t, []string{"c00001.1.1", "c00001.end"}, inCalls(t, b))
}

func TestAStateHasAName(t *testing.T) {
	for s, name := range map[State]string{Writing: "writing", Spooling: "spooling", Holding: "holding", 7: "state 7"} {
		assert.Equal(t, name, s.String())
	}
}
