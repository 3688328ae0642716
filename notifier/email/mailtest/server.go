// Package mailtest is an SMTP server for tests. It takes mail as a provider's submission server does, with TLS of its own
// authority and AUTH; it refuses, hangs and hangs up where it is told to, and shows what it got.
package mailtest

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// Patience bounds the wait for messages and for the end of the server.
const Patience = 10 * time.Second

// TLS is how connections are made private.
type TLS int

// The ways: none is offered, STARTTLS is, or TLS is spoken from the first byte.
const (
	NoTLS TLS = iota
	StartTLS
	FullTLS
)

// Settings of a server. The zero value takes mail from anybody, in the clear.
type Settings struct {
	TLS TLS
	// Users are passwords by name; with any, mail is taken after AUTH only.
	Users map[string]string
	// Mechanisms of AUTH, of PLAIN, LOGIN, CRAM-MD5 and SCRAM-SHA-256; nil for the first two.
	Mechanisms []string
	// ASCII switches SMTPUTF8 off.
	ASCII bool
	// Latency is the time before each answer, which a server far away takes.
	Latency time.Duration
}

// Server is a running server. Its methods may be called from any goroutine.
type Server struct {
	// Addr is where it listens, 127.0.0.1 and a port.
	Addr string
	// CAFile holds the certificate of the authority that signs for 127.0.0.1 and localhost.
	CAFile string

	t        testing.TB
	settings Settings
	smtp     *smtp.Server
	listener net.Listener
	closed   chan struct{} // ends whatever hangs
	serving  sync.WaitGroup

	mu          sync.Mutex
	faults      []*Fault
	messages    []Message
	hanging     int
	news        chan struct{} // closed when a message comes or a connection hangs, and made anew
	open        map[net.Conn]struct{}
	connections int
}

// Start runs a server until the test ends.
func Start(t testing.TB, settings Settings) *Server {
	t.Helper()
	s := &Server{t: t, settings: settings, closed: make(chan struct{}), news: make(chan struct{}), open: make(map[net.Conn]struct{})}
	authority, config := newCertificate(t)
	config.GetConfigForClient = s.handshake
	s.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	err := os.WriteFile(s.CAFile, authority, 0o600)
	if err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatalf("mailtest: %v", err)
	}
	s.Addr = s.listener.Addr().String()
	s.smtp = s.newSMTP(config)
	l := net.Listener(&listener{Listener: s.listener, server: s})
	if settings.TLS == FullTLS {
		l = tls.NewListener(l, config)
	}
	s.serving.Go(func() { _ = s.smtp.Serve(l) }) // it ends when the listener does
	t.Cleanup(s.Close)
	return s
}

func (s *Server) newSMTP(config *tls.Config) *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(s.newSession))
	server.Domain = "mail.test"
	server.EnableSMTPUTF8 = !s.settings.ASCII
	server.AllowInsecureAuth = s.settings.TLS == NoTLS
	server.ErrorLog = log.New(io.Discard, "", 0) // clients that hang up are what tests are about
	if s.settings.TLS != NoTLS {
		server.TLSConfig = config
	}
	return server
}

// Close ends the server and every connection. Nothing of it runs when it returns. It may be called again.
func (s *Server) Close() {
	_ = s.listener.Close()
	s.serving.Wait() // from now on there are no new connections
	s.mu.Lock()
	if !s.ended() {
		close(s.closed)
	}
	s.mu.Unlock()
	s.Cut()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	_ = s.smtp.Shutdown(ctx) // it complains of the listener, which is closed
	if ctx.Err() != nil {
		s.t.Error("mailtest: there are connections that do not end")
	}
}

func (s *Server) ended() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// Messages are those accepted so far, also those whose answer was a fault of stage Answer.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Await waits until there are n messages, and gives those there are. The test fails when they do not come.
func (s *Server) Await(n int) []Message {
	s.t.Helper()
	s.await("messages", n, func() int { return len(s.messages) })
	return s.Messages()
}

// AwaitHanging waits until n connections have come to a fault that lets them hang. The test fails when they do not.
func (s *Server) AwaitHanging(n int) {
	s.t.Helper()
	s.await("hanging connections", n, func() int { return s.hanging })
}

func (s *Server) await(what string, n int, count func() int) {
	s.t.Helper()
	late := time.After(Patience)
	for {
		s.mu.Lock()
		got, news := count(), s.news
		s.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-news:
		case <-late:
			s.t.Fatalf("mailtest: %d %s, not %d", got, what, n)
		}
	}
}

// Connections is how many there have been.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Cut ends every connection, as a server does that is started anew.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.open {
		_ = conn.Close()
	}
}

func (s *Server) record(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	s.tell()
}

func (s *Server) hang() {
	s.mu.Lock()
	s.hanging++
	s.tell()
	s.mu.Unlock()
	<-s.closed
}

// tell wakes those who wait for news. Whoever calls it holds the lock.
func (s *Server) tell() {
	close(s.news)
	s.news = make(chan struct{})
}
