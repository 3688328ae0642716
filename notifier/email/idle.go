package email

import (
	"slices"
	"sync"
	"time"
)

// idleFor is how long a connection is kept for the next message. Providers count connections and log-ins and refuse who
// makes too many; they also end those that say nothing, after some minutes.
const idleFor = 5 * time.Second

// idle are the connections between two messages. Its methods are safe for concurrent use.
type idle struct {
	// most is how many are kept at most.
	most int

	mu     sync.Mutex
	kept   []*kept // the last put is the first taken
	closed bool
}

// kept is a connection that waits for a message, until its expiry.
type kept struct {
	*connection
	expiry *time.Timer
}

// take gives a connection, nil when none is there.
func (i *idle) take() *connection {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.kept) == 0 {
		return nil
	}
	last := len(i.kept) - 1
	k := i.kept[last]
	i.kept = i.kept[:last]
	k.expiry.Stop() // when it is too late for that, expire does not find it
	return k.connection
}

// put keeps a connection for a while, or ends it when there are enough.
func (i *idle) put(c *connection) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || len(i.kept) >= i.most {
		c.quit()
		return
	}
	k := &kept{connection: c}
	k.expiry = time.AfterFunc(idleFor, func() { i.expire(k) })
	i.kept = append(i.kept, k)
}

// expire ends a connection that nobody took.
func (i *idle) expire(k *kept) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if at := slices.Index(i.kept, k); at >= 0 {
		i.kept = slices.Delete(i.kept, at, at+1)
		k.quit()
	}
}

// close ends all that are kept, and each that is put from now on.
func (i *idle) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	for _, k := range i.kept {
		k.expiry.Stop()
		k.quit()
	}
	i.kept = nil
}
