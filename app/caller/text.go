package caller

import (
	"strings"
	"unicode"
)

// The longest number and name that are kept, in characters. E.164 allows 15 digits; a SIP display name has no limit.
const (
	maxNumber = 64
	maxName   = 128
)

// clean makes foreign text safe to show: valid UTF-8 without control characters and without surrounding space.
// It is cut to limit characters, and cut says whether something was lost.
func clean(s string, limit int) (cleaned string, cut bool) {
	s = strings.ToValidUTF8(boundBytes(s), string(unicode.ReplacementChar))
	s = strings.TrimSpace(strings.Map(visible, s))
	n := 0
	for i := range s {
		if n == limit {
			return strings.TrimSpace(s[:i]), true
		}
		n++
	}
	return s, false
}

// boundBytes keeps a hostile megabyte from being walked for the few characters that are kept of it. What it leaves is
// still longer than any limit, so the cut is noticed.
func boundBytes(s string) string {
	const enough = 16 << 10
	return s[:min(len(s), enough)]
}

// visible drops what people cannot see but terminals, mail headers and text layout obey: control characters (C0, DEL
// and C1), line and paragraph separators, the byte order mark, and the marks and overrides of text direction.
func visible(r rune) rune {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff',
		unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}
