package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func TestEventsArePublishedInTheirOrderFewOrMany(t *testing.T) {
	for _, n := range []int{1, batchFrom - 1, batchFrom, maxBatch, maxBatch + 3} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			b := open(t, Settings{})
			m := messages(t, 1, n)
			assert.Equal(t, uint64(n), publish(t, b, m))
			ids, last := folded(t, b, 1)
			assert.Equal(t, idsOf(m), ids)
			assert.Equal(t, uint64(n), last)
			assert.Equal(t, uint64(n), b.Stats().Published)
			assert.Equal(t, n >= batchFrom, b.Stats().Batches > 0)
		})
	}
}

func TestPublishingNothingSucceeds(t *testing.T) {
	b := open(t, Settings{})
	seqs, err := b.Publish(t.Context(), nil)
	assert.NoError(t, err)
	assert.Empty(t, seqs)
}

func TestAnEventThatIsThereAlreadyIsAcknowledgedOnce(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 3)
	publish(t, b, m)
	assert.Equal(t, uint64(3), publish(t, b, m))
	ids, _ := folded(t, b, 1)
	assert.Equal(t, idsOf(m), ids)
	assert.Equal(t, uint64(3), b.Stats().Duplicates)
}

func TestManyEventsWithOneThatIsThereAlreadyAreStoredOnceEach(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 30)
	publish(t, b, m[10:11])
	assert.Equal(t, uint64(30), publish(t, b, m))
	ids, _ := folded(t, b, 1)
	assert.ElementsMatch(t, idsOf(m), ids)
	assert.Equal(t, m[10].ID, ids[0])
	publish(t, b, messages(t, 31, 30))
	assert.Equal(t, uint64(1), b.Stats().Batches, "the next many go as a batch again")
}

func TestEveryEventIsToldItsPlaceWhoeverElsePublishes(t *testing.T) {
	b := open(t, Settings{})
	end := make(chan struct{})
	var other sync.WaitGroup
	other.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-end:
				return
			default:
				publish(t, b, messages(t, 50_000+i, 1))
			}
		}
	})
	places := map[uint64]string{}
	for i := range 20 {
		m := messages(t, 100*i, 1+5*i)
		seqs, err := b.Publish(t.Context(), m)
		require.NoError(t, err)
		for i, seq := range seqs {
			places[seq] = m[i].ID
		}
	}
	close(end)
	other.Wait()
	_, err := b.Fold(t.Context(), 1, func(seq uint64, e callevent.Event) error {
		if id, ours := places[seq]; ours {
			assert.Equal(t, id, e.ID, "at %d", seq)
			delete(places, seq)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Empty(t, places)
	assert.NotZero(t, b.Stats().Batches)
}

func TestWhereBatchesAreSwitchedOffManyEventsGoOneByOne(t *testing.T) {
	b := open(t, Settings{})
	config := b.streamConfig()
	config.AllowAtomicPublish = false
	_, err := b.js.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	m := messages(t, 1, 20)
	publish(t, b, m)
	ids, _ := folded(t, b, 1)
	assert.Equal(t, idsOf(m), ids)
	assert.True(t, b.calls.noBatches.Load())
}

func TestEventsAreDurableAcrossARestart(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), Settings{Dir: dir}, b0())
	require.NoError(t, err)
	m := messages(t, 1, 40)
	publish(t, b, m)
	closeBus(t, b)
	again := open(t, Settings{Dir: dir})
	ids, _ := folded(t, again, 1)
	assert.Equal(t, idsOf(m), ids)
	publish(t, again, m[:1])
	assert.Equal(t, uint64(1), again.Stats().Duplicates, "ids are known after a restart")
}

func TestADiskWithTooLittleRoomRefusesBeforeTheServerBreaks(t *testing.T) {
	b := open(t, Settings{MinFree: 1 << 60})
	seqs, err := b.Publish(t.Context(), messages(t, 1, 1))
	assert.ErrorIs(t, err, ErrStorage)
	assert.ErrorContains(t, err, "make room on the disk")
	assert.Empty(t, seqs)
	b.keeper.suspect()
	require.Eventually(t, func() bool { return errors.Is(b.Healthy(), ErrStorage) }, 5*time.Second, time.Millisecond)
}

func TestRoomIsMissedUntilThereIsAQuarterMore(t *testing.T) {
	s := space{dir: t.TempDir(), min: 1 << 60}
	require.ErrorIs(t, s.check(), ErrStorage)
	free := s.free.Load()
	s.min = free / 2
	require.NoError(t, s.check())
	s.short.Store(true)
	s.min = free - free/8
	require.ErrorIs(t, s.check(), ErrStorage)
	s.short.Store(false)
	require.NoError(t, s.check())
	assert.ErrorIs(t, (&space{dir: "/nonexistent"}).check(), ErrStorage)
}

func TestAServerWhoseStoreIsFullRefusesAndTakesEventsAgain(t *testing.T) {
	b := open(t, Settings{MaxBytes: 1 << 20, MaxStore: 2 << 20})
	filler, err := b.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "FILLER", Subjects: []string{"filler"}})
	require.NoError(t, err)
	for err == nil {
		_, err = b.js.Publish(t.Context(), "filler", make([]byte, 100<<10))
	}
	for _, n := range []int{1, 20} {
		seqs, err := b.Publish(t.Context(), messages(t, 1, n))
		assert.ErrorIs(t, err, ErrStorage)
		assert.NotErrorIs(t, err, ErrAway)
		assert.Empty(t, seqs)
	}
	// The server may be restarting, because it refused to store: a request can be lost then.
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		return filler.Purge(ctx) == nil
	}, 20*time.Second, 10*time.Millisecond)
	require.Eventually(t, func() bool {
		_, err := b.Publish(t.Context(), messages(t, 1, 20))
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	ids, _ := folded(t, b, 1)
	assert.Equal(t, idsOf(messages(t, 1, 20)), ids)
}

func TestPublishingStopsAtTheFirstEventThatIsNotStored(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 5)
	m[2].Subject = "other.subject" // no stream takes it
	seqs, err := b.Publish(t.Context(), m)
	assert.Error(t, err)
	assert.Equal(t, []uint64{1, 2}, seqs)
	ids, _ := folded(t, b, 1)
	assert.Equal(t, idsOf(m[:2]), ids)
}

func TestErrorsSayWhatTheCallerCanDo(t *testing.T) {
	cluster, own := &Bus{}, &Bus{keeper: newKeeper(nil, nil, b0())}
	ended, end := context.WithCancel(t.Context())
	end()
	for _, c := range []struct {
		bus  *Bus
		ctx  context.Context
		err  error
		want error
	}{
		{cluster, t.Context(), nats.ErrNoResponders, ErrAway},
		{cluster, t.Context(), nats.ErrTimeout, ErrAway},
		{cluster, t.Context(), nats.ErrReconnectBufExceeded, ErrAway},
		{cluster, t.Context(), nats.ErrConnectionClosed, ErrAway},
		{cluster, t.Context(), &jetstream.APIError{Code: 503, ErrorCode: 10008}, ErrAway},
		{cluster, t.Context(), &jetstream.APIError{Code: 503, ErrorCode: 10023}, ErrStorage},
		{cluster, t.Context(), &jetstream.APIError{Code: 503, ErrorCode: 10077}, ErrStorage},
		{own, t.Context(), context.DeadlineExceeded, ErrStorage},
		{own, t.Context(), nats.ErrNoResponders, ErrStorage},
		{own, ended, context.Canceled, ErrAway},
	} {
		got := c.bus.classify(c.ctx, c.err)
		assert.ErrorIs(t, got, c.want, "%v", c.err)
		assert.ErrorIs(t, got, c.err)
	}
}
