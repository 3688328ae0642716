package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	"missedcalls/notifier/target"
)

// stage is where a delivery can fail, in the order of SMTP.
type stage int

const (
	atConnect   stage = iota // greeting and EHLO too
	atTLS                    // STARTTLS, or the handshake
	atAuth                   //
	atSender                 // MAIL
	atRecipient              // RCPT
	atData                   // DATA
	atContent                // the message, and the answer to it
)

// failure is what kept a message from being accepted, and what follows from it.
type failure struct {
	target.Verdict
	at stage
	// broken says that the connection is of no more use.
	broken bool
}

var (
	errNoStartTLS = errors.New("it does not offer STARTTLS")
	errNoUTF8     = errors.New("it takes no addresses with other than ASCII letters (SMTPUTF8)")
)

// noMechanismError says that there is no way to log in.
type noMechanismError struct {
	offered []string
	private bool
}

func (e noMechanismError) Error() string {
	switch {
	case len(e.offered) == 0:
		return "it does not let anybody log in"
	case !e.private:
		return "it offers " + strings.Join(e.offered, ", ") + ", which would show the password, for the connection is not private"
	}
	return "it offers " + strings.Join(e.offered, ", ") + ", of which none is known"
}

// judgeServer says what follows when there is no connection that takes messages.
func (e *Email) judgeServer(ctx context.Context, at stage, err error) *failure {
	doing := map[stage]string{atConnect: "connect", atTLS: "make the connection private", atAuth: "log in as " + e.username}
	f := judge(ctx, at, err)
	f.Err = fmt.Errorf("mail server %s: %s: %w; %s", e.addr, doing[at], shown(err, f.Reason), advice(at, f.Reason))
	return f
}

// judgeLetter says what follows when a connection did not take a message.
func judgeLetter(ctx context.Context, at stage, l letter, err error) *failure {
	f := judge(ctx, at, err)
	f.Err = fmt.Errorf("mail from %s to %s: %w; %s", l.from, l.to, shown(err, f.Reason), advice(at, f.Reason))
	return f
}

// judge says what follows from an error, all but Err.
func judge(ctx context.Context, at stage, err error) *failure {
	f := &failure{at: at, broken: true, Verdict: target.Verdict{Outcome: target.Retry, All: at < atSender}}
	var answer *textproto.Error
	var malformed textproto.ProtocolError
	switch {
	case errors.As(err, &answer):
		f.answered(answer)
	case errors.Is(err, errNoUTF8):
		f.answered(&textproto.Error{Code: 553, Msg: "5.6.7"}) // RFC 6531, section 3.5
	case ctx.Err() != nil, timedOut(err):
		f.Reason = target.ReasonTimeout
	case errors.As(err, &malformed):
		f.Reason = target.ReasonMalformedReply
	case at == atTLS:
		f.Reason = target.ReasonTLS
	case at == atAuth && !cut(err):
		f.Reason, f.After = target.ReasonUnauthorized, target.UntilMended
	default:
		f.Reason = target.ReasonNetwork
	}
	return f
}

// answered says what follows from a server's answer. RFC 5321: 4 is for now, 5 for good. Before there is a recipient, an
// answer is about all messages.
func (f *failure) answered(answer *textproto.Error) {
	code, class := answer.Code, answer.Code/100
	switch {
	case class != 4 && class != 5:
		f.Reason = target.ReasonMalformedReply
	case code == 421: // it closes the connection; RFC 5321, section 3.8
		f.Reason, f.All = target.ReasonUnavailable, true
	case code == 530, class == 5 && f.at == atAuth: // RFC 4954, section 6
		f.Reason, f.All, f.After = target.ReasonUnauthorized, true, target.UntilMended
	case f.at == atTLS:
		f.Reason = target.ReasonTLS
	case class == 4:
		f.Reason, f.All, f.broken = target.ReasonUnavailable, f.at <= atSender, f.at < atSender
	case f.at <= atSender:
		f.Reason, f.All, f.After = target.ReasonForbidden, true, target.UntilMended
	default:
		f.Outcome, f.Reason, f.broken = target.Permanent, refusal(code, answer.Msg), false
	}
}

// enhanced is the beginning of an answer with a status code of RFC 3463.
var enhanced = regexp.MustCompile(`^5\.(\d{1,3})\.(\d{1,3})\b`)

// refusal is the reason of an answer that is for good.
func refusal(code int, text string) string {
	if found := enhanced.FindStringSubmatch(text); found != nil {
		switch subject, detail := found[1], found[2]; {
		case subject == "1":
			return target.ReasonNotFound
		case subject == "2" && detail == "1":
			return target.ReasonGone
		case subject == "2" && detail == "3", subject == "3" && detail == "4":
			return target.ReasonTooLarge
		case subject == "7":
			return target.ReasonForbidden
		}
		return target.ReasonRejected
	}
	if code == 552 {
		return target.ReasonTooLarge
	}
	return target.ReasonRejected
}

func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// cut says whether an error is about the connection, not about what was said on it.
func cut(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// advice is what to do about a failure.
func advice(at stage, reason string) string {
	switch {
	case reason == target.ReasonUnauthorized:
		return "check username and password_file"
	case reason == target.ReasonTLS:
		return "check tls, which must be as the port wants it, and ca_file"
	case reason == target.ReasonForbidden && at == atSender:
		return "it does not let us send from this address: check from and username"
	case reason == target.ReasonForbidden && at < atSender:
		return "ask its operator why it refuses this machine"
	case reason == target.ReasonNotFound, reason == target.ReasonGone:
		return "correct the address, or take it out of to"
	case reason == target.ReasonUnavailable:
		return "it is tried again"
	case at == atContent && (reason == target.ReasonNetwork || reason == target.ReasonTimeout):
		return "it may have the message and gets it again, with the same Message-ID"
	case at == atConnect:
		return "check smtp, and that nothing on the way blocks the port"
	case reason == target.ReasonNetwork, reason == target.ReasonTimeout, reason == target.ReasonMalformedReply:
		return "it is tried again"
	}
	return "ask the server's operator"
}

// shownError is an error in one line that people can bear, whatever a server said.
type shownError struct {
	text string
	err  error
}

func (e shownError) Error() string { return e.text }
func (e shownError) Unwrap() error { return e.err }

func shown(err error, reason string) error {
	text := err.Error()
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		text = fmt.Sprintf("it says %d %s", answer.Code, answer.Msg)
	case reason == target.ReasonTimeout:
		text = "it did not answer in time"
	case errors.Is(err, io.EOF):
		text = "it ended the connection"
	}
	return shownError{text: short(line(text)), err: err}
}
