package config

import (
	"strconv"
	"strings"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// notifications reads who is told of what. It reads a section without problems, and as much as there is of another one.
type notifications struct {
	root *node
	// zone is that of opening hours, and of the times in messages.
	zone    *time.Location
	sources *sources
}

// policy is the section with every default. It is empty for a file without the section.
func (r notifications) policy() policy.Policy {
	section := r.root.get("notifications")
	p := policy.Policy{Default: section.get("default").texts(), CopyAll: section.get("copy_all").texts()}
	for _, f := range section.get("targets").mapped() {
		if p.Targets == nil {
			p.Targets = make(map[string]policy.Target)
		}
		p.Targets[f.key] = r.target(f.key, f.value)
	}
	for _, n := range section.get("routes").list() {
		p.Routes = append(p.Routes, r.route(n))
	}
	return p
}

func (r notifications) route(n *node) policy.Route {
	return policy.Route{
		Match: r.match(n.get("match")), To: n.get("to").texts(),
		Continue: n.get("continue").flag(), Hold: n.get("hold").duration(),
	}
}

func (r notifications) match(n *node) policy.Match {
	m := policy.Match{
		Queues: n.get("queue").texts(), DIDs: n.get("did").texts(), Languages: n.get("language").texts(),
		Events:  named[callevent.Kind](n.get("event")),
		Reasons: named[callevent.Reason](n.get("reason")),
		Callers: named[callevent.CallerKind](n.get("caller")),
	}
	if p := n.get("priority"); p != nil && p.kind == scalar {
		m.MinPriority, m.MaxPriority = p.number(), p.number()
	} else {
		m.MinPriority, m.MaxPriority = p.get("min").number(), p.get("max").number()
	}
	if h := hours(n.get("hours"), r.zone); len(h.Weekly) > 0 || len(h.Closed) > 0 { // a nil interface is for always
		m.Hours = h
	}
	return m
}

// target is one target with the defaults of every key it does not set.
func (r notifications) target(name string, n *node) policy.Target {
	t := policy.Target{
		Name:     name,
		Telegram: r.telegram(n.get("telegram")), Slack: r.slack(n.get("slack")), Email: r.email(n.get("email")),
		Webhook: r.webhook(n.get("webhook")), NATS: natsSubject(n.get("nats")),
		Language: n.get("language").or(""), Zone: r.zone, MaskNumbers: n.get("mask_numbers").flag(),
		MaxAge:   n.get("max_age").durationOr(usualMaxAge),
		Fallback: n.get("fallback").or(""), FallbackAfter: n.get("fallback_after").durationOr("5m"),
	}
	if zone, err := time.LoadLocation(n.get("timezone").or("")); err == nil && n.get("timezone") != nil {
		t.Zone = zone
	}
	usual := usualOf(t)
	t.Workers, t.DigestOver = n.get("workers").countOr(usual.workers), n.get("digest_over").countOr(usual.digestOver)
	t.Rate, t.Per, _ = rate(n.get("rate").or(usual.rate)) // checked
	t.Templates = r.templates(t.Channel(), n)
	return t
}

// usualMaxAge is the default of max_age.
const usualMaxAge = "24h"

// usual are the defaults that depend on the channel: each service's own limits, and how many messages at once help it.
type usual struct {
	rate                string
	workers, digestOver int
}

// Telegram allows a bot 20 messages a minute to one group, and one a second to one person; what @name stands for is not
// known. Slack allows one a second to one channel.
func usualOf(t policy.Target) usual {
	switch t.Channel() {
	case "telegram":
		if id, err := strconv.ParseInt(t.Telegram.ChatID, 10, 64); err == nil && id > 0 {
			return usual{rate: "1/1s", workers: 1, digestOver: 20}
		}
		return usual{rate: "20/1m", workers: 1, digestOver: 20}
	case "slack":
		return usual{rate: "1/1s", workers: 1, digestOver: 20}
	case "email":
		return usual{rate: "60/1m", workers: 2, digestOver: 20}
	}
	return usual{rate: noRate, workers: 4}
}

func (r notifications) telegram(n *node) *policy.Telegram {
	if n == nil {
		return nil
	}
	return &policy.Telegram{
		ChatID: n.get("chat_id").or(""), ThreadID: n.get("thread_id").count(), TokenFile: r.path(n.get("token_file")),
		BaseURL: baseURL(n, "https://api.telegram.org"), Proxy: n.get("proxy").or(""), Silent: n.get("silent").flag(),
	}
}

func (r notifications) slack(n *node) *policy.Slack {
	if n == nil {
		return nil
	}
	s := &policy.Slack{
		WebhookFile: r.path(n.get("webhook_file")), Channel: n.get("channel").or(""), TokenFile: r.path(n.get("token_file")),
		Proxy: n.get("proxy").or(""),
	}
	if s.Channel != "" {
		s.BaseURL = baseURL(n, "https://slack.com/api")
	}
	return s
}

// smtps is the port on which TLS begins with the first byte (RFC 8314).
const smtps = ":465"

func (r notifications) email(n *node) *policy.Email {
	if n == nil {
		return nil
	}
	e := &policy.Email{
		To: n.get("to").texts(), From: n.get("from").or(""), SMTP: n.get("smtp").or(""),
		Username: n.get("username").or(""), PasswordFile: r.path(n.get("password_file")), CAFile: r.path(n.get("ca_file")),
	}
	usual := policy.StartTLS
	if strings.HasSuffix(e.SMTP, smtps) {
		usual = policy.FullTLS
	}
	e.TLS = policy.TLS(n.get("tls").or(string(usual)))
	return e
}

func (r notifications) webhook(n *node) *policy.Webhook {
	if n == nil {
		return nil
	}
	w := &policy.Webhook{
		URL: n.get("url").or(""), Method: n.get("method").or("POST"), ContentType: n.get("content_type").or("application/json"),
		CAFile: r.path(n.get("ca_file")), Proxy: n.get("proxy").or(""), Timeout: n.get("timeout").durationOr("15s"),
	}
	for _, file := range n.get("secret_file").texts() {
		w.SecretFiles = append(w.SecretFiles, r.sources.path(file))
	}
	for _, f := range n.get("headers").mapped() {
		w.Headers = with(w.Headers, f.key, f.value.text)
	}
	for _, f := range n.get("header_files").mapped() {
		w.HeaderFiles = with(w.HeaderFiles, f.key, r.sources.path(f.value.text))
	}
	return w
}

func natsSubject(n *node) *policy.NATS {
	if n == nil {
		return nil
	}
	return &policy.NATS{Subject: n.get("subject").or("")}
}

// path is a file that a key names, empty when it names none.
func (r notifications) path(n *node) string {
	if n == nil {
		return ""
	}
	return r.sources.path(n.text)
}

// baseURL has no slash at its end.
func baseURL(n *node, usual string) string {
	return strings.TrimRight(n.get("base_url").or(usual), "/")
}

// with sets a key of a map that may be nil.
func with(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = make(map[string]string)
	}
	m[key] = value
	return m
}

// named are texts as the values of a type of its own.
func named[T ~string](n *node) (all []T) {
	for _, text := range n.texts() {
		all = append(all, T(text))
	}
	return all
}
