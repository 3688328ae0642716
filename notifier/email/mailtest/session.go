package mailtest

import (
	"fmt"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection between EHLO and its end, and the envelope under way.
type session struct {
	*Server
	conn *smtp.Conn
	user string
	from string
	utf8 bool
	to   []string
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	if err := s.happen(c.Conn(), Hello); err != nil {
		return nil, err
	}
	return &session{Server: s, conn: c}, nil
}

func reply(e *smtp.SMTPError) string { return fmt.Sprintf("%d %s\r\n", e.Code, e.Message) }

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	switch {
	case s.settings.Users == nil:
		return nil
	case s.settings.Mechanisms == nil:
		return []string{sasl.Plain, sasl.Login}
	}
	return s.settings.Mechanisms
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if err := s.happen(s.conn.Conn(), Auth); err != nil {
		return nil, err
	}
	server := newAuth(mechanism, s.settings.Users, func(user string) { s.user = user })
	if server == nil {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	return server, nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, options *smtp.MailOptions) error {
	if s.settings.Users != nil && s.user == "" {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "authentication required"}
	}
	if s.from != "" {
		return &smtp.SMTPError{Code: 503, EnhancedCode: smtp.EnhancedCode{5, 5, 1}, Message: "nested MAIL command"}
	}
	s.from, s.utf8 = from, options.UTF8
	return s.happen(s.conn.Conn(), Sender)
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.happen(s.conn.Conn(), Recipient, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.happen(s.conn.Conn(), Content, s.to...); err != nil {
		return err
	}
	m, err := Parse(raw)
	if err != nil {
		s.t.Errorf("mailtest: a message that cannot be read: %v", err)
		return err
	}
	_, m.TLS = s.conn.TLSConnectionState()
	m.User, m.From, m.To, m.UTF8 = s.user, s.from, s.to, s.utf8
	s.record(m)
	return s.happen(s.conn.Conn(), Answer, s.to...)
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to, s.utf8 = "", nil, false }

// Logout implements smtp.Session.
func (*session) Logout() error { return nil }
