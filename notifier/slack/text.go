package slack

import (
	"regexp"
	"strings"
	"unicode/utf16"

	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
)

// Slack's limits, in characters as it counts them: UTF-16 code units, escapes as they are written. A message of more than
// about 13,000 in all is refused, and a text of more than 4,000 should not be.
const (
	maxHeader  = 150
	maxSection = 3000
	maxField   = 2000
	maxFields  = 10
	maxBlocks  = 50
	maxMessage = 10_000
	maxText    = 3500
	// maxLabel leaves room for a value in a field.
	maxLabel = 200
)

// block is a header, or a section of a text or of fields.
type block struct {
	Type   string   `json:"type"`
	Text   *object  `json:"text,omitempty"`
	Fields []object `json:"fields,omitempty"`
}

// object is a text: plain, in which nothing is looked for, or Slack's markup.
type object struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Emoji is false: a name like :smile: stays what it is. Verbatim is true: what looks like a name or an address stays
	// what it is, too. Plain texts have the one, markup has the other.
	Emoji    *bool `json:"emoji,omitempty"`
	Verbatim bool  `json:"verbatim,omitempty"`
}

func plain(escaped string) object {
	return object{Type: "plain_text", Text: escaped, Emoji: new(bool)}
}

func markup(s string) object { return object{Type: "mrkdwn", Text: s, Verbatim: true} }

// compose puts a message into blocks, and into the text that notifications show. What people said stands in plain texts.
func compose(m message.Message) content {
	return content{Text: notification(m), Blocks: blocks(m), Parse: "none"}
}

func blocks(m message.Message) (blocks []block) {
	text := custom(m)
	heads := []string{m.Status, m.Title}
	if text != "" { // it stands in place of the title
		heads = heads[:1]
	}
	icon := m.Icon
	for _, head := range heads {
		if head == "" {
			continue
		}
		header := plain(fit(strings.TrimSpace(icon+" "+head), maxHeader))
		blocks = append(blocks, block{Type: "header", Text: &header})
		icon = ""
	}
	if text != "" {
		return append(blocks, sections(text, maxBlocks-len(blocks))...)
	}
	return append(blocks, facts(m.Facts)...)
}

func custom(m message.Message) string {
	if m.Custom == nil {
		return ""
	}
	return strings.TrimSpace(strings.ToValidUTF8(m.Custom.Text, "\uFFFD"))
}

// facts fill sections, as many as there is room for.
func facts(facts []message.Fact) (blocks []block) {
	room := maxMessage
	for i, f := range facts {
		if i%maxFields == 0 {
			blocks = append(blocks, block{Type: "section"})
		}
		to := &blocks[len(blocks)-1]
		field := fieldOf(f)
		if room -= units(field.Text); room < 0 {
			to.Fields = append(to.Fields, plain("…"))
			break
		}
		to.Fields = append(to.Fields, field)
	}
	return blocks
}

// dialled is a value that is a number and nothing else, so that no markup can be in it.
var (
	dialled   = regexp.MustCompile(`^\+?[0-9 ()\x{A0}-]+$`)
	telephone = regexp.MustCompile(`^\+?[0-9]{2,20}$`)
)

func fieldOf(f message.Fact) object {
	label, value := fit(f.Label, maxLabel), target.Line(f.Value)
	switch {
	case telephone.MatchString(f.Tel) && dialled.MatchString(value):
		return markup(label + "\n<tel:" + f.Tel + "|" + fit(value, maxLabel) + ">")
	case value == "" && label == "": // a text of nothing is refused
		return plain("–")
	}
	return plain(label + "\n" + fit(value, maxField-maxLabel-1))
}

// sections hold an operator's text, cut between its lines where it is too long for one.
func sections(text string, most int) (blocks []block) {
	room := maxMessage
	for text != "" && len(blocks) < most && room > 0 {
		var head string
		head, text = cut(text, min(maxSection, room))
		room -= units(head)
		if head = strings.TrimSpace(head); head != "" {
			object := markup(head)
			blocks = append(blocks, block{Type: "section", Text: &object})
		}
	}
	return blocks
}

// cut parts a text in markup after at most most units: at the end of a line, else before a link or mention that would be
// torn, else anywhere.
func cut(s string, most int) (head, rest string) {
	n, at := 0, len(s)
	for i, r := range s {
		if n += utf16.RuneLen(r); n > most {
			at = i
			break
		}
	}
	if at == len(s) {
		return s, ""
	}
	if line := strings.LastIndexByte(s[:at], '\n'); line > 0 {
		return s[:line], s[line+1:]
	}
	if open := strings.LastIndexByte(s[:at], '<'); open > 0 && !strings.Contains(s[open:at], ">") {
		at = open
	}
	return s[:at], s[at:]
}

// notification is what is shown where blocks are not: all of it in plain lines.
func notification(m message.Message) string {
	lines := []string{strings.TrimSpace(m.Icon + " " + m.Status), m.Title}
	if m.Status == "" {
		lines = []string{strings.TrimSpace(m.Icon + " " + m.Title)}
	}
	for _, f := range m.Facts {
		lines = append(lines, f.Label+": "+f.Value)
	}
	var text strings.Builder
	room := maxText
	for _, line := range lines {
		line = fit(line, maxField)
		if room -= units(line) + 1; room < 0 {
			break
		}
		text.WriteString(line + "\n")
	}
	return strings.TrimSpace(text.String())
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// fit makes a line that Slack shows as it is, of at most most characters with its escapes.
func fit(s string, most int) string {
	return escaper.Replace(target.Clip(target.Line(s), most, func(r rune) int { return units(escaper.Replace(string(r))) }))
}

// units counts characters as Slack does, or more.
func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
