package demo

import (
	"context"
	"sync"
	"time"

	arimock "missedcalls/ari-mock"
)

// ledger is the truth about the calls: what the stand-in's callers saw. It keeps a short entry for each call, so that an
// hour of a demo at its greatest speed is a few dozen megabytes.
type ledger struct {
	mu      sync.Mutex
	entries map[string]*entry // by the id of the channel
	// calls are goroutines that wait for the end of a call each; they end with the stand-in.
	calls sync.WaitGroup
}

// entry is one call.
type entry struct {
	over    bool
	endedAt time.Time
	// failed: the application was not there; declined: it gave the call back. Both are the dialplan's fallback.
	failed, declined bool
	// talkedAt is when the caller came to talk with somebody, zero if he did not.
	talkedAt time.Time
	// told is set when an event has ended the call.
	told bool
	// call is the call itself, nil once it is over.
	call *arimock.Call
}

func newLedger() *ledger { return &ledger{entries: make(map[string]*entry)} }

// call lets somebody call and writes down what becomes of it.
func (l *ledger) call(s *arimock.Server, c arimock.Caller) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := s.Call(c)
	e := &entry{call: k}
	l.entries[k.ID()] = e
	l.calls.Go(func() { l.await(k, e) })
}

func (l *ledger) await(k *arimock.Call, e *entry) {
	r, err := k.Result(context.Background())
	if err != nil {
		return // only a context that ends is an error
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	e.over, e.endedAt, e.talkedAt, e.call = true, r.Ended, r.Talked, nil
	e.failed, e.declined = r.StasisStatus == "FAILED", r.QueueStatus == "DECLINED"
}

// ending notes that an event has ended a call; one of somebody else's is passed over.
func (l *ledger) ending(channel string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[channel]; e != nil {
		e.told = true
	}
}

// untold tells whether a call that ended before a time, in the application, still has no ending event.
func (l *ledger) untold(before time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.entries {
		if e.over && e.endedAt.Before(before) && !e.failed && !e.told {
			return true
		}
	}
	return false
}

// copy gives the entries as they are now.
func (l *ledger) copy() map[string]entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make(map[string]entry, len(l.entries))
	for id, e := range l.entries {
		now := *e
		if e.call != nil {
			now.talkedAt, now.call = e.call.Talked(), nil
		}
		out[id] = now
	}
	return out
}
