package slack

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
)

func TestANumberIsALinkWhereNothingElseIs(t *testing.T) {
	for _, c := range []struct {
		fact message.Fact
		want object
	}{
		{message.Fact{Label: "Звонил", Value: "+7 (916) 123-45-67", Tel: "+79161234567"}, markup("Звонил\n<tel:+79161234567|+7 (916) 123-45-67>")},
		{message.Fact{Label: "Звонил", Value: "Анна, +79161234567", Tel: "+79161234567"}, plain("Звонил\nАнна, +79161234567")},
		{message.Fact{Label: "Звонил", Value: "+7 916 *** 45 67"}, plain("Звонил\n+7 916 *** 45 67")},
		{message.Fact{Label: "Звонил", Value: "101", Tel: "101|<!channel>"}, plain("Звонил\n101")},
		{message.Fact{Label: "Звонил", Value: "1>|<!here>", Tel: "+79161234567"}, plain("Звонил\n1&gt;|&lt;!here&gt;")},
		{message.Fact{}, plain("–")},
	} {
		assert.Equal(t, c.want, fieldOf(c.fact))
	}
}

func TestALongMessageIsCutByWholeFacts(t *testing.T) {
	m := message.Message{Title: "Сводка"}
	for i := range 1000 {
		m.Facts = append(m.Facts, message.Fact{Label: fmt.Sprintf("Звонок %d", i), Value: "<Анна> & 👩"})
	}
	c := compose(m)
	check(t, c)
	var fields []object
	for _, b := range c.Blocks {
		fields = append(fields, b.Fields...)
	}
	last := len(fields) - 1
	assert.Equal(t, plain("…"), fields[last])
	for i, f := range fields[:last] {
		assert.Equal(t, plain(fmt.Sprintf("Звонок %d\n&lt;Анна&gt; &amp; 👩", i)), f)
	}
	assert.Greater(t, last, 200, "nothing is left out for which there is room")
}

func TestAnOperatorsTextStandsAsItIs(t *testing.T) {
	c := compose(message.Message{Icon: "✅", Title: "Пропущен", Status: "Закрыт", Custom: &message.Custom{Text: " *Звонок*\nот <tel:+79161234567|Анны> "}})
	check(t, c)
	require.Len(t, c.Blocks, 2)
	assert.Equal(t, "✅ Закрыт", c.Blocks[0].Text.Text)
	assert.Equal(t, markup("*Звонок*\nот <tel:+79161234567|Анны>"), *c.Blocks[1].Text)
	assert.Equal(t, "✅ Закрыт\nПропущен", c.Text, "notifications show the built-in text")

	none := compose(message.Message{Title: "Пропущен", Custom: &message.Custom{Text: " "}})
	assert.Equal(t, plain("Пропущен"), *none.Blocks[0].Text)
}

func TestALongTextIsPartedBetweenItsLines(t *testing.T) {
	line := strings.Repeat("я", 99) + "\n"
	for name, c := range map[string]struct {
		text string
		want []int // the lengths of the sections
	}{
		"one section":             {strings.Repeat(line, 30), []int{2999}},
		"two sections":            {strings.Repeat(line, 31), []int{2999, 99}},
		"no lines":                {strings.Repeat("я", 6001), []int{3000, 3000, 1}},
		"before a link":           {strings.Repeat("я", 2990) + "<https://example.org|link>", []int{2990, 26}},
		"all a message may have":  {strings.Repeat("я", 20_000), []int{3000, 3000, 3000, 1000}},
		"empty lines are nothing": {strings.Repeat("\n", 5000) + "я", []int{1}},
	} {
		var got []int
		for _, b := range sections(strings.TrimSpace(c.text), maxBlocks) {
			got = append(got, utf8.RuneCountInString(b.Text.Text))
		}
		assert.Equal(t, c.want, got, name)
	}
}

var (
	entity = regexp.MustCompile(`&(amp|lt|gt);`)
	tel    = regexp.MustCompile(`\n<tel:\+?[0-9]+\|[+0-9 ()\x{A0}-]+>$`)
)

// check holds for every message: Slack's limits, and no markup but links to numbers.
func check(t testing.TB, c content) {
	bare := func(s string) {
		assert.NotRegexp(t, `[<>]`, s)
		assert.NotContains(t, entity.ReplaceAllString(s, ""), "&")
		assert.True(t, utf8.ValidString(s))
	}
	length := func(s string) int { return len(utf16.Encode([]rune(s))) }
	bare(c.Text)
	assert.LessOrEqual(t, length(c.Text), 4000)
	assert.LessOrEqual(t, len(c.Blocks), 50)
	for _, b := range c.Blocks {
		if b.Text != nil {
			assert.NotEmpty(t, b.Text.Text)
			assert.LessOrEqual(t, length(b.Text.Text), map[string]int{"header": 150, "section": 3000}[b.Type])
		}
		if b.Type == "header" {
			bare(b.Text.Text)
			assert.Equal(t, "plain_text", b.Text.Type)
		}
		assert.LessOrEqual(t, len(b.Fields), 10)
		for _, f := range b.Fields {
			assert.NotEmpty(t, f.Text)
			assert.LessOrEqual(t, length(f.Text), 2000)
			if f.Type == "mrkdwn" {
				assert.True(t, f.Verbatim)
				assert.Regexp(t, tel, f.Text)
				f.Text = tel.ReplaceAllString(f.Text, "")
			}
			bare(f.Text)
		}
	}
	assert.Equal(t, "none", c.Parse)
	assert.False(t, c.LinkNames)
}

var unescape = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")

func FuzzWhatACallerIsCalledStaysText(f *testing.F) {
	for _, name := range []string{
		"Анна", "", "\r\nBcc: boss@example.org", "<b>bold</b>", "&lt;b&gt; & &amp;", "*bold* _it_ ~x~ `code`", "<@everyone> @everyone", "<!channel> <!here|x> <@U123> <#C1>",
		"<https://evil.example|click>", ":smile:", "\u202egnp.exe\u2066", "👩‍👩‍👧🇷🇺", strings.Repeat("Ё<&>👩", 1100), "\xff\x00\x1b[31m", "a\u2028b", strings.Repeat("&", 10_000), "+7 916", "1>|<!here>",
	} {
		f.Add(name, "+79161234567", "Sales")
		f.Add("Анна", name, name)
	}
	f.Fuzz(func(t *testing.T, name, number, queue string) {
		m := message.Message{
			Icon: "📵", Title: "Пропущен: " + queue, Status: "Закрыт: " + name,
			Facts: []message.Fact{{Label: "Имя", Value: name}, {Label: "Звонил", Value: number, Tel: number}, {Label: "Ждал", Value: "42 секунды"}},
		}
		c := compose(m)
		check(t, c)
		require.Len(t, c.Blocks, 3)
		fields := c.Blocks[2].Fields
		require.Len(t, fields, 3, "one field each")
		assert.Equal(t, plain("Ждал\n42 секунды"), fields[2])
		said := unescape.Replace(fields[0].Text)
		whole := "Имя\n" + target.Line(name)
		cut, is := strings.CutSuffix(said, "…")
		assert.True(t, said == whole || is && strings.HasPrefix(whole, cut), "%q says what %q says", said, whole)
	})
}
