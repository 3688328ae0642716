package journal

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/app/bus/bustest"
	"missedcalls/queueflow/callevent"
)

func TestMain(m *testing.M) {
	if child := os.Getenv("JOURNAL_TEST_CHILD"); child != "" {
		os.Exit(children[child]())
	}
	bustest.Verify(m)
}

// children are what the test binary does when a test starts it as a process of its own.
var children = map[string]func() int{
	"killed": killedChild,
	"full":   fullChild,
}

var noon = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// entered is the n-th event of a call, which ends none.
func entered(call string, n int) callevent.Event {
	return callevent.Event{
		ID: callevent.StepID(call, 1, n), Source: "/missedcalls/test/pbx", Call: call, Time: noon,
		Payload: callevent.Entered{CallID: call, Queue: "sales", EnteredAt: noon, Position: 1},
	}
}

// missed is the ending of a call.
func missed(call string) callevent.Event {
	return callevent.Event{
		ID: callevent.EndID(call), Source: "/missedcalls/test/pbx", Call: call, Time: noon,
		Payload: callevent.Missed{
			CallID: call, Queue: "sales", Reason: callevent.ReasonAbandoned, EnteredAt: noon, LeftAt: noon,
			Attempts: []callevent.Attempt{},
		},
	}
}

func call(n int) string { return fmt.Sprintf("c%05d", n) }

// embeddedBus is a bus with its server in this process.
func embeddedBus(t testing.TB, s bus.Settings) *bus.Bus {
	t.Helper()
	if s.Dir == "" {
		s.Dir = filepath.Join(t.TempDir(), "nats")
	}
	return openBus(t, s)
}

func openBus(t testing.TB, s bus.Settings) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), s, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { closeBus(t, b) })
	return b
}

func closeBus(t testing.TB, b *bus.Bus) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, b.Close(ctx))
}

// openJournal opens a journal that is closed with the test, whatever it could not store.
func openJournal(t testing.TB, s Settings, p Publisher) *Journal {
	t.Helper()
	if s.Dir == "" {
		s.Dir = t.TempDir()
	}
	j, err := Open(t.Context(), s, p, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = j.Close(ctx)
	})
	return j
}

func flush(t testing.TB, j *Journal) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(t, j.Flush(ctx))
}

// reach waits for a state.
func reach(t testing.TB, j *Journal, s State) Status {
	t.Helper()
	giveUp := time.After(20 * time.Second)
	for {
		status, changed := j.watch()
		if status.State == s {
			return status
		}
		select {
		case <-changed:
		case <-giveUp:
			require.FailNow(t, "state not reached", "%v is %v, wanted %v: %v", t.Name(), status.State, s, status.Err)
		}
	}
}

// inCalls is the ids in CALLS.
func inCalls(t testing.TB, p Publisher) (ids []string) {
	t.Helper()
	_, err := p.Fold(t.Context(), 1, func(_ uint64, e callevent.Event) error {
		ids = append(ids, e.ID)
		return nil
	})
	require.NoError(t, err)
	return ids
}

// dones collects what done was called with, in order.
type dones struct {
	mu   sync.Mutex
	seqs []uint64
}

func (d *dones) done(seq uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seqs = append(d.seqs, seq)
}

func (d *dones) all() []uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]uint64(nil), d.seqs...)
}

// scripted is a publisher that answers as a test says.
type scripted struct {
	embedded bool
	publish  func(ctx context.Context, m []bus.Message) ([]uint64, error)

	mu     sync.Mutex
	stored []bus.Message
}

func (s *scripted) Publish(ctx context.Context, m []bus.Message) ([]uint64, error) {
	seqs, err := s.publish(ctx, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stored = append(s.stored, m[:len(seqs)]...)
	return seqs, err
}

func (s *scripted) Fold(_ context.Context, from uint64, visit func(uint64, callevent.Event) error) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.stored {
		e, err := callevent.Decode(m.Data)
		if err != nil {
			return 0, err
		}
		if uint64(i+1) >= from {
			if err := visit(uint64(i+1), e); err != nil {
				return 0, err
			}
		}
	}
	return uint64(len(s.stored)), nil
}

func (s *scripted) Embedded() bool { return s.embedded }

// numbers gives messages the next places after n.
func numbers(n, messages int) (seqs []uint64) {
	for i := range messages {
		seqs = append(seqs, uint64(n+i+1))
	}
	return seqs
}

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.stored)
}

// freePort is an address nobody listens on.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// startCluster is a server as in another process. It is closed by the test.
func startCluster(t testing.TB, dir, addr string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Settings{Dir: dir, Listen: addr, Username: "app", Password: "secret"}, zerolog.Nop())
	require.NoError(t, err)
	return b
}

func clusterAt(addr string) bus.Settings {
	return bus.Settings{URL: "nats://" + addr, Username: "app", Password: "secret"}
}

// requireOrderPerCall checks that the events of every call are there once each and in order.
func requireOrderPerCall(t testing.TB, ids []string, calls, each int) {
	t.Helper()
	require.Len(t, ids, calls*each)
	next := map[string]int{}
	for _, id := range ids {
		c := id[:len(call(0))]
		next[c]++
		assert.Equal(t, callevent.StepID(c, 1, next[c]), id)
	}
}
