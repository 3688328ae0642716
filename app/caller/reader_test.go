package caller_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"missedcalls/app/caller"
	"missedcalls/queueflow/callevent"
)

func TestARussianNumberIsReadHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	ru := caller.NewReader("ru")
	for _, number := range []string{
		"89161234567", "79161234567", "9161234567", "+79161234567", "8 (916) 123-45-67", "+7 916 123 45 67",
		"+7\u00a0916\u00a0123‑45‑67", "8.916.123.45.67", "８９１６１２３４５６７", "＋７９１６１２３４５６７", "٨٩١٦١٢٣٤٥٦٧", "۸۹۱۶۱۲۳۴۵۶۷",
		"tel:+7-916-123-45-67", "TEL:+79161234567;phone-context=example.org", "sip:+79161234567@10.0.0.1:5060;user=phone",
		"sips:89161234567@pbx.example", "sip:%2B79161234567@pbx", "+79161234567@10.0.0.1", " 89161234567\r\n",
		"0079161234567", "8\u202e9161234567", "81079161234567",
	} {
		c := ru.Identify(number, "", "")
		assert.Equal(t, "+79161234567", c.E164, number)
		assert.Equal(t, callevent.CallerExternal, c.Kind, number)
		assert.False(t, c.Withheld, number)
		assert.NotEmpty(t, c.Raw, number)
	}
}

func TestTheRegionDecidesHowANationalNumberIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ region, number, e164 string }{
		{"RU", "84951234567", "+74951234567"},
		{"RU", "88005553535", "+78005553535"},
		{"RU", "8 727 250 1234", "+77272501234"},
		{"KZ", "87011234567", "+77011234567"},
		{"KZ", "77011234567", "+77011234567"},
		{"KZ", "89161234567", "+79161234567"},
		{"DE", "030 123456", "+4930123456"},
		{"DE", "004989123456", "+4989123456"},
		{"US", "(212) 555-0100", "+12125550100"},
		{"US", "12125550100", "+12125550100"},
		{"IT", "0612345678", "+390612345678"},
		{"BY", "80291234567", "+375291234567"},
		{"RU", "810 44 20 7946 0000", "+442079460000"},
		{"RU", "442079460000", "+442079460000"},
		{"RU", "00442079460000", "+442079460000"},
		{"RU", "+442079460000", "+442079460000"},
		{"", "+79161234567", "+79161234567"},
		{"", "79161234567", "+79161234567"},
	} {
		got := caller.NewReader(c.region).Identify(c.number, "", "")
		assert.Equal(t, c.e164, got.E164, "%s in %s", c.number, c.region)
		assert.Equal(t, callevent.CallerExternal, got.Kind, "%s in %s", c.number, c.region)
	}
}

func TestAShortNumberIsAnExtensionAndNeverE164(t *testing.T) {
	t.Parallel()
	for _, number := range []string{"1", "101", "0101", "112", "1001", "123456", "*78", "sip:205@pbx", "００１"} {
		assert.Equal(t, callevent.Caller{Raw: number, Kind: callevent.CallerInternal, Name: "Анна"},
			caller.NewReader("RU").Identify(number, "Анна", "allowed"), number)
	}
}

func TestWhatIsNoNumberIsInvalidAndKeptAsItCame(t *testing.T) {
	t.Parallel()
	for _, number := range []string{
		"1-800-FLOWERS", "alice", "sip:alice@example.org", "1234567", "+12345", "+0001234567", "++79161234567", "7+9161234567",
		"00000000", "+7", "+", "12-34-56", "#31#89161234567", "*1234567", "89161234567 доб. 12", "+4912345678901234",
		"89161234567,89161234568", "1234567890123456789", "s", "asterisk", "+640079442", "🙂", "<script>",
	} {
		c := caller.NewReader("RU").Identify(number, "n", "")
		assert.Equal(t, callevent.Caller{Raw: number, Kind: callevent.CallerInvalid, Name: "n"}, c, number)
	}
}

func TestAWithheldCallerLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	nobody := callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
	ru := caller.NewReader("RU")
	for _, presentation := range []string{
		"prohib", "prohib_not_screened", "prohib_passed_screen", "prohib_failed_screen", "unavailable", "PROHIB", "future_word",
	} {
		assert.Equal(t, nobody, ru.Identify("89161234567", "Иван", presentation), presentation)
	}
	for _, number := range []string{
		"", "  ", "\x00", "anonymous", "Anonymous", "ANONYMOUS", "sip:anonymous@anonymous.invalid", "unknown", "<unknown>",
		"Unavailable", "restricted", "Private", "private number", "withheld", "Out of Area", "No Caller ID", "номер скрыт", "-",
	} {
		assert.Equal(t, nobody, ru.Identify(number, "Иван", "allowed"), number)
	}
}

func TestAnAllowedNumberIsShown(t *testing.T) {
	t.Parallel()
	for _, presentation := range []string{
		"", "allowed", "allowed_not_screened", "allowed_passed_screen", "allowed_failed_screen", " Allowed ",
	} {
		c := caller.NewReader("RU").Identify("89161234567", "Иван", presentation)
		assert.Equal(t, callevent.Caller{
			Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal, Name: "Иван",
		}, c, presentation)
	}
}

func TestForeignTextIsMadeSafeAndBounded(t *testing.T) {
	t.Parallel()
	c := caller.NewReader("RU").Identify("8916\r\nBcc: x", "Ив\x00ан\u202e\u2066\u0085\u2028 \xff\xfe!\t", "")
	assert.Equal(t, "8916Bcc: x", c.Raw)
	assert.Equal(t, "Иван \ufffd!", c.Name)

	c = caller.NewReader("RU").Identify("101", strings.Repeat("я", 500), "")
	assert.Equal(t, strings.Repeat("я", 128), c.Name)

	c = caller.NewReader("RU").Identify(strings.Repeat("7", 1<<20), strings.Repeat("\xff", 1<<20), "")
	assert.Equal(t, strings.Repeat("7", 64), c.Raw)
}

func TestTheFrontOfAnOverlongTextIsNobodysNumber(t *testing.T) {
	t.Parallel()
	number := "89161234567" + strings.Repeat(" ", 53)
	whole := caller.NewReader("RU").Identify(number[:63]+"-", "", "")
	assert.Equal(t, "+79161234567", whole.E164, "64 characters are all kept")

	c := caller.NewReader("RU").Identify(number+"8", "", "")
	assert.Equal(t, callevent.Caller{Raw: "89161234567", Kind: callevent.CallerInvalid}, c)
}

var e164 = regexp.MustCompile(`^\+[1-9]\d{6,14}$`)

func FuzzIdentify(f *testing.F) {
	for _, number := range []string{"89161234567", "+442079460000", "101", "anonymous", "tel:+1", "\xff\u202e", "٨٩", "+4901", "00"} {
		f.Add(number, "Иван", "allowed", "RU")
		f.Add(number, "\r\n", "prohib", "DE")
	}
	f.Fuzz(func(t *testing.T, number, name, presentation, region string) {
		r := caller.NewReader(region)
		c := r.Identify(number, name, presentation)
		checkText(t, c.Raw, 64)
		checkText(t, c.Name, 128)
		assert.Equal(t, c.Kind == callevent.CallerExternal, c.E164 != "")
		assert.Equal(t, c.Kind == callevent.CallerWithheld, c.Withheld)
		if c.Withheld {
			assert.Equal(t, callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}, c)
		}
		if c.E164 != "" {
			assert.Regexp(t, e164, c.E164)
			assert.Equal(t, c.E164, r.Identify(c.E164, "", "").E164, "the number of a number is itself")
		}
		assert.Equal(t, callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}, r.Identify(number, name, "prohib"))
	})
}

func checkText(t *testing.T, s string, limit int) {
	t.Helper()
	assert.True(t, utf8.ValidString(s))
	assert.LessOrEqual(t, utf8.RuneCountInString(s), limit)
	assert.False(t, strings.ContainsFunc(s, unicode.IsControl))
	assert.False(t, strings.ContainsAny(s, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
	assert.Equal(t, strings.TrimSpace(s), s)
}

func BenchmarkIdentify(b *testing.B) {
	ru := caller.NewReader("RU")
	for _, number := range []string{"89161234567", "+442079460000", "442079460000", "101", "anonymous"} {
		b.Run(number, func(b *testing.B) {
			for b.Loop() {
				ru.Identify(number, "Иван", "allowed")
			}
		})
	}
}
