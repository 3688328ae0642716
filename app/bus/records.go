package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// MaxRecord is how many bytes a record has at most. Put refuses longer ones; others who write to the bucket may not.
const MaxRecord = 4 << 10

// Records are values by name, of one kind and one application, kept in the bucket beside the events: what people decide,
// which no event tells. They are as durable as events, and every process sees them. A record that is deleted is one that
// was never stored: it tells those nothing who follow.
type Records struct {
	nc     *nats.Conn
	kv     jetstream.KeyValue
	prefix string
}

// Records are those of a kind, such as queue.
func (b *Bus) Records(kind string) Records {
	return newRecords(b.nc, b.kv, b.settings.Application, kind)
}

func newRecords(nc *nats.Conn, kv jetstream.KeyValue, application, kind string) Records {
	return Records{nc: nc, kv: kv, prefix: kind + "." + Token(application) + "."}
}

// Put stores a value under a name. When it returns nil the value is durable.
func (r Records) Put(ctx context.Context, name string, value []byte) error {
	if len(value) > MaxRecord {
		return fmt.Errorf("store the record of %s: it has %d bytes, and may have %d", name, len(value), MaxRecord)
	}
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	if _, err := r.kv.Put(ctx, r.prefix+Token(name), value); err != nil {
		return fmt.Errorf("store the record of %s: %w", name, err)
	}
	return nil
}

// All gives every value, in the order in which they were stored.
func (r Records) All(ctx context.Context) (values [][]byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	w, err := r.watch(ctx)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	defer unwatch(w)
	for {
		select {
		case entry, open := <-w.Updates():
			switch {
			case !open:
				return nil, errors.New("read records: the connection was closed")
			case entry == nil: // these were all
				return values, nil
			}
			values = append(values, entry.Value())
		case <-ctx.Done():
			return nil, fmt.Errorf("read records: %w", ctx.Err())
		}
	}
}

// Follow gives handle every value that is there and every one that is stored from then on, in order and some more than
// once, until ctx ends. It goes on by itself after a cut; trouble is told what keeps it from that meanwhile. Nothing of it
// runs when it returns.
func (r Records) Follow(ctx context.Context, handle func(value []byte), trouble func(error)) {
	for ctx.Err() == nil {
		err := r.follow(ctx, handle)
		if err == nil || ctx.Err() != nil {
			continue
		}
		trouble(fmt.Errorf("follow records: %w", err))
		select {
		case <-ctx.Done():
		case <-time.After(connectPauseMax):
		}
	}
}

// follow ends with an error, with ctx, or by nil with a new connection: a server that was started anew has forgotten
// whom it told, and the client would notice that by its silence, ten seconds later.
func (r Records) follow(ctx context.Context, handle func(value []byte)) error {
	connected := r.nc.StatusChanged(nats.CONNECTED)
	defer r.nc.RemoveStatusListener(connected)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(apiWait, cancel) // the watch lasts as long as its context, which may have no deadline
	w, err := r.watch(ctx)
	if !late.Stop() && err == nil {
		err = context.DeadlineExceeded
		unwatch(w)
	}
	if err != nil {
		return err
	}
	defer unwatch(w)
	for {
		select {
		case entry, open := <-w.Updates():
			if !open {
				return errors.New("the subscription was closed")
			}
			if entry != nil {
				handle(entry.Value())
			}
		case <-connected:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func (r Records) watch(ctx context.Context) (jetstream.KeyWatcher, error) {
	return r.kv.Watch(ctx, r.prefix+">", jetstream.IgnoreDeletes())
}

// unwatch ends a watch and waits until nothing of it runs. What the client has read ahead is thrown away, because its
// goroutine waits for somebody to take it.
func unwatch(w jetstream.KeyWatcher) {
	_ = w.Stop() // it fails when the watch has ended already
	limit := time.After(apiWait)
	for {
		select {
		case _, open := <-w.Updates():
			if !open {
				return
			}
		case <-limit:
			return
		}
	}
}
