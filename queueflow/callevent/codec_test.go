package callevent_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

var update = flag.Bool("update", false, "write the golden events and the tables of docs/events.md anew")

// indented is an encoded event for people to read.
func indented(t *testing.T, e callevent.Event) []byte {
	t.Helper()
	b, err := callevent.Encode(e)
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, b, "", "  "))
	return append(out.Bytes(), '\n')
}

func TestEventsAreEncodedAsInTheGoldenFiles(t *testing.T) {
	for name, e := range golden() {
		file := filepath.Join("testdata", name+".json")
		if *update {
			require.NoError(t, os.WriteFile(file, indented(t, e), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(indented(t, e)), name)
	}
}

func TestGoldenFilesDecodeToTheirEvents(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	events := golden()
	require.Len(t, files, len(events))
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		e, err := callevent.Decode(b)
		require.NoError(t, err, file)
		assert.Equal(t, events[strings.TrimSuffix(filepath.Base(file), ".json")], e, file)
	}
}

func TestThereIsAGoldenEventOfEveryKindAndEveryReason(t *testing.T) {
	kinds, reasons := map[callevent.Kind]bool{}, map[callevent.Reason]bool{}
	for _, e := range golden() {
		kinds[e.Payload.Kind()] = true
		if m, ok := e.Payload.(callevent.Missed); ok {
			reasons[m.Reason] = true
		}
	}
	for _, k := range callevent.Kinds() {
		assert.True(t, kinds[k], k)
	}
	for _, r := range callevent.Reasons() {
		assert.True(t, reasons[r], r)
	}
}

func TestTimesKeepTheirNanosecondsAndTheirInstant(t *testing.T) {
	e := golden()["entered"]
	e.Time = time.Date(2026, 11, 3, 17, 2, 11, 7, time.FixedZone("", 3*3600))
	b, err := callevent.Encode(e)
	require.NoError(t, err)
	assert.Contains(t, string(b), `"time":"2026-11-03T17:02:11.000000007+03:00"`)
	back, err := callevent.Decode(b)
	require.NoError(t, err)
	assert.True(t, e.Time.Equal(back.Time))
}

func TestSubjectsNameTheQueueAndTheKind(t *testing.T) {
	events := golden()
	assert.Equal(t, "calls.sales.entered", events["entered"].Subject())
	assert.Equal(t, "calls.support.moved", events["moved"].Subject())
	assert.Equal(t, "calls.sales.missed", events["missed_lost"].Subject())
	assert.Equal(t, "calls._.missed", events["missed_unknown_did"].Subject())
	assert.Equal(t, "calls.sales.callback_failed", events["callback_failed"].Subject())
	assert.Equal(t, "calls.sales.member_paused", events["member_paused"].Subject())
}

func TestAStayEndsInOneOfThreeWaysAndTheIDNeedsNoEpoch(t *testing.T) {
	ends := []callevent.Kind{callevent.KindCompleted, callevent.KindMissed, callevent.KindCallbackRequested}
	for name, e := range golden() {
		assert.Equal(t, slices.Contains(ends, e.Payload.Kind()), e.Payload.Kind().Ends(), name)
		assert.Equal(t, e.Payload.Kind().Ends(), e.ID == callevent.EndID(e.Call), name)
	}
	assert.Equal(t, "c1.12.3", callevent.StepID("c1", 12, 3))
}

func TestAMemberStandsInPlaceOfACallWhateverItsEndpoint(t *testing.T) {
	for endpoint, subject := range map[string]string{
		"PJSIP/101":                       "member:PJSIP/101",
		"Local/205@agents":                "member:Local/205@agents",
		"PJSIP/Пётр 1":                    "member:PJSIP/%D0%9F%D1%91%D1%82%D1%80%201",
		"PJSIP/%D0":                       "member:PJSIP/%25D0",
		"PJSIP/1\r\nNats-Rollup: all":     "member:PJSIP/1%0D%0ANats-Rollup:%20all",
		"SIP/" + strings.Repeat("1", 999): "member:SIP/" + strings.Repeat("1", 189),
	} {
		assert.Equal(t, subject, callevent.MemberSubject(endpoint))
		e := golden()["member_paused"]
		p := e.Payload.(callevent.MemberPaused)
		p.Agent.Endpoint = endpoint
		e.ID, e.Call, e.Payload = callevent.StepID(subject, 18446744073709551615, 1<<62), subject, p
		b, err := callevent.Encode(e)
		require.NoError(t, err, endpoint)
		back, err := callevent.Decode(b)
		require.NoError(t, err, endpoint)
		assert.Equal(t, e, back)
	}
}

func TestASourceIsOnePathWhateverTheAsterisksURL(t *testing.T) {
	assert.Equal(t, "/missedcalls/desk/http:__pbx:8088_ari", callevent.Source("desk", "http://pbx:8088/ari"))
}

func TestWhatIsNoEventIsNotEncoded(t *testing.T) {
	for what, change := range map[string]func(*callevent.Event, *callevent.Missed){
		"no id":                     func(e *callevent.Event, _ *callevent.Missed) { e.ID = "" },
		"no call":                   func(e *callevent.Event, p *callevent.Missed) { e.Call, p.CallID = "", "" },
		"the id of another call":    func(e *callevent.Event, _ *callevent.Missed) { e.Call = "other" },
		"a line break in the id":    func(e *callevent.Event, _ *callevent.Missed) { e.ID = "c1\r\nNats-Rollup: all" },
		"an id of 256 bytes":        func(e *callevent.Event, _ *callevent.Missed) { e.ID = strings.Repeat("x", 256) },
		"a queue with a dot":        func(_ *callevent.Event, p *callevent.Missed) { p.Queue = "a.b" },
		"a queue that is a pattern": func(_ *callevent.Event, p *callevent.Missed) { p.Queue = ">" },
		"a queue that is the none":  func(_ *callevent.Event, p *callevent.Missed) { p.Queue = "_" },
		"a queue with a space":      func(_ *callevent.Event, p *callevent.Missed) { p.Queue = "a b" },
		"a queue of 64 letters":     func(_ *callevent.Event, p *callevent.Missed) { p.Queue = strings.Repeat("q", 64) },
		"more than 256 KiB":         func(_ *callevent.Event, p *callevent.Missed) { p.Keys = strings.Repeat("1", callevent.MaxSize) },
		"a year of five digits":     func(e *callevent.Event, _ *callevent.Missed) { e.Time = at(0).AddDate(9000, 0, 0) },
	} {
		e := golden()["missed_abandoned"]
		p := e.Payload.(callevent.Missed)
		change(&e, &p)
		e.Payload = p
		_, err := callevent.Encode(e)
		assert.Error(t, err, what)
	}
	_, err := callevent.Encode(callevent.Event{ID: "x", Call: "x"})
	assert.ErrorIs(t, err, callevent.ErrMalformed)
}

func TestAnIDOf255BytesAndAQueueOf63LettersPass(t *testing.T) {
	e := golden()["missed_abandoned"]
	p := e.Payload.(callevent.Missed)
	e.ID, p.Queue = strings.Repeat("x", 255), strings.Repeat("q", 63)
	e.Payload = p
	b, err := callevent.Encode(e)
	require.NoError(t, err)
	back, err := callevent.Decode(b)
	require.NoError(t, err)
	assert.Equal(t, e, back)
}

func TestDecodeSaysWhetherBytesAreOfALaterVersionOrBroken(t *testing.T) {
	whole, err := callevent.Encode(golden()["missed_abandoned"])
	require.NoError(t, err)
	with := func(old, instead string) []byte {
		require.Contains(t, string(whole), old)
		return []byte(strings.Replace(string(whole), old, instead, 1))
	}
	for what, c := range map[string]struct {
		bytes []byte
		want  error
	}{
		"a kind of a later version":    {with("call.missed.v1", "call.applauded.v1"), callevent.ErrUnknownKind},
		"a later version of a payload": {with("call.missed.v1", "call.missed.v2"), callevent.ErrUnknownKind},
		"somebody else's event":        {with("missedcalls.call.missed.v1", "com.example.order"), callevent.ErrUnknownKind},
		"nothing":                      {nil, callevent.ErrMalformed},
		"half an event":                {whole[:len(whole)/2], callevent.ErrMalformed},
		"a list":                       {[]byte("[]"), callevent.ErrMalformed},
		"an empty object":              {[]byte("{}"), callevent.ErrMalformed},
		"no type":                      {with("missedcalls.call.missed.v1", ""), callevent.ErrMalformed},
		"another CloudEvents":          {with(`"specversion":"1.0"`, `"specversion":"0.3"`), callevent.ErrMalformed},
		"a number for the queue":       {with(`"queue":"sales"`, `"queue":5`), callevent.ErrMalformed},
		"a queue that is a subject":    {with(`"queue":"sales"`, `"queue":"a.b"`), callevent.ErrMalformed},
		"two calls":                    {with(`"subject":"d4`, `"subject":"d5`), callevent.ErrMalformed},
		"a member where a call was":    {with(`"subject":"d4`, `"subject":"member:d4`), callevent.ErrMalformed},
		"a time in words":              {with(`"time":"2026`, `"time":"noon 2026`), callevent.ErrMalformed},
		"no data":                      {[]byte(`{"specversion":"1.0","id":"a","subject":"a","type":"missedcalls.call.moved.v1"}`), callevent.ErrMalformed},
		"too long":                     {append(bytes.Repeat([]byte(" "), callevent.MaxSize), whole...), callevent.ErrMalformed},
	} {
		_, err := callevent.Decode(c.bytes)
		assert.ErrorIs(t, err, c.want, what)
	}
}

func TestDecodePassesOverFieldsOfALaterVersion(t *testing.T) {
	want := golden()["missed_abandoned"]
	b, err := callevent.Encode(want)
	require.NoError(t, err)
	b = bytes.Replace(b, []byte(`"data":{`), []byte(`"partitionkey":"7","data":{"mood":["calm"],`), 1)
	got, err := callevent.Decode(b)
	require.NoError(t, err)
	assert.Equal(t, want, got)
}

func FuzzDecode(f *testing.F) {
	for _, e := range golden() {
		b, err := callevent.Encode(e)
		require.NoError(f, err)
		f.Add(b)
		f.Add(bytes.Replace(b, []byte(".v1"), []byte(".v2"), 1))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := callevent.Decode(b)
		if err != nil {
			require.NotEqual(t, errors.Is(err, callevent.ErrUnknownKind), errors.Is(err, callevent.ErrMalformed), "%v", err)
			return
		}
		requireSubject(t, e)
		first, err := callevent.Encode(e)
		if len(b) > callevent.MaxSize/6 && err != nil {
			return // JSON may write one character as six, so that a long event need not fit again
		}
		require.NoError(t, err)
		again, err := callevent.Decode(first)
		require.NoError(t, err)
		require.Equal(t, e.Subject(), again.Subject())
		require.True(t, e.Time.Equal(again.Time))
		second, err := callevent.Encode(again)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
	})
}

func requireSubject(t *testing.T, e callevent.Event) {
	t.Helper()
	tokens := strings.Split(e.Subject(), ".")
	require.Len(t, tokens, 3)
	for _, token := range tokens {
		require.NotEmpty(t, token)
		require.Equal(t, -1, strings.IndexAny(token, "*> \t\r\n\x00"), token)
	}
}
