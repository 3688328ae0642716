//go:build e2e

package e2e

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

// heard is one event as a subscriber got it.
type heard struct {
	callevent.Event
	at      time.Time
	subject string
}

// subscriber collects everything on CALLS, from the beginning, through restarts of the program.
type subscriber struct {
	t    *testing.T
	conn *nats.Conn

	mu     sync.Mutex
	events []heard
	byID   map[string]int
}

// subscribe listens as any subscriber would: with nothing but NATS.
func subscribe(t *testing.T, p *program) *subscriber {
	t.Helper()
	conn, err := nats.Connect(p.natsURL, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.RetryOnFailedConnect(true))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	s := &subscriber{t: t, conn: conn, byID: map[string]int{}}
	consumer, err := js.OrderedConsumer(within(t, 10*time.Second), "CALLS", jetstream.OrderedConsumerConfig{})
	require.NoError(t, err)
	consuming, err := consumer.Consume(s.take, jetstream.ConsumeErrHandler(func(jetstream.ConsumeContext, error) {}))
	require.NoError(t, err)
	t.Cleanup(consuming.Stop)
	return s
}

func (s *subscriber) take(m jetstream.Msg) {
	at := time.Now()
	e, err := callevent.Decode(m.Data())
	if err != nil && !errors.Is(err, callevent.ErrUnknownKind) {
		s.t.Errorf("an event on %s cannot be read: %v", m.Subject(), err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[e.ID]++
	if s.byID[e.ID] == 1 {
		s.events = append(s.events, heard{Event: e, at: at, subject: m.Subject()})
	}
}

// twice gives the ids of events that are on the stream more than once.
func (s *subscriber) twice() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for id, n := range s.byID {
		if n > 1 {
			ids = append(ids, id)
		}
	}
	return ids
}

func (s *subscriber) all() []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]heard(nil), s.events...)
}

// missed gives every missed call, by the caller's raw number.
func (s *subscriber) missed() map[string][]callevent.Missed {
	found := map[string][]callevent.Missed{}
	for _, h := range s.all() {
		if m, ok := h.Payload.(callevent.Missed); ok {
			found[m.Caller.Raw] = append(found[m.Caller.Raw], m)
		}
	}
	return found
}

// count gives how many events of a kind there are.
func (s *subscriber) count(kind callevent.Kind) int {
	n := 0
	for _, h := range s.all() {
		if h.Payload.Kind() == kind {
			n++
		}
	}
	return n
}

// await waits until there are n events of a kind.
func (s *subscriber) await(kind callevent.Kind, n int) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.count(kind) >= n }, 30*time.Second, 10*time.Millisecond,
		"%d events %s, waiting for %d", s.count(kind), kind, n)
}
