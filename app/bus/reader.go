package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// From is where a Reader begins.
type From struct {
	// Seq is a place in CALLS; what was removed since is passed over. 0 for Since.
	Seq   uint64
	Since time.Time
}

// Reader reads CALLS in order, and waits at its end. It lives through restarts of the server and through cuts. It is for
// one goroutine at a time.
type Reader struct {
	bus      *Bus
	from     From
	messages jetstream.MessagesContext // nil when there is none yet
}

const (
	readerHeartbeat = 500 * time.Millisecond // the server is missed after two
	readerAhead     = 256
	readerExpiry    = 5 * time.Second
	readerPatience  = 50 * time.Millisecond
)

// Read begins to read. The caller ends it by Close.
func (b *Bus) Read(from From) *Reader { return &Reader{bus: b, from: from} }

// Next gives up to n messages that are there, or waits for one. Trouble is waited over, and said in the log once; the error
// says that ctx ended.
func (r *Reader) Next(ctx context.Context, n int) ([]Stored, error) {
	pause := fetchPause
	for {
		got, err := r.next(ctx, n)
		if len(got) > 0 {
			return got, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("read %s: %w", Stream, ctx.Err())
		}
		if err == nil {
			continue
		}
		r.Close()
		if pause == fetchPause {
			r.bus.log.Warn().Err(err).Msg(Stream + " cannot be read at the moment")
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, fetchPauseMax)
	}
}

func (r *Reader) next(ctx context.Context, n int) (got []Stored, err error) {
	if r.messages == nil {
		if err := r.open(ctx); err != nil {
			return nil, err
		}
	}
	for len(got) < n {
		m, more, err := r.one(ctx, len(got) > 0)
		if err != nil {
			return got, quiet(err)
		}
		got = append(got, m)
		if !more {
			return got, nil
		}
	}
	return got, nil
}

// one waits for a message; only a moment when others have come already. It says whether the server has more.
func (r *Reader) one(ctx context.Context, hurry bool) (m Stored, more bool, err error) {
	if hurry {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, readerPatience)
		defer cancel()
	}
	msg, err := r.messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return Stored{}, false, err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return Stored{}, false, err
	}
	m = Stored{Seq: meta.Sequence.Stream, Subject: msg.Subject(), Data: msg.Data(), At: meta.Timestamp}
	r.from.Seq = m.Seq + 1
	return m, meta.NumPending > 0, nil
}

// quiet passes over the end of a wait, which is no trouble.
func quiet(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) {
		return nil
	}
	return err
}

// open makes the consumer on the server. The client's own attempts to make it again are cut short: they heed no context.
func (r *Reader) open(ctx context.Context) error {
	config := jetstream.OrderedConsumerConfig{MaxResetAttempts: 1}
	if r.from.Seq == 0 {
		config.DeliverPolicy, config.OptStartTime = jetstream.DeliverByStartTimePolicy, &r.from.Since
	} else {
		if err := r.rewind(ctx); err != nil {
			return err
		}
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, r.from.Seq
	}
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	consumer, err := r.bus.js.OrderedConsumer(ctx, Stream, config)
	if err != nil {
		return err
	}
	r.messages, err = consumer.Messages(jetstream.PullMaxMessages(readerAhead),
		jetstream.PullExpiry(readerExpiry), jetstream.PullHeartbeat(readerHeartbeat))
	return err
}

// rewind goes back to the beginning of a stream that was made anew, where places count from 1 again.
func (r *Reader) rewind(ctx context.Context) error {
	state, err := r.bus.calls.State(ctx)
	if err != nil {
		return err
	}
	if r.from.Seq > state.LastSeq+1 {
		r.bus.log.Warn().Uint64("seq", r.from.Seq).Uint64("last", state.LastSeq).Msg(Stream + " was made anew: reading it from its beginning")
		r.from.Seq = 1
	}
	return nil
}

// Close ends the reading.
func (r *Reader) Close() {
	if r.messages != nil {
		r.messages.Stop()
		r.messages = nil
	}
}
