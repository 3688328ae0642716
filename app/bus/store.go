package bus

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Store is one of the streams of this program, for those who publish to it and look into it. Its methods are safe for
// concurrent use, and each waits for an answer of the server for some seconds at most.
type Store struct {
	bus    *Bus
	name   string
	stream jetstream.Stream // nil where it is only published to

	published  atomic.Uint64
	duplicates atomic.Uint64
	batches    atomic.Uint64
	noBatches  atomic.Bool // it takes no atomic batches
}

func (b *Bus) store(name string) *Store { return &Store{bus: b, name: name} }

// Stored is a message of a stream.
type Stored struct {
	// Seq is its place in the stream.
	Seq     uint64
	Subject string
	Data    []byte
	// At is when it was stored.
	At time.Time
}

// Next gives the first message on a subject from a place on. The subject may hold wildcards. The error wraps ErrNone when
// there is no such message.
func (s *Store) Next(ctx context.Context, subject string, from uint64) (Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	m, err := s.stream.GetMsg(ctx, max(from, 1), jetstream.WithGetMsgSubject(subject))
	return s.stored(subject, m, err)
}

func (s *Store) stored(what string, m *jetstream.RawStreamMsg, err error) (Stored, error) {
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		err = ErrNone
	}
	if err != nil {
		return Stored{}, fmt.Errorf("read %s of %s: %w", what, s.name, err)
	}
	return Stored{Seq: m.Sequence, Subject: m.Subject, Data: m.Data, At: m.Time}, nil
}

// Get gives the message at a place. The error wraps ErrNone when there is none.
func (s *Store) Get(ctx context.Context, seq uint64) (Stored, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	m, err := s.stream.GetMsg(ctx, seq)
	return s.stored(fmt.Sprint("message ", seq), m, err)
}

// Delete takes a message out of the stream. The error wraps ErrNone when it is not there.
func (s *Store) Delete(ctx context.Context, seq uint64) error {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	err := s.stream.DeleteMsg(ctx, seq)
	if errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) { // the client does not say why
		if _, absent := s.Get(ctx, seq); errors.Is(absent, ErrNone) {
			err = ErrNone
		}
	}
	if err != nil {
		return fmt.Errorf("delete message %d of %s: %w", seq, s.name, err)
	}
	return nil
}

// Subjects counts the messages of each subject that a filter with wildcards takes.
func (s *Store) Subjects(ctx context.Context, filter string) (map[string]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	info, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, fmt.Errorf("count the subjects of %s: %w", s.name, err)
	}
	return info.State.Subjects, nil
}

// State is how full a stream is.
type State struct {
	Messages uint64
	// LastSeq is the place of the newest message there ever was.
	LastSeq uint64
	// Bytes it has, and may have.
	Bytes, MaxBytes uint64
}

// LastSeq is the place of the newest event there ever was in CALLS.
func (b *Bus) LastSeq(ctx context.Context) (uint64, error) {
	s, err := b.calls.State(ctx)
	return s.LastSeq, err
}

// State asks the server how full the stream is.
func (s *Store) State(ctx context.Context) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	info, err := s.stream.Info(ctx)
	if err != nil {
		return State{}, fmt.Errorf("look at %s: %w", s.name, err)
	}
	return State{
		Messages: info.State.Msgs, LastSeq: info.State.LastSeq,
		Bytes: info.State.Bytes, MaxBytes: uint64(max(info.Config.MaxBytes, 0)),
	}, nil
}

// Backlog is how many messages of a consumer wait, or were handed out and are not settled, in all processes; 0 for a
// consumer that is not there.
func (s *Store) Backlog(ctx context.Context, consumer string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	c, err := s.stream.Consumer(ctx, consumer)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at consumer %s: %w", consumer, err)
	}
	return int(c.CachedInfo().NumPending) + c.CachedInfo().NumAckPending, nil
}
