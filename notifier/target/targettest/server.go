// Package targettest tests channels that speak HTTP: a server that plays the replies it is told to, and one table of
// replies with the verdict that each means for each channel.
package targettest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Reply is what the server does with one request.
type Reply struct {
	// Status is 200 unless it is set.
	Status int
	Header map[string]string
	Body   string
	// Trouble is what goes wrong with it, if anything.
	Trouble Trouble
}

// Trouble is what a server does instead of answering well.
type Trouble string

// The troubles.
const (
	// Hang: no answer comes.
	Hang Trouble = "hang"
	// Reset: the connection is reset when the request was read.
	Reset Trouble = "reset"
	// Stall: the status and the body come, and then nothing, while more is promised.
	Stall Trouble = "stall"
	// Huge: the body goes on for as long as it is read.
	Huge Trouble = "huge"
	// Garbage: Body comes in place of HTTP.
	Garbage Trouble = "garbage"
	// Echo: the body repeats the request, its address and headers too.
	Echo Trouble = "echo"
)

// Request is what the server was sent.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
}

// Server plays replies, one for each request, in order.
type Server struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	replies  []Reply
	requests []Request
	arrived  chan struct{}
}

// Serve starts a server that ends with the test. A request beyond the replies fails the test.
func Serve(t testing.TB, replies ...Reply) *Server {
	s := newServer(t, replies)
	s.Start()
	return s
}

// ServeTLS starts one with a certificate that nobody trusts.
func ServeTLS(t testing.TB, replies ...Reply) *Server {
	s := newServer(t, replies)
	s.StartTLS()
	return s
}

func newServer(t testing.TB, replies []Reply) *Server {
	s := &Server{t: t, replies: replies, arrived: make(chan struct{}, 1024)}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = nolog
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// Play adds replies.
func (s *Server) Play(replies ...Reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replies = append(s.replies, replies...)
}

// Requests are those that came since it was last asked.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.requests = nil }()
	return s.requests
}

// Left is how many replies were not asked for.
func (s *Server) Left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.replies)
}

// Arrived gives something for each request that was read.
func (s *Server) Arrived() <-chan struct{} { return s.arrived }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	reply, ok := s.next(Request{r.Method, r.RequestURI, r.Header.Clone(), body})
	if !ok {
		assert.Fail(s.t, "a request too many", "%s %s %s", r.Method, r.RequestURI, body)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	s.arrived <- struct{}{}
	reply.play(w, r)
}

func (s *Server) next(r Request) (reply Reply, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r)
	if len(s.replies) == 0 {
		return Reply{}, false
	}
	reply = s.replies[0]
	s.replies = s.replies[1:]
	return reply, true
}

func (reply Reply) play(w http.ResponseWriter, r *http.Request) {
	switch reply.Trouble {
	case Hang:
		<-r.Context().Done()
		return
	case Reset:
		connection, _, _ := http.NewResponseController(w).Hijack()
		_ = connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
		return
	case Garbage:
		connection, _, _ := http.NewResponseController(w).Hijack()
		fmt.Fprint(connection, reply.Body)
		connection.Close()
		return
	}
	for name, value := range reply.Header {
		w.Header().Set(name, value)
	}
	if reply.Trouble == Stall {
		w.Header().Set("Content-Length", fmt.Sprint(len(reply.Body)+1))
	}
	w.WriteHeader(max(reply.Status, http.StatusOK))
	fmt.Fprint(w, reply.Body)
	switch reply.Trouble {
	case Stall:
		_ = http.NewResponseController(w).Flush() // the client may be gone
		<-r.Context().Done()
	case Huge:
		chunk := bytes.Repeat([]byte("x"), 64<<10)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	case Echo:
		fmt.Fprintf(w, "cannot %s %s", r.Method, r.RequestURI)
		_ = r.Header.Write(w) // the client may be gone
	}
}
