package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// refusedBySome is the verdict of a channel of which boss has taken a message, and guest never will.
func refusedBySome(d target.Delivery) target.Verdict {
	v := target.Verdict{
		Outcome: target.Permanent, Reason: "not_found", Err: errors.New("guest: 550 no such user"),
		Ref: json.RawMessage(`"` + d.ID + `"`), Progress: json.RawMessage(`{"sent":["boss"]}`),
	}
	if len(d.Earlier) > 0 {
		v.Ref = d.Earlier[0].Ref
	}
	return v
}

func TestWhoeverWasToldThoughOthersWereRefusedLearnsHowItGoesOn(t *testing.T) {
	f := start(t, one())
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict { return refusedBySome(d) })
	f.publish(t, missed("c1"))
	f.idle(t)
	f.channels["crm"].answers(nil)
	f.publish(t, resolved("c1"))
	got := f.channels["crm"].await(t, 1)
	assert.Equal(t, "c1.resolved.crm", got[0].ID)
	assert.True(t, got[0].Changes)
	require.Len(t, got[0].Earlier, 1)
	assert.JSONEq(t, `"c1.end.crm"`, string(got[0].Earlier[0].Ref))
}

func TestADeadLetterIsReplayedToThoseWhoWereRefused(t *testing.T) {
	f := start(t, one())
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict { return refusedBySome(d) })
	f.publish(t, missed("c1"), again("c2", "c1"), resolved("c1"))
	f.idle(t)
	letters := f.letters(t)
	require.Len(t, letters, 3)
	for _, l := range letters {
		assert.JSONEq(t, `{"sent":["boss"]}`, string(l.Progress))
	}
	f.channels["crm"].answers(nil)
	n, err := DeadLetters{f.streams.Load()}.ReplayAll(t.Context(), "crm")
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	f.idle(t)
	got := f.channels["crm"].all()
	assert.Equal(t, []string{"c1.end.crm", "c2.end.crm", "c1.resolved.crm"}, idsOf(got))
	for _, d := range got {
		assert.JSONEq(t, `{"sent":["boss"]}`, string(d.Progress), d.ID)
	}
	assert.Empty(t, got[0].Earlier, "it is no answer to itself")
	assert.Len(t, got[1].Earlier, 1)
	assert.True(t, got[2].Changes)
	assert.True(t, f.told(t, "crm", "c1").wasTold("c1.end"))
	assert.Empty(t, f.told(t, "crm", "c1").Partly)
}

func TestADigestThatSomeAreRefusedIsToldToTheOthersOnce(t *testing.T) {
	f := prepare(t, openBus(t, bus.Settings{}), one(func(t *policy.Target) { t.DigestOver, t.Workers = 3, 1 }))
	tries := 0
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		tries++
		return refusedBySome(d)
	})
	f.publish(t, someMissed(1, 10)...)
	f.run(t)
	f.idle(t)
	assert.Less(t, tries, 10, "its events are not told one by one")
	letters := f.letters(t)
	require.Len(t, letters, 10)
	for _, l := range letters {
		assert.JSONEq(t, `{"sent":["boss"]}`, string(l.Progress))
	}
	f.channels["crm"].answers(nil)
	f.publish(t, resolved(number(10)))
	got := f.channels["crm"].await(t, 1)
	assert.Equal(t, number(10)+".resolved.crm", got[0].ID)
}

func TestAKillBeforeTheDeadLetterIsStoredTellsNobodyTwice(t *testing.T) {
	r := &record{}
	e := resolved("c1")
	r.tell(missed("c1"))
	r.tellSome(e, nil, trying{Event: e.ID}.reached(e.ID+".crm", json.RawMessage(`["boss"]`)))
	again := &errand{job: job{Target: "crm", Matter: "c1", event: e}, record: r}
	assert.Equal(t, announce, again.way(false).what, "the refused are tried again")
	assert.JSONEq(t, `["boss"]`, string(again.progress()))
	r.tell(e)
	assert.Equal(t, skip, again.way(false).what)
	assert.Nil(t, again.progress())
}

func TestWhatAChannelHasNoticedIsAWarning(t *testing.T) {
	said := make(chan string, 1)
	log := zerolog.New(writer(func(line string) {
		if json.Valid([]byte(line)) && level(line) == "warn" {
			select {
			case said <- line:
			default:
			}
		}
	}))
	f := prepare(t, openBus(t, bus.Settings{}), one())
	f.senders["crm"].log = log
	f.channels["crm"].says(target.Verdict{Outcome: target.Sent, Note: "the chat has another id now"})
	f.publish(t, missed("c1"))
	f.run(t)
	f.channels["crm"].await(t, 1)
	assert.Contains(t, <-said, "the chat has another id now")
}

// writer is a log that is given line by line.
type writer func(line string)

func (w writer) Write(b []byte) (int, error) {
	w(string(b))
	return len(b), nil
}

func level(line string) string {
	var l struct{ Level string }
	_ = json.Unmarshal([]byte(line), &l)
	return l.Level
}
