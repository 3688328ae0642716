// Package message puts events into words: in Russian and English, with plural forms, local times and numbers that can be
// tapped. It is pure: it knows no channel, no clock and no file.
package message

// Message is what people are told, free of any channel's markup. Every text in it is plain, and one line.
type Message struct {
	// Icon is one emoji that says at a glance what it is about.
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

// Custom is what an operator's template gave. Subject and HTML are for mail.
type Custom struct {
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text,omitempty"`
	HTML    string `json:"html,omitempty"`
}
