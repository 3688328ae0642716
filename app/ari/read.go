package ari

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// read is the goroutine that reads. It stamps, looks for the two things that cannot wait, and enqueues. Asterisk
// drops a connection whose socket stays full for websocket_write_timeout (100 ms by default), so nothing here waits
// for anything but the network.
func (l *link) read() error {
	for {
		frame, err := l.next()
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		at := time.Now()
		l.seen.Store(int64(at.Sub(l.at)))
		if isReplaced(frame) {
			l.c.fenced.Store(true)
			l.queue.say(Replaced{At: at}, ^uint64(0))
			return ErrReplaced
		}
		if bytes.Contains(frame, []byte(l.c.token)) {
			l.heard()
		}
		if !l.queue.put(at, frame) {
			return ErrOverflow
		}
	}
}

// isReplaced recognises ApplicationReplaced, which is a short event, without decoding the others. It is looked for
// here and not where events are decoded because whoever was replaced must stop at once, however much is queued.
func isReplaced(frame []byte) bool {
	const name = "ApplicationReplaced"
	if len(frame) > 1024 || !bytes.Contains(frame, []byte(name)) {
		return false
	}
	kind, err := peek(frame)
	return err == nil && string(kind) == name
}

// heard leaves a token for the prover.
func (l *link) heard() {
	select {
	case l.ours <- struct{}{}:
	default:
	}
}

// slabSize is how much memory is asked for at a time to read frames into; a frame has 550 bytes as a rule.
const slabSize = 64 << 10

// next reads one frame. It belongs to whoever receives it.
func (l *link) next() ([]byte, error) {
	_, body, err := l.conn.Reader(context.Background()) // closing the connection ends it
	if err != nil {
		return nil, err
	}
	if len(l.slab) < 2048 {
		l.slab = make([]byte, slabSize)
	}
	frame, own := l.slab[:0], true
	for {
		if len(frame) == cap(frame) {
			frame, own = append(frame, 0)[:len(frame)], false
		}
		n, err := body.Read(frame[len(frame):cap(frame)])
		frame = frame[:len(frame)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if own {
		l.slab = l.slab[len(frame):]
	}
	return frame[:len(frame):len(frame)], nil
}
