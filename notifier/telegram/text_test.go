package telegram

import (
	"errors"
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

func text1(m message.Message) string { return new(Telegram).compose(m).Text }

func TestAMessageInTelegramsMarkup(t *testing.T) {
	facts := []message.Fact{{Label: "Звонил", Value: "Анна & <b>Ко</b>", Tel: "+79161234567"}, {Label: "Ждал", Value: "42 секунды"}}
	for name, c := range map[string]struct {
		message message.Message
		want    string
	}{
		"as it is built in": {
			message.Message{Icon: "📵", Title: "Пропущен", Facts: facts},
			"📵 <b>Пропущен</b>\nЗвонил: Анна &amp; &lt;b&gt;Ко&lt;/\u2060b&gt; +79161234567\nЖдал: 42 секунды",
		},
		"settled": {
			message.Message{Icon: "✅", Title: "Пропущен", Status: "Закрыт Анной", Facts: facts[1:]},
			"✅ <b>Закрыт Анной</b>\n<b>Пропущен</b>\nЖдал: 42 секунды",
		},
		"by an operator's template": {
			message.Message{Icon: "📵", Title: "Пропущен", Facts: facts, Custom: &message.Custom{Text: " <u>Звонок</u>\nот &lt;Анны&gt; "}},
			"<u>Звонок</u>\nот &lt;Анны&gt;",
		},
		"by a template, settled": {
			message.Message{Icon: "✅", Title: "Пропущен", Status: "Закрыт", Custom: &message.Custom{Text: "<u>Звонок</u>"}},
			"✅ <b>Закрыт</b>\n<u>Звонок</u>",
		},
		"by a template for mail only": {
			message.Message{Title: "Пропущен", Custom: &message.Custom{Subject: "Звонок", Text: " \n"}},
			"<b>Пропущен</b>",
		},
		"a number that stands in the value": {
			message.Message{Title: "x", Facts: []message.Fact{{Label: "Звонил", Value: "+7 (916) 123-45-67", Tel: "+79161234567"}}},
			"<b>x</b>\nЗвонил: +7 (916) 123-45-67",
		},
	} {
		assert.Equal(t, c.want, text1(c.message), name)
	}
}

func TestALongMessageIsCutByWholeFacts(t *testing.T) {
	m := message.Message{Title: "Сводка"}
	for i := range 500 {
		m.Facts = append(m.Facts, message.Fact{Label: fmt.Sprintf("Звонок %d", i), Value: "<b>Анна</b> 👩"})
	}
	seen, err := read(text1(m))
	require.NoError(t, err)
	lines := strings.Split(seen, "\n")
	assert.Equal(t, "…", lines[len(lines)-1])
	for i, line := range lines[1 : len(lines)-1] {
		assert.Equal(t, fmt.Sprintf("Звонок %d: <b>Анна</\u2060b> 👩", i), line)
	}
	n := len(utf16.Encode([]rune(seen)))
	assert.LessOrEqual(t, n, maxText)
	assert.Greater(t, n, maxText-40, "nothing is left out for which there is room")
}

func TestOneEndlessValueLeavesRoomForTheOthers(t *testing.T) {
	m := message.Message{Title: "Пропущен", Facts: []message.Fact{{Label: "Имя", Value: strings.Repeat("Я", 10_000)}, {Label: "Ждал", Value: "42 секунды"}}}
	assert.Contains(t, text1(m), "…\nЖдал: 42 секунды")
}

func TestATemplatesTextThatIsTooLongIsCutAsPlainText(t *testing.T) {
	link := `<a href="https://crm.example/` + strings.Repeat("x", 100) + `">&lt;Анна&gt;</a> `
	for name, text := range map[string]string{
		"seen":        strings.Repeat(link, 1000),
		"with markup": strings.Repeat(link, 300),
	} {
		out := new(Telegram).compose(message.Message{Status: "Закрыт", Custom: &message.Custom{Text: text}})
		assert.Contains(t, out.note, "too long", name)
		seen, err := read(out.Text)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(seen, "Закрыт\n<Анна> <Анна> "), name)
		assert.LessOrEqual(t, len(utf16.Encode([]rune(seen))), maxText)
	}
	short := new(Telegram).compose(message.Message{Custom: &message.Custom{Text: strings.Repeat("я", maxText)}})
	assert.Empty(t, short.note)
	assert.Equal(t, maxText, units(short.Text))
}

// read gives the text that is seen of what is built in, and fails as Telegram does: at a tag that is none of ours or is
// not closed, and at a character that must be escaped.
func read(s string) (seen string, err error) {
	bold := false
	var out strings.Builder
	for s != "" {
		switch {
		case strings.HasPrefix(s, "<b>") && !bold:
			s, bold = s[3:], true
		case strings.HasPrefix(s, "</b>") && bold:
			s, bold = s[4:], false
		case s[0] == '<', s[0] == '>':
			return "", fmt.Errorf("a tag: %q", s)
		case s[0] == '&':
			end := strings.IndexByte(s, ';')
			char, known := map[string]string{"&lt;": "<", "&gt;": ">", "&amp;": "&"}[s[:end+1]]
			if !known {
				return "", fmt.Errorf("an entity: %q", s)
			}
			out.WriteString(char)
			s = s[end+1:]
		default:
			_, n := utf8.DecodeRuneInString(s)
			out.WriteString(s[:n])
			s = s[n:]
		}
	}
	if bold {
		return "", errors.New("a tag that is not closed")
	}
	return out.String(), nil
}

// What Telegram finds in a text by itself, after its own MessageEntity.cpp and at least as eagerly.
var found = map[string]*regexp.Regexp{
	"a mention": regexp.MustCompile(`@[A-Za-z0-9_]`),
	"a hashtag": regexp.MustCompile(`#[\pL\pN_]`),
	"a command": regexp.MustCompile(`/[A-Za-z0-9_]`),
	"a link":    regexp.MustCompile(`://|[\pL\pN]\.\pL`),
}

func hostileNames() []string {
	return []string{
		"Анна", "", " ", "\r\nBcc: boss@example.org\r\n", "<b>bold", "</b></b>", "<a href=\"https://evil.example\">click</a>", "&lt;b&gt;", "&", "&#60;b&#62;",
		"*bold* _it_ `code` ||spoiler|| [x](https://evil.example)", "<@everyone> @everyone @channel @durov", "<!channel> <!here|x>", "/start@some_bot #tag $USD",
		"a.b.c.d https://evil.example/x tg://join?x t.me/joinchat/x", "\u202egnp.exe\u2066\u2069\u200f", "👩‍👩‍👧🇷🇺🏴󠁧󠁢󠁥󠁮󠁧󠁿", strings.Repeat("Ё<&>@a.b/", 1100),
		strings.Repeat("👩", 2600), "\xff\xfe\x00\x1b[31m", "a\u2028b\u2029c", strings.Repeat("&", 10_000), "﷽﷽﷽", "z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
	}
}

func FuzzWhatACallerIsCalledStaysText(f *testing.F) {
	for _, name := range hostileNames() {
		f.Add(name, "+79161234567", "Sales")
		f.Add("Анна", name, name)
	}
	f.Fuzz(func(t *testing.T, name, number, queue string) {
		m := message.Message{
			Icon: "📵", Title: "Пропущен: " + queue, Status: "Закрыт: " + name,
			Facts: []message.Fact{{Label: "Имя", Value: name}, {Label: "Звонил", Value: number, Tel: number}, {Label: "Ждал", Value: "42 секунды"}},
		}
		seen, err := read(text1(m))
		require.NoError(t, err)
		assert.True(t, utf8.ValidString(seen))
		assert.LessOrEqual(t, len(utf16.Encode([]rune(seen))), maxText)
		for what, pattern := range found {
			assert.NotRegexp(t, pattern, seen, what)
		}
		lines := strings.Split(strings.ReplaceAll(seen, joiner, ""), "\n")
		require.Len(t, lines, 5, "one line each")
		says := func(line, before, value string) {
			value = strings.ReplaceAll(part(value), joiner, "")
			assert.Equal(t, strings.TrimSpace(before+value), strings.TrimSpace(line))
		}
		says(lines[0], "📵 ", "Закрыт: "+name)
		says(lines[1], "", "Пропущен: "+queue)
		says(lines[2], "Имя: ", name)
		says(lines[4], "", "Ждал: 42 секунды")
		assert.Equal(t, target.Line(seen), strings.ReplaceAll(seen, "\n", " "), "nothing in it turns or breaks the text")
	})
}

func FuzzABrokenTemplateBecomesPlainText(f *testing.F) {
	f.Add("<b>Звонок</b> от &lt;Анны&gt;")
	f.Add("<b")
	f.Add("5 < 6 & 7 > 3")
	f.Fuzz(func(t *testing.T, custom string) {
		out := new(Telegram).compose(message.Message{Title: "Пропущен", Status: "Закрыт", Custom: &message.Custom{Text: custom}})
		assert.LessOrEqual(t, len(out.Text), maxMarkup)
		assert.LessOrEqual(t, units(out.plain), maxText)
		assert.True(t, utf8.ValidString(out.Text))
		assert.True(t, strings.HasPrefix(out.plain, "Закрыт\n"), "%q", out.plain)
		out.unformat()
		assert.Equal(t, out.plain, out.Text)
		assert.Empty(t, out.ParseMode)
	})
}
