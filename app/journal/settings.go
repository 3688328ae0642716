package journal

import (
	"context"
	"time"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// Publisher is what the journal needs of the bus; see bus.Bus.
type Publisher interface {
	// Publish stores messages in order and tells the places of those that are stored, from the first on.
	Publish(ctx context.Context, messages []bus.Message) (seqs []uint64, err error)
	// Fold visits the events of CALLS from a sequence to its present end.
	Fold(ctx context.Context, from uint64, visit func(seq uint64, e callevent.Event) error) (last uint64, err error)
	// Embedded says that what the publisher cannot store, the disk here cannot either.
	Embedded() bool
}

// Settings of a journal. The zero value of a field stands for the default named beside it.
type Settings struct {
	// Dir is the data directory; the spool is in Dir/spool. The process holds bus.LockDir on it.
	Dir string
	// MaxHeld bounds the events kept in memory only; 10,000.
	MaxHeld int
	// MaxSpool bounds the spool in bytes; 1 GiB, about a million events. With more, events are held.
	MaxSpool int64
	// RetryMax is the longest pause between two attempts to get rid of what is kept; 1 s.
	RetryMax time.Duration
	// OpenWait is how long Open tries to publish the spool of an earlier process before it goes on with it; 5 s.
	OpenWait time.Duration
	// Notify is told of every change of Status.State, from the journal's goroutine, and from Open when it finds a
	// spool. It must not wait for the journal.
	Notify func(Status)
}

const (
	defaultMaxHeld  = 10_000
	defaultMaxSpool = 1 << 30
	defaultRetryMax = time.Second
	defaultOpenWait = 5 * time.Second
	firstRetry      = 20 * time.Millisecond
)

// batch bounds the events taken in one go.
const batch = 500

func (s Settings) withDefaults() Settings {
	if s.MaxHeld == 0 {
		s.MaxHeld = defaultMaxHeld
	}
	if s.MaxSpool == 0 {
		s.MaxSpool = defaultMaxSpool
	}
	if s.RetryMax == 0 {
		s.RetryMax = defaultRetryMax
	}
	if s.OpenWait == 0 {
		s.OpenWait = defaultOpenWait
	}
	if s.Notify == nil {
		s.Notify = func(Status) {}
	}
	return s
}
