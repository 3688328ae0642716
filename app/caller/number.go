package caller

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxInternal is the longest number of an office's own extensions. Public short codes (112, 0890) are within it too.
const maxInternal = 6

// address takes the number out of a SIP or tel URI: its scheme, host and parameters do not belong to it.
func address(s string) string {
	lower := strings.ToLower(s)
	for _, scheme := range []string{"sip:", "sips:", "tel:"} {
		if strings.HasPrefix(lower, scheme) {
			s = s[len(scheme):]
			break
		}
	}
	s, _, _ = strings.Cut(s, "@")
	s, _, _ = strings.Cut(s, ";")
	return strings.TrimSpace(strings.ReplaceAll(s, "%2B", "+"))
}

// dialled is number as digits, with a plus in front if it had one. ok is false when it holds anything that a
// telephone number is not written with.
func dialled(number string) (digits string, ok bool) {
	var b strings.Builder
	for _, r := range number {
		switch c := asciiDigit(r); {
		case c >= '0' && c <= '9':
			b.WriteByte(byte(c))
		case c == '+' && b.Len() == 0:
			b.WriteByte('+')
		case !strings.ContainsRune(" -.()/\u00a0\u2010\u2011\u2012\u2013\u2014\u2212", c):
			return "", false
		}
	}
	return b.String(), true
}

// asciiDigit turns the full-width and Arabic digits, and the full-width plus, into the usual ones.
func asciiDigit(r rune) rune {
	switch {
	case r >= '\uff10' && r <= '\uff19':
		return r - '\uff10' + '0'
	case r >= '\u0660' && r <= '\u0669':
		return r - '\u0660' + '0'
	case r >= '\u06f0' && r <= '\u06f9':
		return r - '\u06f0' + '0'
	case r == '\uff0b':
		return '+'
	}
	return r
}

// isInternal says whether number is an extension or a feature code of the office. A number written in groups is none.
func isInternal(number string) bool {
	n := 0
	for _, r := range strings.TrimPrefix(number, "*") {
		if r = asciiDigit(r); r < '0' || r > '9' {
			return false
		}
		n++
	}
	return n >= 1 && n <= maxInternal
}

// e164 reads digits, which may have a plus in front, as a number of region; empty when they are none.
func e164(digits, region string) string {
	national, valid := parse(digits, region)
	if valid || strings.HasPrefix(digits, "+") {
		return national
	}
	international, valid := parse("+"+strings.TrimPrefix(digits, "00"), region)
	if valid {
		return international
	}
	return national
}

// parse reads digits in region. number is empty unless its length is right for a whole number, not only for a
// local one without area code; valid is true when the telephone plan has such a subscriber.
func parse(digits, region string) (number string, valid bool) {
	n, err := phonenumbers.Parse(digits, region)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
		return "", false
	}
	number = phonenumbers.Format(n, phonenumbers.E164)
	valid = phonenumbers.IsValidNumber(n)
	if !isE164(number) || !valid && !isWhole(number) {
		return "", false
	}
	return number, valid
}

// isWhole says whether number is read as itself. Where the plan takes one prefix off and another stands behind it, as
// in +64 0 0…, what is left is no number.
func isWhole(number string) bool {
	n, err := phonenumbers.Parse(number, "")
	return err == nil && phonenumbers.Format(n, phonenumbers.E164) == number
}

// isE164 holds the general form of ITU-T E.164: a plus, no leading zero, 15 digits at most. The plans of some
// countries in phonenumbers go beyond it.
func isE164(number string) bool {
	digits, plus := strings.CutPrefix(number, "+")
	return plus && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' &&
		strings.Trim(digits, "0123456789") == ""
}
