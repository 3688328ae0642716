package bus

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func b0() zerolog.Logger { return zerolog.Nop() }

func stream(t *testing.T, b *Bus) jetstream.Stream {
	t.Helper()
	s, err := b.js.Stream(t.Context(), Stream)
	require.NoError(t, err)
	return s
}

func TestFoldingAnEmptyStreamEndsAtOnce(t *testing.T) {
	b := open(t, Settings{})
	for _, from := range []uint64{0, 1, 7} {
		ids, last := folded(t, b, from)
		assert.Empty(t, ids)
		assert.Zero(t, last)
	}
}

func TestFoldingBeginsWhereItIsAsked(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 10)
	publish(t, b, m)
	for from, want := range map[uint64][]Message{0: m, 1: m, 2: m[1:], 10: m[9:], 11: nil, 1000: nil} {
		ids, last := folded(t, b, from)
		assert.Equal(t, idsOf(want), ids, "from %d", from)
		assert.Equal(t, uint64(10), last)
	}
}

func TestFoldingEndsWhateverWasRemoved(t *testing.T) {
	for what, c := range map[string]struct {
		remove func(t *testing.T, s jetstream.Stream)
		want   []int
	}{
		"the oldest": {func(t *testing.T, s jetstream.Stream) {
			require.NoError(t, s.Purge(t.Context(), jetstream.WithPurgeSequence(4)))
		}, []int{3, 4, 5}},
		"all": {func(t *testing.T, s jetstream.Stream) { require.NoError(t, s.Purge(t.Context())) }, nil},
		"the newest": {func(t *testing.T, s jetstream.Stream) {
			require.NoError(t, s.DeleteMsg(t.Context(), 5))
			require.NoError(t, s.DeleteMsg(t.Context(), 6))
		}, []int{0, 1, 2, 3}},
		"one in between": {func(t *testing.T, s jetstream.Stream) {
			require.NoError(t, s.DeleteMsg(t.Context(), 3))
		}, []int{0, 1, 3, 4, 5}},
		"all but the oldest": {func(t *testing.T, s jetstream.Stream) {
			for seq := uint64(2); seq <= 6; seq++ {
				require.NoError(t, s.DeleteMsg(t.Context(), seq))
			}
		}, []int{0}},
	} {
		t.Run(what, func(t *testing.T) {
			b := open(t, Settings{})
			m := messages(t, 1, 6)
			publish(t, b, m)
			c.remove(t, stream(t, b))
			ids, last := folded(t, b, 1)
			var want []string
			for _, i := range c.want {
				want = append(want, m[i].ID)
			}
			assert.Equal(t, want, ids)
			assert.Equal(t, uint64(6), last)
		})
	}
}

func TestFoldingEndsWhenTheRestIsRemovedMeanwhile(t *testing.T) {
	b := open(t, Settings{})
	publish(t, b, messages(t, 1, 3*foldAhead))
	seen := 0
	last, err := b.Fold(t.Context(), 1, func(uint64, callevent.Event) error {
		if seen++; seen == 1 {
			return stream(t, b).Purge(t.Context())
		}
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, uint64(3*foldAhead), last)
	assert.Less(t, seen, 3*foldAhead, "what was removed could not be read")
}

func TestFoldingFromAPlaceInTheGapAtTheEndEnds(t *testing.T) {
	b := open(t, Settings{})
	publish(t, b, messages(t, 1, 3))
	require.NoError(t, stream(t, b).DeleteMsg(t.Context(), 3))
	ids, last := folded(t, b, 3)
	assert.Empty(t, ids)
	assert.Equal(t, uint64(3), last)
}

func TestFoldingEndsAtTheEndAsItWasWhenItBegan(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 20)
	publish(t, b, m)
	var ids []string
	last, err := b.Fold(t.Context(), 1, func(seq uint64, e callevent.Event) error {
		ids = append(ids, e.ID)
		publish(t, b, messages(t, 100+len(ids), 1))
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, idsOf(m), ids)
	assert.Equal(t, uint64(20), last)
}

func TestFoldingPassesOverWhatItDoesNotKnow(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 2)
	publish(t, b, m[:1])
	later := `{"specversion":"1.0","type":"missedcalls.call.applauded.v1","id":"x","subject":"x"}`
	publish(t, b, []Message{
		{Subject: "calls.sales.applauded", ID: "x", Data: []byte(later)},
		{Subject: "calls.sales.missed", ID: "y", Data: []byte("no event")},
		m[1],
	})
	ids, last := folded(t, b, 1)
	assert.Equal(t, idsOf(m), ids)
	assert.Equal(t, uint64(4), last)
	assert.Equal(t, uint64(1), b.Stats().Unknown)
	assert.Equal(t, uint64(1), b.Stats().Malformed)
}

func TestAnErrorOfTheVisitorEndsTheFolding(t *testing.T) {
	b := open(t, Settings{})
	publish(t, b, messages(t, 1, 5))
	enough, seen := errors.New("enough"), 0
	_, err := b.Fold(t.Context(), 1, func(uint64, callevent.Event) error {
		if seen++; seen == 2 {
			return enough
		}
		return nil
	})
	assert.ErrorIs(t, err, enough)
	assert.Equal(t, 2, seen)
}
