package message

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

func digestOf(t *testing.T, target policy.Target, events ...callevent.Event) Message {
	t.Helper()
	m, err := renderer(t, target).Digest(events)
	require.NoError(t, err)
	assertMessage(t, m)
	return m
}

func TestADigestNeedsAnEvent(t *testing.T) {
	_, err := renderer(t, policy.Target{}).Digest(nil)
	assert.ErrorContains(t, err, "there are no events")
}

func TestADigestOfMissedCallsCountsThem(t *testing.T) {
	one := Samples()[0]
	for n, want := range map[int][2]string{
		1: {"1 пропущенный звонок", "1 missed call"}, 2: {"2 пропущенных звонка", "2 missed calls"},
		11: {"11 пропущенных звонков", "11 missed calls"}, 21: {"21 пропущенный звонок", "21 missed calls"},
	} {
		events := make([]callevent.Event, n)
		for i := range events {
			events[i] = one
		}
		ru, en := digestOf(t, policy.Target{}, events...), digestOf(t, policy.Target{Language: "en"}, events...)
		assert.Equal(t, want[0], ru.Title, "the language of the first event")
		assert.Equal(t, want[1], en.Title)
		assert.Len(t, ru.Facts, 3, "when, the queue, and one caller")
	}
}

func TestACallerHasOneLineInADigest(t *testing.T) {
	call := func(after time.Duration, number string) callevent.Event {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Caller.E164 = number })
		e.Time = sampleTime(after)
		return e
	}
	m := digestOf(t, policy.Target{Language: "en"},
		call(time.Minute, "+79160000001"), call(0, "+79160000002"), call(2*time.Minute, "+79160000001"), call(24*time.Hour, "+79160000003"))
	assert.Equal(t, []Fact{
		{Label: "When", Value: "3 November 2026, 14:02:11 (UTC) – 4 November 2026, 14:02:11 (UTC)"},
		{Label: "By queue", Value: "Отдел продаж: 4"},
		{Label: "14:03:11", Value: "+7 916 000-00-01, Мария Иванова; 2 times", Tel: "+79160000001"},
		{Label: "14:02:11", Value: "+7 916 000-00-02, Мария Иванова", Tel: "+79160000002"},
		{Label: "4 November 2026, 14:02:11", Value: "+7 916 000-00-03, Мария Иванова", Tel: "+79160000003"},
	}, m.Facts)
}

func TestMaskedNumbersThatLookAlikeAreStillTwoCallers(t *testing.T) {
	var events []callevent.Event
	for _, number := range []string{"+79161111167", "+79162222267"} {
		events = append(events, missed(callevent.ReasonAbandoned, func(p *callevent.Missed) { p.Caller.E164 = number }))
	}
	m := digestOf(t, policy.Target{Language: "en", MaskNumbers: true}, events...)
	assert.Equal(t, "+7 916 •••-••-67, Мария Иванова", m.Facts[2].Value)
	assert.Equal(t, m.Facts[2], m.Facts[3])
}

func TestADigestSaysWhatIsSettledAlready(t *testing.T) {
	again := missed(callevent.ReasonAbandoned, func(*callevent.Missed) {})
	resolved := sampleResolved()[0]
	settled := digestOf(t, policy.Target{Language: "en"}, Samples()[0], resolved)
	assert.Equal(t, "1 missed call", settled.Title)
	assert.Equal(t, Fact{Label: "Also", Value: "Missed call resolved: 1"}, settled.Facts[0])
	assert.Equal(t, "+7 916 123-45-67, Мария Иванова; resolved", settled.Facts[3].Value)
	open := digestOf(t, policy.Target{Language: "en"}, Samples()[0], resolved, again)
	assert.Equal(t, "+7 916 123-45-67, Мария Иванова; 2 times", open.Facts[3].Value, "missed again")
}

func TestADigestWithoutMissedCallsCountsEvents(t *testing.T) {
	m := digestOf(t, policy.Target{Language: "en"}, append(sampleCallbacks(), sampleMembers()...)...)
	assert.Equal(t, "13 events", m.Title)
	assert.Equal(t, "Callback requested: 2; Callback cancelled: 2; Callback scheduled: 1; Callback tried: 1; Called back: 1; Callback failed: 1; others: 5",
		m.Facts[0].Value)
	assert.Equal(t, "14:02:11", m.Facts[len(m.Facts)-1].Label)
	assert.Equal(t, "Анна; 4 times", m.Facts[len(m.Facts)-1].Value, "an agent has a line too")
}

func TestADigestOfAnythingFits(t *testing.T) {
	long := strings.Repeat("ы", 300)
	var events []callevent.Event
	for i := range 500 {
		e := missed(callevent.ReasonAbandoned, func(p *callevent.Missed) {
			p.QueueName = fmt.Sprint(i) + long
			p.Caller = callevent.Caller{Raw: fmt.Sprint(i) + long, Name: long, Kind: callevent.CallerInvalid}
		})
		e.Time = sampleTime(time.Duration(i) * time.Hour)
		events = append(events, e)
	}
	m := digestOf(t, policy.Target{Language: "ru"}, events...)
	last := m.Facts[len(m.Facts)-1]
	assert.Equal(t, Fact{Label: "Ещё", Value: "480 абонентов"}, last, "nothing was left out")
}
