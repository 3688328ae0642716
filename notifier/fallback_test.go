package notifier

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// withFallback has a chat that is replaced by mail when it has taken nothing for a while.
func withFallback(after time.Duration) policy.Policy {
	p := one(func(t *policy.Target) { t.Fallback, t.FallbackAfter = "mail", after })
	p.Targets["mail"] = webhook()
	return p
}

var away = target.Verdict{Outcome: target.Retry, All: true, Reason: "away", Err: errors.New("nobody there")}

func TestWhenATargetHasTakenNothingForLongItsFallbackIsToldAndItIsNotAfterwards(t *testing.T) {
	const after = 300 * time.Millisecond
	f := start(t, withFallback(after))
	f.channels["crm"].says(away)
	f.publish(t, someMissed(1, 20)...)
	got := f.channels["mail"].await(t, 20)
	assert.GreaterOrEqual(t, time.Since(got[0].Event.Time), after)
	f.idle(t)
	assert.ElementsMatch(t, someIDs(1, 20, "mail"), idsOf(got))
	f.publish(t, missed("c1"))
	f.channels["mail"].await(t, 21)
	f.channels["crm"].answers(nil)
	// It is tried when its pause is over; until then the fallback is told.
	for n := 100; len(f.channels["crm"].all()) == 0; n++ {
		f.publish(t, missed(number(n)))
		f.idle(t)
	}
	f.publish(t, missed("last"))
	f.idle(t)
	assert.True(t, f.told(t, "crm", "last").wasTold("last.end"))
	for _, d := range f.channels["mail"].all() {
		assert.NotContains(t, idsOf(f.channels["crm"].all()), d.Event.ID+".crm", "nothing is told twice")
	}
	assert.Equal(t, 1, f.counts.of("moved", "crm", "mail")-len(f.channels["mail"].all())+1)
}

func someIDs(first, n int, name string) (ids []string) {
	for _, e := range someMissed(first, n) {
		ids = append(ids, e.ID+"."+name)
	}
	return ids
}

func TestAFallbackThatIsToldAnywayIsToldOnce(t *testing.T) {
	p := withFallback(100 * time.Millisecond)
	p.CopyAll = []string{"crm", "mail"}
	f := start(t, p)
	f.channels["crm"].says(away)
	f.publish(t, someMissed(1, 5)...)
	f.idle(t)
	assert.Len(t, f.channels["mail"].all(), 5)
	assert.Equal(t, 5, f.counts.of("moved", "crm", "mail"))
}

func TestTheEndOfAMatterFollowsItToTheFallback(t *testing.T) {
	f := start(t, withFallback(300*time.Millisecond))
	f.channels["crm"].says(away)
	f.publish(t, missed("c1"), resolved("c1"))
	got := f.channels["mail"].await(t, 2)
	assert.True(t, got[1].Changes)
	f.publish(t, missed("c2"))
	f.channels["mail"].await(t, 3)
	f.publish(t, resolved("c2"))
	got = f.channels["mail"].await(t, 4)
	f.idle(t)
	assert.Equal(t, "c2.resolved.mail", got[3].ID)
	assert.Len(t, f.channels["mail"].all(), 4)
}

func TestWhatATargetWasToldItselfIsNotChangedElsewhere(t *testing.T) {
	f := start(t, withFallback(100*time.Millisecond))
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.channels["crm"].says(away)
	f.publish(t, missed("c2"))
	f.channels["mail"].await(t, 1)
	f.publish(t, resolved("c1"))
	f.publish(t, missed("c3"))
	f.channels["mail"].await(t, 2)
	f.channels["crm"].answers(nil)
	got := f.channels["crm"].await(t, 2)
	assert.True(t, got[1].Changes)
	assert.Equal(t, []string{"c2.end.mail", "c3.end.mail"}, idsOf(f.channels["mail"].all()))
}

func TestWhatATargetRefusesForGoodIsADeadLetterAndToldByTheFallback(t *testing.T) {
	f := start(t, withFallback(time.Hour))
	f.channels["crm"].says(target.Verdict{Outcome: target.Permanent, Reason: "chat_not_found", Err: errors.New("no such chat")})
	f.publish(t, missed("c1"))
	f.channels["mail"].await(t, 1)
	f.idle(t)
	letters := f.letters(t)
	require.Len(t, letters, 1)
	assert.Equal(t, "chat_not_found", letters[0].Reason)
	assert.Equal(t, "mail", letters[0].Fallback)
	assert.Equal(t, 1, letters[0].Attempts)
}

func TestTheFallbackOfATargetThatIsOffIsToldAtOnce(t *testing.T) {
	f := start(t, withFallback(time.Hour))
	f.channels["crm"].says(target.Verdict{Outcome: target.Permanent, All: true, Reason: "bad_token", Err: errors.New("bad token")})
	f.publish(t, someMissed(1, 10)...)
	f.channels["mail"].await(t, 10)
	f.idle(t)
	assert.Less(t, f.channels["crm"].tries(), 5)
	assert.Empty(t, f.letters(t))
}

func TestFallbacksThatPointAtEachOtherEndInADeadLetter(t *testing.T) {
	p := withFallback(50 * time.Millisecond)
	mail := p.Targets["mail"]
	mail.Fallback, mail.FallbackAfter = "crm", 50*time.Millisecond
	p.Targets["mail"] = mail
	f := start(t, p)
	for _, c := range f.channels {
		c.says(away)
	}
	f.publish(t, missed("c1"))
	f.idle(t)
	letters := f.letters(t)
	require.Len(t, letters, 1)
	assert.Equal(t, reasonTooMany, letters[0].Reason)
}

func TestOneMessageThatFailsIsMovedAndHoldsNoOtherUp(t *testing.T) {
	f := start(t, withFallback(200*time.Millisecond))
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if d.Event.Call == "c1" {
			return target.Verdict{Outcome: target.Retry, Reason: "timeout"}
		}
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	f.channels["mail"].await(t, 1)
	f.publish(t, missed("c2"))
	f.channels["crm"].await(t, 1)
	f.idle(t)
	assert.Len(t, f.channels["mail"].all(), 1)
}

func TestTheEndOfAMatterOfWhichTheFallbackWasToldAPartReachesBoth(t *testing.T) {
	f := start(t, withFallback(300*time.Millisecond))
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.channels["crm"].says(away)
	f.publish(t, again("c2", "c1"), resolved("c1")) // routed before the fallback knows of it
	got := f.channels["mail"].await(t, 2)
	assert.Equal(t, []string{"c2.end.mail", "c1.resolved.mail"}, idsOf(got))
	assert.True(t, got[1].Changes)
	f.channels["crm"].answers(nil)
	f.idle(t)
	assert.Equal(t, []string{"c1.end.crm", "c1.resolved.crm"}, idsOf(f.channels["crm"].all()))
	assert.Len(t, f.channels["mail"].all(), 2)
}

func TestTheEndOfAMatterThatWaitsBehindARefusalFollowsToTheFallback(t *testing.T) {
	f := start(t, withFallback(time.Hour))
	refuse := make(chan struct{})
	f.channels["crm"].answers(func(context.Context, target.Delivery) target.Verdict {
		<-refuse
		return refusal
	})
	f.publish(t, missed("c1"), resolved("c1"))
	require.Eventually(t, func() bool { n, _ := f.Backlog(t.Context(), "crm"); return n == 2 }, patience, time.Millisecond)
	close(refuse)
	got := f.channels["mail"].await(t, 2)
	assert.Equal(t, []string{"c1.end.mail", "c1.resolved.mail"}, idsOf(got))
	f.idle(t)
}

func TestACallThatComesToTheFallbackAfterTheEndOfItsMatterIsNoNews(t *testing.T) {
	r := &record{}
	late := again("c2", "c1")
	r.tell(missed("c1"))
	r.tell(resolved("c1"))
	e := &errand{job: job{Routed: true, Hops: 1, event: late}, record: r}
	assert.Equal(t, step{what: skip, reason: "settled"}, e.way(false))
	e.job.event = again("c3", "c1")
	assert.Equal(t, announce, e.way(false).what, "it was missed after that")
	e.job.event, e.job.Hops = late, 0
	assert.Equal(t, announce, e.way(false).what, "it was asked for, as by a replay")
}
