// Package httpsend is what the channels that speak HTTP have in common: a client with bounds on everything, and the verdict
// that a reply, or its absence, means whatever the channel. Nothing it says holds a URL or a secret.
package httpsend

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"missedcalls/notifier/target"
)

const (
	// DefaultTimeout bounds one request, its answer included.
	DefaultTimeout = 15 * time.Second
	// connectTimeout bounds the connection alone, and the TLS handshake alone.
	connectTimeout = 10 * time.Second
	// maxReply bounds what is read of an answer in bytes. Telegram's are the longest: a message of 4,096 characters, escaped.
	maxReply = 128 << 10
	// maxIdle bounds the connections that are kept for later; a target has at most 32 workers.
	maxIdle = 32
)

// UserAgent is how every request introduces itself.
const UserAgent = "missedcalls-notifier/1"

// Settings are those of one target.
type Settings struct {
	// Name is who is told, in errors: Telegram, or a host.
	Name string
	// Proxy is an http, https, socks5 or socks5h URL; empty for what the environment says.
	Proxy string
	// CAFile holds the certificates that the server's is checked against; empty for those of the system.
	CAFile string
	// Timeout bounds one request; 0 for DefaultTimeout.
	Timeout time.Duration
	// Secrets are shown nowhere, whoever repeats them.
	Secrets []string
}

// Client sends the requests of one target. It is safe for concurrent use.
type Client struct {
	name      string
	timeout   time.Duration
	transport *http.Transport
	redact    redactor
}

// Reply is what came back.
type Reply struct {
	Status int
	Header http.Header
	// Body is cut to a bounded length.
	Body []byte
	// Broken is the verdict on a body that broke off, or did not come in time; nil for a whole one.
	Broken *target.Verdict
}

// New makes the client of a target. Its error never shows the proxy's password.
func New(s Settings) (*Client, error) {
	proxy, err := proxyOf(s.Proxy)
	if err != nil {
		return nil, err
	}
	roots, err := rootsOf(s.CAFile)
	if err != nil {
		return nil, err
	}
	// One connection carries one request: after a silent cut, the next try takes another.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	return &Client{
		name: s.Name, timeout: s.Timeout, redact: newRedactor(append(slices.Clone(s.Secrets), passwordOf(s.Proxy))),
		transport: &http.Transport{
			Proxy:               proxy,
			DialContext:         (&net.Dialer{Timeout: connectTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
			TLSHandshakeTimeout: connectTimeout,
			Protocols:           protocols,
			MaxIdleConns:        maxIdle, MaxIdleConnsPerHost: maxIdle, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			OnProxyConnectResponse: proxyAnswered,
		},
	}, nil
}

func proxyOf(raw string) (func(*http.Request) (*url.URL, error), error) {
	if raw == "" {
		return environmentProxy, nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, errors.New("the proxy is no URL such as http://host:3128 or socks5://host:1080")
	}
	return http.ProxyURL(u), nil
}

// environmentProxy keeps a proxy's password out of the error about its URL.
func environmentProxy(r *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil {
		return nil, errors.New("HTTP_PROXY, HTTPS_PROXY or NO_PROXY of the environment is no URL")
	}
	return u, nil
}

// proxyRefusal is the status with which a proxy refused to connect.
type proxyRefusal int

func (p proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy answered %d %s", int(p), http.StatusText(int(p)))
}

func proxyAnswered(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return proxyRefusal(answer.StatusCode)
	}
	return nil
}

func passwordOf(proxy string) string {
	u, err := url.Parse(proxy)
	if err != nil {
		return ""
	}
	password, _ := u.User.Password()
	return password
}

func rootsOf(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // a nil pool is that of the system
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificates: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return roots, nil
}

// ParseURL reads an address. Its error does not show it.
func ParseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("it is no URL that begins with https:// or http://")
	}
	return u, nil
}

// Do sends a request and reads the answer, both within the time-out. Redirects are not followed. When there is no answer
// at all, failed is the verdict on that; else it is nil.
func (c *Client) Do(r *http.Request) (reply Reply, failed *target.Verdict) {
	ctx, cancel := context.WithTimeout(r.Context(), c.timeout)
	defer cancel()
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", UserAgent)
	}
	answer, err := c.transport.RoundTrip(r.WithContext(ctx))
	if err != nil {
		v := c.unanswered(r.Context(), err)
		return Reply{}, &v
	}
	defer answer.Body.Close()
	reply = Reply{Status: answer.StatusCode, Header: answer.Header}
	reply.Body, err = io.ReadAll(io.LimitReader(answer.Body, maxReply))
	if err != nil {
		v := c.unanswered(r.Context(), err)
		reply.Broken = &v
	}
	return reply, nil
}

// Close ends the connections that are kept for later. Requests under way are their callers'.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
