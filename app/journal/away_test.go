package journal

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

func TestWhileTheClusterIsAwayEventsAreDurableHereAndFollowOnceEachAndInOrder(t *testing.T) {
	dir, addr := t.TempDir(), freePort(t)
	server := startCluster(t, dir, addr)
	b := openBus(t, clusterAt(addr))
	j := openJournal(t, Settings{}, b)
	var d dones
	const calls, each = 40, 30
	step := func(n int) {
		for c := range calls {
			j.Record([]callevent.Event{entered(call(c), n)}, d.done)
		}
	}
	for n := 1; n <= 5; n++ {
		step(n)
	}
	flush(t, j)
	for n := 6; n <= 10; n++ {
		step(n)
	}
	closeBus(t, server) // with events under way
	for n := 11; n <= 20; n++ {
		step(n)
	}
	s := reach(t, j, Spooling)
	assert.NoError(t, j.Healthy(), "calls are served")
	assert.ErrorIs(t, s.Err, bus.ErrAway)
	flush(t, j)
	assert.Len(t, d.all(), calls*20, "everything is durable while the cluster is away")
	assert.NotZero(t, j.Status().Spooled)

	server = startCluster(t, dir, addr)
	defer closeBus(t, server)
	for n := 21; n <= each; n++ {
		step(n)
	}
	reach(t, j, Writing)
	flush(t, j)
	requireOrderPerCall(t, inCalls(t, server), calls, each)
	assert.NotZero(t, d.all()[calls-1])
	last := make(chan uint64, 1)
	j.Record(nil, func(seq uint64) { last <- seq })
	assert.Equal(t, uint64(calls*each), <-last)
	files, err := filepath.Glob(filepath.Join(j.settings.Dir, "spool", "*"))
	require.NoError(t, err)
	assert.Empty(t, files)
}

func TestEventsThatWereSpooledWithoutNeedAreNotStoredTwice(t *testing.T) {
	server := startCluster(t, t.TempDir(), freePort(t))
	defer closeBus(t, server)
	slow := &deaf{Publisher: server}
	j := openJournal(t, Settings{RetryMax: time.Millisecond}, slow)
	var d dones
	for n := 1; n <= 25; n++ {
		j.Record([]callevent.Event{entered(call(1), n)}, d.done)
		flush(t, j)
		reach(t, j, Writing)
	}
	requireOrderPerCall(t, inCalls(t, server), 1, 25)
	assert.NotZero(t, server.Stats().Duplicates)
}

// deaf is a cluster whose answers are lost now and then, after it has stored what it was sent.
type deaf struct {
	Publisher
	n int
}

func (d *deaf) Embedded() bool { return false }

func (d *deaf) Publish(ctx context.Context, m []bus.Message) ([]uint64, error) {
	seqs, err := d.Publisher.Publish(ctx, m)
	if d.n++; d.n%4 == 0 {
		return nil, bus.ErrAway
	}
	return seqs, err
}

func TestTheSpoolOfAnEarlierProcessIsPublishedFirst(t *testing.T) {
	dir := t.TempDir()
	leaveSpool(t, dir, 1, 1200)
	b := embeddedBus(t, bus.Settings{})
	j := openJournal(t, Settings{Dir: dir}, b)
	j.Record([]callevent.Event{entered(call(1), 1201)}, func(uint64) {})
	flush(t, j)
	requireOrderPerCall(t, inCalls(t, b), 1, 1201)
}

// leaveSpool leaves events of a call as a process does that was killed while the cluster was away.
func leaveSpool(t *testing.T, dir string, c, n int) {
	t.Helper()
	s, err := openSpool(filepath.Join(dir, "spool"), 1<<30, zerolog.Nop())
	require.NoError(t, err)
	for i := range n {
		require.NoError(t, s.append([]bus.Message{spoolMessage(t, entered(call(c), i+1))}))
	}
	require.NoError(t, s.closeFile())
}

func spoolMessage(t testing.TB, e callevent.Event) bus.Message {
	t.Helper()
	b, err := callevent.Encode(e)
	require.NoError(t, err)
	return bus.Message{Subject: e.Subject(), ID: e.ID, Data: b}
}

func TestAStartWhileTheClusterTakesNothingFoldsTheSpoolBehindCalls(t *testing.T) {
	dir := t.TempDir()
	leaveSpool(t, dir, 1, 5)
	p := &scripted{publish: func(context.Context, []bus.Message) ([]uint64, error) { return nil, bus.ErrStorage }}
	for _, e := range []callevent.Event{entered(call(0), 1), entered(call(1), 1), entered(call(1), 2)} {
		p.stored = append(p.stored, spoolMessage(t, e)) // the last two are in the spool as well
	}
	j := openJournal(t, Settings{Dir: dir, OpenWait: time.Millisecond}, p)
	type visited struct {
		seq uint64
		id  string
	}
	var got []visited
	last, err := j.Fold(t.Context(), 1, func(seq uint64, e callevent.Event) error {
		got = append(got, visited{seq, e.ID})
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, uint64(3), last)
	assert.Equal(t, []visited{
		{1, "c00000.1.1"}, {2, "c00001.1.1"}, {3, "c00001.1.2"}, {0, "c00001.1.3"}, {0, "c00001.1.4"}, {0, "c00001.1.5"},
	}, got)
	assert.Equal(t, Spooling, j.Status().State)
}

func TestOpeningEndsWithItsContextAndKeepsTheSpool(t *testing.T) {
	dir := t.TempDir()
	leaveSpool(t, dir, 1, 5)
	p := &scripted{publish: func(context.Context, []bus.Message) ([]uint64, error) { return nil, bus.ErrAway }}
	ctx, end := context.WithCancel(t.Context())
	end()
	_, err := Open(ctx, Settings{Dir: dir}, p, zerolog.Nop())
	require.ErrorIs(t, err, context.Canceled)
	b := embeddedBus(t, bus.Settings{})
	openJournal(t, Settings{Dir: dir}, b)
	requireOrderPerCall(t, inCalls(t, b), 1, 5)
}
