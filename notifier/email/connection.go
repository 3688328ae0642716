package email

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"missedcalls/notifier/policy"
)

// connection is one to the server, ready for a message. One goroutine uses it at a time.
//
// It is made of go-mail's SMTP client rather than of its mail.Client: that one leaks the connection when the server
// refuses it, cannot be stopped while it waits for an answer, and does not tell an answer from a cut.
type connection struct {
	client *smtp.Client
	raw    net.Conn // below TLS
}

// connect makes a connection, as private as the settings ask for, and logs in. It gives up when ctx ends.
func (e *Email) connect(ctx context.Context) (*connection, *failure) {
	ctx, cancel := context.WithTimeout(ctx, e.connecting)
	defer cancel()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", e.addr)
	if err != nil {
		return nil, e.judgeServer(ctx, atConnect, err)
	}
	release := context.AfterFunc(ctx, func() { _ = raw.Close() })
	client, at, err := e.introduce(ctx, raw)
	if !release() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = raw.Close()
		return nil, e.judgeServer(ctx, at, err)
	}
	return &connection{client: client, raw: raw}, nil
}

// introduce goes from the greeting to the log-in. The stage is the one that the error is from.
func (e *Email) introduce(ctx context.Context, raw net.Conn) (*smtp.Client, stage, error) {
	conn := raw
	if e.mode == policy.FullTLS {
		private := tls.Client(raw, e.tls)
		if err := private.HandshakeContext(ctx); err != nil {
			return nil, atTLS, err
		}
		conn = private
	}
	client, err := smtp.NewClient(conn, e.host)
	if err != nil {
		return nil, atConnect, err
	}
	if err := client.Hello(e.helo); err != nil {
		return nil, atConnect, err
	}
	if e.mode == policy.StartTLS {
		if offered, _ := client.Extension("STARTTLS"); !offered {
			return nil, atTLS, errNoStartTLS
		}
		if err := client.StartTLS(e.tls); err != nil {
			return nil, atTLS, err
		}
	}
	return client, atAuth, e.logIn(client)
}

// logIn proves who we are, if there is a user name. Its error does not show the password, whatever the server says.
func (e *Email) logIn(client *smtp.Client) error {
	if e.username == "" {
		return nil
	}
	password, err := e.readPassword()
	if err != nil {
		return err
	}
	_, offered := client.Extension("AUTH")
	_, private := client.TLSConnectionState()
	auth, err := e.mechanism(strings.Fields(offered), private, password)
	if err != nil {
		return err
	}
	err = client.Auth(auth)
	var answer *textproto.Error
	if errors.As(err, &answer) && repeats(answer.Msg, e.username, password) {
		return &textproto.Error{Code: answer.Code, Msg: "(an answer that repeats the password)"}
	}
	return err
}

// repeats says whether a text holds a password, as it is or as it was sent.
func repeats(text, username, password string) bool {
	return slices.ContainsFunc([]string{
		password,
		base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte("\x00" + username + "\x00" + password)),
	}, func(secret string) bool { return secret != "" && strings.Contains(text, secret) })
}

// mechanism is the strongest way to log in that the server offers. One that shows the password to whoever listens is for
// connections that are private, or that do not leave the machine.
func (e *Email) mechanism(offered []string, private bool, password string) (smtp.Auth, error) {
	private = private || e.host == "localhost" || e.host == "127.0.0.1" || e.host == "::1"
	for _, m := range []struct {
		name    string
		private bool
		auth    smtp.Auth
	}{
		{"SCRAM-SHA-256", false, smtp.ScramSHA256Auth(e.username, password)},
		{"PLAIN", true, smtp.PlainAuth("", e.username, password, e.host, false)},
		{"LOGIN", true, smtp.LoginAuth(e.username, password, e.host, false)},
		{"CRAM-MD5", false, smtp.CRAMMD5Auth(e.username, password)},
	} {
		if slices.Contains(offered, m.name) && (private || !m.private) {
			return m.auth, nil
		}
	}
	return nil, noMechanismError{offered: offered, private: private}
}

// send sends a letter, within a time limit. When ctx ends the connection does.
func (c *connection) send(ctx context.Context, l letter, limit time.Duration) *failure {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	release := context.AfterFunc(ctx, c.close)
	defer release()
	at, err := c.say(l)
	if err == nil {
		return nil
	}
	f := judgeLetter(ctx, at, l, err)
	if !f.broken && c.client.Reset() != nil {
		f.broken = true
	}
	return f
}

// say is one transaction. The stage is the one that the error is from.
func (c *connection) say(l letter) (stage, error) {
	ascii := l.from.ascii() && l.to.ascii()
	if known, _ := c.client.Extension("SMTPUTF8"); !known && !l.from.ascii() {
		return atSender, errNoUTF8
	} else if !known && !ascii {
		return atRecipient, errNoUTF8
	}
	c.client.SkipSMTPUTF8(ascii) // a server that passes it on to one without must return it
	if err := c.client.Mail(l.from.path()); err != nil {
		return atSender, err
	}
	if err := c.client.Rcpt(l.to.path()); err != nil {
		return atRecipient, err
	}
	w, err := c.client.Data()
	if err != nil {
		return atData, err
	}
	if _, err := w.Write(l.raw); err != nil {
		return atContent, err
	}
	return atContent, w.Close()
}

// quit ends a connection as the server likes it, but does not wait for its farewell.
func (c *connection) quit() {
	const patience = time.Second
	if c.raw.SetDeadline(time.Now().Add(patience)) == nil {
		_ = c.client.Text.PrintfLine("QUIT")
	}
	c.close()
}

// close ends a connection at once.
func (c *connection) close() { _ = c.raw.Close() }
