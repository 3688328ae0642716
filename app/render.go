package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"missedcalls/app/config"
	"missedcalls/notifier"
	"missedcalls/notifier/email"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/telegram"
	"missedcalls/queueflow/callevent"
)

// Listener is a target that is told of an event, and how long it waits in case the matter is settled meanwhile.
type Listener struct {
	policy.Target
	Hold time.Duration
}

// Listeners are those whom the routes of a file choose for an event.
func Listeners(file config.File, e callevent.Event) []Listener {
	var all []Listener
	for _, c := range notifier.Choose(file.Notifications, e) {
		all = append(all, Listener{file.Notifications.Targets[c.Target], c.Hold})
	}
	return all
}

// Format is how a message is shown to a person.
type Format string

// The formats.
const (
	// FormatText is what stands in the message. FormatHTML is that with the markup of Telegram or of a mail; other channels
	// have none.
	FormatText Format = "text"
	FormatHTML Format = "html"
	// FormatJSON is the message in its parts, whatever the channel makes of it.
	FormatJSON Format = "json"
)

// Formats lists every format.
func Formats() []Format { return []Format{FormatText, FormatHTML, FormatJSON} }

// Render shows what a target would be told of an event. The error says that it cannot be told; a template that fails is
// told of in the error, too, beside the built-in text that would be told in its place.
func Render(t policy.Target, e callevent.Event, format Format) (string, error) {
	words, err := message.New(t)
	if err != nil {
		return "", err
	}
	if t.MaskNumbers {
		e = message.Mask(e)
	}
	m, failed := words.Announce(e)
	text, err := show(t, e, m, format)
	if err != nil {
		return "", err
	}
	return text, failed
}

func show(t policy.Target, e callevent.Event, m message.Message, format Format) (string, error) {
	switch {
	case format == FormatJSON:
		return indented(map[string]any{"target": t.Name, "channel": t.Channel(), "event": e.ID, "message": m})
	case t.Email != nil:
		subject, text, html := email.Preview(m)
		if format == FormatHTML && html != "" {
			return html, nil
		}
		return "Subject: " + subject + "\n\n" + text, nil
	case t.Telegram != nil && format == FormatHTML:
		return telegram.Preview(m), nil
	case m.Custom != nil:
		return m.Custom.Text, nil
	case t.Webhook != nil || t.NATS != nil:
		return body(e)
	}
	return plain(m), nil
}

// body is the event as programs get it.
func body(e callevent.Event) (string, error) {
	b, err := callevent.Encode(e)
	if err != nil {
		return "", err
	}
	return indented(json.RawMessage(b))
}

func indented(v any) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return "", fmt.Errorf("encode: %w", err)
	}
	return b.String(), nil
}

// plain is a message without markup.
func plain(m message.Message) string {
	lines := []string{strings.TrimSpace(m.Icon + " " + m.Title)}
	for _, f := range m.Facts {
		lines = append(lines, f.Label+": "+f.Value)
	}
	return strings.Join(lines, "\n") + "\n"
}
