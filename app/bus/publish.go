package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Message is on its way into a stream.
type Message struct {
	// Subject is one the stream takes. A message whose ID the stream has seen in the last 15 minutes is there already. Of an
	// event on its way into CALLS they are Event.Subject and Event.ID, and Data is what Encode gave.
	Subject, ID string
	Data        []byte

	replaces *uint64 // the place of the last message on the subject, which must be that; nil for whatever it is
}

// From batchFrom messages on, an atomic batch is used. It costs four fsyncs and some work on files whatever its size, a
// message of its own one fsync. BenchmarkPublish, on a disk with fsyncs of 0.15 ms: one message 0.23 ms, a batch of 8
// 2.3 ms, of 500 7 ms; they break even at 10. The slower the disk, the sooner, but not before 5.
const batchFrom = 8

// maxBatch bounds a batch; the server takes 1000.
const maxBatch = 500

// Publish stores messages in CALLS: see Store.Publish.
func (b *Bus) Publish(ctx context.Context, messages []Message) (seqs []uint64, err error) {
	return b.calls.Publish(ctx, messages)
}

// Publish stores messages in their order. On return those that are stored, from the first on, have their place in the
// stream in seqs, and none of the others was stored after one that is missing. A message whose id is in the stream
// already counts as stored, at the place it has; the stream knows the ids of the last 15 minutes.
//
// The error wraps ErrFull, ErrStorage or ErrAway. It is nil exactly when all are acknowledged. Each acknowledgement is
// waited for as long as Settings.AckWait.
func (s *Store) Publish(ctx context.Context, messages []Message) (seqs []uint64, err error) {
	for len(seqs) < len(messages) {
		next := messages[len(seqs):]
		if err := s.bus.ready(); err != nil {
			return seqs, fmt.Errorf("publish %s to %s: %w", next[0].ID, s.name, err)
		}
		stored, err := s.publishSome(ctx, next)
		seqs = append(seqs, stored...)
		if err != nil {
			return seqs, fmt.Errorf("publish %s to %s: %w", next[len(stored)].ID, s.name, s.bus.classify(ctx, err))
		}
	}
	return seqs, nil
}

// ready refuses before the server is asked what it is known not to be able to do.
func (b *Bus) ready() error {
	if b.space == nil {
		return nil
	}
	if err := b.space.check(); err != nil {
		return err
	}
	return b.keeper.trouble()
}

// publishSome stores a batch or one message.
func (s *Store) publishSome(ctx context.Context, messages []Message) (seqs []uint64, err error) {
	if len(messages) < batchFrom || s.noBatches.Load() {
		return s.publishSingly(ctx, messages[:1])
	}
	batch := messages[:min(len(messages), maxBatch)]
	seqs, err = s.publishBatch(ctx, batch)
	if err == nil || !refusedAsBatch(err) {
		return seqs, err
	}
	s.noBatches.Store(isAPIError(err, codeBatchesDisabled))
	return s.publishSingly(ctx, batch)
}

func (s *Store) publishSingly(ctx context.Context, messages []Message) (seqs []uint64, err error) {
	for _, m := range messages {
		ack, err := s.bus.request(ctx, s.message(m), m.Data)
		if err != nil {
			return seqs, err
		}
		s.published.Add(1)
		if ack.Duplicate {
			s.duplicates.Add(1)
		}
		seqs = append(seqs, ack.Sequence)
	}
	return seqs, nil
}

// publishBatch stores all messages or none. Only the last one is acknowledged; the server refuses the batch when one of
// the others is missing, and gives those of a batch consecutive places.
func (s *Store) publishBatch(ctx context.Context, messages []Message) (seqs []uint64, err error) {
	id, last := nuid.Next(), len(messages)-1
	for i, m := range messages[:last] {
		msg := s.inBatch(m, id, i+1)
		msg.Data = m.Data
		if err := s.bus.nc.PublishMsg(msg); err != nil {
			return nil, err
		}
	}
	commit := s.inBatch(messages[last], id, last+1)
	commit.Header.Set("Nats-Batch-Commit", "1")
	ack, err := s.bus.request(ctx, commit, messages[last].Data)
	if err != nil {
		return nil, err
	}
	s.batches.Add(1)
	s.published.Add(uint64(len(messages)))
	for i := range messages {
		seqs = append(seqs, ack.Sequence-uint64(last-i))
	}
	return seqs, nil
}

// inBatch makes the n-th message of a batch, counted from 1.
func (s *Store) inBatch(m Message, id string, n int) *nats.Msg {
	msg := s.message(m)
	msg.Header.Set("Nats-Batch-Id", id)
	msg.Header.Set("Nats-Batch-Sequence", strconv.Itoa(n))
	return msg
}

// message makes a message, without its data, that only this stream takes, and takes once.
func (s *Store) message(m Message) *nats.Msg {
	msg := nats.NewMsg(m.Subject)
	msg.Header.Set(jetstream.ExpectedStreamHeader, s.name)
	if m.ID != "" {
		msg.Header.Set(jetstream.MsgIDHeader, m.ID)
	}
	if m.replaces != nil {
		msg.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(*m.replaces, 10))
	}
	return msg
}

// ack is what the server answers to a stored message.
type ack struct {
	Sequence  uint64              `json:"seq"`
	Duplicate bool                `json:"duplicate"`
	Error     *jetstream.APIError `json:"error"`
}

func (b *Bus) request(ctx context.Context, msg *nats.Msg, data []byte) (ack, error) {
	ctx, cancel := b.withAckWait(ctx)
	defer cancel()
	msg.Data = data
	reply, err := b.nc.RequestMsgWithContext(ctx, msg)
	if err != nil {
		return ack{}, err
	}
	var a ack
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		return ack{}, fmt.Errorf("read the answer of nats: %w", err)
	}
	if a.Error != nil {
		return ack{}, a.Error
	}
	return a, nil
}

// Codes of the server's errors, from its errors.json.
const (
	codeInsufficientResources jetstream.ErrorCode = 10023
	codeStoreFailed           jetstream.ErrorCode = 10077
	codeStorageReserved       jetstream.ErrorCode = 10047 // storage is reserved already
	codeNotEnabled            jetstream.ErrorCode = 10076
	codeNotEnabledForAccount  jetstream.ErrorCode = 10039
	codeBatchesDisabled       jetstream.ErrorCode = 10174
	codeWrongSequence         jetstream.ErrorCode = 10071
	codeWrongSequenceInBatch  jetstream.ErrorCode = 10164
)

func isAPIError(err error, codes ...jetstream.ErrorCode) bool {
	api := &jetstream.APIError{}
	if !errors.As(err, &api) {
		return false
	}
	for _, c := range codes {
		if api.ErrorCode == c {
			return true
		}
	}
	return false
}

// refusedAsBatch holds for errors after which the messages, or some of them, may pass one by one: a duplicate among them,
// a batch that lost a message, batches that are switched off, too little room for all of them. Nothing of the batch is
// stored then.
func refusedAsBatch(err error) bool {
	api := &jetstream.APIError{}
	return errors.As(err, &api) && (!isStorage(err) || isFull(err))
}

// isFull holds when a stream that discards nothing has all it may hold. The server has no code of its own for it.
func isFull(err error) bool {
	api := &jetstream.APIError{}
	return errors.As(err, &api) && api.ErrorCode == codeStoreFailed && strings.HasPrefix(api.Description, "maximum ")
}

func isStorage(err error) bool {
	return isAPIError(err, codeInsufficientResources, codeStoreFailed, codeStorageReserved, codeNotEnabled, codeNotEnabledForAccount)
}

// classify says what an error asks of the caller. The embedded server is there as long as this process; when it does not
// answer, its store is what is wrong.
func (b *Bus) classify(ctx context.Context, err error) error {
	switch {
	case isFull(err):
		return fmt.Errorf("%w: %w", ErrFull, err)
	case isStorage(err):
		return fmt.Errorf("%w: %w", ErrStorage, err)
	case ctx.Err() == nil && b.keeper != nil:
		b.keeper.suspect()
		return fmt.Errorf("%w: no answer from embedded nats: %w", ErrStorage, err)
	}
	return fmt.Errorf("%w: %w", ErrAway, err)
}
