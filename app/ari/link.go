package ari

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// link is one websocket. Two goroutines work on it, one that reads and one that proves; run owns both.
type link struct {
	c     *Client
	conn  *websocket.Conn
	wire  net.Conn // below conn
	queue *queue
	at    time.Time     // when it was established
	seen  atomic.Int64  // nanoseconds from at to the last frame; -1 before the first
	ours  chan struct{} // holds a token when an event of our own has arrived
	slab  []byte        // what the reader cuts frames from; the reader's own
	// proved is whether an event of our own ever came back. The prover writes it, run's caller reads it afterwards.
	proved bool
}

// run stays until the connection ends, and gives why: ErrReplaced, ErrDeaf, ErrOverflow, ctx's error or what broke.
func (l *link) run(ctx context.Context) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var both sync.WaitGroup
	both.Go(func() { stop(l.read()) })
	both.Go(func() { stop(l.prove(running)) })
	<-running.Done()
	err := context.Cause(running)
	l.close(ctx.Err() != nil || errors.Is(err, ErrReplaced))
	both.Wait()
	return err
}

// politely is how long Asterisk has for its part of closing a websocket.
const politely = time.Second

// close ends the websocket and so the reader. With a close frame, Asterisk gives new callers to the dialplan's
// fallback at once; a connection that is deaf or broken is not asked.
func (l *link) close(polite bool) {
	if !polite {
		_ = l.conn.CloseNow() // nobody could do anything about its error
		return
	}
	enough := time.AfterFunc(politely, func() { _ = l.wire.Close() })
	defer enough.Stop()
	_ = l.conn.Close(websocket.StatusNormalClosure, "")
}

// lastSeen is when the last frame arrived, zero when none did.
func (l *link) lastSeen() time.Time {
	if seen := l.seen.Load(); seen >= 0 {
		return l.at.Add(time.Duration(seen))
	}
	return time.Time{}
}
