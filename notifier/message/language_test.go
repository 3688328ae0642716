package message

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

var both = []*language{&russian, &english}

func TestAsterisksNamesOfLanguages(t *testing.T) {
	for name, want := range map[string]string{
		"ru": "ru", "ru_RU": "ru", "ru_RU_f_IvrvoiceRU": "ru", "RU-ru": "ru", "ru-RU": "ru",
		"en": "en", "en_GB": "en", "": "en", "de": "en", "rus": "en", "uk": "en",
	} {
		assert.Equal(t, want, languageOf(name).name, name)
	}
}

func TestNounsAgreeWithTheirNumber(t *testing.T) {
	for n, want := range map[int64][2]string{
		0: {"0 секунд", "0 seconds"}, 1: {"1 секунду", "1 second"}, 2: {"2 секунды", "2 seconds"}, 4: {"4 секунды", "4 seconds"},
		5: {"5 секунд", "5 seconds"}, 10: {"10 секунд", "10 seconds"}, 11: {"11 секунд", "11 seconds"}, 12: {"12 секунд", "12 seconds"},
		14: {"14 секунд", "14 seconds"}, 20: {"20 секунд", "20 seconds"}, 21: {"21 секунду", "21 seconds"}, 22: {"22 секунды", "22 seconds"},
		25: {"25 секунд", "25 seconds"}, 100: {"100 секунд", "100 seconds"}, 101: {"101 секунду", "101 seconds"},
		102: {"102 секунды", "102 seconds"}, 111: {"111 секунд", "111 seconds"}, 112: {"112 секунд", "112 seconds"},
		121: {"121 секунду", "121 seconds"}, 1001: {"1001 секунду", "1001 seconds"}, 1011: {"1011 секунд", "1011 seconds"},
	} {
		for i, l := range both {
			assert.Equal(t, want[i], l.count(n, l.second))
		}
	}
	for n, want := range map[int64]string{
		1: "1 пропущенный звонок", 2: "2 пропущенных звонка", 5: "5 пропущенных звонков", 11: "11 пропущенных звонков",
		21: "21 пропущенный звонок", 22: "22 пропущенных звонка", 101: "101 пропущенный звонок", 111: "111 пропущенных звонков",
	} {
		assert.Equal(t, want, russian.count(n, russian.phrases.missedCalls))
	}
}

func TestSpansHaveTwoUnitsAtMost(t *testing.T) {
	for _, c := range []struct {
		span   time.Duration
		ru, en string
	}{
		{-time.Hour, "0 секунд", "0 seconds"},
		{0, "0 секунд", "0 seconds"},
		{time.Millisecond, "1 секунду", "1 second"},
		{1499 * time.Millisecond, "1 секунду", "1 second"},
		{1500 * time.Millisecond, "2 секунды", "2 seconds"},
		{10240 * time.Millisecond, "10 секунд", "10 seconds"},
		{59499 * time.Millisecond, "59 секунд", "59 seconds"},
		{59500 * time.Millisecond, "1 минуту", "1 minute"},
		{65 * time.Second, "1 минуту 5 секунд", "1 minute 5 seconds"},
		{22*time.Minute + time.Second, "22 минуты 1 секунду", "22 minutes 1 second"},
		{time.Hour, "1 час", "1 hour"},
		{time.Hour + 59*time.Second, "1 час", "1 hour"},
		{21*time.Hour + 22*time.Minute, "21 час 22 минуты", "21 hours 22 minutes"},
		{24 * time.Hour, "1 день", "1 day"},
		{11*24*time.Hour + 5*time.Hour, "11 дней 5 часов", "11 days 5 hours"},
		{math.MaxInt64, "106751 день 23 часа", "106751 days 23 hours"},
	} {
		assert.Equal(t, c.ru, russian.span(c.span.Milliseconds()))
		assert.Equal(t, c.en, english.span(c.span.Milliseconds()))
	}
	assert.NotPanics(t, func() { russian.span(math.MinInt64); english.span(math.MaxInt64) })
	assert.Positive(t, seconds(math.MaxInt64))
}

func TestOrdinals(t *testing.T) {
	for n, want := range map[int][2]string{
		1: {"первый", "first"}, 3: {"третий", "third"}, 10: {"десятый", "tenth"}, 11: {"11-й", "11th"}, 12: {"12-й", "12th"},
		13: {"13-й", "13th"}, 21: {"21-й", "21st"}, 22: {"22-й", "22nd"}, 23: {"23-й", "23rd"}, 24: {"24-й", "24th"},
		101: {"101-й", "101st"}, 111: {"111-й", "111th"}, 112: {"112-й", "112th"}, 0: {"0-й", "0th"},
	} {
		for i, l := range both {
			assert.Equal(t, want[i], l.nth(n))
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestATimeIsNeverInDoubt(t *testing.T) {
	at := time.Date(2026, 11, 3, 21, 30, 5, 0, time.UTC)
	for name, want := range map[string]string{
		"UTC":              "3 November 2026, 21:30:05 (UTC)",
		"Europe/Moscow":    "4 November 2026, 00:30:05 (UTC+3)",
		"Asia/Kolkata":     "4 November 2026, 03:00:05 (UTC+5:30)",
		"America/St_Johns": "3 November 2026, 18:00:05 (UTC−3:30)",
		"America/New_York": "3 November 2026, 16:30:05 (UTC−5)",
	} {
		assert.Equal(t, want, english.moment(at.In(zone(t, name))), name)
	}
	assert.Equal(t, "4 ноября 2026, 00:30:05 (UTC+3)", russian.moment(at.In(zone(t, "Europe/Moscow"))))

	berlin := zone(t, "Europe/Berlin")
	summer := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC).In(berlin)
	winter := summer.Add(time.Hour)
	assert.Equal(t, "25 October 2026, 02:30:00 (UTC+2) – 25 October 2026, 02:30:00 (UTC+1)", english.period(summer, winter),
		"the hour that comes twice")
}

func TestAPeriodSaysOnceWhatItsEndsHaveInCommon(t *testing.T) {
	from := time.Date(2026, 11, 3, 23, 59, 50, 0, time.UTC)
	assert.Equal(t, "3 November 2026, 23:59:50 (UTC)", english.period(from, from.Add(900*time.Millisecond)))
	assert.Equal(t, "3 November 2026, 23:59:50 – 23:59:59 (UTC)", english.period(from, from.Add(9*time.Second)))
	assert.Equal(t, "3 November 2026, 23:59:50 (UTC) – 4 November 2026, 00:00:00 (UTC)", english.period(from, from.Add(10*time.Second)))
	assert.Equal(t, "3 November 2026, 23:59:50 (UTC)", english.period(time.Time{}, from))
}

func TestBothLanguagesHaveEveryWord(t *testing.T) {
	for _, l := range both {
		for _, words := range []any{l.label, l.phrases, l.months, l.second, l.minute, l.hour, l.day, l.ordinals} {
			eachWord(t, l.name, reflect.ValueOf(words))
		}
		assert.NotEmpty(t, l.taken)
		assert.ElementsMatch(t, callevent.Kinds(), slices.Collect(maps.Keys(l.titles)), l.name)
		assert.ElementsMatch(t, callevent.Reasons(), slices.Collect(maps.Keys(l.reasons)), l.name)
	}
	sameKeys(t, russian.atDoor, english.atDoor)
	sameKeys(t, russian.rung, english.rung)
	sameKeys(t, russian.outcomes, english.outcomes)
	sameKeys(t, russian.endedBy, english.endedBy)
	sameKeys(t, russian.transfers, english.transfers)
	sameKeys(t, russian.settled, english.settled)
	sameKeys(t, russian.resolved, english.resolved)
	sameKeys(t, russian.settledShort, english.settledShort)
	for _, kind := range callevent.Kinds() {
		assert.NotEmpty(t, icons[kind], kind)
	}
}

// eachWord fails for a word that is missing; English has no few.
func eachWord(t *testing.T, language string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		assert.NotEmpty(t, v.String(), language)
	case reflect.Struct:
		for i := range v.NumField() {
			eachWord(t, language+" "+v.Type().Field(i).Name, v.Field(i))
		}
	default:
		for i := range v.Len() {
			if v.Type() != reflect.TypeFor[forms]() || i != int(categoryFew) || language[:2] == "ru" {
				eachWord(t, language, v.Index(i))
			}
		}
	}
}

func sameKeys[K comparable](t *testing.T, one, other map[K]string) {
	t.Helper()
	assert.ElementsMatch(t, slices.Collect(maps.Keys(one)), slices.Collect(maps.Keys(other)))
	for key, word := range one {
		assert.NotEmpty(t, word, "%v", key)
		assert.NotEmpty(t, other[key], "%v", key)
	}
}
