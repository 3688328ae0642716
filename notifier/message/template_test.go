package message

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// channels are targets without a template.
var channels = map[string]policy.Target{
	"telegram": {Language: "ru", Telegram: &policy.Telegram{}},
	"slack":    {Language: "ru", Slack: &policy.Slack{}},
	"email":    {Language: "ru", Email: &policy.Email{}},
	"webhook":  {Language: "ru", Webhook: &policy.Webhook{}},
	"form":     {Language: "ru", Webhook: &policy.Webhook{ContentType: "application/x-www-form-urlencoded"}},
	"nats":     {Language: "ru", NATS: &policy.NATS{}},
}

// with is a target of a channel with a text for every event.
func with(channel, text string) policy.Target {
	t := channels[channel]
	t.Templates = map[callevent.Kind]policy.Template{policy.AnyEvent: {Text: text}}
	return t
}

// custom is what a template gives for a caller with a name.
func custom(t *testing.T, target policy.Target, name string) (*Custom, error) {
	t.Helper()
	e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Caller.Name = name })
	m, err := renderer(t, target).Announce(e)
	assert.NotEmpty(t, m.Title)
	assert.NotEmpty(t, m.Facts)
	return m.Custom, err
}

func TestATemplateSaysWhatTheOperatorWants(t *testing.T) {
	for text, want := range map[string]string{
		`{{.QueueName}}: {{.Number}} ждал {{.Waited}}`:                                                                                              "Отдел продаж: +7 916 123-45-67 ждал 10 секунд",
		`{{.Kind}} {{.Queue}} {{.DID}} {{.Dialled}} {{.Reason}} {{.WaitedSeconds}} {{.PositionAtEntry}} {{.Position}}`:                              "missed sales 74951234567 +7 495 123-45-67 abandoned 10 3 1",
		`{{date .EnteredAt}} {{clock .EnteredAt}}–{{clock .LeftAt}}; {{moment .At}}`:                                                                "3 ноября 2026 14:02:11–14:02:21; 3 ноября 2026, 14:02:21 (UTC)",
		`{{.LeftAt.Format "02.01.2006 15:04"}}{{date .DueAt}}{{clock .DueAt}}`:                                                                      "03.11.2026 14:02",
		`{{.EpisodeCalls}} {{plural .EpisodeCalls "звонок" "звонка" "звонков"}}, {{plural .WaitedSeconds "second" "seconds"}}`:                      "3 звонка, seconds",
		`{{upper .Name}} {{lower .Name}} {{default "без имени" .Name}} {{default "никто" .By}}`:                                                     "АННА анна Анна никто",
		`{{range .Attempts}}{{.Agent}} {{.Outcome}} {{.Seconds}} {{.Text}}; {{end}}`:                                                                "Анна no_answer 15 Анна: нет ответа 15 секунд; Пётр busy 1 Пётр: занято; ",
		`{{range $i, $f := .Facts}}{{if lt $i 2}}{{$f.Label}}={{$f.Value}} {{end}}{{end}}`:                                                          "Кто=+7 916 123-45-67, Анна Внимание=третий пропущенный звонок с этого номера ",
		`{{.Data.asterisk.linkedid}} {{if gt .Data.waited_ms 10000}}{{index .Data.attempts 1 "sip"}}{{end}}{{with .Data.estimate_told_ms}}x{{end}}`: "1793714531.28 486",
		`{{define "who"}}<{{.Caller}}>{{end}}{{template "who" .}}`:                                                                                  "<+7 916 123-45-67, Анна>",
		"первая\nвторая": "первая\nвторая",
	} {
		c, err := custom(t, with("email", text), "Анна")
		require.NoError(t, err, text)
		assert.Equal(t, want, c.Text, text)
	}
}

func TestAnEventsOwnTemplateWinsOverTheOneForAny(t *testing.T) {
	target := with("slack", "any")
	target.Templates[callevent.KindResolved] = policy.Template{Text: "resolved"}
	r := renderer(t, target)
	for _, e := range Samples() {
		m, err := r.Announce(e)
		require.NoError(t, err)
		want := "any"
		if e.Payload.Kind() == callevent.KindResolved {
			want = "resolved"
		}
		assert.Equal(t, want, m.Custom.Text)
	}
	m, err := renderer(t, channels["slack"]).Announce(Samples()[0])
	require.NoError(t, err)
	assert.Nil(t, m.Custom, "no template")
}

// hostile are names that want to be more than names.
var hostile = []string{
	"<b>Анна</b>", `"><script>alert(1)</script>`, "<!everyone> <@U123> <!subteam^S1>", "a & b < c > d", "{{.Number}} {{", "*bold* _it_ `code` ~s~",
	"[x](tg://user?id=1)", "Анна\r\nBcc: boss@example.org", "\u202eannA\u2066", "</a>", `\"`, "' onclick='x", "&lt;b&gt;", "<https://evil.example|here>",
}

func TestTelegramsMarkupStaysIntact(t *testing.T) {
	target := with("telegram", `<b>{{.Name}}</b> <a href="{{.TelLink}}">{{.Number}}</a> <a href="tel:{{.Tel}}">x</a>`)
	for _, name := range hostile {
		c, err := custom(t, target, name)
		require.NoError(t, err)
		inside, found := strings.CutPrefix(c.Text, "<b>")
		require.True(t, found)
		inside, rest, found := strings.Cut(inside, "</b>")
		require.True(t, found)
		assert.NotContains(t, inside, "<", name)
		assert.Equal(t, ` <a href="tel:&#43;79161234567">&#43;7 916 123-45-67</a> <a href="tel:&#43;79161234567">x</a>`, rest)
	}
}

func TestSlacksMarkupStaysIntact(t *testing.T) {
	for _, text := range []string{
		"{{.Name}}", "{{print .Name}}", "{{.Name | upper}}", "{{with .Name}}{{.}}{{end}}", "{{range .Facts}}{{.Value}}{{end}}", "{{json .Data}}",
		`{{define "x"}}{{.}}{{end}}{{template "x" .Name}}`, `{{$n := .Name}}{{$n}}`, `{{if .Name}}{{.Name}}{{else}}-{{end}}`,
		`{{block "y" .}}{{.Caller}}{{end}}`, "{{.Data}}", "{{.}}", `{{printf "%s" .Name}}`, `{{with $x := .Name}}{{$x}}{{end}}`,
	} {
		for _, name := range hostile {
			c, err := custom(t, with("slack", text), name)
			require.NoError(t, err)
			assert.NotContains(t, c.Text, "<", text)
			assert.NotContains(t, c.Text, ">", text)
		}
	}
	c, err := custom(t, with("slack", "<!here> <tel:{{.Tel}}|{{.Name}}>{{.Data.estimate_told_ms}}"), "a & <b>")
	require.NoError(t, err)
	assert.Equal(t, "<!here> <tel:+79161234567|a &amp; &lt;b&gt;>", c.Text, "the operator's own markup stays")
}

func TestAMailHasItsThreeParts(t *testing.T) {
	target := channels["email"]
	target.Templates = map[callevent.Kind]policy.Template{callevent.KindMissed: {
		Subject: "{{.Name}}\nin {{.Queue}}\r\n", Text: "<{{.Name}}>", HTML: `<p title="{{.Name}}">{{.Name}}</p><a href="{{.TelLink}}">x</a>`,
	}}
	for _, name := range hostile {
		c, err := custom(t, target, name)
		require.NoError(t, err)
		assert.NotContains(t, c.Subject, "\n")
		assert.NotContains(t, c.Subject, "\r")
		assert.Equal(t, clean(name, maxName)+" in sales", c.Subject)
		assert.Equal(t, "<"+clean(name, maxName)+">", c.Text)
		assert.Equal(t, 4, strings.Count(c.HTML, "<"), name)
		assert.True(t, strings.HasSuffix(c.HTML, `</p><a href="tel:&#43;79161234567">x</a>`), c.HTML)
	}
	target.Templates[callevent.KindMissed] = policy.Template{Subject: "only {{.Name}}"}
	c, err := custom(t, target, "Анна")
	require.NoError(t, err)
	assert.Equal(t, &Custom{Subject: "only Анна"}, c)
}

func TestAWebhooksBodyIsJSONWhateverTheNameIs(t *testing.T) {
	for _, name := range hostile {
		c, err := custom(t, with("webhook", `{"name": {{json .Name}}, "event": {{json .Data}}, "facts": {{json .Facts}}, "when": {{json .LeftAt}}}`), name)
		require.NoError(t, err)
		var body struct{ Name string }
		require.NoError(t, json.Unmarshal([]byte(c.Text), &body))
		assert.Equal(t, clean(name, maxName), body.Name)
	}
	c, err := custom(t, with("form", `phone={{urlquery .Tel}}&name={{urlquery .Name}}`), "a&b=c")
	require.NoError(t, err)
	assert.Equal(t, "phone=%2B79161234567&name=a%26b%3Dc", c.Text)
}

func TestATemplateThatFailsLeavesTheBuiltInMessage(t *testing.T) {
	for _, c := range []struct{ channel, text, wrong string }{
		{"email", `{{index .Facts 1000}}`, "line 1:2: executing"},
		{"email", `{{.Nothing}}`, "can't evaluate field Nothing"},
		{"email", `{{.Data.nothing}}`, `map has no entry for key "nothing"`},
		{"email", " \n ", "gives no text"},
		{"telegram", `{{if .By}}x{{end}}`, "gives no text"},
		{"telegram", `{{range .Facts}}` + strings.Repeat("я", 1000) + `{{end}}`, "Telegram"},
		{"telegram", `<a href='{{.Name}}`, "ends in a non-text context"},
		{"email", strings.Repeat("{{.Title}}", 5000), "gives more than 65536 bytes"},
		{"webhook", `{"name": "{{.Name}}"}`, "gives no valid JSON"},
		{"webhook", `{"title": {{.Title}}}`, "gives no valid JSON"},
		{"email", `{{plural .Name "a" "b"}}`, "is no whole number"},
		{"email", `{{plural 5 "a"}}`, "1 forms; it takes two"},
		{"email", `{{date .Name}}`, "wrong type"},
	} {
		got, err := custom(t, with(c.channel, c.text), `"Анна"`)
		assert.Nil(t, got, c.text)
		var wrong *TemplateError
		require.ErrorAs(t, err, &wrong, c.text)
		assert.Equal(t, policy.AnyEvent, wrong.Kind)
		assert.Equal(t, PartText, wrong.Part)
		require.ErrorContains(t, err, "template *, text: ")
		assert.ErrorContains(t, err, c.wrong)
	}
}

func TestATemplateThatNeverEndsIsEnded(t *testing.T) {
	for _, text := range []string{
		`{{range 1000000000000}}{{end}}`,
		`{{range 1000000000000}}{{$x := 1}}{{end}}`,
		`{{range .WaitedSeconds}}{{range 1000000000}}{{end}}{{end}}`,
		`{{define "a"}}{{template "a" .}}{{end}}{{template "a" .}}`,
		`{{define "a"}}{{template "b" .}}{{end}}{{define "b"}}{{if true}}{{template "a" .}}{{end}}{{end}}{{template "a"}}`,
		`{{range .Facts}}{{range $.Facts}}{{range $.Facts}}{{range $.Facts}}{{range $.Facts}}{{end}}{{end}}{{end}}{{end}}{{end}}`,
		`{{with .Name}}{{range 1000000000000}}{{else}}{{end}}{{end}}`,
	} {
		for _, channel := range []string{"email", "telegram", "slack"} {
			_, err := custom(t, with(channel, text), "Анна")
			assert.ErrorIs(t, err, errTooMany, text)
		}
	}
	_, err := custom(t, with("email", `{{range 9000}}{{.}}{{if eq . 100}}{{break}}{{end}}{{end}}`), "Анна")
	assert.NoError(t, err, "a loop that ends")
}

func TestATemplateThatCannotBeReadIsNamed(t *testing.T) {
	target := channels["email"]
	target.Templates = map[callevent.Kind]policy.Template{
		callevent.KindMissed:   {Subject: "{{.Name", Text: "{{nosuch}}", HTML: "{{if}}"},
		callevent.KindResolved: {Text: "a\xff"},
		"mised":                {Text: "x"},
		callevent.KindEntered:  {},
		policy.AnyEvent:        {Text: "fine"},
	}
	_, err := New(target)
	for _, want := range []string{
		"template missed, subject: line 1: unclosed action",
		`template missed, text: line 1: function "nosuch" not defined`,
		"template missed, html: line 1: missing value for if",
		"template resolved, text: is not valid UTF-8",
		`template mised, text: there is no event "mised"; events are in docs/events.md, and * is for any`,
		"template entered, text: gives no text",
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.NotContains(t, err.Error(), "template *")
	assert.Len(t, Check(target), 6)
}

func TestOnlyMailHasASubjectAndHTML(t *testing.T) {
	for _, channel := range []string{"telegram", "slack", "webhook", "nats"} {
		target := channels[channel]
		target.Templates = map[callevent.Kind]policy.Template{callevent.KindMissed: {Subject: "a", Text: "{}", HTML: "b"}}
		_, err := New(target)
		require.ErrorContains(t, err, "template missed, subject: a message by "+channel+" has no subject; give a text alone")
		assert.ErrorContains(t, err, "template missed, html: a message by "+channel+" has no html; give a text alone")
	}
}

func TestMediaTypesOfJSON(t *testing.T) {
	for _, media := range []string{"", "application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"} {
		assert.True(t, isJSON(media), media)
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/xml", "text/json5"} {
		assert.False(t, isJSON(media), media)
	}
}
