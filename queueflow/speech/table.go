package speech

import (
	"strconv"
	"time"
)

// table is a language. Words are names of sounds, without sound:.
type table struct {
	name   string
	plural func(n int) plural
	// number says 0 to Largest.
	number func(n int, form Gender) []string
	// next is the sentence for position 1; before and after stand around any other position.
	next          []string
	before, after string
	// moreThanOne is the whole sentence for 1 where it is another one; else it is nil.
	moreThanOne []string
	more        string
	waiting     forms
	// wait begins the sentence of a wait. lessThan are "less than one minute" and "less than two".
	wait                 string
	lessThan             [2][]string
	second, minute, hour noun
	// waited begins the sentence that tells an agent how long the caller has waited.
	waited string
	thanks string
	// stockUpTo is the largest number that counts waiting callers, and all below it minutes, in core sounds alone.
	stockUpTo int
	missing   []Word
}

// plural is a category of CLDR. The languages here need no others for whole numbers.
type plural uint8

const (
	pluralOne plural = iota
	pluralFew
	pluralOther // many, in Russian
)

// forms are a word for each category.
type forms [3]string

// noun is what a number counts.
type noun struct {
	form Gender
	forms
}

func (t *table) count(n int, of noun) []string {
	return append(t.number(n, of.form), of.forms[t.plural(n)])
}

func (t *table) moreThan(n int) []string {
	if n == 1 && t.moreThanOne != nil {
		return t.moreThanOne
	}
	return join(one(t.more), t.number(n, Masculine), one(t.waiting[t.plural(n)]))
}

// Waits of less are told in minutes alone: 61 minutes is right in every language, and needs no word for one hour.
const minutesAlone = 120

// spans are ways to say a span of time, the best first; the others are for a language that lacks words. They are at
// least as long, by less than five minutes.
func (t *table) spans(d time.Duration) [][]string {
	spans := [][]string{t.span(d)}
	if halves := roundUp(d, 30*time.Second); halves <= 6 {
		spans = append(spans, t.count(halves*30, t.second))
	}
	for minutes := roundUp(d, time.Minute); minutes < roundUp(d, time.Minute)+5; minutes++ {
		spans = append(spans, t.hours(minutes))
		if minutes <= t.stockUpTo {
			spans = append(spans, t.count(minutes, t.minute))
		}
	}
	return spans
}

func (t *table) span(d time.Duration) []string {
	switch {
	case d < time.Minute:
		return t.lessThan[0]
	case time.Minute < d && d < 2*time.Minute:
		return t.lessThan[1]
	}
	return t.hours(roundUp(d, time.Minute))
}

func (t *table) hours(minutes int) []string {
	if minutes < minutesAlone {
		return t.count(minutes, t.minute)
	}
	hours := t.count(minutes/60, t.hour)
	if minutes%60 == 0 {
		return hours
	}
	return join(hours, t.count(minutes%60, t.minute))
}

func roundUp(d, unit time.Duration) int { return int((d + unit - 1) / unit) }

func digits(n int) string { return "digits/" + strconv.Itoa(n) }

// below100 says 1 to 99 in tens and ones, and nothing for 0. A language may have ones of its own in a form.
func below100(n int, ones map[int]string) []string {
	var words []string
	if n >= 20 {
		words = append(words, digits(n-n%10))
		n %= 10
	}
	word, own := ones[n]
	switch {
	case own:
		words = append(words, word)
	case n > 0:
		words = append(words, digits(n))
	}
	return words
}
