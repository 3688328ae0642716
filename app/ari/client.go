package ari

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
)

// Client speaks ARI to one Asterisk for one application. Its methods may be called from any goroutine.
type Client struct {
	settings Settings
	base     string // the URL, without a slash at its end
	log      zerolog.Logger
	observer Observer
	dial     Dialer
	requests *http.Client

	// patient has room for as many requests as may wait for a channel's thread at a time, so that a few connections are left
	// for those that Asterisk answers at once; these may use them all.
	patient chan struct{}

	alone     chan struct{} // holds a token while an operation that goes alone is under way
	token     string        // marks the user events of this client among those of others
	listening atomic.Bool   // held by the one Listen there may be
	fenced    atomic.Bool   // set once, when the application was replaced
	judged    string        // the version last judged; the goroutine of Listen has it to itself
	marks     marks
	state     state
}

// Dialer opens a connection to Asterisk.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Option changes a Client that is being made.
type Option func(*Client)

// WithDialer replaces the dialling of TCP, for connections in memory or through something else.
func WithDialer(dial Dialer) Option { return func(c *Client) { c.dial = dial } }

// WithObserver names who is told what happens.
func WithObserver(o Observer) Option { return func(c *Client) { c.observer = o } }

// idleLimit keeps unused connections for less than session_keep_alive of http.conf (15 s), after which Asterisk
// closes them without a word, possibly under a request.
const idleLimit = 10 * time.Second

// New makes a client and connects to nothing. Its error names every setting that is wrong.
//
// Proxies named by the environment are not used, and redirections are not followed: credentials go to the host of
// the URL and nowhere else.
func New(s Settings, log zerolog.Logger, options ...Option) (*Client, error) {
	s = s.withDefaults()
	if err := s.problems(); err != nil {
		return nil, fmt.Errorf("ari settings: %w", err)
	}
	c := &Client{settings: s, base: s.URL, log: log, alone: make(chan struct{}, 1), token: "echo-" + rand.Text()}
	c.dial = (&net.Dialer{Timeout: s.DialTimeout}).DialContext
	for _, option := range options {
		option(c)
	}
	c.marks.pending = make(map[string]mark)
	c.requests, c.patient = c.pool(s.MaxConnections), make(chan struct{}, s.MaxConnections-max(1, s.MaxConnections/4))
	return c, nil
}

// pool makes an HTTP client with a number of connections at most.
func (c *Client) pool(connections int) *http.Client {
	return &http.Client{CheckRedirect: stay, Transport: &http.Transport{
		DialContext:         c.dial,
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
		IdleConnTimeout:     idleLimit,
		TLSHandshakeTimeout: c.settings.DialTimeout,
		DisableCompression:  true,
	}}
}

// Close ends the connections that no request is using. The client stays usable.
func (c *Client) Close() { c.requests.CloseIdleConnections() }

// stay answers a redirection with the redirection itself.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
