package notifier

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

func said(n int, text string) target.Said {
	return target.Said{Ref: json.RawMessage(fmt.Sprint(n)), Message: message.Message{Title: text}}
}

func TestARecordForgetsTheOldest(t *testing.T) {
	r := &record{}
	for i := range maxTold + 5 {
		r.tell(missed(number(i)))
		r.say(said(i, "x"))
	}
	assert.Len(t, r.Told, maxTold)
	assert.Len(t, r.Said, maxSaid)
	assert.False(t, r.wasTold(callevent.EndID(number(4))))
	assert.True(t, r.wasTold(callevent.EndID(number(5))))
	assert.Equal(t, fmt.Sprint(maxTold+4), string(r.Said[maxSaid-1].Ref))
	r.tell(missed(number(5)))
	assert.Len(t, r.Told, maxTold)
	assert.Equal(t, callevent.EndID(number(5)), r.Told[0], "what is known is not noted again")
}

func TestAMessageThatWasChangedHasNoSecondPlace(t *testing.T) {
	r := &record{}
	r.say(said(1, "x"))
	r.say(said(1, "changed"))
	assert.Equal(t, []target.Said{said(1, "x")}, r.Said)
	r.say(target.Said{})
	r.say(target.Said{})
	assert.Len(t, r.Said, 3, "those that cannot be referred to are each their own")
}

func TestARecordThatIsTooLongLosesItsOldestMessages(t *testing.T) {
	r := &record{Told: []string{"e"}}
	for i := range 10 {
		r.say(said(i, strings.Repeat("x", maxRecord/4)))
	}
	b, err := r.encode()
	require.NoError(t, err)
	assert.LessOrEqual(t, len(b), maxRecord)
	assert.Equal(t, "9", string(r.Said[len(r.Said)-1].Ref))
	r = &record{}
	r.say(said(1, strings.Repeat("x", maxRecord)))
	b, err = r.encode()
	require.NoError(t, err)
	assert.JSONEq(t, `{}`, string(b))
}

func TestAMatterIsClosedByWhatLeavesNothingToBeDone(t *testing.T) {
	r := &record{}
	for _, c := range []struct {
		event  callevent.Event
		closed bool
	}{
		{missed("c1"), false},
		{callback("c1", callevent.CallbackCancelled{Ticket: ticket("c1")}), false},
		{callback("c1", callevent.CallbackCompleted{Ticket: ticket("c1")}), true},
		{callback("c1", callevent.CallbackFailed{Ticket: ticket("c1")}), true},
		{missed("c1"), false},
		{resolved("c1"), true},
	} {
		r.tell(c.event)
		assert.Equal(t, c.closed, r.Closed, c.event.ID)
	}
}

func TestAttemptsAreCountedByEventAndProgressIsKnownByDelivery(t *testing.T) {
	r := &record{}
	first := r.tried("e1").again(noon, "d1", json.RawMessage(`1`))
	r.Trying = &first
	second := r.tried("e1").again(noon.Add(time.Hour), "d2", nil)
	assert.Equal(t, 2, second.Attempts)
	assert.Equal(t, noon, second.Since)
	assert.Equal(t, "1", string(second.progress("d1")))
	assert.Nil(t, second.progress("d2"))
	assert.Zero(t, r.tried("e2").Attempts)
	r.tell(missed("c1"))
	assert.Nil(t, r.Trying)
}

func TestTwoProcessesThatChangeARecordAtATimeBothAreRemembered(t *testing.T) {
	n, err := openBus(t, bus.Settings{}).Notifications(t.Context())
	require.NoError(t, err)
	s := records{n.Deliveries}
	one, err := s.load(t.Context(), "crm.c1")
	require.NoError(t, err)
	other, err := s.load(t.Context(), "crm.c1")
	require.NoError(t, err)
	require.NoError(t, s.change(t.Context(), one, func(r *record) { r.tell(missed("c1")) }))
	require.NoError(t, s.change(t.Context(), other, func(r *record) { r.tell(missed("c2")) }))
	now, err := s.load(t.Context(), "crm.c1")
	require.NoError(t, err)
	assert.Equal(t, []string{"c1.end", "c2.end"}, now.Told)
}

func TestARecordThatCannotBeReadIsWrittenAnew(t *testing.T) {
	n, err := openBus(t, bus.Settings{}).Notifications(t.Context())
	require.NoError(t, err)
	_, err = n.Deliveries.Put(t.Context(), "crm.c1", []byte(`{"told":7`), 0)
	require.NoError(t, err)
	s := records{n.Deliveries}
	r, err := s.load(t.Context(), "crm.c1")
	require.NoError(t, err)
	require.NoError(t, s.change(t.Context(), r, func(r *record) { r.tell(missed("c1")) }))
	r, err = s.load(t.Context(), "crm.c1")
	require.NoError(t, err)
	assert.Equal(t, []string{"c1.end"}, r.Told)
}

func TestRecordsAreChangedTogetherAndThoseOfOneMatterAreOne(t *testing.T) {
	n, err := openBus(t, bus.Settings{}).Notifications(t.Context())
	require.NoError(t, err)
	s := records{n.Deliveries}
	load := func(key string) *record {
		r, err := s.load(t.Context(), key)
		require.NoError(t, err)
		return r
	}
	events := []callevent.Event{missed("c1"), again("c2", "c1"), missed("c3")}
	tell := func(i int, r *record) { r.tell(events[i]) }
	stale := []*record{load("crm.c1"), load("crm.c1"), load("crm.c3")}
	require.NoError(t, s.changeAll(t.Context(), []*record{load("crm.c1"), load("crm.c1"), load("crm.c3")}, tell))
	assert.Equal(t, []string{"c1.end", "c2.end"}, load("crm.c1").Told)
	assert.Equal(t, []string{"c3.end"}, load("crm.c3").Told)
	assert.ErrorIs(t, s.changeAll(t.Context(), stale, tell), bus.ErrChanged)
}
