package bus

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAGuestWaitsForTheStreamAndLeavesItAsItIs(t *testing.T) {
	addr := freePort(t)
	server := cluster(t, t.TempDir(), addr)
	defer closeBus(t, server)
	nc, err := nats.Connect("nats://"+addr, nats.UserInfo("app", "secret"))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	require.NoError(t, js.DeleteStream(t.Context(), Stream)) // as before the first start of role app

	said := &lines{said: make(chan string, 100)}
	opened := make(chan *Bus, 1)
	go func() {
		s := client(addr)
		s.Guest, s.MaxAge, s.MaxBytes = true, time.Hour, 1<<20
		b, err := Open(t.Context(), s, zerolog.New(said))
		assert.NoError(t, err)
		opened <- b
	}()
	assert.Contains(t, <-said.said, "which the process with role app makes")

	owner := client(addr)
	owner.MaxAge, owner.MaxBytes = 90*24*time.Hour, 1<<30
	app := open(t, owner)
	guest := <-opened
	require.NotNil(t, guest)
	defer closeBus(t, guest)
	stream, err := js.Stream(t.Context(), Stream)
	require.NoError(t, err)
	assert.Equal(t, owner.MaxAge, stream.CachedInfo().Config.MaxAge, "the guest's is shorter")
	publish(t, app, messages(t, 1, 3))
	ids, _ := folded(t, guest, 1)
	assert.Len(t, ids, 3)
}
