package conformance

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// keepAlive is how long Asterisk keeps a connection without a request, and keepAliveAround how much it may be off.
const (
	keepAlive       = 15 * time.Second
	keepAliveAround = 1500 * time.Millisecond
)

// idleConnection shows both sides of the time-out: one connection is used again in time, the other is not.
func (s *session) idleConnection() {
	used, left := s.plain(), s.plain()
	defer used.Close()
	defer left.Close()
	s.ping(used)
	s.ping(left)
	began := time.Now()
	s.pass(keepAlive - keepAliveAround)
	s.ping(used)
	_ = left.SetReadDeadline(time.Now().Add(patience))
	n, err := left.Read(make([]byte, 1))
	s.note("the other connection: %d bytes, %v", n, err)
	if took := time.Since(began); took < keepAlive-keepAliveAround || took > keepAlive+keepAliveAround {
		s.fail("the connection was closed after %s", took)
	}
}

// sessions is how many connections Asterisk takes (sessionlimit).
const sessions = 1000

// tooMany opens all connections that Asterisk takes, and one more.
func (s *session) tooMany() {
	s.note("%d connections are opened", sessions)
	var open []net.Conn
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	for len(open) < sessions {
		conn := s.plain()
		open = append(open, conn)
		// An answer says that Asterisk has taken the connection; few may wait to be taken.
		s.exchange(conn)
	}
	more := s.plain()
	_ = more.SetReadDeadline(time.Now().Add(patience))
	n, err := more.Read(make([]byte, 1))
	s.note("one more: %d bytes, %v", n, err)
	_ = more.Close()
	s.ping(open[sessions-1])
	_ = open[0].Close()
	s.pass(time.Second)
	last := s.plain()
	defer last.Close()
	s.ping(last)
}

// plain is a connection without a client of HTTP on it.
func (s *session) plain() net.Conn {
	s.t.Helper()
	conn, err := s.world.Dial(s.ctx, "tcp", s.host())
	if err != nil {
		s.fail("dial: %v", err)
	}
	return conn
}

func (s *session) host() string {
	s.t.Helper()
	base, err := url.Parse(s.world.URL())
	if err != nil {
		s.fail("the world's address: %v", err)
	}
	return base.Host
}

// ping makes a request over a connection and writes the status.
func (s *session) ping(conn net.Conn) {
	s.t.Helper()
	s.note("ping: %d", s.exchange(conn))
}

// exchange makes a request over a connection, without a word in the trace.
func (s *session) exchange(conn net.Conn) (status int) {
	s.t.Helper()
	username, password := s.world.Credentials()
	key := base64.StdEncoding.EncodeToString([]byte(username + ":" + password))
	fmt.Fprintf(conn, "GET /ari/asterisk/ping HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n\r\n", s.host(), key)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.fail("no answer: %v", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		s.fail("no whole answer: %v", err)
	}
	return response.StatusCode
}
