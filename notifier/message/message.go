package message

// Message is what people are told, free of any channel's markup. Every text in it is plain, and one line.
type Message struct {
	// Icon is one emoji that says at a glance what it is about, or how the matter stands now.
	Icon string `json:"icon,omitempty"`
	// Title says what happened, and where, in some words.
	Title string `json:"title"`
	// Status is how the matter stands now, when that changed after the message: "Resolved by Anna after 12 minutes".
	Status string `json:"status,omitempty"`
	Facts  []Fact `json:"facts,omitempty"`
	// Language of the words, ru or en, for who reads them aloud or hyphenates them.
	Language string `json:"language,omitempty"`
	// Custom is the operator's text in the channel's own markup, in place of all but Status; nil for none.
	Custom *Custom `json:"custom,omitempty"`
}

// Fact is one labelled value.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
	// Tel is a number in international form that the value may be a link to; empty for none.
	Tel string `json:"tel,omitempty"`
}

// Custom is what an operator's template gave. Subject and HTML are for mail. A mail without Subject has the Title; one
// without Text and HTML has the built-in text, and one without HTML alone has none.
type Custom struct {
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"`
}

// Bounds of a message, in UTF-16 units. Telegram takes 4096, which leaves room for Icon, markup and what a channel adds.
const (
	// MaxMessage bounds title, status, labels and values together.
	MaxMessage = 3500
	maxTitle   = 160
	maxStatus  = 400
	maxValue   = 320
	// minFact is the least room that a fact is told in.
	minFact = 40
)

// bounded is a message within the bounds. Room for a status is kept; what does not fit any more is cut, and left out.
func bounded(m Message) Message {
	m.Title, m.Status = cut(m.Title, maxTitle), cut(m.Status, maxStatus)
	left := MaxMessage - maxTitle - maxStatus
	for i, f := range m.Facts {
		if left < minFact {
			m.Facts = m.Facts[:i]
			break
		}
		m.Facts[i].Value = cut(f.Value, min(maxValue, left-units(f.Label)))
		left -= units(f.Label) + units(m.Facts[i].Value)
	}
	return m
}
