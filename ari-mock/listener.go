package arimock

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"syscall"
	"time"
)

// inactivity is session_inactivity of http.conf: how long half a request may take.
const inactivity = 30 * time.Second

var discard = log.New(io.Discard, "", 0)

// sessions is a listener that counts connections, as Asterisk's web server does, and closes those above its limit
// without a byte.
type sessions struct {
	net.Listener
	s *Server
}

func (l *sessions) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if counted := l.s.admit(conn); counted != nil {
			return counted, nil
		}
		_ = conn.Close()
	}
}

// admit gives a connection that is counted until it is closed, or nil when there are too many.
func (s *Server) admit(conn net.Conn) net.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusing || len(s.conns) >= s.options.SessionLimit {
		return nil
	}
	s.conns[conn] = struct{}{}
	return &session{Conn: conn, s: s}
}

type session struct {
	net.Conn
	s    *Server
	once sync.Once
}

func (c *session) Close() error {
	c.once.Do(func() {
		c.s.mu.Lock()
		delete(c.s.conns, c.Conn)
		c.s.mu.Unlock()
	})
	return c.Conn.Close()
}

// memory is a listener for connections that have no wire.
type memory struct {
	dialed chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory {
	return &memory{dialed: make(chan net.Conn), closed: make(chan struct{})}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case conn := <-m.dialed:
		return conn, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return memoryAddr{} }

type memoryAddr struct{}

func (memoryAddr) Network() string { return "memory" }
func (memoryAddr) String() string  { return "memory" }

// Dial opens a connection in memory; it fits where a dialler of TCP does. While the server refuses connections it fails
// as TCP does when nobody listens.
func (s *Server) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	s.mu.Lock()
	refusing := s.refusing
	s.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: network, Addr: memoryAddr{}, Err: errors.Join(syscall.ECONNREFUSED, errors.New(address))}
	if refusing {
		return nil, refused
	}
	ours, theirs := net.Pipe()
	select {
	case s.memory.dialed <- theirs:
		return ours, nil
	case <-s.memory.closed:
		return nil, refused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
