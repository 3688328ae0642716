package notifier

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// chat is a target that is told of more than five waiting events in one.
func chat(t *policy.Target) { t.Workers, t.DigestOver = 1, 5 }

// calls are those a digest tells of.
func calls(d target.Delivery) (out []string) {
	for _, fact := range d.Message.Facts {
		out = append(out, fact.Value)
	}
	return out
}

// waiting has a notifier that does not run yet, and events that wait for it.
func waiting(t *testing.T, p policy.Policy, events ...callevent.Event) *fixture {
	t.Helper()
	f := start(t, p)
	f.publish(t, missed("first"))
	f.channels["crm"].await(t, 1)
	f.idle(t)
	f.stop()
	f.publish(t, events...)
	return prepare(t, f.bus, p)
}

// routed is a notifier whose jobs are all written before its senders begin.
func routed(t *testing.T, p policy.Policy, events ...callevent.Event) *fixture {
	t.Helper()
	f := waiting(t, p, events...)
	streams, err := f.bus.Notifications(t.Context())
	require.NoError(t, err)
	r := &router{
		bus: f.bus, streams: streams, records: records{streams.Deliveries}, policy: f.policy.Load,
		observer: f.deps().Observer, at: f.at, tuning: f.tuning, log: f.log,
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.run(ctx) }()
	require.Eventually(t, func() bool {
		at, err := r.position(t.Context())
		last, lastErr := f.bus.LastSeq(t.Context())
		return err == nil && lastErr == nil && at.Seq == last
	}, patience, time.Millisecond)
	cancel()
	<-ended
	return f
}

func TestAStormIsToldInOneMessage(t *testing.T) {
	f := routed(t, one(chat), someMissed(1, 300)...).run(t)
	f.idle(t)
	got := f.channels["crm"].all()
	require.Len(t, got, 2, "two hundred, and the rest")
	assert.Equal(t, "200 events", got[0].Message.Title)
	assert.Equal(t, number(1), calls(got[0])[0])
	assert.Equal(t, number(300), calls(got[1])[99])
	assert.Nil(t, got[0].Event.Payload)
	assert.NotEqual(t, got[0].ID, got[1].ID)
	assert.Equal(t, 1, f.counts.of("digested", "crm", "200"))
	assert.Equal(t, []string{callevent.EndID(number(7))}, f.told(t, "crm", number(7)).Told)
}

func TestAsManyAsMayBeToldOneByOneAre(t *testing.T) {
	f := routed(t, one(chat), someMissed(1, 5)...).run(t)
	f.idle(t)
	assert.Len(t, f.channels["crm"].all(), 5)
	f = routed(t, one(chat), someMissed(1, 6)...).run(t)
	f.idle(t)
	assert.Equal(t, "6 events", f.channels["crm"].all()[0].Message.Title)
}

func TestATargetWithoutDigestsIsToldEachHoweverMany(t *testing.T) {
	f := routed(t, one(), someMissed(1, 300)...).run(t)
	f.idle(t)
	assert.Len(t, f.channels["crm"].all(), 300)
}

func TestCallsWhoseHoldEndsTogetherAreAStormToo(t *testing.T) {
	p := one(chat)
	p.Routes = []policy.Route{{To: []string{"crm"}, Hold: hold}}
	f := start(t, p)
	f.publish(t, someMissed(1, 50)...)
	f.idle(t)
	told := 0
	for _, d := range f.channels["crm"].all() {
		told += max(1, len(calls(d)))
	}
	assert.Equal(t, 50, told)
	assert.Less(t, len(f.channels["crm"].all()), 15)
}

func TestADigestSaysWhatWasSettledMeanwhileAndWhatIsSettledLaterIsFollowedUp(t *testing.T) {
	events := append(someMissed(1, 10), resolved(number(3)))
	f := routed(t, one(chat), events...).run(t)
	f.idle(t)
	got := f.channels["crm"].all()
	require.Len(t, got, 1)
	assert.Equal(t, "11 events", got[0].Message.Title)
	assert.Equal(t, "resolved", got[0].Message.Facts[10].Label)
	f.publish(t, resolved(number(3)), resolved(number(4)))
	got = f.channels["crm"].await(t, 2)
	f.idle(t)
	assert.Len(t, got, 2)
	assert.Equal(t, "resolved "+number(4), got[1].Message.Title)
	assert.False(t, got[1].Changes, "there is no message of this call alone to be changed")
}

func TestAMessageOfBeforeIsChangedThoughItsMatterGoesOnInADigest(t *testing.T) {
	events := append(someMissed(1, 10), again("c2", "first"), resolved("first"))
	f := routed(t, one(chat), events...).run(t)
	f.idle(t)
	got := f.channels["crm"].all()
	require.Len(t, got, 2)
	assert.Equal(t, "11 events", got[0].Message.Title)
	assert.True(t, got[1].Changes)
	assert.Equal(t, "resolved", got[1].Earlier[0].Message.Status)
}

func TestADigestThatFailsIsTriedAgainAsTheSame(t *testing.T) {
	f := routed(t, one(chat), someMissed(1, 20)...)
	var ids []string
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		ids = append(ids, d.ID)
		if len(ids) < 3 {
			return target.Verdict{Outcome: target.Retry, All: true, Reason: "away", Progress: []byte(fmt.Sprint(len(ids)))}
		}
		assert.Equal(t, "2", string(d.Progress))
		return sentAs(d.ID)
	})
	f.run(t).idle(t)
	assert.Equal(t, []string{ids[0], ids[0], ids[0]}, ids)
	assert.Len(t, f.channels["crm"].all(), 1)
}

func TestADigestThatIsRefusedIsToldOneByOne(t *testing.T) {
	f := routed(t, one(chat), someMissed(1, 20)...)
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if d.Event.Payload == nil {
			return target.Verdict{Outcome: target.Permanent, Reason: "too_long", Err: errors.New("too long")}
		}
		return sentAs(d.ID)
	})
	f.run(t).idle(t)
	assert.Len(t, f.channels["crm"].all(), 20)
	assert.Empty(t, f.letters(t))
}

func TestAStormOfFollowUpsOfADigestIsADigest(t *testing.T) {
	f := routed(t, one(chat), someMissed(1, 20)...).run(t)
	f.idle(t)
	f.stop()
	var ends []callevent.Event
	for i := range 20 {
		ends = append(ends, resolved(number(1+i)))
	}
	f.publish(t, ends...)
	g := prepare(t, f.bus, one(chat)).run(t)
	g.idle(t)
	told := 0
	for _, d := range g.channels["crm"].all() {
		told += max(1, len(calls(d)))
	}
	assert.Equal(t, 20, told)
}
