package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJobsAreStoredInTheirOrderAndOnceFewOrMany(t *testing.T) {
	for _, count := range []int{1, batchFrom, maxBatch + 3} {
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			n := notifications(t, open(t, Settings{}))
			m := jobs(1, count)
			publishJobs(t, n.Jobs, m)
			publishJobs(t, n.Jobs, m) // as after a crash
			var got []string
			for next := uint64(1); ; {
				one, err := n.Jobs.Next(t.Context(), "jobs.>", next)
				if errors.Is(err, ErrNone) {
					break
				}
				require.NoError(t, err)
				got, next = append(got, string(one.Data)+".mail"), one.Seq+1
			}
			assert.Equal(t, idsOf(m), got)
		})
	}
}

func TestJobsOfAnotherStreamAreRefused(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	_, err := n.Jobs.Publish(t.Context(), messages(t, 1, 1))
	assert.Error(t, err)
	_, err = n.Dead.Publish(t.Context(), jobs(1, 1))
	assert.Error(t, err)
	assert.Zero(t, state(t, n.Jobs).Messages)
}

func TestAWorkQueueThatIsFullTakesNoMoreAndLosesNothing(t *testing.T) {
	b := open(t, Settings{MaxJobs: 100 << 10})
	n := notifications(t, b)
	big := func(first, count int) []Message {
		m := jobs(first, count)
		for i := range m {
			m[i].Data = append(m[i].Data, make([]byte, 9<<10)...)
		}
		return m
	}
	publishJobs(t, n.Jobs, big(1, 10))
	for _, count := range []int{1, batchFrom} {
		seqs, err := n.Jobs.Publish(t.Context(), big(11, count))
		require.ErrorIs(t, err, ErrFull)
		assert.NotErrorIs(t, err, ErrStorage)
		assert.Empty(t, seqs)
	}
	s := state(t, n.Jobs)
	assert.Equal(t, uint64(10), s.Messages)
	assert.Equal(t, uint64(100<<10), s.MaxBytes)
	assert.Greater(t, s.Bytes, uint64(90<<10))
	publish(t, b, messages(t, 1, 10))
	require.NoError(t, n.Jobs.Delete(t.Context(), 1))
	seqs, err := n.Jobs.Publish(t.Context(), big(11, batchFrom))
	require.ErrorIs(t, err, ErrFull)
	assert.Len(t, seqs, 1, "as many as there is room for")
	assert.NoError(t, b.Healthy())
}

func TestAStreamIsLookedInto(t *testing.T) {
	n := notifications(t, open(t, Settings{}))
	for i, subject := range []string{"jobs.mail.a", "jobs.mail.b", "jobs.chat.a", "jobs.mail.a"} {
		publishJobs(t, n.Jobs, []Message{{Subject: subject, ID: fmt.Sprint(i), Data: []byte(fmt.Sprint(i))}})
	}
	next := func(subject string, from uint64) uint64 {
		m, err := n.Jobs.Next(t.Context(), subject, from)
		require.NoError(t, err)
		return m.Seq
	}
	assert.Equal(t, uint64(1), next("jobs.mail.a", 0))
	assert.Equal(t, uint64(4), next("jobs.mail.a", 2))
	assert.Equal(t, uint64(3), next("jobs.*.a", 2))
	subjects, err := n.Jobs.Subjects(t.Context(), "jobs.mail.*")
	require.NoError(t, err)
	assert.Equal(t, map[string]uint64{"jobs.mail.a": 2, "jobs.mail.b": 1}, subjects)

	require.NoError(t, n.Jobs.Delete(t.Context(), 4))
	assert.ErrorIs(t, n.Jobs.Delete(t.Context(), 4), ErrNone)
	for _, seq := range []uint64{4, 99} {
		_, err = n.Jobs.Get(t.Context(), seq)
		assert.ErrorIs(t, err, ErrNone)
	}
	got, err := n.Jobs.Get(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, "jobs.mail.b", got.Subject)
	_, err = n.Jobs.Next(t.Context(), "jobs.mail.a", 2)
	assert.ErrorIs(t, err, ErrNone)
	assert.Equal(t, uint64(4), state(t, n.Jobs).LastSeq)
}

func TestTheStreamsOfTheNotifierAreMadeOnceAndKept(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), Settings{Dir: dir}, b0())
	require.NoError(t, err)
	publishJobs(t, notifications(t, b).Jobs, jobs(1, 2))
	publishJobs(t, notifications(t, b).Jobs, jobs(3, 2))
	closeBus(t, b)
	again := open(t, Settings{Dir: dir, MaxJobs: 1 << 20})
	s := state(t, notifications(t, again).Jobs)
	assert.Equal(t, uint64(4), s.Messages)
	assert.Equal(t, uint64(1<<20), s.MaxBytes, "brought to the settings")
}

func TestOfTwoWhoChangeAValueOnlyTheFirstSucceeds(t *testing.T) {
	l := notifications(t, open(t, Settings{})).Deliveries
	value, revision, err := l.Get(t.Context(), "mail.c1")
	require.NoError(t, err)
	assert.Empty(t, value)
	assert.Zero(t, revision)
	first, err := l.Put(t.Context(), "mail.c1", []byte("one"), 0)
	require.NoError(t, err)
	_, err = l.Put(t.Context(), "mail.c1", []byte("other"), 0)
	assert.ErrorIs(t, err, ErrChanged)
	second, err := l.Put(t.Context(), "mail.c1", []byte("two"), first)
	require.NoError(t, err)
	_, err = l.Put(t.Context(), "mail.c1", []byte("other"), first)
	assert.ErrorIs(t, err, ErrChanged)
	value, revision, err = l.Get(t.Context(), "mail.c1")
	require.NoError(t, err)
	assert.Equal(t, "two", string(value))
	assert.Equal(t, second, revision)
}

func TestManyValuesAreStoredTogetherOrNoneOfThem(t *testing.T) {
	l := notifications(t, open(t, Settings{})).Deliveries
	revisions := make(map[string]uint64)
	put := func(value string, spoiled int) error {
		var entries []Entry
		for i := range 200 {
			key := fmt.Sprintf("mail.c%d", i)
			entries = append(entries, Entry{Key: key, Value: []byte(value), Revision: revisions[key]})
		}
		entries[0].Revision += uint64(spoiled)
		return l.PutAll(t.Context(), entries)
	}
	values := func() map[string]int {
		found := make(map[string]int)
		for i := range 200 {
			key := fmt.Sprintf("mail.c%d", i)
			value, revision, err := l.Get(t.Context(), key)
			require.NoError(t, err)
			found[string(value)]++
			revisions[key] = revision
		}
		return found
	}
	require.NoError(t, put("one", 0))
	require.ErrorIs(t, put("one", 0), ErrChanged, "they are there already")
	assert.Equal(t, map[string]int{"one": 200}, values())
	require.NoError(t, put("two", 0))
	assert.Equal(t, map[string]int{"two": 200}, values())
	require.ErrorIs(t, put("three", 1), ErrChanged)
	assert.Equal(t, map[string]int{"two": 200}, values())
	_, err := l.Put(t.Context(), "mail.c0", []byte("alone"), revisions["mail.c0"])
	require.NoError(t, err)
}

func TestNothingIsStoredInALedgerOnADiskWithTooLittleRoom(t *testing.T) {
	l := notifications(t, open(t, Settings{MinFree: 1 << 60})).Deliveries
	_, err := l.Put(t.Context(), "mail.c1", []byte("one"), 0)
	assert.ErrorIs(t, err, ErrStorage)
	assert.ErrorIs(t, l.PutAll(t.Context(), []Entry{{Key: "mail.c1"}}), ErrStorage)
}

func TestACommandReadsAndReplaysDeadLettersThroughTheDataDirectory(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	own := notifications(t, b)
	publishJobs(t, own.Dead, []Message{{Subject: "dead.mail", ID: "a", Data: []byte("one")}, {Subject: "dead.chat", ID: "b"}})
	n, done, err := OpenNotifications(t.Context(), Settings{Dir: b.settings.Dir})
	require.NoError(t, err)
	defer done()
	dead, err := n.Dead.Next(t.Context(), "dead.mail", 1)
	require.NoError(t, err)
	assert.Equal(t, "one", string(dead.Data))
	dead, err = n.Dead.Get(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, "dead.chat", dead.Subject)
	publishJobs(t, n.Jobs, jobs(1, 1))
	require.NoError(t, n.Dead.Delete(t.Context(), 1))
	assert.Equal(t, uint64(1), state(t, own.Jobs).Messages)
	assert.Equal(t, uint64(1), state(t, own.Dead).Messages)
}

func TestTheOperatorMayNotTouchMoreOfTheNotifier(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	notifications(t, b)
	w, err := readWayIn(b.settings.Dir)
	require.NoError(t, err)
	assertRefused(t, b, nats.UserInfo(w.Username, w.Password),
		"dead.mail", "$JS.API.STREAM.PURGE.DEAD", "$JS.API.STREAM.DELETE.DEAD", "$JS.API.STREAM.PURGE.JOBS",
		"$JS.API.STREAM.MSG.DELETE.JOBS", "$JS.API.STREAM.MSG.DELETE.CALLS", "$JS.API.CONSUMER.DURABLE.CREATE.JOBS.target-mail",
		"$JS.API.CONSUMER.MSG.NEXT.JOBS.target-mail", "$JS.ACK.JOBS.target-mail.1.1.1.1.1", "$KV.missedcalls_delivery.mail.c1", "$KV.missedcalls.notifier.position")
	assertRefused(t, b, nats.Name("anybody"), "jobs.mail.c1", "dead.mail", "$KV.missedcalls_delivery.mail.c1")
}

func TestACommandIsToldThatThereIsNoNotifierYet(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	_, _, err := OpenNotifications(t.Context(), Settings{Dir: b.settings.Dir})
	require.ErrorIs(t, err, jetstream.ErrStreamNotFound)
	assert.ErrorContains(t, err, "with the role notifier")
	_, _, err = OpenNotifications(t.Context(), Settings{Dir: t.TempDir()})
	assert.ErrorContains(t, err, "start `missedcalls serve`")
}

func TestTheNotifiersStreamsAreWaitedForUntilTheContextEnds(t *testing.T) {
	dir, addr := t.TempDir(), freePort(t)
	server := cluster(t, dir, addr)
	b := open(t, client(addr))
	closeBus(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := b.Notifications(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	server = cluster(t, dir, addr)
	defer closeBus(t, server)
	publishJobs(t, notifications(t, b).Jobs, jobs(1, 1))
}
