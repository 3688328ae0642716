package httpsend

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"missedcalls/notifier/target"
)

// longestAfter bounds the wait that a channel can ask for.
const longestAfter = 24 * time.Hour

// unanswered is the verdict on a request without an answer. ctx is that of the delivery.
func (c *Client) unanswered(ctx context.Context, err error) target.Verdict {
	v := target.Verdict{Outcome: target.Retry, Reason: target.ReasonNetwork}
	text := err.Error()
	var proxy proxyRefusal
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		v.Reason, text = target.ReasonInterrupted, "the delivery was interrupted"
	case errors.As(err, &proxy) && proxy == http.StatusProxyAuthRequired:
		v = unauthorized
		text += "; check its user and password"
	case as[proxyRefusal](err):
		v.All = true
	case isTLS(err):
		v.Reason, v.All = target.ReasonTLS, true
		text += "; check the server's certificate, the clock of this machine, and for a private authority ca_file"
	case isDial(err):
		v.All = true
		if isTimeout(err) {
			v.Reason = target.ReasonTimeout
		}
		text += "; check the address, the network and the proxy"
	case isTimeout(err):
		v.Reason, text = target.ReasonTimeout, "no answer in time"
	}
	v.Err = c.Errorf("%s", text)
	return v
}

// isTLS says whether the connection could not be made private.
func isTLS(err error) bool {
	var op *net.OpError
	return as[*tls.CertificateVerificationError](err) || as[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") // an alert of TLS
}

// isDial says whether there never was a connection, to the server or to the proxy, so that nothing can have arrived.
func isDial(err error) bool {
	var op *net.OpError
	return as[*net.DNSError](err) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks"))
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

// unauthorized is the verdict on a token or password that is not accepted.
var unauthorized = target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnauthorized, All: true, After: target.UntilMended}

// meanings are those of the statuses that mean something of their own; the advice is for people.
var meanings = map[int]struct {
	target.Verdict
	advice string
}{
	http.StatusUnauthorized:          {unauthorized, "check the token or password"},
	http.StatusProxyAuthRequired:     {unauthorized, "check the user and password of the proxy"},
	http.StatusForbidden:             {permanent(target.ReasonForbidden), ""},
	http.StatusNotFound:              {permanent(target.ReasonNotFound), "check the address"},
	http.StatusGone:                  {permanent(target.ReasonGone), ""},
	http.StatusRequestEntityTooLarge: {permanent(target.ReasonTooLarge), ""},
	http.StatusRequestTimeout:        {target.Verdict{Outcome: target.Retry, Reason: target.ReasonTimeout}, ""},
	http.StatusTooEarly:              {target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnavailable}, ""},
	http.StatusTooManyRequests:       {target.Verdict{Outcome: target.Retry, Reason: target.ReasonRateLimited, All: true}, ""},
	// Nothing answers behind a gateway; any other 5xx may be about this one message.
	http.StatusBadGateway:         {target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnavailable, All: true}, ""},
	http.StatusServiceUnavailable: {target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnavailable, All: true}, ""},
	http.StatusGatewayTimeout:     {target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnavailable, All: true}, ""},
}

func permanent(reason string) target.Verdict {
	return target.Verdict{Outcome: target.Permanent, Reason: reason}
}

// Judge gives the verdict that an answer's status has everywhere. 2xx is Sent, whatever the body.
func (c *Client) Judge(r Reply) target.Verdict {
	meaning, special := meanings[r.Status]
	v, advice := meaning.Verdict, meaning.advice
	switch class := r.Status / 100; {
	case class == 2:
		return target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	case special:
	case class == 3:
		v, advice = permanent(target.ReasonRedirected), "redirects are not followed: configure the address it leads to"
	case class == 5:
		v = target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnavailable}
	default:
		v = permanent(target.ReasonRejected)
	}
	if v.Outcome == target.Retry && v.After == 0 {
		v.After = r.After()
	}
	v.Err = c.answered(r, advice)
	return v
}

// Malformed is the verdict on an answer that is not the channel's own: something else stands between. It judges by the
// status what is no refusal; a refusal by who knows whom is no reason to give a message up.
func (c *Client) Malformed(r Reply) target.Verdict {
	v := c.Judge(r)
	switch {
	case v.Outcome == target.Retry && r.Status != http.StatusUnauthorized:
		return v
	case r.Broken != nil:
		return *r.Broken
	}
	return target.Verdict{
		Outcome: target.Retry, Reason: target.ReasonMalformedReply, All: true,
		Err: c.answered(r, "the answer is not "+c.name+"'s own: check the address, and what stands between"),
	}
}

func (c *Client) answered(r Reply, advice string) error {
	text := strings.TrimSpace(fmt.Sprintf("status %d %s", r.Status, http.StatusText(r.Status)))
	if said := c.excerpt(r.Body); said != "" {
		text += ": " + said
	}
	if advice != "" {
		text += "; " + advice
	}
	return c.Errorf("%s", text)
}

// Errorf makes an error that begins with who is told, and holds no secret. It wraps nothing, for the same reason.
func (c *Client) Errorf(format string, args ...any) error {
	return errors.New(c.name + ": " + c.redact.line(fmt.Sprintf(format, args...), longestError))
}

// After is how long the answer asks to wait, by the header Retry-After (RFC 9110, 10.2.3) in seconds or as a date, at most a
// day; 0 when it does not say, or says the past. A date is compared with the server's own clock, if it tells.
func (r Reply) After() time.Duration {
	value := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return Seconds(int64(seconds))
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		now = time.Now().Truncate(time.Second)
	}
	return min(max(0, until.Sub(now)), longestAfter)
}

// Seconds is a wait that a channel asked for, at most a day; 0 for what is none.
func Seconds(n int64) time.Duration {
	return time.Duration(min(max(0, n), int64(longestAfter/time.Second))) * time.Second
}
