package telegram

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf16"

	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
)

const (
	// maxText is Telegram's limit of a message, in UTF-16 code units, without markup.
	maxText = 4096
	// maxPart bounds a title, a label or a value, in the same units, so that none crowds the others out.
	maxPart = 1024
	// maxMarkup is the Bot API's limit of a message with its markup, in bytes.
	maxMarkup = 32 << 10
)

// outgoing is a request that can be mended.
type outgoing struct {
	request
	// plain is the text without markup.
	plain string
	note  string
	moved bool
}

// unformat sends the text without markup from now on.
func (o *outgoing) unformat() (note string) {
	o.Text, o.ParseMode = o.plain, ""
	return "Telegram cannot read the markup, so it was told as plain text: mend the target's template"
}

// compose puts a message into Telegram's HTML.
func (t *Telegram) compose(m message.Message) outgoing {
	custom := ""
	if m.Custom != nil {
		custom = strings.TrimSpace(strings.ToValidUTF8(m.Custom.Text, "\uFFFD"))
	}
	var text text
	if m.Status != "" {
		text.heading(m.Icon, m.Status)
	}
	out := outgoing{}
	switch room := text.room(); {
	case custom == "":
		text.builtIn(m)
	case units(plain(custom)) > room, text.Len()+1+len(custom) > maxMarkup:
		text.line(escape, target.Clip(plain(custom), room, utf16.RuneLen))
		out.note = "the text of the target's template is too long for Telegram, so it was cut and told as plain text"
	default:
		text.line(asIs, custom)
	}
	out.request = request{Text: text.String(), ParseMode: "HTML", Preview: linkPreview{Disabled: true}}
	out.plain = target.Clip(plain(out.Text), maxText, utf16.RuneLen)
	return out
}

// text is HTML in lines, and the units that are seen of it.
type text struct {
	strings.Builder
	units int
}

// builtIn writes title and facts, as many as there is room for.
func (t *text) builtIn(m message.Message) {
	icon := m.Icon
	if m.Status != "" { // it stands there already
		icon = ""
	}
	if m.Title != "" {
		t.heading(icon, m.Title)
	}
	for _, f := range m.Facts {
		line := neutral(part(f.Label)) + ": " + value(f)
		const rest = 2 // the line that says that there is more
		if units(line)+rest > t.room() {
			t.line(escape, "…")
			return
		}
		t.line(escape, line)
	}
}

// room is what one more line may have, in units.
func (t *text) room() int {
	if t.Len() == 0 {
		return maxText
	}
	return maxText - t.units - 1
}

func (t *text) heading(icon, title string) {
	s := neutral(part(title))
	if icon = part(icon); icon != "" {
		t.line(asIs, escape(icon)+" <b>"+escape(s)+"</b>")
		return
	}
	t.line(asIs, "<b>"+escape(s)+"</b>")
}

// line adds a line, made by markup.
func (t *text) line(markup func(string) string, s string) {
	if t.Len() > 0 {
		t.WriteByte('\n')
		t.units++
	}
	s = markup(s)
	t.WriteString(s)
	t.units += units(plain(s))
}

// value is a fact's value. Telegram has no links to numbers (it drops those with tel:), but finds numbers in international
// form by itself, so that one must be there.
func value(f message.Fact) string {
	s := part(f.Value)
	if f.Tel != "" && !strings.Contains(digits(s), digits(f.Tel)) {
		s = part(s + " " + f.Tel)
	}
	return neutral(s)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func part(s string) string { return target.Clip(target.Line(s), maxPart, utf16.RuneLen) }

// joiner is seen as nothing and keeps the characters around it together.
const joiner = "\u2060"

// live are the places in a text at which Telegram begins a mention, a hashtag or a command, or finds a link in it: people
// who call may name themselves as they like.
var live = regexp.MustCompile(`[@#$/][\pL\pN_]|[\pL\pN]\.\pL|:/`)

// neutral makes a text say what it says, and nothing in it a link.
func neutral(s string) string {
	// Twice, for what overlaps: a.b.c
	for range 2 {
		s = live.ReplaceAllStringFunc(s, func(found string) string {
			r := []rune(found)
			last := string(r[len(r)-1])
			return strings.TrimSuffix(found, last) + joiner + last
		})
	}
	return s
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func escape(s string) string { return escaper.Replace(s) }

func asIs(s string) string { return s }

// tag is what Telegram takes for one.
var tag = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)

// plain is the text that is seen of HTML.
func plain(s string) string { return html.UnescapeString(tag.ReplaceAllString(s, "")) }

// units counts as Telegram does.
func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
