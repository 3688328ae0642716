package ari

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
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

// open makes the websocket. It names one application, and never asks for all events of Asterisk (subscribeAll):
// when such a connection ends while device states change, Asterisk 22.10.1 locks up until it is killed (asterisk#2170).
func (c *Client) open(ctx context.Context, q *queue) (*link, error) {
	if c.fenced.Load() {
		return nil, ErrReplaced
	}
	ctx, cancel := context.WithTimeout(ctx, c.settings.DialTimeout)
	defer cancel()
	l := &link{c: c, queue: q, ours: make(chan struct{}, 1)}
	transport := &http.Transport{
		TLSHandshakeTimeout: c.settings.DialTimeout,
		IdleConnTimeout:     idleLimit,
		DialContext: func(ctx context.Context, network, address string) (wire net.Conn, err error) {
			wire, err = c.dial(ctx, network, address)
			l.wire = wire
			return wire, err
		},
	}
	defer transport.CloseIdleConnections()
	address := c.base + "/" + opListen.path + "?" + url.Values{"app": {c.settings.Application}}.Encode()
	conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: transport, CheckRedirect: stay},
		HTTPHeader:   c.credentials(),
		Subprotocols: []string{"ari"},
	})
	if err != nil {
		return nil, c.handshakeError(answer, err)
	}
	conn.SetReadLimit(c.settings.FrameLimit)
	l.conn, l.at = conn, time.Now()
	l.seen.Store(-1)
	return l, nil
}

// credentials are sent as a header, because Asterisk logs the URL.
func (c *Client) credentials() http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.settings.Username, c.settings.Password)
	return r.Header
}

func (c *Client) handshakeError(answer *http.Response, err error) error {
	r := request{op: opListen, target: c.settings.Application}
	if answer == nil || answer.StatusCode == http.StatusSwitchingProtocols || answer.Body == nil {
		return r.unanswered(err, false)
	}
	body, _ := io.ReadAll(answer.Body) // at most 1 kB, held in memory; half of it will do
	return answerError(r.op, r.target, answer.StatusCode, body)
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

// lastSeen is when the last frame arrived, zero when none did.
func (l *link) lastSeen() time.Time {
	if seen := l.seen.Load(); seen >= 0 {
		return l.at.Add(time.Duration(seen))
	}
	return time.Time{}
}
