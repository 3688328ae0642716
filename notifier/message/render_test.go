package message

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// missed is the sample of a reason, changed.
func missed(r callevent.Reason, change func(*callevent.Missed)) callevent.Event {
	p := sampleMissed(r)
	change(&p)
	return sample("x", p.LeftAt, p)
}

func announced(t *testing.T, target policy.Target, e callevent.Event) string {
	t.Helper()
	m, err := renderer(t, target).Announce(e)
	require.NoError(t, err)
	return written(m)
}

func TestTheTargetsLanguageWinsOverTheEvents(t *testing.T) {
	for _, c := range []struct{ target, event, want string }{
		{"", "ru", "Пропущенный звонок"}, {"", "ru_RU", "Пропущенный звонок"}, {"", "en", "Missed call"}, {"", "", "Missed call"},
		{"", "de", "Missed call"}, {"ru", "en", "Пропущенный звонок"}, {"en", "ru", "Missed call"},
	} {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Language = c.event })
		assert.Contains(t, announced(t, policy.Target{Language: c.target}, e), c.want)
	}
}

func TestATimeIsTheTargets(t *testing.T) {
	e := missed(callevent.ReasonAbandoned, func(*callevent.Missed) {})
	assert.Contains(t, announced(t, policy.Target{Zone: zone(t, "Asia/Vladivostok")}, e), "4 ноября 2026, 00:02:11 – 00:02:21 (UTC+10)")
	assert.Contains(t, announced(t, policy.Target{}, e), "3 ноября 2026, 14:02:11 – 14:02:21 (UTC)", "no zone is UTC")
}

func TestAWithheldCallerIsNeverShown(t *testing.T) {
	for _, caller := range []callevent.Caller{
		{Kind: callevent.CallerWithheld, Raw: "89167654321", E164: "+79167654321", Name: "Мария"},
		{Kind: callevent.CallerExternal, Withheld: true, Raw: "89167654321", E164: "+79167654321", Name: "Мария"},
	} {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Caller = caller })
		r := renderer(t, policy.Target{Webhook: &policy.Webhook{}, Templates: map[callevent.Kind]policy.Template{
			policy.AnyEvent: {Text: `[{{json .Data}}, {{json .Facts}}, {{json .Name}}, {{json .Tel}}, {{json .TelLink}}, {{json .Caller}}, {{json .CallerKind}}]`},
		}})
		m, err := r.Announce(e)
		require.NoError(t, err)
		assert.Equal(t, Fact{Label: "Кто", Value: "номер скрыт"}, m.Facts[0])
		assert.True(t, strings.HasSuffix(m.Custom.Text, `"", "", "номер скрыт", "withheld"]`), m.Custom.Text)
		b, err := json.Marshal(m)
		require.NoError(t, err)
		assert.NotContains(t, string(b), "7654321")
		assert.NotContains(t, string(b), "Мария")
	}
}

func TestWhoCalled(t *testing.T) {
	for _, c := range []struct {
		caller callevent.Caller
		want   string
	}{
		{callevent.Caller{Raw: "101", Kind: callevent.CallerInternal, Name: "Анна"}, "extension 101, Анна"},
		{callevent.Caller{Raw: "101", Kind: callevent.CallerInternal, Name: "101"}, "extension 101"},
		{callevent.Caller{Kind: callevent.CallerInvalid}, "number unknown"},
		{callevent.Caller{Kind: callevent.CallerInvalid, Name: "Анна"}, "number unknown, Анна"},
		{callevent.Caller{Raw: "89161234567", E164: "+79161234567", Name: "8 916 123 45 67"}, "+7 916 123-45-67"},
		{callevent.Caller{Raw: "89161234567", E164: "+79161234567", Name: "112"}, "+7 916 123-45-67, 112"},
		{callevent.Caller{Raw: "x\r\ny", Name: "\u202eA\u200b"}, "x y, A"},
	} {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Caller = c.caller })
		m, err := renderer(t, policy.Target{Language: "en"}).Announce(e)
		require.NoError(t, err)
		assert.Equal(t, c.want, m.Facts[0].Value)
	}
}

func TestAQueueIsCalledByWhatIsKnownOfIt(t *testing.T) {
	for _, c := range []struct{ id, name, did, want string }{
		{"sales", "Отдел продаж", "74951234567", "Missed call: Отдел продаж"},
		{"sales", "", "74951234567", "Missed call: sales"},
		{"", "", "74951234567", "Missed call: unknown queue, dialled +7 495 123-45-67"},
		{"", "", "", "Missed call: unknown queue"},
	} {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Queue, p.QueueName, p.DID = c.id, c.name, c.did })
		m, err := renderer(t, policy.Target{Language: "en"}).Announce(e)
		require.NoError(t, err)
		assert.Equal(t, c.want, m.Title)
	}
}

func TestOnlyASettlingEventChangesAnEarlierMessage(t *testing.T) {
	r := renderer(t, policy.Target{Language: "en"})
	earlier := Message{Icon: "📵", Title: "Missed call: Sales", Facts: []Fact{{Label: "Who", Value: "Anna"}}, Custom: &Custom{Text: "x"}}
	settles := map[callevent.Kind]bool{
		callevent.KindResolved: true, callevent.KindCallbackCompleted: true, callevent.KindCallbackFailed: true,
		callevent.KindCallbackExpired: true, callevent.KindCallbackCancelled: true,
	}
	for _, e := range Samples() {
		changed := r.Changed(earlier, e)
		if !settles[e.Payload.Kind()] {
			assert.Equal(t, earlier, changed, e.Call)
			continue
		}
		assert.NotEmpty(t, changed.Status, e.Call)
		changed.Icon, changed.Status = earlier.Icon, ""
		assert.Equal(t, earlier, changed, e.Call)
	}
}

func TestAMessageIsChangedInItsOwnLanguage(t *testing.T) {
	e := callevent.Event{Payload: callevent.Resolved{Language: "en", How: callevent.ResolvedByHand, By: "Anna"}}
	for language, want := range map[string]string{"ru": "Закрыто (Anna)", "en": "Resolved by Anna", "": "Resolved by Anna"} {
		assert.Equal(t, want, renderer(t, policy.Target{}).Changed(Message{Language: language}, e).Status, language)
	}
	assert.Equal(t, "Resolved by Anna", renderer(t, policy.Target{Language: "en"}).Changed(Message{Language: "ru"}, e).Status, "the target has one")
}

func TestAStatusLeavesOutWhatIsNotKnown(t *testing.T) {
	ticket := callevent.Ticket{Queue: "sales"}
	for want, p := range map[string]callevent.Payload{
		"Resolved":                               callevent.Resolved{How: callevent.ResolvedByHand},
		"Got through":                            callevent.Resolved{How: callevent.ResolvedAnswered},
		"Called back":                            callevent.CallbackCompleted{Ticket: ticket},
		"Callback failed":                        callevent.CallbackFailed{Ticket: ticket},
		"Callback expired":                       callevent.CallbackExpired{Ticket: ticket},
		"Callback cancelled":                     callevent.CallbackCancelled{Ticket: ticket},
		"Resolved by Anna after 1 minute: {why}": callevent.Resolved{How: "some_new_way", By: "Anna", AfterMS: 60_000, Why: "{why}"},
	} {
		assert.Equal(t, want, renderer(t, policy.Target{Language: "en"}).Changed(Message{}, callevent.Event{Payload: p}).Status)
	}
}

func TestWhatALaterContractAddsIsTold(t *testing.T) {
	e := missed("some_new_reason", func(p *callevent.Missed) {
		p.Attempts = []callevent.Attempt{{Endpoint: "PJSIP/101", Outcome: "some_new_outcome"}}
		p.RefusedBy = []callevent.Refusal{{Queue: "vip", Reason: "some_new_reason"}}
	})
	text := announced(t, policy.Target{Language: "en"}, e)
	assert.Contains(t, text, "a fault: the queue could not go on with the call (some new reason)")
	assert.Contains(t, text, "PJSIP/101: some new outcome")
	assert.Contains(t, announced(t, policy.Target{Language: "en"}, callevent.Event{Call: "c"}), "Event\n  Call id: c")
}

func TestLongListsAreToldInPart(t *testing.T) {
	e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) {
		p.Attempts = nil
		for i := range 100 {
			p.Attempts = append(p.Attempts, callevent.Attempt{Agent: fmt.Sprint("A", i), Outcome: "busy"})
		}
	})
	text := announced(t, policy.Target{Language: "en"}, e)
	assert.Contains(t, text, "A0 was busy; A1 was busy; A2 was busy; A3 was busy; A4 was busy; and 95 more")
	assert.NotContains(t, text, "A5")
	assert.Len(t, tell(e, &english, time.UTC).Attempts, maxAttempts)
}

func TestARendererMayBeSharedByManyGoroutines(t *testing.T) {
	r := renderer(t, policy.Target{
		Telegram:  &policy.Telegram{},
		Templates: map[callevent.Kind]policy.Template{policy.AnyEvent: {Text: `<b>{{.Title}}</b> <a href="{{.TelLink}}">{{.Number}}</a>`}},
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for _, e := range Samples() {
				_, err := r.Announce(e)
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
}

func TestAMessageThatIsTooLongIsCut(t *testing.T) {
	long := strings.Repeat("я", 10_000)
	m := Message{Icon: "📵", Title: long, Status: long}
	for range 30 {
		m.Facts = append(m.Facts, Fact{Label: "К", Value: long})
	}
	m = bounded(m)
	assertMessage(t, m)
	assert.Equal(t, maxTitle, units(m.Title))
	assert.Equal(t, maxStatus, units(m.Status))
	assert.Equal(t, maxValue, units(m.Facts[0].Value))
	require.Len(t, m.Facts, 10)
	assert.Less(t, units(m.Facts[9].Value), maxValue, "the last one takes what is left")
}

// assertMessage holds a message to what is promised of every one.
func assertMessage(t *testing.T, m Message) {
	t.Helper()
	total := 0
	texts := []string{m.Icon, m.Title, m.Status}
	for _, f := range m.Facts {
		texts = append(texts, f.Label, f.Value)
		assert.NotEmpty(t, f.Label)
		assert.NotEmpty(t, f.Value)
		if f.Tel != "" {
			assert.Equal(t, f.Tel, dialable(f.Tel))
		}
	}
	assert.NotEmpty(t, m.Title)
	for _, text := range texts {
		total += units(text)
		assert.True(t, utf8.ValidString(text), "%q", text)
		assert.Equal(t, text, strings.TrimSpace(text))
		assert.Negative(t, strings.IndexFunc(text, isHarmful), "%q", text)
	}
	assert.LessOrEqual(t, total, MaxMessage+units(m.Icon))
	assert.LessOrEqual(t, len(m.Facts), maxCallers+4)
}

// isHarmful holds for what may be in no message.
func isHarmful(r rune) bool {
	return r != joiner && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// FuzzAnnounce puts anything into every text and every number of an event of any kind.
func FuzzAnnounce(f *testing.F) {
	f.Add(uint8(0), "Анна", "abandoned", "ru", int64(1), int64(0))
	f.Add(uint8(12), "\u202eA\r\nBcc: x\x00\xff", "<!everyone>", "", int64(-1), int64(math.MaxInt64))
	f.Add(uint8(25), strings.Repeat("👩‍👩‍👧‍👦", 64), strings.Repeat("я", 10_000), "ru", int64(math.MinInt64), int64(1e15))
	f.Add(uint8(30), "{who}{{.Name}}", "a\u200b\u2066", "xx", int64(21), int64(253402300800))
	samples := Samples()
	var renderers []*Renderer
	for _, target := range []policy.Target{
		{}, {Language: "ru", MaskNumbers: true}, {Language: "en", Slack: &policy.Slack{}, Templates: anyEvent(`{{json .}}{{json .Data}}`)},
	} {
		renderers = append(renderers, renderer(f, target))
	}
	f.Fuzz(func(t *testing.T, which uint8, a, b, language string, n, at int64) {
		e := samples[int(which)%len(samples)]
		e.Time = time.Unix(at%250_000_000_000, 0) // what JSON can tell
		texts := []string{a, b, a + b}
		e.Payload = rewrite(e.Payload, func(text text) string {
			if text.field == "language" {
				return language
			}
			if text.of == callerType && text.field == "kind" && n%2 == 0 {
				return text.value
			}
			return texts[len(text.field)%len(texts)]
		})
		e.Payload = withNumbers(e.Payload, n)
		for _, r := range renderers {
			m, err := r.Announce(e)
			require.NoError(t, err)
			assertMessage(t, m)
			assertMessage(t, r.Changed(m, e))
			if m.Custom != nil {
				assert.NotContains(t, m.Custom.Text, "<")
			}
			digest, err := r.Digest([]callevent.Event{e, samples[0], e})
			require.NoError(t, err)
			assertMessage(t, digest)
			assertWithheld(t, r, e, a+b)
		}
	})
}

// assertWithheld looks for the number of the caller of an event, who hides it, in all that is told.
func assertWithheld(t *testing.T, r *Renderer, e callevent.Event, anything string) {
	t.Helper()
	const secret = "48151623"
	e.Payload = rewrite(e.Payload, func(at text) string {
		switch {
		case at.of != callerType:
			return at.value
		case at.field == "kind":
			return string(callevent.CallerWithheld)
		}
		return secret
	})
	m, err := r.Announce(e)
	require.NoError(t, err)
	digest, err := r.Digest([]callevent.Event{e})
	require.NoError(t, err)
	b, err := json.Marshal([]Message{m, r.Changed(m, e), digest})
	require.NoError(t, err)
	if !strings.Contains(anything, secret) {
		assert.NotContains(t, string(b), secret)
	}
}

func anyEvent(text string) map[callevent.Kind]policy.Template {
	return map[callevent.Kind]policy.Template{policy.AnyEvent: {Text: text}}
}

// withNumbers gives a payload with n in place of every number in it.
func withNumbers(p callevent.Payload, n int64) callevent.Payload {
	v := reflect.New(reflect.TypeOf(p)).Elem()
	v.Set(reflect.ValueOf(p))
	setNumbers(v, n)
	changed, _ := v.Interface().(callevent.Payload)
	return changed
}

func setNumbers(v reflect.Value, n int64) {
	switch {
	case v.CanInt():
		v.SetInt(n)
	case v.Type() == timeType:
		if n%3 == 0 {
			v.Set(reflect.ValueOf(time.Unix(n%60_000_000_000, 0)))
		}
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			setNumbers(v.Field(i), n)
		}
	}
}

func BenchmarkAnnounce(b *testing.B) {
	e := Samples()[0]
	for name, target := range map[string]policy.Target{
		"built in":        {Language: "ru"},
		"masked":          {Language: "ru", MaskNumbers: true},
		"template":        {Language: "ru", Slack: &policy.Slack{}, Templates: anyEvent(`{{.QueueName}}: {{.Number}} ждал {{.Waited}}`)},
		"template, HTML":  {Language: "ru", Telegram: &policy.Telegram{}, Templates: anyEvent(`<b>{{.QueueName}}</b>: {{.Number}} ждал {{.Waited}}`)},
		"template, .Data": {Language: "ru", Webhook: &policy.Webhook{}, Templates: anyEvent(`{{json .Data}}`)},
	} {
		b.Run(name, func(b *testing.B) {
			r := renderer(b, target)
			for b.Loop() {
				_, _ = r.Announce(e)
			}
		})
	}
}
