package message

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestForeignTextBecomesOneVisibleLine(t *testing.T) {
	for _, c := range []struct{ name, given, want string }{
		{"plain", "Анна Иванова", "Анна Иванова"},
		{"line breaks", "Анна\r\nBcc: boss@example.org", "Анна Bcc: boss@example.org"},
		{"other breaks", "a\u2028b\u2029c\u0085d\te\v f", "a b c d e f"},
		{"spaces", "  a \u00a0\u3000 b  ", "a b"},
		{"controls", "a\x00b\x1b[31mc\x7fd\u009be", "ab[31mcde"},
		{"overrides of direction", "\u202eAnna\u202c \u2066x\u2069 \u200f\u061c!", "Anna x !"},
		{"zero width", "A\u200bn\u200cn\u200da\ufeff\u2060\u00ad", "Anna"},
		{"fillers that look like nothing", "a\u3164\u115f\uffa0\u2800\u034fb", "ab"},
		{"tags", "a\U000E0001\U000E0041b", "ab"},
		{"private use", "a\ue000b\ufffeb", "abb"},
		{"broken UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"Arabic and Hebrew stay", "محمد שלום", "محمد שלום"},
		{"too many marks", "a" + strings.Repeat("\u0301", 9), "a" + strings.Repeat("\u0301", 4)},
		{"a family", "👨‍👩‍👧 x", "👨‍👩‍👧 x"},
		{"colour, profession, heart", "👩🏽‍🚀 ❤️‍🔥 🏳️‍🌈", "👩🏽‍🚀 ❤️‍🔥 🏳️‍🌈"},
		{"a keycap and a flag", "7️⃣ 🇷🇺", "7️⃣ 🇷🇺"},
		{"joiners that join nothing", "a\u200d👩\u200d \u200d👩\u200d", "a👩 👩"},
		{"selectors that select nothing", "a\ufe0f\ufe0eb\U000E0100", "ab"},
		{"nothing", "\u200b\u202e \n", ""},
	} {
		assert.Equal(t, c.want, clean(c.given, 100), c.name)
	}
}

func TestALongTextIsCutBetweenCharacters(t *testing.T) {
	family := "👨‍👩‍👧‍👦" // 11 units
	for _, c := range []struct {
		given string
		limit int
		want  string
	}{
		{"привет", 6, "привет"},
		{"привет!", 6, "приве…"},
		{"приве т", 6, "приве…"},
		{"👩👩👩", 6, "👩👩👩"},
		{"👩👩👩", 5, "👩👩…"},
		{"a" + family + "b", 13, "a" + family + "b"},
		{"a" + family + "bc", 13, "a" + family + "…"},
		{"a" + family + "bc", 12, "a…"},
		{"👩🏽👩🏽", 7, "👩🏽…"},
		{"🇷🇺🇩🇪x", 8, "🇷🇺…"},
		{"e\u0301e\u0301e\u0301", 5, "e\u0301e\u0301…"},
		{"❤️❤️❤️", 5, "❤️❤️…"},
		{"abc", 1, "…"},
	} {
		got := cut(c.given, c.limit)
		assert.Equal(t, c.want, got, "%s to %d", c.given, c.limit)
		assert.LessOrEqual(t, units(got), c.limit, "%s", c.given)
	}
}

func TestAnEndlessPictureIsCutSomewhere(t *testing.T) {
	endless := strings.Repeat("👩\u200d", 1000) + "👩"
	got := clean(endless, 100)
	assert.LessOrEqual(t, units(got), 100)
	assert.Greater(t, units(got), 50)
	assert.True(t, utf8.ValidString(got))
}

func TestUnitsAreThoseOfUTF16(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "я": 1, "€": 1, "👩": 2, "👩‍👧": 5} {
		assert.Equal(t, want, units(text), text)
	}
}

func TestAValueIsNeverTakenForAPattern(t *testing.T) {
	assert.Equal(t, "{time}: 5", fill("{who}: {time}", "{who}", "{time}", "{time}", "5"))
}
