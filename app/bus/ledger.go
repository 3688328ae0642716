package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Ledger is a bucket whose values several processes read, change and store again, none over the head of another. Its
// methods are safe for concurrent use, and each waits for an answer of the server for some seconds at most.
type Ledger struct {
	bus    *Bus
	bucket string
	kv     jetstream.KeyValue
}

// Get gives the value of a key, which is made of tokens parted by dots (see Token), and its revision. A key that is not
// there has no value and revision 0.
func (l Ledger) Get(ctx context.Context, key string) (value []byte, revision uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	entry, err := l.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("read %s of bucket %s: %w", key, l.bucket, err)
	}
	return entry.Value(), entry.Revision(), nil
}

// Put stores a value in place of that of a revision, 0 for none, and gives its revision. When it returns nil the value is
// durable. The error wraps ErrChanged when the key has another revision; otherwise ErrFull, ErrStorage or ErrAway.
func (l Ledger) Put(ctx context.Context, key string, value []byte, revision uint64) (uint64, error) {
	err := l.bus.ready()
	if err == nil {
		revision, err = l.put(ctx, key, value, revision)
	}
	if err != nil {
		return 0, fmt.Errorf("store %s of bucket %s: %w", key, l.bucket, err)
	}
	return revision, nil
}

func (l Ledger) put(ctx context.Context, key string, value []byte, revision uint64) (stored uint64, err error) {
	within, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	if revision == 0 {
		stored, err = l.kv.Create(within, key, value)
	} else {
		stored, err = l.kv.Update(within, key, value, revision)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch) {
		return 0, fmt.Errorf("%w: %w", ErrChanged, err)
	}
	if err != nil {
		return 0, l.bus.classify(ctx, err)
	}
	return stored, nil
}

// Entry is a value on its way into a ledger, in place of that of a revision, 0 for none.
type Entry struct {
	Key      string
	Value    []byte
	Revision uint64
}

// PutAll stores the values of up to 500 different keys, all or none, for the price of a few. The error wraps ErrChanged when
// a key has another revision; otherwise ErrFull, ErrStorage or ErrAway, or says that the server takes no batches.
func (l Ledger) PutAll(ctx context.Context, entries []Entry) error {
	err := l.bus.ready()
	if err == nil {
		err = l.putAll(ctx, entries)
	}
	if err != nil {
		return fmt.Errorf("store %d values of bucket %s: %w", len(entries), l.bucket, err)
	}
	return nil
}

func (l Ledger) putAll(ctx context.Context, entries []Entry) error {
	var messages []Message
	for _, e := range entries {
		messages = append(messages, Message{Subject: "$KV." + l.bucket + "." + e.Key, Data: e.Value, replaces: &e.Revision})
	}
	_, err := l.bus.store("KV_"+l.bucket).publishBatch(ctx, messages)
	switch {
	case err == nil:
		return nil
	case isAPIError(err, codeWrongSequence, codeWrongSequenceInBatch):
		return fmt.Errorf("%w: %w", ErrChanged, err)
	case refusedAsBatch(err) && !isFull(err):
		return err
	}
	return l.bus.classify(ctx, err)
}
