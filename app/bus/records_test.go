package bus

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func put(t *testing.T, r Records, name, value string) {
	t.Helper()
	require.NoError(t, r.Put(t.Context(), name, []byte(value)))
}

// all are the values, sorted.
func all(t *testing.T, r Records) []string {
	t.Helper()
	values, err := r.All(t.Context())
	require.NoError(t, err)
	return texts(values)
}

func texts(values [][]byte) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	slices.Sort(out)
	return out
}

// follower collects what Follow tells.
type follower struct {
	mu    sync.Mutex
	heard []string
}

// follow follows records until the test, or the function it gives, ends it.
func follow(t *testing.T, r Records) (*follower, func()) {
	t.Helper()
	f := &follower{}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Follow(ctx, f.hear, func(err error) { t.Log("trouble:", err) })
	}()
	end := sync.OnceFunc(func() { cancel(); <-ended })
	t.Cleanup(end)
	return f, end
}

func (f *follower) hear(value []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.heard = append(f.heard, string(value))
}

// last is what was heard last.
func (f *follower) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.heard) == 0 {
		return ""
	}
	return f.heard[len(f.heard)-1]
}

func (f *follower) await(t *testing.T, value string) {
	t.Helper()
	require.Eventually(t, func() bool { return f.last() == value }, 9*time.Second, 5*time.Millisecond, "never heard %s", value)
}

func TestTheNewestRecordOfEachNameIsThereAfterARestart(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), Settings{Dir: dir}, b0())
	require.NoError(t, err)
	r := b.Records("queue")
	assert.Empty(t, all(t, r))
	put(t, r, "sales", "closed")
	put(t, r, "support", "closed")
	put(t, r, "sales", "open")
	assert.Equal(t, []string{"closed", "open"}, all(t, r))
	closeBus(t, b)

	again := open(t, Settings{Dir: dir})
	assert.Equal(t, []string{"closed", "open"}, all(t, again.Records("queue")))
}

func TestRecordsOfAnotherApplicationAndOfAnotherKindAreApart(t *testing.T) {
	server := open(t, Settings{Listen: "127.0.0.1:0", Username: "u", Password: "p", Application: "one"})
	other := open(t, Settings{URL: "nats://" + server.Addr(), Username: "u", Password: "p", Application: "other"})
	put(t, server.Records("queue"), "sales", "of one")
	put(t, other.Records("queue"), "sales", "of other")
	put(t, server.Records("agent"), "sales", "an agent")
	_, err := server.NextEpoch(t.Context(), "one")
	require.NoError(t, err)
	assert.Equal(t, []string{"of one"}, all(t, server.Records("queue")))
	assert.Equal(t, []string{"of other"}, all(t, other.Records("queue")))
}

func TestARecordMayHaveAnyName(t *testing.T) {
	b := open(t, Settings{Application: "my.app *"})
	r := b.Records("queue")
	names := []string{"Отдел продаж", "a b.c*>", "", ">", "="}
	for _, name := range names {
		put(t, r, name, name)
	}
	slices.Sort(names)
	assert.Equal(t, names, all(t, r))
}

func TestARecordThatIsTooLongIsRefused(t *testing.T) {
	r := open(t, Settings{}).Records("queue")
	put(t, r, "sales", strings.Repeat("x", MaxRecord))
	err := r.Put(t.Context(), "sales", make([]byte, MaxRecord+1))
	require.ErrorContains(t, err, "it has 4097 bytes, and may have 4096")
	assert.Len(t, all(t, r), 1)
}

func TestADeletedRecordIsNoRecord(t *testing.T) {
	b := open(t, Settings{})
	r := b.Records("queue")
	put(t, r, "sales", "closed")
	require.NoError(t, b.kv.Delete(t.Context(), "queue.missedcalls.sales"))
	assert.Empty(t, all(t, r))
}

func TestWhoFollowsHearsWhatIsThereAndWhatComesUntilHeHasEnough(t *testing.T) {
	b := open(t, Settings{})
	r := b.Records("queue")
	put(t, r, "sales", "closed")
	f, end := follow(t, r)
	f.await(t, "closed")
	put(t, r, "sales", "open")
	f.await(t, "open")
	end()
	put(t, r, "sales", "auto")
	assert.Equal(t, "open", f.last())
}

func TestWhoHasEnoughOfManyRecordsLeavesNothingBehind(t *testing.T) {
	b := open(t, Settings{})
	r := b.Records("queue")
	for i := range 600 { // more than the client reads ahead
		_, err := b.js.PublishAsync(fmt.Sprintf("$KV.missedcalls.queue.missedcalls.q%d", i), []byte("closed"))
		require.NoError(t, err)
	}
	<-b.js.PublishAsyncComplete()
	ctx, cancel := context.WithCancel(t.Context())
	heard := 0
	r.Follow(ctx, func([]byte) { heard++; cancel() }, func(error) {})
	assert.Positive(t, heard)
	assert.Less(t, heard, 600)
}

func TestWhoFollowsHearsOnAfterTheServerWasStartedAnew(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	f, _ := follow(t, b.Records("queue"))
	put(t, b.Records("queue"), "sales", "closed")
	f.await(t, "closed")
	b.embedded.stop()
	require.NoError(t, b.embedded.start(t.Context()))
	require.Eventually(t, func() bool { return b.Records("queue").Put(t.Context(), "sales", []byte("open")) == nil }, 9*time.Second, 5*time.Millisecond)
	f.await(t, "open")
}
