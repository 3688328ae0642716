package speech

import "time"

// Phrase is a sentence that an agent hears.
type Phrase uint8

// The phrases.
const (
	// Confirm asks an agent to press 1 to take the call.
	Confirm Phrase = iota
	// LoggedIn to Unpaused tell what a feature code has done.
	LoggedIn
	LoggedOut
	Paused
	Unpaused
	// Refused tells that a feature code has done nothing.
	Refused
)

// phrases are prompts of ours, and what the core sounds of every language here say in their place.
var phrases = [...]struct {
	own   string
	stock []string
}{
	Confirm:   {ours + "agent-confirm", []string{"vm-press", digits(1)}},
	LoggedIn:  {ours + "agent-logged-in", []string{"agent-loginok"}},
	LoggedOut: {ours + "agent-logged-out", []string{"agent-loggedoff"}},
	Paused:    {ours + "agent-paused", []string{"do-not-disturb", "activated"}},
	Unpaused:  {ours + "agent-unpaused", []string{"do-not-disturb", "de-activated"}},
	Refused:   {ours + "agent-refused", []string{"feature-not-avail-line"}},
}

// Phrases are all phrases.
func Phrases() []Phrase {
	return []Phrase{Confirm, LoggedIn, LoggedOut, Paused, Unpaused, Refused}
}

// Phrase says a sentence to an agent. A Stock language has one for each of them.
func (l Language) Phrase(p Phrase) []string {
	if l.stock {
		return media(phrases[p].stock)
	}
	return media(one(phrases[p].own))
}

// Waited tells an agent how long the caller has waited, never more than he has: tens of seconds below five minutes, whole
// minutes above, and from two hours on hours and minutes. It says nothing of less than ten seconds, and beyond LongestWait.
func (l Language) Waited(d time.Duration) []string {
	if d < pastUnit || d > LongestWait {
		return nil
	}
	t := l.table()
	begin := t.waited
	if l.stock {
		begin = "queue-reporthold"
	}
	for _, span := range t.past(d) {
		if l.can(span) {
			return media(join(one(begin), span))
		}
	}
	return nil
}

const (
	// pastUnit is what a wait that is over is rounded down to, as long as seconds are told.
	pastUnit = 10 * time.Second
	// secondsUpTo is until when tens of seconds are told.
	secondsUpTo = 5 * time.Minute
	// mostTens is how many tens of seconds are said without minutes.
	mostTens = 18
)

// past are ways to say a span of time that is over, the best first; the others are for a language that lacks words. They
// are at most as long, by less than five minutes.
func (t *table) past(d time.Duration) [][]string {
	minutes, tens := int(d/time.Minute), int(d/pastUnit)
	var spans [][]string
	if d < secondsUpTo {
		spans = append(spans, t.exact(minutes, tens%6), t.count(min(tens, mostTens)*10, t.second))
	}
	for least := max(minutes-4, 1); minutes >= least; minutes-- {
		spans = append(spans, t.hours(minutes), t.count(minutes, t.minute))
	}
	return spans
}

// exact says minutes and tens of seconds, and leaves out what is none.
func (t *table) exact(minutes, tens int) (words []string) {
	if minutes > 0 {
		words = t.count(minutes, t.minute)
	}
	if tens > 0 {
		words = append(words, t.count(tens*10, t.second)...)
	}
	return words
}
