package target

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line makes a text safe to stand in a line of a message: valid UTF-8, without line breaks and other control characters,
// and without the marks that turn the direction of what follows. The texts of a Message should be so already; a channel
// does not rely on it.
func Line(s string) string {
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	return strings.TrimSpace(strings.Map(visible, s))
}

func visible(r rune) rune {
	switch {
	case r == '\n', r == '\r', r == '\t', r == '\u2028', r == '\u2029':
		return ' '
	case unicode.IsControl(r), r == '\ufeff', unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}

// Clip cuts a text so that the sizes of its characters come to at most most, the ellipsis in place of what is missing
// among them.
func Clip(s string, most int, size func(rune) int) string {
	const ellipsis = '…'
	total, fits := 0, 0 // fits is where the text is cut if it has to be
	for i, r := range s {
		if total+size(ellipsis) <= most {
			fits = i
		}
		if total += size(r); total > most {
			return strings.TrimRightFunc(s[:fits], unicode.IsSpace) + string(ellipsis)
		}
	}
	return s
}
