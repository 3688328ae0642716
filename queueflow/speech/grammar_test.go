package speech

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// values are what words of numbers are worth, in any form.
var values = map[string]int{
	"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
	"eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
	"nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,

	"ноль": 0, "один": 1, "одна": 1, "одно": 1, "одну": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6, "семь": 7,
	"восемь": 8, "девять": 9, "десять": 10, "одиннадцать": 11, "двенадцать": 12, "тринадцать": 13, "четырнадцать": 14,
	"пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17, "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20, "тридцать": 30,
	"сорок": 40, "пятьдесят": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90, "сто": 100, "двести": 200,
	"триста": 300, "четыреста": 400, "пятьсот": 500, "шестьсот": 600, "семьсот": 700, "восемьсот": 800, "девятьсот": 900,
}

// understand is the number that a listener hears, and the words that are none of a number.
func understand(text string) (n int, rest []string) {
	group := 0
	for word := range strings.FieldsSeq(text) {
		value, is := values[word]
		switch {
		case is:
			group += value
		case word == "hundred":
			group *= 100
		case word == "thousand", strings.HasPrefix(word, "тысяч"):
			n, group = max(group, 1)*1000, 0
		default:
			rest = append(rest, word)
		}
	}
	return n + group, rest
}

func TestAListenerHearsTheNumber(t *testing.T) {
	for _, l := range All() {
		text := texts(t, l)
		for n := 0; n <= Largest; n = next(n) {
			for form := Masculine; form <= Neuter; form++ {
				said := spoken(text, l.Number(n, form))
				heard, rest := understand(said)
				require.Equal(t, n, heard, said)
				require.Empty(t, rest, said)
			}
		}
	}
}

// The categories of CLDR as patterns of the decimal digits, https://unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html.
var (
	englishOne = regexp.MustCompile(`^1$`)
	russianOne = regexp.MustCompile(`^(.*[^1])?1$`)
	russianFew = regexp.MustCompile(`^(.*[^1])?[234]$`)
)

func category(language string, n int) plural {
	digits := strconv.Itoa(n)
	switch {
	case language == "en" && englishOne.MatchString(digits), language == "ru" && russianOne.MatchString(digits):
		return pluralOne
	case language == "ru" && russianFew.MatchString(digits):
		return pluralFew
	}
	return pluralOther
}

func TestPluralsAreCLDRs(t *testing.T) {
	for _, l := range All() {
		for n := range 2000 {
			require.Equal(t, category(l.Name(), n), l.table().plural(n), "%s %d", l.Name(), n)
		}
	}
}

// The forms of what is counted, by category, written down apart from the tables.
var (
	minuteText = map[string]forms{"en": {"minute", "", "minutes"}, "ru": {"минуту", "минуты", "минут"}}
	hourText   = map[string]forms{"en": {"hour", "", "hours"}, "ru": {"час", "часа", "часов"}}
	waiters    = map[string]forms{
		"en": {"caller", "", "callers"}, "ru": {"ожидающий", "ожидающих", "ожидающих"},
	}
)

func TestAWaitAgreesWithItsNumbers(t *testing.T) {
	for _, l := range All() {
		text := texts(t, l)
		for minutes := 2; minutes <= 24*60; minutes++ {
			said := strings.TrimPrefix(spoken(text, l.Wait(time.Duration(minutes)*time.Minute)), text["queue-holdtime"]+" ")
			hours, alone := minutes/60, minutes%60
			if minutes < 120 {
				hours, alone = 0, minutes
			}
			want := ""
			if hours > 0 {
				want = numeral(l, text, hours, Masculine) + " " + hourText[l.Name()][category(l.Name(), hours)]
			}
			if alone > 0 {
				want += " " + numeral(l, text, alone, feminineAccusative) + " " + minuteText[l.Name()][category(l.Name(), alone)]
			}
			require.Equal(t, strings.TrimSpace(want), said)
		}
	}
}

// numeral is a number in words, put into the accusative by its last word, not by the table.
func numeral(l Language, text map[string]string, n int, form Gender) string {
	said := spoken(text, l.Number(n, Masculine))
	if form == feminineAccusative {
		for masculine, feminine := range map[string]string{"один": "одну", "два": "две"} {
			if said == masculine || strings.HasSuffix(said, " "+masculine) {
				return strings.TrimSuffix(said, masculine) + feminine
			}
		}
	}
	return said
}

func TestWaitingCallersAgreeWithTheirNumber(t *testing.T) {
	for _, l := range All() {
		text := texts(t, l)
		for n := 1; n <= Largest; n = next(n) {
			said := spoken(text, moreThan(l, n))
			noun := waiters[l.Name()][category(l.Name(), n)]
			require.Regexp(t, "there (is|are) more than|на данный момент более чем", said)
			require.Contains(t, strings.Fields(said), noun, "%d", n)
			heard, _ := understand(said)
			require.Equal(t, n, heard, said)
		}
	}
}

func TestRussianGenders(t *testing.T) {
	l, _ := For("ru")
	text := texts(t, l)
	for n := 1; n <= Largest; n = next(n) {
		if n%10 > 2 || n%100 == 11 || n%100 == 12 {
			require.Equal(t, l.Number(n, Masculine), l.Number(n, Feminine))
			require.Equal(t, l.Number(n, Masculine), l.Number(n, Neuter))
			continue
		}
		if n%10 == 0 {
			continue
		}
		for form, ends := range map[Gender][2]string{Masculine: {"один", "два"}, Feminine: {"одна", "две"}, Neuter: {"одно", "два"}} {
			words := strings.Fields(spoken(text, l.Number(n, form)))
			require.Equal(t, ends[n%10-1], words[len(words)-1], "%d", n)
		}
	}
}

func TestRussianThousandsAreFeminine(t *testing.T) {
	l, _ := For("ru")
	text := texts(t, l)
	for thousands := 1; thousands <= 999; thousands++ {
		want := spoken(text, l.Number(thousands, Feminine)) + " " + forms{"тысяча", "тысячи", "тысяч"}[category("ru", thousands)]
		assert.Equal(t, strings.TrimPrefix(want, "одна тысяча"), strings.TrimPrefix(spoken(text, l.Number(thousands*1000, Masculine)), "тысяча"))
	}
}

// TestStockIsTrueIfLessExact: what is said with core sounds alone is never better than the truth.
func TestStockIsTrueIfLessExact(t *testing.T) {
	for _, l := range All() {
		text := texts(t, l)
		for n := 2; n <= Largest; n = next(n) {
			said := spoken(text, position(l.Stock(), n))
			heard, _ := understand(said)
			require.True(t, heard == n || heard < n && strings.Contains(said, text["queue-quantity1"]), "%d: %s", n, said)
			heard, _ = understand(spoken(text, moreThan(l.Stock(), n)))
			require.LessOrEqual(t, heard, n)
		}
		for d := time.Second; d <= LongestWait; d += 31 * time.Second {
			if said := spoken(text, l.Stock().Wait(d)); said != "" {
				require.GreaterOrEqual(t, span(said), d, said)
				require.Less(t, span(said), d+5*time.Minute, "%s: %s", d, said)
			}
		}
	}
}

// TestAnAgentIsNeverToldMoreThanTheCallerHasWaited: what is said is at most the truth, and near to it.
func TestAnAgentIsNeverToldMoreThanTheCallerHasWaited(t *testing.T) {
	for _, l := range All() {
		text := texts(t, l)
		for d := 10 * time.Second; d <= LongestWait; d += 7 * time.Second {
			heard := span(strings.TrimPrefix(spoken(text, l.Waited(d)), text["mc/word-waited"]+" "))
			want := d.Truncate(time.Minute)
			if d < 5*time.Minute {
				want = d.Truncate(10 * time.Second)
			}
			require.Equal(t, want, heard, "%s: %s", l.Name(), d)
			if said := l.Stock().Waited(d); said != nil {
				heard = span(strings.TrimPrefix(spoken(text, said), text["queue-reporthold"]+" "))
				require.LessOrEqual(t, heard, d)
				require.Less(t, d-heard, 5*time.Minute, "%s: %s", l.Name(), d)
			}
		}
		require.Nil(t, l.Waited(10*time.Second-1))
	}
}

func TestAPhraseToAnAgentIsOneOfOursOrMadeOfCoreSounds(t *testing.T) {
	for _, l := range All() {
		core := coreSounds(t, l.Name())
		for _, p := range Phrases() {
			own := l.Phrase(p)
			require.Len(t, own, 1)
			require.Regexp(t, `^sound:mc/agent-[a-z-]+$`, own[0])
			for _, m := range l.Stock().Phrase(p) {
				require.True(t, core[strings.TrimPrefix(m, "sound:")], "%s: %s is no core sound", l.Name(), m)
			}
		}
	}
	require.Len(t, Phrases(), len(phrases))
}

// span is the time that a listener hears.
func span(said string) (d time.Duration) {
	number := ""
	for word := range strings.FieldsSeq(said) {
		unit := time.Duration(0)
		switch {
		case strings.HasPrefix(word, "hour"), strings.HasPrefix(word, "час"):
			unit = time.Hour
		case strings.HasPrefix(word, "minute"), strings.HasPrefix(word, "минут"):
			unit = time.Minute
		case strings.HasPrefix(word, "секунд"), strings.HasPrefix(word, "second"):
			unit = time.Second
		}
		if unit == 0 {
			number += " " + word
			continue
		}
		n, _ := understand(number)
		d += time.Duration(n) * unit
		number = ""
	}
	return d
}
