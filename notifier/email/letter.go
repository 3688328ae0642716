package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/wneessen/go-mail"

	"missedcalls/notifier/target"
)

// letter is one message to one recipient, as it goes over the wire.
type letter struct {
	from, to address
	raw      []byte
}

// thread is what the messages of one matter have in common. It is the Ref of each of them.
type thread struct {
	// First is the id of the delivery that began the thread, Subject that of its messages.
	First   string `json:"first"`
	Subject string `json:"subject"`
}

// threadOf is the thread that a delivery goes on with, or begins.
func threadOf(d target.Delivery) (t thread, begins bool) {
	for _, said := range d.Earlier {
		if json.Unmarshal(said.Ref, &t) == nil && t.First != "" {
			return t, false
		}
	}
	return thread{First: d.ID, Subject: ownSubject(d)}, true
}

// ownSubject is what a delivery is called when it begins a thread.
func ownSubject(d target.Delivery) string {
	m := cleaned(d.Message)
	if m.Custom != nil && m.Custom.Subject != "" {
		return short(m.Custom.Subject)
	}
	return short(m.Title)
}

// subject is Re: and the thread's own where a thread goes on, because some mail programs tell threads by it; but what an
// operator wrote is left as it is.
func subject(d target.Delivery, t thread, begins bool) string {
	switch {
	case begins:
		return t.Subject
	case d.Message.Custom != nil && line(d.Message.Custom.Subject) != "":
		return ownSubject(d)
	}
	return "Re: " + t.Subject
}

// write writes the message of a delivery to a recipient. It is the same, byte by byte, at every try.
func (e *Email) write(d target.Delivery, to address) (letter, error) {
	t, begins := threadOf(d)
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(&e.from.mailbox)
	m.ToMailAddress(&to.mailbox)
	m.Subject(words(subject(d, t, begins)))
	m.SetDateWithValue(e.date(d))
	m.SetGenHeader(mail.HeaderMessageID, e.messageID(d.ID, to))
	if !begins {
		m.SetGenHeader(mail.HeaderInReplyTo, e.messageID(t.First, to))
		m.SetGenHeader(mail.HeaderReferences, e.messageID(t.First, to))
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if d.Event.Call != "" {
		m.SetGenHeader("X-Missedcalls-Call", d.Event.Call)
	}
	b := newBody(d.Message, e.language)
	m.SetBoundary("missedcalls-" + fingerprint(d.ID, to)) // a random one would differ at each try
	m.SetBodyString(mail.TypeTextPlain, b.text)
	if b.html != "" {
		m.AddAlternativeString(mail.TypeTextHTML, b.html)
	}
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return letter{}, fmt.Errorf("write mail to %s: %w", to, err)
	}
	return letter{from: e.from, to: to, raw: raw.Bytes()}, nil
}

// date is the time of the event, so that a message that was delayed tells when it happened. A digest has none.
func (e *Email) date(d target.Delivery) time.Time {
	at := d.Event.Time
	if at.IsZero() {
		at = time.Now()
	}
	if e.zone != nil {
		at = at.In(e.zone)
	}
	return at
}

// messageID is the id of what a recipient gets of a delivery. Whoever gets it twice can know it by that.
func (e *Email) messageID(delivery string, to address) string {
	return "<" + fingerprint(delivery, to) + "@" + e.from.domain + ">"
}

func fingerprint(delivery string, to address) string {
	sum := sha256.Sum256([]byte(delivery + "\x00" + to.String()))
	return hex.EncodeToString(sum[:16])
}

// longest is how many characters a subject has at most.
const longest = 200

// short is a text on one line that does not grow beyond what mail programs show.
func short(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' }), " ") // folding loses the others
	if utf8.RuneCountInString(text) <= longest {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:longest-1])) + "…"
}

// words is a text as a header has it: as it is, or in encoded words of RFC 2047 where it holds more than ASCII, or what
// looks like such a word: a caller's name that does would else be read as what it encodes.
func words(text string) string {
	if isASCII(text) && !strings.Contains(text, "=?") {
		return text
	}
	const most = 36 // bytes that make a word of 60 characters, which stands beside "Subject:" in a line
	var encoded []string
	for len(text) > 0 {
		n := min(most, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		encoded = append(encoded, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:n]))+"?=")
		text = text[n:]
	}
	return strings.Join(encoded, " ")
}
