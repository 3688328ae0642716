package bus

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// freePort is an address nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// cluster is the server of another process, as far as this one can tell.
func cluster(t *testing.T, dir, addr string) *Bus {
	t.Helper()
	b, err := Open(t.Context(), Settings{Dir: dir, Listen: addr, Username: "app", Password: "secret"}, b0())
	require.NoError(t, err)
	return b
}

func client(addr string) Settings {
	return Settings{URL: "nats://" + addr, Username: "app", Password: "secret", AckWait: time.Second}
}

func TestAClusterThatIsNotThereYetIsWaitedFor(t *testing.T) {
	addr := freePort(t)
	said := &lines{said: make(chan string, 100)}
	opened := make(chan error, 1)
	var b *Bus
	go func() {
		var err error
		b, err = Open(t.Context(), client(addr), zerolog.New(said))
		opened <- err
	}()
	assert.Contains(t, <-said.said, "waiting for it")
	server := cluster(t, t.TempDir(), addr)
	defer closeBus(t, server)
	require.NoError(t, <-opened)
	defer closeBus(t, b)
	assert.NoError(t, b.Healthy())
	publish(t, b, messages(t, 1, 20))
	ids, _ := folded(t, server, 1)
	assert.Len(t, ids, 20)
}

// lines hands on what is logged.
type lines struct{ said chan string }

func (l *lines) Write(p []byte) (int, error) {
	l.said <- string(bytes.TrimSpace(p))
	return len(p), nil
}

func TestWaitingForAClusterEndsWithItsContext(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	said := &lines{said: make(chan string, 100)}
	opened := make(chan error, 1)
	nobody := client(freePort(t))
	go func() {
		_, err := Open(ctx, nobody, zerolog.New(said))
		opened <- err
	}()
	<-said.said
	end()
	err := <-opened
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotContains(t, err.Error(), "secret")
}

func TestWrongCredentialsAreNotWaitedOver(t *testing.T) {
	addr := freePort(t)
	defer closeBus(t, cluster(t, t.TempDir(), addr))
	s := client(addr)
	s.Password = "guessed-by-nobody"
	_, err := Open(t.Context(), s, b0())
	require.Error(t, err)
	assert.ErrorContains(t, err, "MISSEDCALLS_NATS_USERNAME")
	assert.NotContains(t, err.Error(), "guessed-by-nobody")
}

func TestAClusterThatGoesAwayIsNoticedAndTakesEventsWhenItIsBack(t *testing.T) {
	dir, addr := t.TempDir(), freePort(t)
	server := cluster(t, dir, addr)
	b := open(t, client(addr))
	publish(t, b, messages(t, 1, 10))
	closeBus(t, server)

	seqs, err := b.Publish(t.Context(), messages(t, 11, 10))
	assert.ErrorIs(t, err, ErrAway)
	assert.Empty(t, seqs)
	require.Eventually(t, func() bool { return errors.Is(b.Healthy(), ErrAway) }, 5*time.Second, time.Millisecond)
	assert.NotContains(t, b.Healthy().Error(), "secret")

	server = cluster(t, dir, addr)
	defer closeBus(t, server)
	require.Eventually(t, func() bool { return b.Healthy() == nil }, 10*time.Second, time.Millisecond)
	publish(t, b, messages(t, 11, 10))
	ids, _ := folded(t, b, 1)
	assert.Equal(t, idsOf(messages(t, 1, 20)), ids)
	assert.Equal(t, uint64(1), b.Stats().Reconnects)
}

func TestClosingEndsWhileTheClusterIsAway(t *testing.T) {
	addr := freePort(t)
	server := cluster(t, t.TempDir(), addr)
	b, err := Open(t.Context(), client(addr), b0())
	require.NoError(t, err)
	closeBus(t, server)
	require.Eventually(t, func() bool { return b.Healthy() != nil }, 5*time.Second, time.Millisecond)
	closeBus(t, b)
	_, err = b.Publish(t.Context(), messages(t, 1, 1))
	assert.ErrorIs(t, err, ErrAway)
}
