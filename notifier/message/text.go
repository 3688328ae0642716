package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	joiner   = '\u200d' // makes one picture of several
	ellipsis = "…"
	// maxMarks is how many marks a letter keeps. Vietnamese and Hebrew need three.
	maxMarks = 4
	// maxCluster bounds, in UTF-16 units, what counts as one character. A family of four with colours of skin has 19.
	maxCluster = 32
	// maxForeign bounds the bytes of a foreign text that are looked at.
	maxForeign = 16 << 10
)

// clean makes foreign text safe to show: one line of valid UTF-8, of at most limit UTF-16 units, without anything that
// people cannot see but terminals, headers and text layout obey.
func clean(s string, limit int) string { return cut(oneLine(s), limit) }

// oneLine takes out control and format characters, the marks and overrides of text direction among them, and what else
// is invisible; every space, tab and line break becomes one space. Joiners stay where they join pictures.
func oneLine(s string) string {
	var line liner
	for _, r := range strings.ToValidUTF8(s[:min(len(s), maxForeign)], string(unicode.ReplacementChar)) {
		line.add(r)
	}
	return strings.TrimRight(line.String(), " ")
}

// liner builds one line.
type liner struct {
	strings.Builder
	last    rune
	marks   int  // how many end the line now
	joining bool // a joiner waits for the picture that it joins to the last
}

func (l *liner) add(r rune) {
	joins := l.joining && isPicture(r)
	l.joining = false
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Z, r):
		if l.last != ' ' && l.last != 0 {
			l.write(' ')
		}
	case r == joiner:
		l.joining = isPicture(l.last) || isPictureForm(l.last)
	case isPictureForm(r):
		if isPicture(l.last) || strings.ContainsRune("0123456789#*", l.last) {
			l.write(r)
		}
	case isInvisible(r):
	case unicode.In(r, unicode.Mn, unicode.Me):
		if l.marks++; l.marks <= maxMarks {
			l.WriteRune(r)
		}
	default:
		if joins {
			l.WriteRune(joiner)
		}
		l.write(r)
	}
}

func (l *liner) write(r rune) {
	l.WriteRune(r)
	l.last, l.marks = r, 0
}

func isInvisible(r rune) bool {
	return r == '\u2800' || // a Braille cell without dots
		unicode.In(r, unicode.C, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}

// isPicture holds for what emoji are made of.
func isPicture(r rune) bool { return unicode.Is(unicode.So, r) || isSkin(r) }

// isSkin holds for the colours of skin.
func isSkin(r rune) bool { return '\U0001F3FB' <= r && r <= '\U0001F3FF' }

// isPictureForm holds for the selectors of text and picture, as in ❤︎ and ❤️.
func isPictureForm(r rune) bool { return r == '\ufe0e' || r == '\ufe0f' }

// isFlagHalf holds for the letters of which two make a flag.
func isFlagHalf(r rune) bool { return '\U0001F1E6' <= r && r <= '\U0001F1FF' }

// cut shortens a line to limit UTF-16 units, the ellipsis among them, and not in the middle of a character.
func cut(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	end, left := 0, limit-units(ellipsis)
	for end < len(s) {
		size := firstCluster(s[end:])
		if left -= units(s[end : end+size]); left < 0 {
			break
		}
		end += size
	}
	return strings.TrimRight(s[:end], " ") + ellipsis
}

// firstCluster is the length in bytes of what people take for the first character of a text: a letter with its marks, a
// flag, a picture with all that is joined to it.
func firstCluster(s string) int {
	first, end := utf8.DecodeRuneInString(s)
	last := first
	for end < len(s) && units(s[:end]) < maxCluster {
		next, size := utf8.DecodeRuneInString(s[end:])
		flag := isFlagHalf(first) && isFlagHalf(next) && end == utf8.RuneLen(first)
		if !flag && last != joiner && next != joiner && !isSkin(next) && !unicode.Is(unicode.M, next) {
			break
		}
		last = next
		end += size
	}
	return end
}

// units counts UTF-16 units, in which Telegram's limits are.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// fill puts values into the places of a pattern, such as {who}. A value is never taken for a pattern.
func fill(pattern string, placesAndValues ...string) string {
	return strings.NewReplacer(placesAndValues...).Replace(pattern)
}
