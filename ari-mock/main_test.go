package arimock

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is somebody who speaks ARI to a stand-in in memory.
type client struct {
	*Server
	t    *testing.T
	http *http.Client
}

// inBubble runs a test with a stand-in in a bubble, where time costs nothing.
func inBubble(t *testing.T, o Options, talk func(c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := New(o)
		transport := &http.Transport{DialContext: s.Dial}
		c := &client{Server: s, t: t, http: &http.Client{Transport: transport}}
		talk(c)
		transport.CloseIdleConnections()
		s.Close()
	})
}

// ask sends a request and gives status and body; status 0 is for a connection that ended without an answer.
func (c *client) ask(method, path string, body ...byte) (status int, text string) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, "http://stand-in"+path, bytes.NewReader(body))
	require.NoError(c.t, err)
	request.SetBasicAuth("missedcalls", "secret")
	answer, err := c.http.Do(request)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	return answer.StatusCode, string(content)
}

// listener is an application's websocket. Its goroutine reads until the socket ends; stop ends it.
type listener struct {
	conn *websocket.Conn
	// types are those of the events that came, err is why no more come; both are to be read when everything rests.
	types []string
	err   error
	done  chan struct{}
}

func (c *client) listen() *listener {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	header := http.Header{}
	request := http.Request{Header: header}
	request.SetBasicAuth("missedcalls", "secret")
	conn, _, err := websocket.Dial(ctx, "http://stand-in/ari/events?app=missedcalls", &websocket.DialOptions{HTTPClient: c.http, HTTPHeader: header})
	require.NoError(c.t, err)
	conn.SetReadLimit(-1)
	return &listener{conn: conn, done: make(chan struct{})}
}

// read collects events until the socket ends.
func (l *listener) read() {
	defer close(l.done)
	for {
		_, text, err := l.conn.Read(context.Background())
		if err != nil {
			l.err = err
			return
		}
		var e struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(text, &e) == nil {
			l.types = append(l.types, e.Type)
		}
	}
}

func (l *listener) stop() {
	_ = l.conn.CloseNow()
	<-l.done
}

// hears lets an application listen while something happens, and gives the types of events that came.
func (c *client) hears(while func()) []string {
	c.t.Helper()
	l := c.listen()
	go l.read()
	while()
	synctest.Wait()
	l.stop()
	return l.types
}

// errorsOf counts the connections of n dialled at once that are closed without a byte.
func (c *client) closedOf(n int) (closed int) {
	var conns []net.Conn
	for range n {
		conn, err := c.Dial(c.t.Context(), "tcp", "stand-in")
		require.NoError(c.t, err)
		conns = append(conns, conn)
	}
	synctest.Wait()
	for _, conn := range conns {
		_ = conn.SetReadDeadline(time.Now())
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) {
			closed++
		}
		_ = conn.Close()
	}
	return closed
}
