package message

import (
	"slices"
	"strings"
	"unicode"

	"missedcalls/queueflow/callevent"
)

// shortest is how many digits make a number that is masked. What is shorter is an extension of the company, or no number
// of a person.
const shortest = 7

// Mask hides the middle of the caller's numbers wherever the payload has them: +7 916 •••-••-67. At most the first four
// and the last two digits stay. A number that stands in a name, or in any other text, is hidden there too, however it is
// written, and so is what the caller typed when it is as long as a number. In names, and in what people wrote, every
// number is hidden. Extensions of the company stay, and so does what identifies the call: ids, the dialled number, queues
// and Asterisk's ids.
//
// What is masked already stays as it is.
func Mask(e callevent.Event) callevent.Event {
	var numbers []string
	e.Payload = rewrite(e.Payload, func(t text) string {
		if isNumber(t) {
			numbers = append(numbers, digitsOf(t.value))
		}
		return t.value
	})
	e.Payload = rewrite(e.Payload, func(t text) string { return maskText(t, numbers) })
	return e
}

var (
	identity = strings.Fields(
		"call_id ticket_id episode resumed_from by_call queue from language did url channel_id agent_channel bridge linkedid timestamp")
	personal = strings.Fields("name why by")
)

// isNumber holds for the fields whose whole value is a number of the caller.
func isNumber(t text) bool {
	caller := t.of == callerType && t.field != "name"
	return caller || t.field == "number" || t.field == "keys"
}

// maskText masks one text of a payload that holds the caller's numbers, given as digits.
func maskText(t text, numbers []string) string {
	switch {
	case slices.Contains(identity, t.field):
		return t.value
	case t.field == "keys":
		return maskDigits(t.value, 0, 0)
	case isNumber(t):
		return maskDigits(t.value, 4, 2)
	}
	return maskRuns(t.value, func(run string) bool {
		return slices.Contains(personal, t.field) || slices.ContainsFunc(numbers, func(n string) bool { return share(run, n) })
	})
}

// share says whether so many digits of one number as make a number stand in a row in the other.
func share(one, other string) bool {
	for i := 0; i+shortest <= len(one); i++ {
		if strings.Contains(other, one[i:i+shortest]) {
			return true
		}
	}
	return false
}

// maskRuns masks the digits between two letters, or ends of a text, where is says so of them: whatever stands between
// digits but letters is a way to write a number.
func maskRuns(s string, is func(digits string) bool) string {
	if len(digitsOf(s)) < shortest {
		return s
	}
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, isLetter)
		if end < 0 {
			end = len(s)
		}
		run := s[:end]
		if is(digitsOf(run)) {
			run = maskDigits(run, 4, 2)
		}
		b.WriteString(run)
		s = s[end:]
		end = strings.IndexFunc(s, func(r rune) bool { return !isLetter(r) })
		if end < 0 {
			end = len(s)
		}
		b.WriteString(s[:end])
		s = s[end:]
	}
	return b.String()
}

// isLetter leaves out the letters that nobody sees, which do not part a number for a reader.
func isLetter(r rune) bool { return unicode.IsLetter(r) && !isInvisible(r) }

// maskDigits hides digits but for some at both ends, so that five or more are hidden. Less than a number stays.
func maskDigits(s string, first, last int) string {
	all := len([]rune(strings.Map(digit, s)))
	if all < shortest {
		return s
	}
	first = min(first, all-shortest)
	n := 0
	return strings.Map(func(r rune) rune {
		if digit(r) < 0 {
			return r
		}
		if n++; n <= first || n > all-last {
			return r
		}
		return hidden
	}, s)
}

// digitsOf is what is left of a text without all but its shown digits, in ASCII.
func digitsOf(s string) string {
	return strings.ReplaceAll(strings.Map(digit, s), string(hidden), "")
}

// digit is a decimal digit of any script as one of ASCII, a hidden one as itself, and -1 for all else.
func digit(r rune) rune {
	switch {
	case '0' <= r && r <= '9', r == hidden:
		return r
	case r < 0x80 || !unicode.IsDigit(r):
		return -1
	}
	// In Unicode, digits stand in tens, from zero on, and a range of the table has whole tens.
	for _, of := range unicode.Nd.R16 {
		if rune(of.Lo) <= r && r <= rune(of.Hi) {
			return '0' + (r-rune(of.Lo))%10
		}
	}
	for _, of := range unicode.Nd.R32 {
		if rune(of.Lo) <= r && r <= rune(of.Hi) {
			return '0' + (r-rune(of.Lo))%10
		}
	}
	return -1
}
