// Package webhook tells a URL: a CRM, or a program of the operator's. Requests are those of Standard Webhooks
// (https://www.standardwebhooks.com), with an id that stays the same when they are repeated, and a signature.
package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/notifier/target/httpsend"
)

// maxBody bounds a request's body in bytes: that of the longest event.
const maxBody = 256 << 10

// nothing is the body that is not sent: so a template tells a CRM of some events only.
const nothing = "null"

// Webhook is a URL. It implements target.Target.
type Webhook struct {
	client  *httpsend.Client
	method  string
	url     string // it may hold secrets
	headers http.Header
	keys    []key
}

// methods are those that carry a body.
var methods = []string{http.MethodPost, http.MethodPut, http.MethodPatch}

// New reads the keys of the signature and the headers that are in files. Nothing is sent.
func New(t policy.Target) (*Webhook, error) {
	w, err := open(*t.Webhook)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return w, nil
}

func open(p policy.Webhook) (*Webhook, error) {
	u, err := httpsend.ParseURL(p.URL)
	if err != nil {
		return nil, fmt.Errorf("url: %w", err)
	}
	if u.User != nil {
		return nil, errors.New("url: it must not hold a user and a password; put them into a file of header_files: {Authorization: F}")
	}
	method := cmp.Or(p.Method, http.MethodPost)
	if !slices.Contains(methods, method) {
		return nil, fmt.Errorf("method %q: it must be one of %s", p.Method, strings.Join(methods, ", "))
	}
	keys, err := readKeys(p.SecretFiles)
	if err != nil {
		return nil, err
	}
	headers, secrets, err := headersOf(p)
	if err != nil {
		return nil, err
	}
	client, err := httpsend.New(httpsend.Settings{
		Name: u.Host, Proxy: p.Proxy, CAFile: p.CAFile, Timeout: p.Timeout,
		Secrets: append(secrets, httpsend.SecretsOf(u)...),
	})
	if err != nil {
		return nil, err
	}
	return &Webhook{client: client, method: method, url: u.String(), headers: headers, keys: keys}, nil
}

// Close implements target.Target.
func (w *Webhook) Close() { w.client.Close() }

// Deliver implements target.Target. A delivery that changes earlier ones is an event like any other.
func (w *Webhook) Deliver(ctx context.Context, d target.Delivery) target.Verdict {
	body, err := bodyOf(d)
	if string(body) == nothing {
		return target.Verdict{Outcome: target.Sent, Reason: target.ReasonOK}
	}
	if err != nil {
		return target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: w.client.Errorf("%v", err)}
	}
	if len(body) > maxBody {
		return target.Verdict{
			Outcome: target.Permanent, Reason: target.ReasonTooLarge,
			Err: w.client.Errorf("the body has %d bytes, and may have %d; shorten the target's template", len(body), maxBody),
		}
	}
	r, err := w.request(ctx, d.ID, time.Now(), body)
	if err != nil {
		return target.Verdict{Outcome: target.Permanent, Reason: target.ReasonRejected, Err: w.client.Errorf("%v", err)}
	}
	reply, failed := w.client.Do(r)
	if failed != nil {
		return *failed
	}
	v := w.client.Judge(reply)
	if reply.Status == http.StatusGone { // Standard Webhooks: the receiver wants nothing any more
		v.All = true
	}
	return v
}

// bodyOf is the operator's text, else the event, else, for a digest, the message.
func bodyOf(d target.Delivery) ([]byte, error) {
	switch {
	case d.Message.Custom != nil && strings.TrimSpace(d.Message.Custom.Text) != "":
		return []byte(strings.TrimSpace(d.Message.Custom.Text)), nil
	case len(d.Data) > 0:
		return d.Data, nil
	}
	b, err := json.Marshal(d.Message)
	if err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return b, nil
}

// request makes one try. Its id is the same at each, its time is not.
func (w *Webhook) request(ctx context.Context, id string, now time.Time, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, w.method, w.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	r.Header = w.headers.Clone()
	id, seconds := idOf(id), strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Webhook-Id", id)
	r.Header.Set("Webhook-Timestamp", seconds)
	if len(w.keys) > 0 {
		r.Header.Set("Webhook-Signature", sign(w.keys, id, seconds, body))
	}
	return r, nil
}
