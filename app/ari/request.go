package ari

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Asterisk's web server takes a request line of 4096 bytes and a body of 40960, and closes with 400 or 413 above
// that. These stay a little below.
const (
	longestRequestURI = 4000
	longestBody       = 40_000
)

// The largest answers accepted, in bytes: one object, and a list (800 channels are 286 kB).
const (
	answerLimit = 1 << 20
	listLimit   = 64 << 20
)

// request is one use of an operation.
type request struct {
	op     operation
	ids    []string   // one for each {} of the path
	target string     // what errors name; the first id unless set
	query  url.Values // short, and never secret: it is part of the URL
	body   any        // sent as JSON unless nil
	into   any        // where to decode the answer to, unless nil
}

// send carries out a request. It gives nil, or an *Error.
func (c *Client) send(ctx context.Context, r request) error {
	began := time.Now()
	failure := c.attempt(ctx, r)
	if failure != nil && failure.Kind == Broken && r.op.again && ctx.Err() == nil {
		failure = c.attempt(ctx, r)
	}
	if failure == nil {
		c.observer.requested(r.op.name, OK, time.Since(began))
		return nil
	}
	c.observer.requested(r.op.name, failure.Kind, time.Since(began))
	return failure
}

// attempt sends a request once, with RequestTimeout as the longest it may take.
func (c *Client) attempt(ctx context.Context, r request) *Error {
	if c.fenced.Load() {
		return r.failed(Fenced, ErrReplaced.Error(), ErrReplaced)
	}
	ctx, cancel := context.WithTimeout(ctx, c.settings.RequestTimeout)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})

	message, failure := c.build(ctx, r)
	if failure != nil {
		return failure
	}
	if turn := c.turn(r.op); turn != nil {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }() // Asterisk may still be at one that was given up; that cannot be known
		case <-ctx.Done():
			return r.unanswered(ctx.Err(), false)
		}
	}
	answer, err := c.requests.Do(message)
	if err != nil {
		return r.unanswered(err, sent.Load())
	}
	defer answer.Body.Close()
	return r.read(answer)
}

// turn has room for the requests of an operation that may be under way at a time; nil is for as many as there are connections.
func (c *Client) turn(op operation) chan struct{} {
	switch {
	case op.alone:
		return c.alone
	case op.waits:
		return c.patient
	}
	return nil
}

// build makes the HTTP message, or says why Asterisk would not take it.
func (c *Client) build(ctx context.Context, r request) (*http.Request, *Error) {
	address, err := c.address(r.op.path, r.ids, r.query)
	if err != nil {
		return nil, r.failed(Invalid, err.Error(), err)
	}
	if length := len(address.RequestURI()); length > longestRequestURI {
		return nil, r.failed(TooLarge, fmt.Sprintf("a URL of %d bytes; Asterisk takes %d", length, longestRequestURI), nil)
	}
	body, err := encode(r.body)
	if err != nil {
		return nil, r.failed(Invalid, "a body that JSON cannot hold", err)
	}
	if len(body) > longestBody {
		return nil, r.failed(TooLarge, fmt.Sprintf("a body of %d bytes; Asterisk takes %d", len(body), longestBody), nil)
	}
	message, err := http.NewRequestWithContext(ctx, r.op.method, address.String(), bytes.NewReader(body))
	if err != nil {
		return nil, r.failed(Invalid, "not an HTTP request", err)
	}
	if r.body != nil {
		message.Header.Set("Content-Type", "application/json")
	}
	message.SetBasicAuth(c.settings.Username, c.settings.Password)
	return message, nil
}

// address puts ids into a path. Asterisk splits a path at its slashes before it decodes the parts, so that an id
// such as PJSIP/x must go as PJSIP%2Fx; and an empty part would name another resource (DELETE channels/).
func (c *Client) address(path string, ids []string, query url.Values) (*url.URL, error) {
	for _, id := range ids {
		if id == "" {
			return nil, errors.New("an empty id")
		}
		path = strings.Replace(path, "{}", url.PathEscape(id), 1)
	}
	address, err := url.Parse(c.base + "/" + path)
	if err != nil {
		return nil, errors.New("an id that no URL can hold")
	}
	address.RawQuery = query.Encode()
	return address, nil
}

func encode(body any) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	return json.Marshal(body)
}

// read turns an answer into its value or its error, and reads it to its end so that the connection can be used again.
func (r request) read(answer *http.Response) *Error {
	limit := r.op.limit
	if limit == 0 {
		limit = answerLimit
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if answer.StatusCode/100 != 2 {
		return answerError(r.op, r.about(), answer.StatusCode, body)
	}
	switch {
	case err != nil:
		return r.unanswered(err, true)
	case int64(len(body)) > limit:
		return r.failed(TooLarge, fmt.Sprintf("an answer above %d bytes", limit), nil)
	case r.into == nil:
		return nil
	}
	if err := json.Unmarshal(body, r.into); err != nil {
		return r.failed(Unexpected, "an answer that cannot be read: "+discreet(err).Error(), nil)
	}
	return nil
}

// unanswered classifies a request to which no answer came. sent tells whether it had a connection to go over.
func (r request) unanswered(err error, sent bool) *Error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		err = withURL.Err
	}
	var network *net.OpError
	switch {
	case !sent && errors.Is(err, context.DeadlineExceeded):
		return r.failed(Unavailable, "its turn did not come in time: Asterisk answers the requests before this one too slowly", err)
	case !sent || errors.As(err, &network) && network.Op == "dial":
		return r.failed(Unavailable, "no connection: "+cut(err.Error(), longestMessage), err)
	case errors.Is(err, context.Canceled):
		return r.failed(Timeout, "given up before the answer; what became of it is unknown", err)
	case errors.Is(err, context.DeadlineExceeded):
		return r.failed(Timeout, "no answer in time; what became of it is unknown", err)
	default:
		return r.failed(Broken, "no answer, what became of it is unknown: "+cut(err.Error(), longestMessage), err)
	}
}

func (r request) failed(kind Kind, message string, cause error) *Error {
	return &Error{Op: r.op.name, Method: r.op.method, Target: cut(r.about(), longestTarget), Message: message, Kind: kind, cause: cause}
}

// about is the id that errors name.
func (r request) about() string {
	if r.target == "" && len(r.ids) > 0 {
		return r.ids[0]
	}
	return r.target
}
