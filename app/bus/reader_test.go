package bus

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

// read reads until n messages have come, at most some at a time, and gives the ids of their events.
func read(t testing.TB, r *Reader, n, some int) (ids []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(ids) < n {
		got, err := r.Next(ctx, some)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got), some)
		for _, m := range got {
			e, err := callevent.Decode(m.Data)
			require.NoError(t, err)
			require.Equal(t, e.Subject(), m.Subject)
			ids = append(ids, e.ID)
		}
	}
	return ids
}

func TestAReaderGivesWhatIsThereInOrderAndWaitsForWhatComes(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 50)
	publish(t, b, m[:40])
	r := b.Read(From{Seq: 11})
	defer r.Close()
	assert.Equal(t, idsOf(m[10:40]), read(t, r, 30, 7))
	late := time.AfterFunc(50*time.Millisecond, func() { _, _ = b.Publish(t.Context(), m[40:]) })
	defer late.Stop()
	assert.Equal(t, idsOf(m[40:]), read(t, r, 10, 100))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got, err := r.Next(ctx, 10)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, got)
}

func TestAReaderBeginsAtATime(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 2)
	publish(t, b, m[:1])
	first, err := b.calls.Next(t.Context(), "calls.>", 1)
	require.NoError(t, err)
	publish(t, b, m[1:])
	r := b.Read(From{Since: first.At.Add(1)})
	defer r.Close()
	assert.Equal(t, idsOf(m[1:]), read(t, r, 1, 10))
}

func TestAReaderGoesOnAfterTheServerWasStartedAnew(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 30)
	publish(t, b, m[:10])
	r := b.Read(From{Seq: 1})
	defer r.Close()
	assert.Equal(t, idsOf(m[:5]), read(t, r, 5, 5))
	for i := range 2 {
		restart(t, b)
		publish(t, b, m[10*(i+1):10*(i+2)])
	}
	assert.Equal(t, idsOf(m[5:]), read(t, r, 25, 10))
}

func TestAReaderOfAStreamThatWasMadeAnewBeginsAtItsBeginning(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 3)
	publish(t, b, m)
	r := b.Read(From{Seq: 1000})
	defer r.Close()
	assert.Equal(t, idsOf(m), read(t, r, 3, 10))
	atEnd := b.Read(From{Seq: 4})
	defer atEnd.Close()
	late := time.AfterFunc(50*time.Millisecond, func() { _, _ = b.Publish(t.Context(), messages(t, 4, 1)) })
	defer late.Stop()
	assert.Equal(t, idsOf(messages(t, 4, 1)), read(t, atEnd, 1, 10))
}

func TestAReaderPassesOverWhatWasRemoved(t *testing.T) {
	b := open(t, Settings{})
	m := messages(t, 1, 5)
	publish(t, b, m)
	for _, seq := range []uint64{1, 2, 4} {
		require.NoError(t, b.calls.Delete(t.Context(), seq))
	}
	r := b.Read(From{Seq: 1})
	defer r.Close()
	assert.Equal(t, []string{m[2].ID, m[4].ID}, read(t, r, 2, 1))
}
