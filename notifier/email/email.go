// Package email tells people by mail: one message to each recipient of a target, over SMTP with STARTTLS or TLS.
//
// A message is the same at every try and has a Message-ID of its own, so that whoever gets it twice can know it. What is
// said later of the same matter is a reply in the thread of the first message.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// Email is a target that sends mail.
type Email struct {
	addr, host         string
	helo               string
	mode               policy.TLS
	tls                *tls.Config
	username, password string // password is the file that holds it
	from               address
	to                 []address
	language           string
	zone               *time.Location
	idle               idle
	// connecting and sending bound the way to a connection that takes mail, and one message on it.
	connecting, sending time.Duration
}

var _ target.Target = (*Email)(nil)

// The time limits. Some servers look into a message for a minute before they answer; who does not wait for that sends it
// again and again.
const (
	connecting = 30 * time.Second
	sending    = 3 * time.Minute
)

// New makes a target of its settings. The error says which file, address or host cannot work. It opens no connection.
func New(t policy.Target) (*Email, error) {
	e, err := newEmail(t)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return e, nil
}

func newEmail(t policy.Target) (*Email, error) {
	s := t.Email
	host, port, err := net.SplitHostPort(s.SMTP)
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("smtp %q: must be host:port, such as smtp.example.org:587", s.SMTP)
	}
	if host, err = asciiHost(host); err != nil {
		return nil, fmt.Errorf("smtp %q: %w", s.SMTP, err)
	}
	e := &Email{
		addr: net.JoinHostPort(host, port), host: host, helo: hostname(), mode: s.TLS, username: s.Username, password: s.PasswordFile,
		language: t.Language, zone: t.Zone, idle: idle{most: max(t.Workers, 1)}, connecting: connecting, sending: sending,
	}
	if !slices.Contains([]policy.TLS{policy.StartTLS, policy.FullTLS, policy.NoTLS}, e.mode) {
		return nil, fmt.Errorf("tls %q: must be starttls, tls or none", e.mode)
	}
	if e.from, err = parseAddress(s.From); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if e.to, err = parseRecipients(s.To); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if e.tls, err = newTLS(host, s.CAFile); err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	if _, err := e.readPassword(); err != nil {
		return nil, err
	}
	return e, nil
}

// parseRecipients reads addresses; one that is named twice gets one message.
func parseRecipients(texts []string) ([]address, error) {
	var all []address
	known := make(map[string]bool)
	for _, text := range texts {
		a, err := parseAddress(text)
		if err != nil {
			return nil, err
		}
		if key := strings.ToLower(a.String()); !known[key] {
			known[key] = true
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("name at least one address")
	}
	return all, nil
}

func newTLS(host, caFile string) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate; it must have one or more in PEM form", caFile)
	}
	return config, nil
}

// maxPassword bounds the file of a password in bytes: a longer one is some other file.
const maxPassword = 4 << 10

// readPassword reads the password anew for every connection, so that a changed one needs no restart. One line end at the
// end of the file is taken off.
func (e *Email) readPassword() (string, error) {
	if e.username == "" {
		return "", nil
	}
	if e.password == "" {
		return "", errors.New("password_file: username needs one")
	}
	b, err := os.ReadFile(e.password)
	switch {
	case err != nil:
		return "", fmt.Errorf("password_file: %w", err)
	case len(b) > maxPassword:
		return "", fmt.Errorf("password_file %s: it has %d bytes, and may have %d", e.password, len(b), maxPassword)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

// hostname is how this machine introduces itself.
func hostname() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "localhost"
	}
	return name
}

// Deliver implements target.Target. Each recipient is tried by himself, with an even share of the time until the deadline
// of ctx, so that one whose server refuses or hangs keeps it from nobody.
//
// The verdict is Retry while anybody is left who may get it later; Progress names those who need not be tried again. When
// nobody is left it is Sent, or Permanent when somebody was refused for good: Err names them and what the server said,
// Progress and Ref tell of the others, who have it.
func (e *Email) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	p := resume(d.Progress, e.to)
	for i, to := range p.left {
		f := e.deliver(ctx, d, to, len(p.left)-i)
		p.note(to, f)
		if f != nil && f.All {
			break // it would go the same way for the others
		}
	}
	t, _ := threadOf(d)
	ref, _ := json.Marshal(t) // two strings
	return p.verdict(ref)
}

// deliver sends a delivery to one recipient; sharers is how many want the time until ctx ends, with this one.
func (e *Email) deliver(ctx context.Context, d target.Delivery, to address, sharers int) *failure {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(sharers))
		defer cancel()
	}
	l, err := e.write(d, to)
	if err != nil {
		return &failure{Verdict: target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: err}}
	}
	return e.send(ctx, l)
}

// send sends a letter over a connection that is there, or else over a new one. A connection that turns out to be no more
// is left for the next: nothing was sent on it.
func (e *Email) send(ctx context.Context, l letter) *failure {
	for {
		c := e.idle.take()
		kept := c != nil
		if !kept {
			var f *failure
			if c, f = e.connect(ctx); f != nil {
				return f
			}
		}
		f := c.send(ctx, l, e.sending)
		if f == nil || !f.broken {
			e.idle.put(c)
			return f
		}
		c.close()
		if !kept || f.at != atSender || ctx.Err() != nil {
			return f
		}
	}
}

// Close implements target.Target. A delivery that is under way goes on, and keeps no connection when it ends.
func (e *Email) Close() { e.idle.close() }
