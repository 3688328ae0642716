package mailtest

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/emersion/go-smtp"
)

// Stage is a moment of a connection at which something may go wrong.
type Stage int

// The stages in their order. Connect is the greeting, which with FullTLS can hang or be cut only. Handshake is that of
// TLS, and can hang or be cut only. Answer is after a message is accepted, so that the sender does not learn of it.
const (
	Connect Stage = iota
	Hello
	Handshake
	Auth
	Sender
	Recipient
	Content
	Answer
)

// Fault is what happens at a stage in place of the right thing: an answer, no answer until the server ends, or, with
// neither Code nor Hang, the end of the connection.
type Fault struct {
	At Stage
	// To says for whose mail, from stage Recipient on; empty for anybody's.
	To string
	// Times is how often it happens; 0 for always.
	Times int
	// Code and Text are the answer, such as 550 and "5.1.1 nobody here".
	Code int
	Text string
	Hang bool
}

// Fault adds one. Of several that fit, the first added happens.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal takes all faults away.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault finds the one that happens now, for mail to any of these.
func (s *Server) fault(at Stage, to ...string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.At != at || f.To != "" && !slices.Contains(to, f.To) {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return f
	}
	return nil
}

var errCut = errors.New("cut by a fault")

// happen lets a fault happen, if there is one; its error is the answer to give.
func (s *Server) happen(conn net.Conn, at Stage, to ...string) error {
	f := s.fault(at, to...)
	switch {
	case f == nil:
		return nil
	case f.Hang:
		s.hang()
	case f.Code != 0:
		return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: f.Text}
	}
	_ = conn.Close()
	return errCut
}

// handshake implements tls.Config.GetConfigForClient.
func (s *Server) handshake(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	return nil, s.happen(hello.Conn, Handshake)
}

// listener counts connections and lets the greeting go wrong.
type listener struct {
	net.Listener
	server *Server
}

func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s := l.server
	conn := &conn{Conn: inner, server: s}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	s.open[inner] = struct{}{}
	return conn, nil
}

// conn is written to by one goroutine.
type conn struct {
	net.Conn
	server  *Server
	greeted bool
}

func (c *conn) Write(b []byte) (int, error) {
	if latency := c.server.settings.Latency; latency > 0 {
		select {
		case <-time.After(latency):
		case <-c.server.closed:
		}
	}
	if !c.greeted {
		c.greeted = true
		if err := c.server.happen(c.Conn, Connect); err != nil {
			return c.refuse(err)
		}
	}
	return c.Conn.Write(b)
}

// refuse answers with an error in place of the greeting, and ends the connection.
func (c *conn) refuse(err error) (int, error) {
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		_, _ = c.Conn.Write([]byte(reply(answer)))
		_ = c.Conn.Close()
	}
	return 0, err
}

func (c *conn) Close() error {
	c.server.mu.Lock()
	delete(c.server.open, c.Conn)
	c.server.mu.Unlock()
	return c.Conn.Close()
}
