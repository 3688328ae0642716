package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"missedcalls/queueflow/callevent"
)

// The streams of the notifier, and the bucket of what was delivered.
const (
	// JobsStream holds what is to be told: a work queue, from which a job goes when it is done. When it is full it takes
	// no more, and the events wait in CALLS.
	JobsStream = "JOBS"
	// DeadStream holds what could not be told.
	DeadStream = "DEAD"
	// DeliveryBucket remembers what was told, so that it is told once and can be changed.
	DeliveryBucket = "missedcalls_delivery"
)

// largestJob is the largest message of JOBS and DEAD in bytes: an event, and what is said about it.
const largestJob = callevent.MaxSize + 16<<10

const (
	jobsMaxAge       = 7 * 24 * time.Hour
	deadMaxAge       = 90 * 24 * time.Hour
	deadMaxBytes     = 256 << 20
	deliveryMaxAge   = 7 * 24 * time.Hour
	deliveryMaxBytes = 1 << 30
)

// JobsMaxAge is how long JOBS keeps a job. Nobody may want to wait longer for a message.
const JobsMaxAge = jobsMaxAge

// Notifications are what the notifier keeps in NATS.
type Notifications struct {
	Jobs, Dead *Store
	// Deliveries is the bucket of what was delivered, of which values are forgotten after 7 days.
	Deliveries Ledger
	// Positions is the bucket of what is kept beside the events.
	Positions Ledger
}

// Notifications makes the streams and the bucket of the notifier, or brings them to the settings. It waits for a cluster
// that cannot make them yet until ctx ends.
func (b *Bus) Notifications(ctx context.Context) (*Notifications, error) {
	n := &Notifications{Jobs: b.store(JobsStream), Dead: b.store(DeadStream), Positions: Ledger{b, Bucket, b.kv}}
	err := b.until(ctx, "prepare the streams of the notifier", func() error {
		if err := b.prepareNotifications(ctx, n); err != nil {
			return b.finally(err)
		}
		return nil
	})
	return n, err
}

// prepareNotifications heeds no end of ctx: a server that is stopped while it makes a stream leaves a part of it running.
func (b *Bus) prepareNotifications(ctx context.Context, n *Notifications) (err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), apiWait)
	defer cancel()
	if n.Jobs.stream, err = b.makeStream(ctx, b.jobsConfig()); err != nil {
		return err
	}
	if n.Dead.stream, err = b.makeStream(ctx, deadConfig()); err != nil {
		return err
	}
	if _, err := b.makeStream(ctx, deliveryConfig()); err != nil {
		return err
	}
	kv, err := b.js.KeyValue(ctx, DeliveryBucket)
	if err != nil {
		return fmt.Errorf("bucket %s: %w", DeliveryBucket, err)
	}
	n.Deliveries = Ledger{b, DeliveryBucket, kv}
	return nil
}

// makeStream makes a stream, or brings it to its configuration, with as many replicas as it has, or as CALLS has. One that
// is as it should be is left alone: not every user may make streams that works with them.
func (b *Bus) makeStream(ctx context.Context, c jetstream.StreamConfig) (jetstream.Stream, error) {
	there, err := b.js.Stream(ctx, c.Name)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("stream %s: %w", c.Name, err)
	}
	c.Replicas = b.replicas(there)
	// Of several replicas one may be behind, and would say of a job that is done that it is not, or the other way round.
	c.AllowDirect = c.AllowDirect || c.Replicas == 1
	if there != nil && isAs(there.CachedInfo().Config, c) {
		return there, nil
	}
	s, err := b.js.CreateOrUpdateStream(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", c.Name, err)
	}
	return s, nil
}

// isAs says whether a stream is as it is wanted, but for its description.
func isAs(there, wanted jetstream.StreamConfig) bool {
	return slices.Equal(there.Subjects, wanted.Subjects) && there.Storage == wanted.Storage && there.Retention == wanted.Retention &&
		there.Discard == wanted.Discard && there.MaxAge == wanted.MaxAge && there.Duplicates == wanted.Duplicates &&
		max(there.MaxBytes, 0) == wanted.MaxBytes && max(there.MaxMsgSize, 0) == wanted.MaxMsgSize &&
		max(there.MaxMsgsPerSubject, 0) == wanted.MaxMsgsPerSubject &&
		there.AllowDirect == wanted.AllowDirect && there.AllowAtomicPublish == wanted.AllowAtomicPublish &&
		there.AllowRollup == wanted.AllowRollup && there.DenyDelete == wanted.DenyDelete
}

func (b *Bus) jobsConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:               JobsStream,
		Description:        "what missedcalls has to tell, one job for each event and target",
		Subjects:           []string{"jobs.>"},
		Storage:            jetstream.FileStorage,
		Retention:          jetstream.WorkQueuePolicy,
		Discard:            jetstream.DiscardNew,
		MaxAge:             jobsMaxAge,
		MaxBytes:           b.settings.MaxJobs,
		MaxMsgSize:         largestJob,
		Duplicates:         duplicatesWithin,
		AllowAtomicPublish: true,
	}
}

func deadConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        DeadStream,
		Description: "what missedcalls could not tell; see `missedcalls dead`",
		Subjects:    []string{"dead.>"},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		MaxAge:      deadMaxAge,
		MaxBytes:    deadMaxBytes,
		MaxMsgSize:  largestJob,
		Duplicates:  duplicatesWithin,
		AllowDirect: true,
	}
}

// deliveryConfig is a bucket as the client makes one, but for its direct reads.
func deliveryConfig() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:              "KV_" + DeliveryBucket,
		Description:       "what missedcalls has told, for some days",
		Subjects:          []string{"$KV." + DeliveryBucket + ".>"},
		Storage:           jetstream.FileStorage,
		Discard:           jetstream.DiscardNew,
		MaxMsgsPerSubject: 1,
		MaxAge:            deliveryMaxAge,
		MaxBytes:          deliveryMaxBytes,
		MaxMsgSize:        largestJob,
		Duplicates:        2 * time.Minute,
		AllowRollup:       true, AllowAtomicPublish: true,
		DenyDelete: true,
	}
}

// OpenNotifications reaches the dead letters of a program that runs elsewhere, and lets jobs be published to it: through
// the cluster of the settings, or through the embedded server of the settings' directory. Deliveries and Positions are
// not reached. It waits for nobody who is not there. The caller ends it by done.
func OpenNotifications(ctx context.Context, s Settings) (n *Notifications, done func(), err error) {
	b := newBus(s, zerolog.Nop())
	if b.nc, err = comeIn(b.settings); err != nil {
		return nil, nil, fmt.Errorf("reach the running program: %w", err)
	}
	n = &Notifications{Jobs: b.store(JobsStream), Dead: b.store(DeadStream)}
	if b.js, err = jetstream.New(b.nc); err == nil {
		n.Dead.stream, err = b.existing(ctx, DeadStream)
	}
	if err != nil {
		at := b.nc.ConnectedUrlRedacted()
		b.nc.Close()
		return nil, nil, fmt.Errorf("open stream %s at %s: %w", DeadStream, at, err)
	}
	return n, b.nc.Close, nil
}

func (b *Bus) existing(ctx context.Context, name string) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, apiWait)
	defer cancel()
	s, err := b.js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = fmt.Errorf("%w: `missedcalls serve` with the role notifier makes it, and has not run here yet", err)
	}
	return s, err
}
