package demo

import (
	"html"
	"regexp"
	"slices"
	"strings"
	"time"
)

// post is a message in the chat, as it was sent or as it was changed to.
type post struct {
	at      time.Time
	message int64
	changed bool
	// headline says what happened and where, status before it how that stands now, empty for a message as it was sent.
	status, headline string
	// who called and what is the first thing to know about it.
	who, what string
	// call is the id of the call.
	call string
}

// markup is what a text of Telegram has beside what is seen: tags, and a mark that keeps words from becoming links.
var markup = regexp.MustCompile(`</?[a-z]+>|\x{2060}`)

// readPost reads a message that the program wrote: a status if it has one, a headline, and lines of a label and a value,
// the last of which is the call's id.
func readPost(text string) (p post) {
	lines := strings.Split(html.UnescapeString(markup.ReplaceAllString(text, "")), "\n")
	facts := lines[1:]
	p.headline = lines[0]
	if len(facts) > 0 && strings.HasPrefix(strings.SplitN(text, "\n", 3)[1], "<b>") { // two lines are bold
		p.status, p.headline, facts = lines[0], lines[1], lines[2:]
	}
	value := func(at int) string {
		if at < 0 || at >= len(facts) {
			return ""
		}
		_, v, _ := strings.Cut(facts[at], ": ")
		return v
	}
	p.who, p.what, p.call = value(0), value(1), value(len(facts)-1)
	return p
}

// summary is the message in one line, but for its status.
func (p post) summary() string {
	return joined(p.headline, p.who, p.what)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}

// rows are the message as it stands, in one line or two.
func (p post) rows(zone *time.Location) []row {
	at := p.at.In(zone).Format(time.TimeOnly) + " "
	if p.status == "" {
		return []row{text(at + p.summary())}
	}
	return []row{{{at, plain}, {p.status, green}}, text(strings.Repeat(" ", len(at)) + p.summary())}
}

// news is what happened in the chat, as a line among those of events.
func (p post) news(zone *time.Location) string {
	did := " told: "
	if p.changed {
		did = " changed: "
	}
	return p.at.In(zone).Format(time.TimeOnly) + " " + teamChat + did + joined(p.status, p.summary())
}
