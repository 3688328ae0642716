// Package policy holds what an operator decides about notifications, as plain values: who is told of what, where, how
// often and in which words. The configuration fills it; it reads no file and knows no channel.
package policy

import (
	"time"

	"missedcalls/queueflow/callevent"
)

// Policy is the section notifications of the configuration.
type Policy struct {
	// Targets by name.
	Targets map[string]Target
	// Routes in the order of the file.
	Routes []Route
	// Default names the targets of what no route takes.
	Default []string
	// CopyAll names the targets that get a copy of whatever is told to anybody, or to nobody.
	CopyAll []string
}

// Route sends events to targets. The first one that matches wins unless it says Continue.
type Route struct {
	Match    Match
	To       []string
	Continue bool
	// Hold is how long an event waits before it is told: when its call is settled meanwhile, nobody is told. 0 for at once.
	Hold time.Duration
}

// Match is what a route takes. Every field that is set must hold; a field with several values holds for any of them.
type Match struct {
	Queues []string
	// DIDs are globs: * stands for any characters, ? for one.
	DIDs    []string
	Events  []callevent.Kind
	Reasons []callevent.Reason
	Callers []callevent.CallerKind
	// Languages match a language and its variants: ru takes ru_RU.
	Languages []string
	// MinPriority and MaxPriority are inclusive; nil for no limit.
	MinPriority, MaxPriority *int
	// Hours says when the route holds, by the time of the event; nil for always. It is a queue's opening hours.
	Hours Hours
}

// Hours tells whether a moment is in somebody's weekly windows.
type Hours interface {
	Open(at time.Time) bool
}

// Target is one place where messages go. Exactly one of the channels is set.
type Target struct {
	Name     string
	Telegram *Telegram
	Slack    *Slack
	Email    *Email
	Webhook  *Webhook
	NATS     *NATS

	// Language of the messages, ru or en; empty for that of the queue.
	Language string
	// Zone of the times in messages.
	Zone *time.Location
	// MaskNumbers hides the middle of callers' numbers.
	MaskNumbers bool
	// Rate is how many messages may go out in Per; 0 for no limit.
	Rate int
	Per  time.Duration
	// Workers is how many messages are on their way at once.
	Workers int
	// MaxAge is how old a message may get before it is given up for dead.
	MaxAge time.Duration
	// DigestOver is the number of waiting messages above which they are told in one; 0 for never.
	DigestOver int
	// Fallback names the target that is told in place of this one when this one has taken nothing for FallbackAfter, or has
	// refused a message for good; empty for none.
	Fallback      string
	FallbackAfter time.Duration
	// Templates stand in place of the built-in text, by kind of event; the kind AnyEvent for those without their own.
	Templates map[callevent.Kind]Template
}

// AnyEvent is the key of the template for every event that has none of its own.
const AnyEvent callevent.Kind = "*"

// Template is the source of a message in the markup of its channel. Email uses all three, the others Text only.
type Template struct {
	Subject, Text, HTML string
}

// Channel says what kind of target it is: telegram, slack, email, webhook or nats.
func (t Target) Channel() string {
	switch {
	case t.Telegram != nil:
		return "telegram"
	case t.Slack != nil:
		return "slack"
	case t.Email != nil:
		return "email"
	case t.Webhook != nil:
		return "webhook"
	}
	return "nats"
}

// Telegram is a chat, told by a bot.
type Telegram struct {
	// ChatID is the chat's number, or @name of a channel.
	ChatID string
	// ThreadID is the topic in a group with topics; 0 for none.
	ThreadID  int
	TokenFile string
	// BaseURL of the Bot API, without a path.
	BaseURL string
	// Proxy is an http, https or socks5 URL; empty for what the environment says.
	Proxy string
	// Silent messages make no sound.
	Silent bool
}

// Slack is a channel, told by an incoming webhook, or by a bot when Channel is set: only a bot can change a message.
type Slack struct {
	WebhookFile string
	// Channel is a channel's id or #name, TokenFile holds the bot's token, and BaseURL is that of the Web API.
	Channel   string
	TokenFile string
	BaseURL   string
	Proxy     string
}

// Email is one message to each recipient.
type Email struct {
	To   []string
	From string
	// SMTP is host:port.
	SMTP         string
	Username     string
	PasswordFile string
	TLS          TLS
	// CAFile holds the certificates the server's is checked against; empty for those of the system.
	CAFile string
}

// TLS says how a mail connection is made private.
type TLS string

// The ways: STARTTLS and nothing without it, TLS from the first byte, or none at all.
const (
	StartTLS TLS = "starttls"
	FullTLS  TLS = "tls"
	NoTLS    TLS = "none"
)

// Webhook is a URL that is told by HTTP.
type Webhook struct {
	URL    string
	Method string
	// SecretFiles hold the keys of the Standard Webhooks signature; every one of them signs, so that keys can be changed.
	SecretFiles []string
	// Headers go out with every request. The values of HeaderFiles are read from files, for secrets.
	Headers, HeaderFiles map[string]string
	ContentType          string
	CAFile               string
	Proxy                string
	Timeout              time.Duration
}

// NATS is a subject of core NATS or of somebody's stream.
type NATS struct {
	// Subject may hold {queue} and {event}.
	Subject string
}
