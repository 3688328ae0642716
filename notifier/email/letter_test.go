package email

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/email/mailtest"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// writer is a target that is not sent from.
func writer(t testing.TB, change ...func(p *policy.Target)) *Email {
	t.Helper()
	p := policy.Target{Name: "boss-mail", Email: &policy.Email{
		To: []string{"boss@lucky.test"}, From: "asterisk@lucky.test", SMTP: "mail.lucky.test:587", TLS: policy.StartTLS,
	}}
	for _, f := range change {
		f(&p)
	}
	e, err := New(p)
	require.NoError(t, err)
	return e
}

// written is a delivery's mail to the first recipient, as it is read.
func written(t testing.TB, e *Email, d target.Delivery) mailtest.Message {
	t.Helper()
	l, err := e.write(d, e.to[0])
	require.NoError(t, err)
	m, err := mailtest.Parse(l.raw)
	require.NoError(t, err, "%s", l.raw)
	return m
}

// TestGoldenLetters holds the forms of a message; -update writes them anew. Open the HTML in a browser.
func TestGoldenLetters(t *testing.T) {
	e := writer(t)
	first := written(t, e, missed())
	ref, err := json.Marshal(thread{First: missed().ID, Subject: first.Header.Get("Subject")})
	require.NoError(t, err)
	for name, m := range map[string]mailtest.Message{
		"missed": first, "settled": written(t, e, followUp(target.Verdict{Ref: ref})),
	} {
		golden(t, name+".txt", m.Text())
		golden(t, name+".html", m.HTML())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run go test ./notifier/email -update, and read what changed")
}

func TestALetterHasTheseHeadersAndNoOthers(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	m := written(t, writer(t, func(p *policy.Target) { p.Zone = moscow }), missed())
	id := m.Header.Get("Message-Id")
	assert.Regexp(t, `^<[0-9a-f]{32}@lucky\.test>$`, id)
	boundary := strings.TrimSuffix(strings.TrimPrefix(id, "<"), "@lucky.test>")
	assert.Equal(t, mail.Header{
		"Auto-Submitted":           {"auto-generated"},
		"Content-Type":             {"multipart/alternative; boundary=missedcalls-" + boundary},
		"Date":                     {"Tue, 03 Nov 2026 14:02:11 +0300"},
		"From":                     {"<asterisk@lucky.test>"},
		"Message-Id":               {id},
		"Mime-Version":             {"1.0"},
		"Subject":                  {"Пропущен звонок: Отдел продаж"},
		"To":                       {"<boss@lucky.test>"},
		"X-Auto-Response-Suppress": {"All"},
		"X-Missedcalls-Call":       {"d4"},
	}, m.Header)
	require.Len(t, m.Parts, 2)
	assert.Equal(t, "text/plain", m.Parts[0].Type)
	assert.Equal(t, "text/html", m.Parts[1].Type, "the better form is the last; RFC 2046, section 5.1.4")
	assert.Equal(t, "UTF-8", m.Parts[0].Charset)
	assert.Equal(t, "UTF-8", m.Parts[1].Charset)
}

func TestALetterIsTheSameAtEveryTryAndAnotherForEverybody(t *testing.T) {
	e := writer(t, func(p *policy.Target) { p.Email.To = []string{"a@lucky.test", "b@lucky.test"} })
	first, err := e.write(missed(), e.to[0])
	require.NoError(t, err)
	again, err := e.write(missed(), e.to[0])
	require.NoError(t, err)
	assert.Equal(t, string(first.raw), string(again.raw))
	ids := make(map[string]bool)
	for _, id := range []string{"d4.end.boss-mail", "d4.end.admin-mail", "d5.end.boss-mail"} {
		for _, to := range e.to {
			ids[e.messageID(id, to)] = true
		}
	}
	assert.Len(t, ids, 6)
}

func TestADigestIsOfNow(t *testing.T) {
	before := time.Now().Add(-time.Second)
	d := missed()
	d.Event.Call, d.Event.Time, d.Event.Payload = "", time.Time{}, nil
	m := written(t, writer(t), d)
	date, err := m.Header.Date()
	require.NoError(t, err)
	assert.WithinRange(t, date, before, time.Now())
	assert.Empty(t, m.Header.Get("X-Missedcalls-Call"))
}

func TestFollowUpsAreRepliesInTheThreadOfTheFirst(t *testing.T) {
	s, e := start(t, "anna@lucky.test", "boris@lucky.test")
	first := deliver(t, e, missed())
	require.NoError(t, first.Err)
	second := followUp(first)
	second.ID, second.Changes = "d5.end.boss-mail", false // another missed call of the same person
	next := deliver(t, e, second)
	require.NoError(t, next.Err)
	third := followUp(first)
	third.Earlier = append(third.Earlier, target.Said{Ref: next.Ref, Message: second.Message})
	require.NoError(t, deliver(t, e, third).Err)
	late := followUp(next) // of the first, nothing is remembered any more
	late.ID = "d6.end.boss-mail"
	require.NoError(t, deliver(t, e, late).Err)

	mails := s.Await(8)
	ids := make(map[string]bool)
	for i, m := range mails {
		ids[m.Header.Get("Message-Id")] = true
		if i < 2 {
			assert.Empty(t, m.Header.Get("In-Reply-To"))
			assert.Empty(t, m.Header.Get("References"))
			continue
		}
		whose := mails[i%2].Header
		assert.Equal(t, mails[i%2].To, m.To)
		assert.Equal(t, whose.Get("Message-Id"), m.Header.Get("In-Reply-To"))
		assert.Equal(t, whose.Get("Message-Id"), m.Header.Get("References"))
		assert.Equal(t, "Re: Пропущен звонок: Отдел продаж", m.Header.Get("Subject"), "Gmail keeps no thread under two subjects")
	}
	assert.Len(t, ids, 8)
	status := "Закрыто: Анна, через 12 минут"
	assert.Contains(t, mails[4].Text(), "Вопрос закрыт\n"+status+"\n\n")
	assert.Less(t, strings.Index(mails[4].HTML(), ">"+status+"<"), strings.Index(mails[4].HTML(), "</span> Вопрос закрыт"))
}

func TestARefThatCannotBeReadBeginsAThread(t *testing.T) {
	for _, ref := range []string{"", "7", `{"first":""}`, `{"first":7}`} {
		d := followUp(target.Verdict{Ref: json.RawMessage(ref)})
		m := written(t, writer(t), d)
		assert.Equal(t, "Вопрос закрыт", m.Header.Get("Subject"))
		assert.Empty(t, m.Header.Get("In-Reply-To"))
	}
}

func TestWhatAnOperatorWroteStandsInPlaceOfTheBuiltIn(t *testing.T) {
	const status = "Closed by <Anna>"
	for name, c := range map[string]struct {
		custom     message.Custom
		subject    string
		text, html []string
	}{
		"nothing":      {message.Custom{}, "Missed", []string{"Missed\n" + status}, []string{"Closed by &lt;Anna&gt;", "Caller"}},
		"the subject":  {message.Custom{Subject: "Ring\r\nBcc: x"}, "Ring Bcc: x", []string{"Missed\n" + status}, []string{"Caller"}},
		"the text":     {message.Custom{Text: "Ring\n  them"}, "Missed", []string{status + "\n\nRing\n  them"}, nil},
		"the HTML":     {message.Custom{HTML: "<i>Ring</i>"}, "Missed", []string{"Caller: 7\n"}, []string{"<p><strong>Closed by &lt;Anna&gt;</strong></p>\n<i>Ring</i>"}},
		"text, HTML":   {message.Custom{Text: "Ring", HTML: "<i>Ring</i>"}, "Missed", []string{status + "\n\nRing"}, []string{"<i>Ring</i>"}},
		"a whole page": {message.Custom{HTML: "<html>\n<BODY class=a>\nRing"}, "Missed", nil, []string{"<html>\n<BODY class=a><p><strong>Closed by"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := missed()
			d.Message = message.Message{Title: "Missed", Status: status, Facts: []message.Fact{{Label: "Caller", Value: "7"}}, Custom: &c.custom}
			m := written(t, writer(t), d)
			assert.Equal(t, c.subject, m.Header.Get("Subject"))
			for _, text := range c.text {
				assert.Contains(t, m.Text(), text)
			}
			for _, html := range c.html {
				assert.Contains(t, m.HTML(), html)
			}
			assert.Equal(t, c.html == nil, m.HTML() == "", "who wrote the text only gets the text only")
			d.Message.Status = ""
			assert.NotContains(t, written(t, writer(t), d).Text(), status)
			assert.NotContains(t, written(t, writer(t), d).HTML(), "Closed by")
		})
	}
}

func TestAFollowUpWithASubjectOfTheOperatorKeepsIt(t *testing.T) {
	d := followUp(target.Verdict{Ref: json.RawMessage(`{"first":"a","subject":"b"}`)})
	d.Message.Custom = &message.Custom{Subject: "settled"}
	m := written(t, writer(t), d)
	assert.Equal(t, "settled", m.Header.Get("Subject"))
	assert.NotEmpty(t, m.Header.Get("In-Reply-To"))
	d.Message.Custom = &message.Custom{Subject: " \r\n"}
	assert.Equal(t, "Re: b", written(t, writer(t), d).Header.Get("Subject"))
}

func TestTheLanguageIsThatOfTheWordsOrElseOfTheTarget(t *testing.T) {
	for _, c := range []struct{ words, target, want string }{
		{"ru", "en", `<html lang="ru">`}, {"", "en", `<html lang="en">`}, {"", "", "<html>"}, {`"><script>`, "", `<html lang="&#34;&gt;&lt;script&gt;">`},
	} {
		d := missed()
		d.Message.Language = c.words
		m := written(t, writer(t, func(p *policy.Target) { p.Language = c.target }), d)
		assert.Contains(t, m.HTML(), c.want)
	}
}

func TestASubjectIsOneShortLine(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"a  b\r\nc":                 "a b c",
		"a\tb\x00c":                 "a b c",
		"  a ":                      "a",
		"a\u202eb\u2028c":           "ab c",
		"a\xffb":                    "a\uFFFDb",
		strings.Repeat("я", 200):    strings.Repeat("я", 200),
		strings.Repeat("я", 201):    strings.Repeat("я", 199) + "…",
		strings.Repeat("a ", 10000): strings.TrimSpace(strings.Repeat("a ", 99)) + " a…",
	} {
		d := missed()
		d.Message.Title = text
		assert.Equal(t, want, written(t, writer(t), d).Header.Get("Subject"))
	}
}

func TestACallersNameThatLooksLikeAnEncodedWordIsNotDecoded(t *testing.T) {
	const name = "=?utf-8?q?Your_bank?="
	d := missed()
	d.Message.Title = "Missed call: " + name
	assert.Equal(t, "Missed call: "+name, written(t, writer(t), d).Header.Get("Subject"))
}

func TestAnAddressMayHaveANameAndQuotesAndBeAtANumber(t *testing.T) {
	s, e := start(t, `Анна <anna@lucky.test>`, `"a b"@lucky.test`, "c@[127.0.0.1]")
	require.NoError(t, deliver(t, e, missed()).Err)
	mails := s.Await(3)
	assert.Equal(t, "Анна <anna@lucky.test>", mails[0].Header.Get("To"))
	assert.Equal(t, []string{`a b@lucky.test`}, mails[1].To)
	assert.Equal(t, `<"a b"@lucky.test>`, mails[1].Header.Get("To"))
	assert.Equal(t, []string{"c@[127.0.0.1]"}, mails[2].To)
}

func TestTenKilobytesBreakNothing(t *testing.T) {
	for _, s := range []string{"ж", "x", "<", "&\u202e", "👩‍👩‍👧‍👦", "=?utf-8?q?x?= "} {
		long := strings.Repeat(s, 10<<10/len(s))
		checkLetter(t, writer(t), long, long, long)
	}
}

// FuzzLetter puts what callers and operators may call themselves into every text of a message, and reads it back.
func FuzzLetter(f *testing.F) {
	for _, s := range []string{
		"Анна", "a\r\nBcc: evil@example.org\r\n\r\n<b>", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</td></tr></table>",
		"<@everyone> *bold* _x_ [a](http://b)", "\u202egnp.exe\u2066 שלום مرحبا", "📞👩‍👩‍👧‍👦🏳️‍🌈", strings.Repeat("ж", 300), strings.Repeat("x", 1000),
		"=?utf-8?b?0J/RgNC40LLQtdGC?= =?us-ascii?q?x?=", "\x00\x1b[31m\x7f", "\xff\xfe\xc0", "{{.Title}} {{`", ".\r\n.\r\nQUIT", "--missedcalls-0", "a\u2028b\u0085c\v\f",
		"  lead and trail\u00a0", "&amp;&#60;", "tel:+7", "javascript:alert(1)", "Subject: x", "", "\ufeff\u200b",
	} {
		f.Add(s, s, s)
		f.Add("Missed call", s, "+79161234567")
	}
	e := writer(f)
	f.Fuzz(func(t *testing.T, title, value, tel string) { checkLetter(t, e, title, value, tel) })
}

// checkLetter writes a message of these texts and holds what is read of it to what it is to say.
func checkLetter(t *testing.T, e *Email, title, value, tel string) {
	t.Helper()
	d := missed()
	headers := slices.Sorted(maps.Keys(written(t, e, d).Header))
	d.Message = message.Message{Icon: title, Title: title, Status: "s" + value, Facts: []message.Fact{
		{Label: "l" + title, Value: "v" + value, Tel: tel}, {Label: "Queue", Value: title},
	}}
	m := written(t, e, d)
	assert.Equal(t, headers, slices.Sorted(maps.Keys(m.Header)))
	assert.Equal(t, short(line(title)), m.Header.Get("Subject"))
	assert.Equal(t, fmt.Sprintf("%s\n%s\n\n%s: %s\nQueue: %s\n", line(title), line("s"+value), line("l"+title), line("v"+value), line(title)), m.Text())
	checkHTML(t, m.HTML(), d.Message)
}
