package speech

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden sentences anew")

func TestALanguageIsFoundByAsterisksNames(t *testing.T) {
	for name, want := range map[string]string{
		"en": "en", "en_US_f_Allison": "en", "en_GB": "en", "en-GB": "en", "EN": "en",
		"ru": "ru", "ru_RU_f_IvrvoiceRU": "ru", "ru-RU": "ru", "Ru.utf8": "ru",
	} {
		l, known := For(name)
		assert.True(t, known, name)
		assert.Equal(t, want, l.Name(), name)
	}
	for _, name := range []string{"", "de", "rus", "e", "english", "_en", "-", "рус"} {
		l, known := For(name)
		assert.False(t, known, name)
		assert.Equal(t, "en", l.Name(), name)
	}
	assert.Equal(t, position(All()[0], 5), position(Language{}, 5), "the zero Language is English")
}

var (
	someNumbers = []int{
		0, 1, 2, 3, 5, 11, 12, 14, 15, 19, 20, 21, 22, 25, 99, 100, 101, 111, 121, 200, 211, 999, 1000, 1001, 2002, 11000, 21000, 999999,
	}
	beyond    = []int{-1, math.MinInt, 1_000_000, math.MaxInt}
	someWaits = []time.Duration{
		0, -time.Hour, math.MinInt64, 1, 10*time.Second - 1, 10 * time.Second, 30 * time.Second, time.Minute, 90 * time.Second, 2 * time.Minute, 2*time.Minute + 1,
		4*time.Minute + 59*time.Second, 5 * time.Minute, 11 * time.Minute, 21 * time.Minute, 22 * time.Minute, 59 * time.Minute, time.Hour, 65 * time.Minute,
		119*time.Minute + time.Second, 2 * time.Hour, 125 * time.Minute, 3 * time.Hour, 200 * time.Minute, 296 * time.Minute, 301 * time.Minute,
		21*time.Hour + 21*time.Minute, LongestWait, LongestWait + 1, 25 * time.Hour, math.MaxInt64,
	}
	genders = []string{Masculine: "masculine", Feminine: "feminine", Neuter: "neuter"}
)

// TestSentences holds what is said to files that a person can read: the sentence, and the sounds it is made of.
func TestSentences(t *testing.T) {
	for name, l := range map[string]Language{"en": {of: &english}, "ru": {of: &russian}, "ru-stock": {of: &russian, stock: true}} {
		t.Run(name, func(t *testing.T) {
			golden := filepath.Join("testdata", name+".txt")
			said := sentences(l, texts(t, l))
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(said), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), said, "run go test ./queueflow/speech -update")
		})
	}
}

func position(l Language, n int) []string { words, _ := l.Position(n); return words }
func moreThan(l Language, n int) []string { words, _ := l.MoreThan(n); return words }

func TestWhatIsSaidOfAPlaceIsGivenAsItWasSaid(t *testing.T) {
	russian := Language{of: &russian}
	for _, c := range []struct {
		l    Language
		n    int
		more bool
		said Place
	}{
		{russian, 250, false, Place{N: 250}}, {russian.Stock(), 250, false, Place{N: 199, MoreThan: true}},
		{russian, 1, false, Place{N: 1}}, {russian, 0, false, Place{}}, {russian, 0, true, Place{}},
		{russian, Largest + 5, false, Place{N: Largest, MoreThan: true}}, {russian, 21, true, Place{N: 21, MoreThan: true}},
		{russian.Stock(), 21, true, Place{N: 20, MoreThan: true}}, {russian.Stock(), 1, true, Place{}},
	} {
		tell := c.l.Position
		if c.more {
			tell = c.l.MoreThan
		}
		words, said := tell(c.n)
		assert.Equal(t, c.said, said)
		assert.Equal(t, said == Place{}, words == nil)
	}
}

func TestEnglishNeedsOursForTwoSentencesOnly(t *testing.T) {
	l := Language{of: &english}
	for n := -1; n <= Largest+1; n = next(n) {
		require.Equal(t, position(l, n), position(l.Stock(), n))
		require.Equal(t, moreThan(l, n) == nil || n == 1, moreThan(l.Stock(), n) == nil, "%d", n)
	}
	for _, d := range someWaits {
		require.Equal(t, l.Wait(d), l.Stock().Wait(d))
		if own, stock := l.Waited(d), l.Stock().Waited(d); own != nil {
			require.Equal(t, own[1:], stock[1:], "the beginning is another one")
		} else {
			require.Nil(t, stock)
		}
	}
}

func sentences(l Language, text map[string]string) string {
	var b strings.Builder
	line := func(media []string, format string, args ...any) {
		if media == nil {
			fmt.Fprintf(&b, format+": -\n", args...)
			return
		}
		fmt.Fprintf(&b, format+": %s\n\t%s\n", append(args, spoken(text, media), strings.Join(media, ","))...)
	}
	line(l.ThankYou(), "thanks")
	for _, n := range slices.Concat(beyond[:2], someNumbers, beyond[2:]) {
		line(position(l, n), "position %d", n)
	}
	for _, n := range slices.Concat(beyond[:2], someNumbers, beyond[2:]) {
		line(moreThan(l, n), "more than %d", n)
	}
	for _, d := range someWaits {
		line(l.Wait(d), "wait %s", d)
	}
	for _, d := range someWaits {
		line(l.Waited(d), "waited %s", d)
	}
	for form, name := range genders {
		for _, n := range slices.Concat(beyond[:2], someNumbers, beyond[2:]) {
			if form == 0 || l.Name() == "ru" && (n < 3 || n%10 == 1 || n%10 == 2) {
				line(l.Number(n, Gender(form)), "number %d %s", n, name)
			}
		}
	}
	return b.String()
}

// everything is called with all that a language can say, more or less: every small number and some large ones.
func everything(l Language, f func(media []string)) {
	f(l.ThankYou())
	for n := -2; n <= Largest+2; n = next(n) {
		f(position(l, n))
		f(moreThan(l, n))
		for form := Masculine; form <= Neuter; form++ {
			f(l.Number(n, form))
		}
	}
	for d := -time.Minute; d <= LongestWait+2*time.Minute; d += 30 * time.Second {
		f(l.Wait(d))
		f(l.Waited(d))
	}
}

// next is every number up to 1,030, then a step that is prime, and the last few.
func next(n int) int {
	if n < 1030 || n >= Largest-3 {
		return n + 1
	}
	return min(n+997, Largest-3)
}

func TestEverySoundExistsOrIsOurs(t *testing.T) {
	for _, l := range All() {
		core, own := coreSounds(t, l.Name()), missing(l)
		for name := range sounds(t, l) {
			assert.True(t, core[name] || own[name] != "", "%s: nobody has the sound %s", l.Name(), name)
		}
		for name := range sounds(t, l.Stock()) {
			assert.True(t, core[name], "%s: %s is no core sound", l.Name(), name)
		}
	}
}

func TestEveryWordOfOursIsNeeded(t *testing.T) {
	for _, l := range All() {
		core, used := coreSounds(t, l.Name()), sounds(t, l)
		for _, word := range l.Missing() {
			assert.False(t, core[word.Name], "%s: %s is a core sound", l.Name(), word.Name)
			assert.True(t, used[word.Name], "%s: %s is never said", l.Name(), word.Name)
			assert.Regexp(t, `^mc/word-[a-z0-9-]+$`, word.Name)
			assert.NotEmpty(t, word.Text)
		}
		assert.Len(t, missing(l), len(l.Missing()), "%s: a word twice", l.Name())
		assert.Empty(t, l.Stock().Missing())
	}
}

// sounds are the names of all that a language uses.
func sounds(t *testing.T, l Language) map[string]bool {
	t.Helper()
	used := make(map[string]bool)
	everything(l, func(media []string) {
		for _, m := range media {
			used[m] = true
		}
	})
	names := make(map[string]bool)
	for m := range used {
		name, is := strings.CutPrefix(m, "sound:")
		assert.True(t, is, m)
		names[name] = true
	}
	return names
}

func TestAListFitsIntoAURL(t *testing.T) {
	for _, l := range All() {
		longest := 0
		everything(l, func(media []string) { longest = max(longest, len(strings.Join(media, ","))) })
		assert.Less(t, longest, LongestList, l.Name())
		assert.Greater(t, longest, 100, l.Name())
	}
}

func TestAListBelongsToWhoAskedForIt(t *testing.T) {
	for _, l := range All() {
		for _, say := range []func() []string{
			l.ThankYou,
			func() []string { return position(l, 1) },
			func() []string { return moreThan(l, 1) },
			func() []string { return l.Wait(time.Second) },
			func() []string { return l.Waited(time.Minute) },
			func() []string { return l.Phrase(Confirm) },
			func() []string { return l.Stock().Phrase(Confirm) },
		} {
			before := slices.Clone(say())
			clear(say())
			assert.Equal(t, before, say())
		}
		words := l.Missing()
		clear(words)
		assert.NotEqual(t, words, l.Missing())
	}
}

func coreSounds(t *testing.T, language string) map[string]bool {
	t.Helper()
	return columns(t, filepath.Join("..", "..", "ari-mock", "sounds.txt"), language, func(string) bool { return true })
}

// texts are what every sound says that the language may use.
func texts(t *testing.T, l Language) map[string]string {
	t.Helper()
	return merge(missing(l), columns(t, filepath.Join("testdata", "core.txt"), l.Name(), func(text string) string { return text }))
}

// columns reads lines of language, name and value.
func columns[T any](t *testing.T, file, language string, value func(string) T) map[string]T {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	found := make(map[string]T)
	for line := range strings.Lines(string(b)) {
		if rest, is := strings.CutPrefix(strings.TrimSpace(line), language+" "); is {
			name, text, _ := strings.Cut(rest, " ")
			found[name] = value(text)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func missing(l Language) map[string]string {
	found := make(map[string]string)
	for _, word := range l.Missing() {
		found[word.Name] = word.Text
	}
	return found
}

func merge(a, b map[string]string) map[string]string {
	for k, v := range b {
		a[k] = v
	}
	return a
}

func spoken(text map[string]string, media []string) string {
	words := make([]string, len(media))
	for i, m := range media {
		words[i] = text[strings.TrimPrefix(m, "sound:")]
		if words[i] == "" {
			words[i] = "<" + m + ">"
		}
	}
	return strings.Join(words, " ")
}
