package bus

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus/bustest"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("BUS_TEST_CHILD"); child != "" {
		os.Exit(children[child]())
	}
	bustest.Verify(m)
}

// children are what the test binary does when a test starts it as a process of its own.
var children = map[string]func() int{
	"lock": lockChild,
	"full": fullChild,
}

// open opens a bus that is closed with the test.
func open(t testing.TB, s Settings) *Bus {
	t.Helper()
	if s.Embedded() && s.Dir == "" {
		s.Dir = t.TempDir()
	}
	b, err := Open(t.Context(), s, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { closeBus(t, b) })
	return b
}

func closeBus(t testing.TB, b *Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, b.Close(ctx))
}

// missedEvent is the ending of a call.
func missedEvent(call string) callevent.Event {
	at := time.Date(2026, 11, 3, 14, 2, 11, 0, time.UTC)
	return callevent.Event{
		ID: callevent.EndID(call), Source: "/missedcalls/test/pbx", Call: call, Time: at,
		Payload: callevent.Missed{
			CallID: call, Queue: "sales", Reason: callevent.ReasonAbandoned, EnteredAt: at, LeftAt: at,
			Attempts: []callevent.Attempt{},
		},
	}
}

func message(t testing.TB, e callevent.Event) Message {
	t.Helper()
	b, err := callevent.Encode(e)
	require.NoError(t, err)
	return Message{Subject: e.Subject(), ID: e.ID, Data: b}
}

// messages are the endings of n calls, numbered from a first one.
func messages(t testing.TB, first, n int) []Message {
	t.Helper()
	var out []Message
	for i := range n {
		out = append(out, message(t, missedEvent(fmt.Sprintf("c%05d", first+i))))
	}
	return out
}

func publish(t testing.TB, b *Bus, m []Message) uint64 {
	t.Helper()
	seqs, err := b.Publish(t.Context(), m)
	require.NoError(t, err)
	require.Len(t, seqs, len(m))
	return slices.Max(seqs)
}

// folded is the ids of the events from a sequence on, and the sequence of the end.
func folded(t testing.TB, b *Bus, from uint64) (ids []string, last uint64) {
	t.Helper()
	last, err := b.Fold(t.Context(), from, func(_ uint64, e callevent.Event) error {
		ids = append(ids, e.ID)
		return nil
	})
	require.NoError(t, err)
	return ids, last
}

func idsOf(m []Message) []string {
	var out []string
	for _, one := range m {
		out = append(out, one.ID)
	}
	return out
}
