package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ConsumerSettings say which messages of a stream a Consumer takes. The zero value of a field stands for the default named
// beside it.
type ConsumerSettings struct {
	// Name is the consumer's name on the server: those of the same name, in whatever process, share the messages.
	Name string
	// Subject is what it takes, with wildcards. In a work queue no two names may take the same subject.
	Subject string
	// AckWait is how long the server waits for a sign of life about a message before it gives it to somebody else; 30 s.
	// While a Consumer lives it gives that sign, so that it is the delay after a crash only.
	AckWait time.Duration
	// MaxPending bounds the messages that were handed out and are not settled, in all processes; 10,000. Those that are
	// to come again later count, too.
	MaxPending int
	// Poll is how long the server is asked to wait for a message at a time; 1 s. Close takes as long.
	Poll time.Duration
}

const (
	defaultPull       = time.Second
	defaultPending    = 10_000
	consumerAckWait   = 30 * time.Second
	consumerForgotten = 8 * 24 * time.Hour // longer than a job lives
	keepAlivesPerWait = 3
	fetchPause        = 250 * time.Millisecond
	fetchPauseMax     = 5 * time.Second
)

// Consumer takes messages from a work queue, each of which is somebody's until it is settled. It lives through restarts
// of the server and through cuts. Fetch and More are for one goroutine at a time; deliveries are settled by any.
type Consumer struct {
	store    *Store
	settings ConsumerSettings

	// These are of the goroutine that fetches.
	consumer jetstream.Consumer
	busy     bool // the last fetch brought all that was asked for, and there may be more

	mu     sync.Mutex // guards inHand
	inHand map[uint64]*Delivery

	stop   chan struct{}
	behind sync.WaitGroup // the keep-alive, and those who wait for fetches that were left
}

// Consume makes the consumer on the server, or brings it to the settings, and looks after what is fetched from it until
// Close.
func (s *Store) Consume(ctx context.Context, c ConsumerSettings) (*Consumer, error) {
	c.AckWait = cmp.Or(c.AckWait, consumerAckWait)
	c.MaxPending = cmp.Or(c.MaxPending, defaultPending)
	c.Poll = cmp.Or(c.Poll, defaultPull)
	out := &Consumer{store: s, settings: c, inHand: make(map[uint64]*Delivery), stop: make(chan struct{})}
	if err := out.make(ctx); err != nil {
		return nil, err
	}
	out.behind.Go(out.keepAlive)
	return out, nil
}

// make makes the consumer on the server. A process that ends leaves it there; the server forgets it when nobody has
// asked for a message in longer than a job lives.
func (c *Consumer) make(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), apiWait) // see prepareNotifications
	defer cancel()
	consumer, err := c.store.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: c.settings.Name, FilterSubject: c.settings.Subject,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.settings.AckWait, MaxAckPending: c.settings.MaxPending,
		MaxDeliver: -1, InactiveThreshold: consumerForgotten,
	})
	if err != nil {
		return fmt.Errorf("consumer %s of %s: %w", c.settings.Name, c.store.name, err)
	}
	c.consumer = consumer
	return nil
}

// Fetch gives up to n deliveries that are there, or waits for one. Trouble is waited over, and said in the log once; the
// error says that ctx ended.
func (c *Consumer) Fetch(ctx context.Context, n int) ([]*Delivery, error) {
	if c.busy {
		if got := c.More(ctx, n); len(got) > 0 {
			return got, nil
		}
	}
	pause := fetchPause
	for {
		got, err := c.wait(ctx)
		if len(got) > 0 {
			return append(got, c.More(ctx, n-len(got))...), nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("fetch from %s: %w", c.settings.Name, ctx.Err())
		}
		if err == nil {
			pause = fetchPause
			continue
		}
		c.trouble(ctx, err, pause)
		pause = min(2*pause, fetchPauseMax)
	}
}

// More gives up to n deliveries that are there, without waiting for any.
func (c *Consumer) More(ctx context.Context, n int) []*Delivery {
	if n <= 0 {
		return nil
	}
	batch, err := c.consumer.FetchNoWait(n)
	if err != nil {
		return nil // Fetch tells of it
	}
	got := c.collect(ctx, batch)
	c.busy = len(got) == n
	return got
}

// wait asks for one message, for as long as Poll.
func (c *Consumer) wait(ctx context.Context) ([]*Delivery, error) {
	batch, err := c.consumer.Fetch(1, jetstream.FetchMaxWait(c.settings.Poll))
	if err != nil {
		return nil, err
	}
	got := c.collect(ctx, batch)
	c.busy = len(got) > 0
	return got, batch.Error()
}

// collect takes what a fetch brings. One that is left because ctx ended may bring something yet, which is handed back.
func (c *Consumer) collect(ctx context.Context, batch jetstream.MessageBatch) (got []*Delivery) {
	for {
		select {
		case msg, open := <-batch.Messages():
			if !open {
				return got
			}
			if d := c.take(msg); d != nil {
				got = append(got, d)
			}
		case <-ctx.Done():
			c.behind.Go(func() {
				for msg := range batch.Messages() {
					_ = msg.Nak() // the server gives it again after AckWait otherwise
				}
			})
			return got
		}
	}
}

// take makes a delivery of a message, unless it is in hand already: the server may give up waiting for a sign of life
// while the connection is down.
func (c *Consumer) take(msg jetstream.Msg) *Delivery {
	meta, err := msg.Metadata()
	if err != nil {
		c.store.bus.log.Error().Err(err).Str("consumer", c.settings.Name).Msg("a message that is no delivery: passed over")
		return nil
	}
	d := newDelivery(c, msg, meta)
	c.mu.Lock()
	defer c.mu.Unlock()
	if held := c.inHand[d.Seq]; held != nil {
		held.msg = msg
		return nil
	}
	c.inHand[d.Seq] = d
	return d
}

// trouble waits before the next fetch. A consumer that is gone is made again.
func (c *Consumer) trouble(ctx context.Context, err error, pause time.Duration) {
	if pause == fetchPause { // the first in a row
		c.store.bus.log.Warn().Err(err).Str("consumer", c.settings.Name).Msg("nothing can be fetched at the moment")
	}
	select {
	case <-ctx.Done():
		return
	case <-time.After(pause):
	}
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) {
		if err := c.make(ctx); err != nil {
			c.store.bus.log.Debug().Err(err).Msg("the consumer cannot be made again yet")
		}
	}
}

// keepAlive tells the server that what is in hand is being worked at.
func (c *Consumer) keepAlive() {
	ticker := time.NewTicker(c.settings.AckWait / keepAlivesPerWait)
	defer ticker.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-ticker.C:
		}
		c.mu.Lock()
		for _, d := range c.inHand {
			_ = d.msg.InProgress() // without a connection there is nobody to tell
		}
		c.mu.Unlock()
	}
}

// settle takes a delivery out of hand and gives the message to settle; nil when it was settled before.
func (c *Consumer) settle(d *Delivery) jetstream.Msg {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inHand[d.Seq] != d {
		return nil
	}
	delete(c.inHand, d.Seq)
	return d.msg
}

// Close hands back what is in hand, so that the next process has it at once, and waits until nothing of the consumer
// runs: for Settings.Poll at most. No fetch may be going on.
func (c *Consumer) Close() {
	close(c.stop)
	c.behind.Wait()
	c.mu.Lock()
	for seq, d := range c.inHand {
		_ = d.msg.Nak()
		delete(c.inHand, seq)
	}
	c.mu.Unlock()
	_ = c.store.bus.nc.FlushTimeout(flushWithin) // what cannot be handed back now comes again after AckWait
}

// flushWithin bounds the wait for the server at Close.
const flushWithin = time.Second
