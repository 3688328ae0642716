package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/queueflow/callevent"
)

// Stream holds the events of all calls.
const Stream = "CALLS"

// Bucket holds what is kept beside the events.
const Bucket = "missedcalls"

// largestEvent is the largest message of CALLS in bytes: an event and its headers.
const largestEvent = callevent.MaxSize + 4<<10

// leastPayload is the largest message of all streams.
const leastPayload = largestJob

// clusterReplicas is how many servers of a cluster keep every event, so that one may be lost.
const clusterReplicas = 3

// prepare makes the stream and the bucket, or brings the stream to the settings. It may be repeated.
func (b *Bus) prepare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	if b.settings.Guest {
		return b.find(ctx)
	}
	var err error
	if b.calls.stream, err = b.makeStream(ctx, b.streamConfig()); err != nil {
		return b.finally(err)
	}
	b.kv, err = b.js.KeyValue(ctx, Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		b.kv, err = b.js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: Bucket, Description: "state of missedcalls beside the events", Storage: jetstream.FileStorage,
			Replicas: b.calls.stream.CachedInfo().Config.Replicas,
		})
	}
	if err != nil {
		return b.finally(fmt.Errorf("bucket %s: %w", Bucket, err))
	}
	return nil
}

// find looks for the stream and the bucket that another process makes.
func (b *Bus) find(ctx context.Context) (err error) {
	if b.calls.stream, err = b.js.Stream(ctx, Stream); err != nil {
		return fmt.Errorf("stream %s, which the process with role app makes: %w", Stream, err)
	}
	if b.kv, err = b.js.KeyValue(ctx, Bucket); err != nil {
		return fmt.Errorf("bucket %s, which the process with role app makes: %w", Bucket, err)
	}
	return nil
}

func (b *Bus) streamConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        Stream,
		Description: "what happened to calls, see docs/events.md of missedcalls",
		Subjects:    []string{"calls.>"},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		MaxAge:      b.settings.MaxAge,
		MaxBytes:    b.settings.MaxBytes,
		MaxMsgSize:  largestEvent,
		Duplicates:  min(duplicatesWithin, b.settings.MaxAge), // the server takes no window longer than the age
		AllowDirect: true, AllowAtomicPublish: true,
	}
}

// replicas are those of a stream that is there, which somebody may have chosen; otherwise those of CALLS, or as many as
// the cluster can keep.
func (b *Bus) replicas(there jetstream.Stream) int {
	switch {
	case there != nil:
		return there.CachedInfo().Config.Replicas
	case b.calls.stream != nil:
		return b.calls.stream.CachedInfo().Config.Replicas
	case !b.Embedded() && b.nc.ConnectedClusterName() != "":
		return clusterReplicas
	}
	return 1
}

// finally marks the errors that waiting does not mend: those of the embedded server, which nobody but us changes, and
// those of a cluster that are about what was asked, and not about its state at the moment.
func (b *Bus) finally(err error) error {
	if b.Embedded() {
		return final{err}
	}
	if api := (&jetstream.APIError{}); errors.As(err, &api) && slices.Contains([]int{400, 403}, api.Code) {
		return final{err}
	}
	if errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
		return final{fmt.Errorf("%w: enable JetStream for the account of missedcalls", err)}
	}
	return err
}
