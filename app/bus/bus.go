package bus

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// Bus is the connection to NATS, and the server itself when it is embedded. Its methods are safe for concurrent use.
type Bus struct {
	settings Settings
	log      zerolog.Logger

	embedded *embedded // nil with a cluster
	keeper   *keeper   // nil with a cluster
	space    *space    // nil with a cluster
	stopKeep context.CancelFunc

	nc         *nats.Conn
	js         jetstream.JetStream
	kv         jetstream.KeyValue
	calls      *Store
	closed     chan struct{} // closed when the connection is closed for good
	closedOnce sync.Once

	connected  atomic.Bool
	reconnects atomic.Uint64
	unknown    atomic.Uint64
	malformed  atomic.Uint64
}

// Open starts the embedded server or connects to the cluster, and makes or updates the stream CALLS and the bucket, or
// waits for them as Settings.Guest says. It waits for a cluster that is not there yet until ctx ends, saying so in the log; settings that cannot work are an error
// at once.
func Open(ctx context.Context, s Settings, log zerolog.Logger) (*Bus, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	b := newBus(s, log)
	if err := b.open(ctx); err != nil {
		b.shutdown()
		return nil, err
	}
	return b, nil
}

func newBus(s Settings, log zerolog.Logger) *Bus {
	b := &Bus{settings: s.withDefaults(), log: log, closed: make(chan struct{})}
	b.calls = b.store(Stream)
	return b
}

func (b *Bus) open(ctx context.Context) error {
	if err := b.connect(ctx); err != nil {
		return err
	}
	b.connected.Store(true)
	var err error
	if b.js, err = jetstream.New(b.nc); err != nil {
		return fmt.Errorf("open nats: %w", err)
	}
	if err := b.until(ctx, "prepare stream "+Stream, func() error { return b.prepare(ctx) }); err != nil {
		return err
	}
	if b.embedded != nil {
		ctx, stop := context.WithCancel(context.Background())
		b.stopKeep = stop
		b.keeper = newKeeper(b.embedded, b.space, b.log)
		go b.keeper.run(ctx)
	}
	return nil
}

func (b *Bus) connect(ctx context.Context) (err error) {
	if !b.settings.Embedded() {
		return b.connectCluster(ctx)
	}
	if b.embedded, err = startEmbedded(ctx, b.settings, b.log); err != nil {
		return err
	}
	b.space = &space{dir: b.settings.Dir, min: b.settings.MinFree}
	return b.connectEmbedded()
}

// Embedded says whether the server runs in this process: what it cannot store, the disk here cannot either.
func (b *Bus) Embedded() bool { return b.settings.Embedded() }

// Addr is where the embedded server lets subscribers in, empty for nowhere.
func (b *Bus) Addr() string {
	if b.embedded == nil {
		return ""
	}
	return b.embedded.addr()
}

// Healthy says what keeps events from being stored, nil for nothing. It costs no request.
func (b *Bus) Healthy() error {
	if b.keeper != nil {
		if err := b.keeper.trouble(); err != nil {
			return err
		}
	}
	if !b.connected.Load() {
		return fmt.Errorf("%w: no connection to %s", ErrAway, b.settings.shownURL())
	}
	return nil
}

// Stats are counts since the start, for metrics.
type Stats struct {
	// Published events, of which Duplicates were in CALLS already; Batches counts the atomic ones.
	Published, Duplicates, Batches uint64
	// Unknown and Malformed messages were passed over by Fold.
	Unknown, Malformed uint64
	// Reconnects of the connection and Restarts of the embedded server because it could not store.
	Reconnects, Restarts uint64
	// FreeBytes of the disk under the embedded server when last looked at.
	FreeBytes uint64
}

// Stats gives the counts so far.
func (b *Bus) Stats() Stats {
	s := Stats{
		Published: b.calls.published.Load(), Duplicates: b.calls.duplicates.Load(), Batches: b.calls.batches.Load(),
		Unknown: b.unknown.Load(), Malformed: b.malformed.Load(), Reconnects: b.reconnects.Load(),
	}
	if b.keeper != nil {
		s.Restarts, s.FreeBytes = b.keeper.restarts.Load(), b.space.free.Load()
	}
	return s
}

// Close ends subscriptions after what they have been given, the connection, and the embedded server. Nothing of it runs
// when Close returns. The error says that ctx ended before the subscriptions did.
func (b *Bus) Close(ctx context.Context) error {
	err := b.drain(ctx)
	b.shutdown()
	return err
}

func (b *Bus) drain(ctx context.Context) error {
	if err := b.nc.Drain(); err != nil {
		if errors.Is(err, nats.ErrConnectionReconnecting) || errors.Is(err, nats.ErrConnectionClosed) {
			return nil // nobody is there to be told
		}
		return fmt.Errorf("close nats: %w", err)
	}
	select {
	case <-b.closed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close nats: %w", ctx.Err())
	}
}

// shutdown ends whatever open has started.
func (b *Bus) shutdown() {
	if b.nc != nil {
		b.nc.Close()
	}
	if b.keeper != nil {
		b.stopKeep()
		<-b.keeper.ended
	}
	if b.embedded != nil {
		b.embedded.stop()
		_ = b.embedded.removeWayIn() // one that stays behind leads nowhere
	}
}

// shownURL is the cluster's address without credentials, or what stands for the embedded server.
func (s Settings) shownURL() string {
	if s.Embedded() {
		return "the embedded server"
	}
	var shown []string
	for part := range strings.SplitSeq(s.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		if err != nil {
			shown = append(shown, "(not a URL)")
			continue
		}
		u.User = nil
		shown = append(shown, u.String())
	}
	return strings.Join(shown, ",")
}

// withAckWait gives a request the time an acknowledgement may take.
func (b *Bus) withAckWait(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, b.settings.AckWait)
}

// apiWait bounds a request that makes or reads streams.
const apiWait = 5 * time.Second
