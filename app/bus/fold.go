package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/queueflow/callevent"
)

// foldAhead is how many messages are asked for at once.
const foldAhead = 2000

// foldPatience is how long a message may take to come before it is asked whether there is one.
const foldPatience = 500 * time.Millisecond

// Fold visits the events of CALLS in order, from a sequence to the end as it is at the time of the call, which is last.
// A sequence that is no longer there begins with the oldest event; one past the end visits nothing. Messages that are
// no event, or of a kind this version does not know, are passed over and counted. An error of visit ends it.
func (b *Bus) Fold(ctx context.Context, from uint64, visit func(seq uint64, e callevent.Event) error) (last uint64, err error) {
	state, err := b.streamState(ctx)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", Stream, err)
	}
	// A consumer that begins past the end, or after the last message was removed, would wait for ever.
	if from = max(from, state.FirstSeq, 1); from > state.LastSeq || state.Msgs == 0 {
		return state.LastSeq, nil
	}
	f := folding{bus: b, next: from, last: state.LastSeq, visit: visit}
	if err := f.run(ctx); err != nil {
		return 0, fmt.Errorf("read %s from %d: %w", Stream, from, err)
	}
	return state.LastSeq, nil
}

func (b *Bus) streamState(ctx context.Context) (jetstream.StreamState, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	s, err := b.js.Stream(ctx, Stream)
	if err != nil {
		return jetstream.StreamState{}, err
	}
	return s.CachedInfo().State, nil
}

// folding is one run of Fold. next is the lowest sequence not seen yet.
type folding struct {
	bus        *Bus
	next, last uint64
	visit      func(seq uint64, e callevent.Event) error
}

func (f *folding) run(ctx context.Context) error {
	consumer, err := f.bus.js.OrderedConsumer(ctx, Stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.next,
	})
	if err != nil {
		return err
	}
	if consumer.CachedInfo().NumPending == 0 {
		return nil // nothing is left between next and last
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessages(foldAhead))
	if err != nil {
		return err
	}
	defer messages.Stop()
	for f.next <= f.last {
		if err := f.step(ctx, messages); err != nil {
			return err
		}
	}
	return nil
}

// step takes one message, or finds out that none is left: those between next and last may have been removed meanwhile.
func (f *folding) step(ctx context.Context, messages jetstream.MessagesContext) error {
	wait, cancel := context.WithTimeout(ctx, foldPatience)
	defer cancel()
	msg, err := messages.Next(jetstream.NextContext(wait))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) {
		return f.lookAgain(ctx)
	}
	if err != nil {
		return err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	return f.take(meta, msg.Data())
}

func (f *folding) take(meta *jetstream.MsgMetadata, data []byte) error {
	seq := meta.Sequence.Stream
	f.next = seq + 1
	if meta.NumPending == 0 {
		f.next = max(f.next, f.last+1)
	}
	if seq > f.last {
		return nil
	}
	e, err := callevent.Decode(data)
	switch {
	case errors.Is(err, callevent.ErrUnknownKind):
		f.bus.unknown.Add(1)
		return nil
	case err != nil:
		f.bus.malformed.Add(1)
		f.bus.log.Warn().Err(err).Uint64("seq", seq).Msg("a message in CALLS is no event: passed over")
		return nil
	}
	return f.visit(seq, e)
}

// lookAgain ends the run when what it waits for is gone.
func (f *folding) lookAgain(ctx context.Context) error {
	s, err := f.bus.js.Stream(ctx, Stream)
	if err != nil {
		return err
	}
	_, err = s.GetMsg(ctx, f.next, jetstream.WithGetMsgSubject("calls.>"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		f.next = f.last + 1
		return nil
	}
	return err
}
