package speech

import (
	"slices"
	"strings"
	"time"
)

// Bounds of what is said. Beyond them something weaker and true is said, or nothing.
const (
	// Largest is the largest number that is said.
	Largest = 999_999
	// LongestWait is the longest wait that is said. An estimate beyond a day is none.
	LongestWait = 24 * time.Hour
	// LongestList is more than the bytes of any list, joined by commas. Asterisk takes a URL of 4 kB.
	LongestList = 1000
)

// Gender is that of the noun which a number counts. English has none.
type Gender uint8

// The genders. A number that counts nothing, as a position does, is masculine.
const (
	Masculine Gender = iota
	Feminine
	Neuter
	// feminineAccusative is how a wait is told: Russian one is then одну. It is for numbers below a thousand.
	feminineAccusative
)

// Prefix begins the media of a prompt of ours; what follows is the name of a Word without its folder.
const Prefix = "sound:mc/"

// Word is a prompt of our own: the name of its sound, as mc/word-200, and what it says.
type Word struct {
	Name, Text string
}

// Language says things. The zero Language is English. It is a value, and safe for use by anybody at any time.
type Language struct {
	of    *table
	stock bool
}

// For finds a language by any of Asterisk's names for it: en, en_US_f_Allison, ru, ru_RU_f_IvrvoiceRU, ru-RU. A language
// without a table, and the empty name, give English and false; who says English to such a channel plays it with the
// parameter lang=Name(), for the channel's own sounds would be put together by the wrong grammar.
func For(language string) (l Language, known bool) {
	primary := strings.ToLower(language)
	if end := strings.IndexAny(primary, "_-."); end >= 0 {
		primary = primary[:end]
	}
	for _, l := range All() {
		if l.Name() == primary {
			return l, true
		}
	}
	return Language{}, false
}

// All are the languages that have a table.
func All() []Language {
	return []Language{{of: &english}, {of: &russian}}
}

// Name is the two letters of ISO 639-1.
func (l Language) Name() string { return l.table().name }

// Missing are the words that Asterisk's core sounds lack and Language says; none for a Stock language.
func (l Language) Missing() []Word {
	if l.stock {
		return nil
	}
	return slices.Clone(l.table().missing)
}

// Stock is the language said with nothing but Asterisk's core sounds. What they cannot say right is replaced by
// something weaker and true: a number of callers by "more than" a smaller one, a wait by a longer one (by less than
// five minutes). Where there is nothing of the kind, nothing is said.
func (l Language) Stock() Language {
	l.stock = true
	return l
}

// Place is a place in a line, 1 for the next one, or with MoreThan that it is beyond one.
type Place struct {
	N        int
	MoreThan bool
}

// Position tells a caller his place in the line, and gives it as it was said, which may be "more than" a smaller one:
// beyond Largest, and where a word is lacking. Nothing, and no place, is said below 1.
func (l Language) Position(n int) (words []string, said Place) {
	t := l.table()
	switch {
	case n < 1:
		return nil, Place{}
	case n == 1:
		return media(t.next), Place{N: 1}
	case n <= Largest:
		words := join(one(t.before), t.number(n, Masculine), one(t.after))
		if l.can(words) {
			return media(words), Place{N: n}
		}
	}
	return l.MoreThan(n - 1)
}

// MoreThan tells that more than n callers wait, and gives that as it was said: Largest for what is more, and less where a
// word is lacking. Nothing is said below 1, and of 1 by a Stock language.
func (l Language) MoreThan(n int) (words []string, said Place) {
	t := l.table()
	for k := min(n, Largest); k >= 1; k = min(k-1, t.stockUpTo) {
		if words := t.moreThan(k); l.can(words) {
			return media(words), Place{N: k, MoreThan: true}
		}
	}
	return nil, Place{}
}

// Wait tells the estimated wait: less than one minute, less than two, and then minutes, rounded up; from two hours on,
// hours and minutes. It says nothing for a wait of nothing or less, and beyond LongestWait.
func (l Language) Wait(d time.Duration) []string {
	if d <= 0 || d > LongestWait {
		return nil
	}
	t := l.table()
	for _, span := range t.spans(d) {
		if l.can(span) {
			return media(join(one(t.wait), span))
		}
	}
	return nil
}

// ThankYou closes an announcement.
func (l Language) ThankYou() []string {
	return media(one(l.table().thanks))
}

// Number is a number by itself, 0 to Largest, in the nominative; nothing beyond, and for a Stock language nothing where
// the core sounds lack a word of it.
func (l Language) Number(n int, form Gender) []string {
	if n < 0 || n > Largest {
		return nil
	}
	said := l.table().number(n, min(form, Neuter))
	if !l.can(said) {
		return nil
	}
	return media(said)
}

func (l Language) table() *table {
	if l.of == nil {
		return &english
	}
	return l.of
}

// can says whether the language may say these words.
func (l Language) can(words []string) bool {
	return !l.stock || !slices.ContainsFunc(words, isOurs)
}

// ours begins the name of a sound that is a prompt of our own.
const ours = "mc/"

func isOurs(word string) bool { return strings.HasPrefix(word, ours) }

func one(word string) []string { return []string{word} }

func join(parts ...[]string) []string { return slices.Concat(parts...) }

func media(words []string) []string {
	list := make([]string, len(words))
	for i, word := range words {
		list[i] = "sound:" + word
	}
	return list
}
