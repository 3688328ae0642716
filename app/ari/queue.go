package ari

import (
	"context"
	"sync"
	"time"
)

// item is one thing on its way to the deliverer: a frame as it came, or a signal that stands between frames.
type item struct {
	at     time.Time
	frame  []byte
	signal Signal
	// connection is which connection a Disconnected is about, for those who wait for it.
	connection uint64
}

// queue holds what was read and not yet delivered, in order. One goroutine at a time puts, one takes; the mutex
// guards everything.
type queue struct {
	frameLimit, byteLimit int

	mu     sync.Mutex
	filled sync.Cond // somebody may take
	items  []item    // items[head:] are waiting
	head   int
	frames int // among them
	bytes  int // in them
	closed bool
	room   chan struct{} // holds a token when the queue became half empty
}

func newQueue(frameLimit, byteLimit int) *queue {
	q := &queue{frameLimit: frameLimit, byteLimit: byteLimit, room: make(chan struct{}, 1)}
	q.filled.L = &q.mu
	return q
}

// put adds a frame; false means that there is no place for it. It never blocks.
func (q *queue) put(at time.Time, frame []byte) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.frames >= q.frameLimit || q.bytes+len(frame) > q.byteLimit && q.frames > 0 {
		return false
	}
	q.frames++
	q.bytes += len(frame)
	q.add(item{at: at, frame: frame})
	return true
}

// say adds a signal, for which there is always a place: a connection has two at most.
func (q *queue) say(s Signal, connection uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(item{signal: s, connection: connection})
}

// add appends, and moves what waits to the front when more than half of the slice has been taken. The mutex is held.
func (q *queue) add(i item) {
	if q.head > 1024 && q.head > len(q.items)/2 {
		rest := copy(q.items, q.items[q.head:])
		clear(q.items[rest:])
		q.items, q.head = q.items[:rest], 0
	}
	q.items = append(q.items, i)
	q.filled.Signal()
}

// take moves up to cap(into) items out, waiting until there is one, and tells how many frames are left. Nothing is
// returned only when the queue is closed and empty.
func (q *queue) take(into []item) (taken []item, left int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.head == len(q.items) && !q.closed {
		q.filled.Wait()
	}
	taken = append(into[:0], q.items[q.head:min(len(q.items), q.head+cap(into))]...)
	clear(q.items[q.head : q.head+len(taken)])
	q.head += len(taken)
	for _, i := range taken {
		if i.signal == nil {
			q.frames--
			q.bytes -= len(i.frame)
		}
	}
	q.emptied()
	return taken, q.frames
}

// emptied gives back a large slice that nothing is in, and tells whoever waits for room. The mutex is held.
func (q *queue) emptied() {
	if q.head == len(q.items) {
		q.head, q.items = 0, q.items[:0]
		if cap(q.items) > 1<<16 {
			q.items = nil
		}
	}
	if q.halfEmpty() {
		select {
		case q.room <- struct{}{}:
		default:
		}
	}
}

func (q *queue) halfEmpty() bool { return q.frames <= q.frameLimit/2 && q.bytes <= q.byteLimit/2 }

// awaitRoom waits until the queue is at most half full or ctx ends.
func (q *queue) awaitRoom(ctx context.Context) {
	for {
		q.mu.Lock()
		enough := q.halfEmpty()
		q.mu.Unlock()
		if enough {
			return
		}
		select {
		case <-q.room:
		case <-ctx.Done():
			return
		}
	}
}

// waiting tells how many frames there are, and whether that is a tenth of what there may be: the moment to warn.
func (q *queue) waiting() (frames int, alarming bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.frames, q.frames*10 >= q.frameLimit || q.bytes*10 >= q.byteLimit
}

// close lets take return nothing once it has given everything.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
