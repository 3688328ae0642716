package email

import (
	_ "embed"
	"html/template"
	"regexp"
	"strings"
	"unicode"

	"missedcalls/notifier/message"
)

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter.html").Parse(letterHTML))

// body is a message in the two forms that mail programs choose from. Without HTML there is the text only.
type body struct {
	text, html string
}

// newBody puts a message into text and HTML. Where an operator wrote the text but no HTML, there is none: mail programs
// would show the built-in one and never his. language is for messages that do not say theirs.
func newBody(m message.Message, language string) body {
	m = cleaned(m)
	if m.Language == "" {
		m.Language = language
	}
	custom := message.Custom{}
	if m.Custom != nil {
		custom = *m.Custom
	}
	switch {
	case custom.Text != "" && custom.HTML == "":
		return body{text: customText(m.Status, custom.Text)}
	case custom.HTML == "":
		return body{text: plainText(m), html: builtInHTML(m)}
	case custom.Text == "":
		return body{text: plainText(m), html: customHTML(m.Status, custom.HTML)}
	}
	return body{text: customText(m.Status, custom.Text), html: customHTML(m.Status, custom.HTML)}
}

func plainText(m message.Message) string {
	var b strings.Builder
	b.WriteString(m.Title + "\n")
	if m.Status != "" {
		b.WriteString(m.Status + "\n")
	}
	if len(m.Facts) > 0 {
		b.WriteByte('\n')
	}
	for _, f := range m.Facts {
		b.WriteString(f.Label + ": " + f.Value + "\n")
	}
	return b.String()
}

func builtInHTML(m message.Message) string {
	var b strings.Builder
	if err := letterTemplate.Execute(&b, m); err != nil {
		panic("email: the built-in letter: " + err.Error()) // it takes any message, and a builder takes any bytes
	}
	return b.String()
}

func customText(status, text string) string {
	text = strings.TrimRight(text, "\r\n") + "\n"
	if status == "" {
		return text
	}
	return status + "\n\n" + text
}

var bodyTag = regexp.MustCompile(`(?i)<body\b[^>]*>`)

// customHTML puts the status at the top of what may be a whole document or a part of one.
func customHTML(status, html string) string {
	if status == "" {
		return html
	}
	at := 0
	if found := bodyTag.FindStringIndex(html); found != nil {
		at = found[1]
	}
	return html[:at] + "<p><strong>" + template.HTMLEscapeString(status) + "</strong></p>\n" + html[at:]
}

// dialable is what a tel: link may lead to.
var dialable = regexp.MustCompile(`^\+?[0-9]{2,20}$`)

// cleaned makes sure of what a message promises, that each of its texts is one line, so that none can pass for another:
// they hold what callers chose to be called. Custom is the operator's and may have lines.
func cleaned(m message.Message) message.Message {
	m.Icon, m.Title, m.Status = line(m.Icon), line(m.Title), line(m.Status)
	facts := make([]message.Fact, len(m.Facts))
	for i, f := range m.Facts {
		facts[i] = message.Fact{Label: line(f.Label), Value: line(f.Value)}
		if dialable.MatchString(f.Tel) {
			facts[i].Tel = f.Tel
		}
	}
	m.Facts = facts
	if m.Custom != nil {
		m.Custom = &message.Custom{
			Subject: line(m.Custom.Subject),
			Text:    strings.ToValidUTF8(m.Custom.Text, "\uFFFD"),
			HTML:    strings.ToValidUTF8(m.Custom.HTML, "\uFFFD"),
		}
	}
	return m
}

// line is a text without line breaks and other control characters, and without those that turn the direction of what
// stands beside it.
func line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
}
