package ari

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// asterisk is as much of Asterisk's web server as these tests need, behind connections in memory.
type asterisk struct {
	t      *testing.T
	dialed chan net.Conn
	closed chan struct{} // by Close; a dial that its request no longer wants may still be under way then
	server *http.Server
	ended  chan struct{}

	mu       sync.Mutex
	requests []string // "METHOD uri body"
	sockets  []*websocket.Conn
	goodbyes []websocket.StatusCode // with which websockets ended; -1 for none
	wires    []net.Conn             // the client's ends
	deaf     bool                   // user events are accepted and go nowhere
	refuse   bool                   // nobody can connect
	version  string
	answers  map[string]http.HandlerFunc // by "METHOD /path", before the built-in ones
}

func startAsterisk(t *testing.T) *asterisk {
	a := &asterisk{
		t: t, dialed: make(chan net.Conn), closed: make(chan struct{}), ended: make(chan struct{}),
		version: "22.10.1~dfsg+~cs6.15.60671435-1", answers: map[string]http.HandlerFunc{},
	}
	a.server = &http.Server{Handler: a}
	go func() {
		defer close(a.ended)
		_ = a.server.Serve(a)
	}()
	return a
}

// Accept, Close and Addr make it a net.Listener.
func (a *asterisk) Accept() (net.Conn, error) {
	select {
	case conn := <-a.dialed:
		return conn, nil
	case <-a.closed:
		return nil, net.ErrClosed
	}
}
func (a *asterisk) Close() error   { close(a.closed); return nil }
func (a *asterisk) Addr() net.Addr { return &net.TCPAddr{} }

func (a *asterisk) stop() {
	a.cut()
	_ = a.server.Close()
	<-a.ended
}

func (a *asterisk) dial(ctx context.Context, network, address string) (net.Conn, error) {
	a.mu.Lock()
	refused := a.refuse
	a.mu.Unlock()
	if refused {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("connection refused")}
	}
	ours, theirs := net.Pipe()
	select {
	case a.dialed <- theirs:
	case <-a.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wires = append(a.wires, ours)
	return ours, nil
}

func (a *asterisk) set(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
}

func (a *asterisk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a.mu.Lock()
	a.requests = append(a.requests, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+string(body)))
	answer := a.answers[r.Method+" "+r.URL.EscapedPath()]
	deaf, version := a.deaf, a.version
	a.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case r.URL.Path == "/ari/asterisk/info":
		fmt.Fprintf(w, `{"build":{},"system":{"version":%q,"entity_id":"52:54:00:12:34:56"},"config":{"name":"pbx"},"status":{"startup_time":"2026-08-01T12:00:00.000+0300"}}`, version)
	case r.URL.Path == "/ari/events":
		a.websocket(w, r)
	case r.URL.Path == "/ari/events/user/ari-echo":
		w.WriteHeader(http.StatusNoContent)
		if !deaf {
			var said struct{ Variables map[string]string }
			_ = json.Unmarshal(body, &said)
			a.say(echoFrame(said.Variables["echo"]))
		}
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// websocket keeps a socket until it ends.
func (a *asterisk) websocket(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock() // as in Asterisk, the application is registered before the client knows that it is connected
	socket, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"ari"}})
	if err == nil {
		a.sockets = append(a.sockets, socket)
	}
	a.mu.Unlock()
	if err != nil {
		return
	}
	for {
		if _, _, err := socket.Read(context.Background()); err != nil {
			a.set(func() { a.goodbyes = append(a.goodbyes, websocket.CloseStatus(err)) })
			_ = socket.CloseNow()
			return
		}
	}
}

// say sends frames over the newest websocket.
func (a *asterisk) say(frames ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.sockets) == 0 {
		return
	}
	for _, frame := range frames {
		_ = a.sockets[len(a.sockets)-1].Write(context.Background(), websocket.MessageText, []byte(frame))
	}
}

// cut breaks every connection as a network does.
func (a *asterisk) cut() {
	a.mu.Lock()
	wires := a.wires
	a.wires, a.sockets = nil, nil
	a.mu.Unlock()
	for _, wire := range wires {
		_ = wire.Close()
	}
}

// asked gives the requests whose text contains part.
func (a *asterisk) asked(part string) (found []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.requests {
		if strings.Contains(r, part) {
			found = append(found, r)
		}
	}
	return found
}

func echoFrame(name string) string {
	return fmt.Sprintf(`{"type":"ChannelUserevent","timestamp":"2026-08-01T12:00:00.000+0300","eventname":"ari-echo","userevent":{"echo":%q,"eventname":"ari-echo"},"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`, name)
}

func startFrame(id string) string {
	return fmt.Sprintf(`{"type":"StasisStart","timestamp":"2026-08-01T12:00:00.123+0300","args":["sales"],"channel":%s,"asterisk_id":"52:54:00:12:34:56","application":"missedcalls"}`, channelJSON(id))
}

func channelJSON(id string) string {
	return fmt.Sprintf(`{"id":%q,"name":"PJSIP/trunk-0000001c","state":"Ring","protocol_id":"3b2f1c9a-77aa@10.0.0.5","caller":{"name":"","number":"89161234567"},"connected":{"name":"","number":""},"accountcode":"","dialplan":{"context":"from-trunk","exten":"74951234567","priority":1,"app_name":"Stasis","app_data":"missedcalls,sales"},"creationtime":"2026-08-01T12:00:00.120+0300","language":"ru"}`, id)
}

const replacedFrame = `{"type":"ApplicationReplaced","timestamp":"2026-08-01T12:00:00.123+0300","application":"missedcalls","asterisk_id":"52:54:00:12:34:56"}`

func testSettings() Settings {
	return Settings{URL: "http://asterisk:8088/ari", Username: "queue", Password: "s3cret", Application: "missedcalls"}
}

// world is a client, the Asterisk it talks to, and what Listen has delivered, in a bubble of its own time.
type world struct {
	*asterisk
	t       *testing.T
	client  *Client
	counts  *counts
	cancel  context.CancelFunc
	done    chan struct{}
	err     error         // of Listen, once done
	hold    chan struct{} // while not nil, deliver waits for a token before each signal
	mu      sync.Mutex
	signals []Signal
}

// counts is what the observer was told.
type counts struct {
	mu   sync.Mutex
	said map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said[name]++
}

func (c *counts) of(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.said[name]
}

func (c *counts) observer() Observer {
	return Observer{
		Requested: func(op string, kind Kind, _ time.Duration) { c.add(op + " " + kind.String()) },
		Delivered: c.add,
		Skipped:   c.add,
		Gap:       c.add,
		Connected: func() { c.add("connected") },
		Queued:    func(int) {},
	}
}

// inBubble runs a conversation with Asterisk in a bubble, where time passes only while everybody waits.
func inBubble(t *testing.T, settings Settings, talk func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := startAsterisk(t)
		w := &world{asterisk: a, t: t, counts: &counts{said: map[string]int{}}, done: make(chan struct{})}
		client, err := New(settings, zerolog.Nop(), WithDialer(a.dial), WithObserver(w.counts.observer()))
		require.NoError(t, err)
		w.client = client
		talk(t, w)
		w.finish()
		client.Close()
		a.stop()
	})
}

// listen starts Listen and waits until the connection was proved, or cannot be.
func (w *world) listen() {
	ctx, cancel := context.WithCancel(w.t.Context())
	w.cancel = cancel
	go func() {
		defer close(w.done)
		w.err = w.client.Listen(ctx, w.deliver)
	}()
	synctest.Wait()
}

func (w *world) deliver(s Signal) {
	if w.hold != nil {
		<-w.hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.signals = append(w.signals, s)
}

// finish ends Listen if it was started.
func (w *world) finish() {
	if w.cancel != nil {
		w.cancel()
		<-w.done
	}
}

// story tells what was delivered: connected, the ids of started channels, disconnected, replaced.
func (w *world) story() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	story := []string{}
	for _, s := range w.signals {
		switch s := s.(type) {
		case Connected:
			story = append(story, "connected")
		case Received:
			story = append(story, s.Event.ChannelID())
		case Disconnected:
			story = append(story, "disconnected")
		case Replaced:
			story = append(story, "replaced")
		}
	}
	return story
}

// signal gives the nth signal of a type.
func signal[S Signal](w *world, n int) S {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.signals {
		if is, fits := s.(S); fits {
			if n == 0 {
				return is
			}
			n--
		}
	}
	var none S
	require.Failf(w.t, "too few signals", "%T", none)
	return none
}
