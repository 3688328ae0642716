package message

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

func TestTheMiddleOfANumberIsHidden(t *testing.T) {
	for given, want := range map[string]string{
		"+79161234567":                     "+7916•••••67",
		"89161234567":                      "8916•••••67",
		"8 (916) 123-45-67":                "8 (916) •••-••-67",
		"９１６１２３４５６７":                       "９１６•••••６７",
		"+97312345678":                     "+9731•••••78",
		"12345678":                         "1•••••78",
		"1234567":                          "•••••67",
		"123456":                           "123456",
		"101":                              "101",
		"":                                 "",
		"sip:+79161234567@10.0.0.1:5060":   "sip:+7916•••••••@••.•.•.•:••60",
		"+7916•••••67":                     "+7916•••••67",
		"+123456789012345":                 "+1234•••••••••45",
		"7916x1234567":                     "7916x•••••67",
		"no number":                        "no number",
		"٠١٢٣٤٥٦٧٨٩":                       "٠١٢•••••٨٩",
		"\U0001d7ce\U0001d7d7123456789012": "\U0001d7ce\U0001d7d712••••••••12",
	} {
		assert.Equal(t, want, maskDigits(given, 4, 2), given)
	}
}

func TestDigitsOfEveryScriptAreKnown(t *testing.T) {
	assert.Equal(t, "0123456789", digitsOf("٠١٢٣٤٥٦٧٨٩"))
	assert.Equal(t, "0123456789", digitsOf("०१२३४५६७८९"))
	assert.Equal(t, "0123456789", digitsOf("０１２３４５６７８９"))
	assert.Equal(t, "09", digitsOf("\U0001d7ce\U0001d7ff"))
	assert.Equal(t, "17", digitsOf("a1-•7½²①"))
}

// caller is a missed call with the number wherever it may be.
func withNumberEverywhere() callevent.Event {
	p := sampleMissed(callevent.ReasonAbandoned)
	p.Caller.Name = "ООО Ромашка 8(916)123-45-67"
	p.Keys = "2916123456711"
	p.SentTo = "out,89161234567,1"
	p.Asterisk.Channel = "Local/89161234567@trunk-00000012;1"
	p.Attempts = []callevent.Attempt{{Agent: "Анна", Endpoint: "PJSIP/+79161234567@trunk", Outcome: "no_answer"}}
	return sample("everywhere", p.LeftAt, p)
}

func TestANumberIsMaskedWhereverItStands(t *testing.T) {
	p, is := Mask(withNumberEverywhere()).Payload.(callevent.Missed)
	require.True(t, is)
	assert.Equal(t, "8916•••••67", p.Caller.Raw)
	assert.Equal(t, "+7916•••••67", p.Caller.E164)
	assert.Equal(t, "ООО Ромашка 8(916)•••-••-67", p.Caller.Name)
	assert.Equal(t, "•••••••••••••", p.Keys)
	assert.Equal(t, "out,8916••••••7,1", p.SentTo, "the priority looks like the last digit")
	assert.Equal(t, "Local/8916•••••67@trunk-00000012;1", p.Asterisk.Channel)
	assert.Equal(t, "PJSIP/+7916•••••67@trunk", p.Attempts[0].Endpoint)
	assert.Equal(t, sampleDID, p.DID)
	assert.Equal(t, "sample-everywhere", p.CallID)
	assert.Equal(t, sampleAsterisk.ChannelID, p.Asterisk.ChannelID)
}

func TestMaskingLeavesTheGivenEventAlone(t *testing.T) {
	e := withNumberEverywhere()
	Mask(e)
	assert.Equal(t, withNumberEverywhere(), e)
	assert.Equal(t, Mask(e), Mask(Mask(e)), "masking twice is masking once")
}

func TestANumberThatStandsInWhatPeopleWroteIsMasked(t *testing.T) {
	t.Run("a ticket", func(t *testing.T) {
		ticket := sampleTicket()
		ticket.Number = "+79037654321"
		e := Mask(sample("x", ticket.RequestedAt, callevent.CallbackCancelled{Ticket: ticket, By: "Анна", Why: "звонит с 8-812-333-22-11, доб. 12"}))
		p, is := e.Payload.(callevent.CallbackCancelled)
		require.True(t, is)
		assert.Equal(t, "+7903•••••21", p.Number)
		assert.Equal(t, "звонит с 8-812-•••-••-11, доб. 12", p.Why)
	})
	t.Run("an agent's own number is not the caller's", func(t *testing.T) {
		m := callevent.Member{Queue: "sales", Agent: callevent.Agent{Name: "Анна", Endpoint: "PJSIP/89037654321"}}
		e := callevent.Event{Call: callevent.MemberSubject(m.Agent.Endpoint), Payload: callevent.MemberAdded{Member: m}}
		assert.Equal(t, e, Mask(e))
	})
	t.Run("no payload", func(t *testing.T) {
		assert.Equal(t, callevent.Event{ID: "x"}, Mask(callevent.Event{ID: "x"}))
	})
}

func TestMaskedSamplesCanBeEncoded(t *testing.T) {
	for _, e := range Samples() {
		_, err := callevent.Encode(Mask(e))
		require.NoError(t, err, e.Call)
	}
}

// writings are ways to write the digits of a number.
var writings = []func(string) string{
	func(n string) string { return n },
	func(n string) string { return "+" + n },
	func(n string) string { return strings.Join(strings.Split(n, ""), " ") },
	func(n string) string { return strings.Join(strings.Split(n, ""), "\u200b") },
	func(n string) string { return strings.Join(strings.Split(n, ""), "\u3164") },
	func(n string) string { return "(" + n[:3] + ") " + n[3:] },
	func(n string) string {
		return strings.Map(func(r rune) rune { return r - '0' + '０' }, n)
	},
	func(n string) string {
		return strings.Map(func(r rune) rune { return r - '0' + '٠' }, n)
	},
}

// FuzzMask writes a number into every text of an event but those that identify it, and looks for it in all that is told.
func FuzzMask(f *testing.F) {
	f.Add("79161234567", uint8(0), uint8(0), "Анна ", " доб. 5")
	f.Add("442079460000", uint8(3), uint8(20), "", "7")
	f.Add("1234567", uint8(6), uint8(30), "x", "12")
	f.Add("123456789012345", uint8(4), uint8(25), "•", "\xff")
	samples := Samples()
	ru, en := renderer(f, policy.Target{Language: "ru", MaskNumbers: true}), renderer(f, policy.Target{Language: "en", MaskNumbers: true})
	f.Fuzz(func(t *testing.T, number string, writing, which uint8, before, after string) {
		if len(number) < shortest || len(number) > 15 || strings.Trim(number, "0123456789") != "" || share(sampleDID, number) || share("74950000000", number) {
			return
		}
		e := samples[int(which)%len(samples)]
		anything := before + writings[int(writing)%len(writings)](number) + after
		e.Payload = rewrite(e.Payload, func(at text) string {
			switch {
			case at.field == "e164", at.field == "number":
				return "+" + number
			case at.field == "raw":
				return writings[int(writing)%len(writings)](number)
			case isFree(at):
				return anything
			}
			return at.value
		})
		if !tellsOfNumber(e) {
			return
		}
		masked := Mask(e)
		if masked.Payload.Kind() != e.Payload.Kind() {
			t.Fatal("another event")
		}
		b, err := json.Marshal(masked.Payload)
		require.NoError(t, err)
		var data any
		require.NoError(t, json.Unmarshal(b, &data))
		assertNoNumber(t, number, data)
		for _, r := range []*Renderer{ru, en} {
			m, err := r.Announce(e)
			require.NoError(t, err)
			assertNoNumber(t, number, m.Title)
			for _, fact := range m.Facts {
				assertNoNumber(t, number, fact.Value)
				assert.Empty(t, fact.Tel)
			}
			assertNoNumber(t, number, r.Changed(m, e).Status)
		}
	})
}

// isFree holds for the texts that may hold anything.
func isFree(at text) bool {
	return at.field == "name" || at.field == "why" || at.field == "by" || at.field == "keys" || at.field == "sent_to" || at.field == "channel" ||
		at.field == "endpoint" || at.field == "agent" || at.field == "recording" || at.field == "target"
}

// tellsOfNumber leaves out the events of agents, who are no callers.
func tellsOfNumber(e callevent.Event) bool {
	found := false
	rewrite(e.Payload, func(at text) string {
		found = found || at.field == "raw"
		return at.value
	})
	return found
}

// assertNoNumber looks for seven digits of the number in a row in any string: a reader passes over all but letters.
func assertNoNumber(t *testing.T, number string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for field, value := range v {
			if field != "did" {
				assertNoNumber(t, number, value)
			}
		}
	case []any:
		for _, value := range v {
			assertNoNumber(t, number, value)
		}
	case string:
		parts := strings.FieldsFunc(v, func(r rune) bool { return r == hidden || unicode.IsLetter(r) && r != '\u3164' })
		for _, part := range parts {
			assert.False(t, share(digitsOf(part), number), "%s of %q", number, v)
		}
	}
}
