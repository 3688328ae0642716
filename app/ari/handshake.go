package ari

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// open makes the websocket. It names one application, and never asks for all events of Asterisk (subscribeAll):
// when such a connection ends while device states change, Asterisk 22.10.1 locks up until it is killed (asterisk#2170).
func (c *Client) open(ctx context.Context, q *queue) (*link, error) {
	if c.fenced.Load() {
		return nil, ErrReplaced
	}
	ctx, cancel := context.WithTimeout(ctx, c.settings.DialTimeout)
	defer cancel()
	l := &link{c: c, queue: q, ours: make(chan struct{}, 1)}
	transport := &http.Transport{
		TLSHandshakeTimeout: c.settings.DialTimeout,
		IdleConnTimeout:     idleLimit,
		DialContext: func(ctx context.Context, network, address string) (wire net.Conn, err error) {
			wire, err = c.dial(ctx, network, address)
			l.wire = wire
			return wire, err
		},
	}
	defer transport.CloseIdleConnections()
	address := c.base + "/" + opListen.path + "?" + url.Values{"app": {c.settings.Application}}.Encode()
	conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPClient:   &http.Client{Transport: transport, CheckRedirect: stay},
		HTTPHeader:   c.credentials(),
		Subprotocols: []string{"ari"},
	})
	if err != nil {
		return nil, c.handshakeError(answer, err)
	}
	conn.SetReadLimit(c.settings.FrameLimit)
	l.conn, l.at = conn, time.Now()
	l.seen.Store(-1)
	return l, nil
}

// credentials are sent as a header, because Asterisk logs the URL.
func (c *Client) credentials() http.Header {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.settings.Username, c.settings.Password)
	return r.Header
}

func (c *Client) handshakeError(answer *http.Response, err error) error {
	r := request{op: opListen, target: c.settings.Application}
	if answer == nil || answer.StatusCode == http.StatusSwitchingProtocols || answer.Body == nil {
		return r.unanswered(err, false)
	}
	body, _ := io.ReadAll(answer.Body) // at most 1 kB, held in memory; half of it will do
	return answerError(r.op, r.target, answer.StatusCode, body)
}
