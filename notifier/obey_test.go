package notifier

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func TestAChannelThatAsksForAPauseIsTriedWhenItIsOverAndNotBefore(t *testing.T) {
	for what, all := range map[string]bool{"for one message": false, "for all of them": true} {
		t.Run(what, func(t *testing.T) {
			f := start(t, one())
			const after = 2 * time.Second
			var mu sync.Mutex
			var refused, tried []time.Time
			f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
				mu.Lock()
				defer mu.Unlock()
				tried = append(tried, time.Now())
				if len(refused) == 0 && d.Event.Call == "c1" {
					refused = append(refused, time.Now())
					return target.Verdict{Outcome: target.Retry, Reason: "rate_limited", After: after, All: all}
				}
				return sentAs(d.ID)
			})
			f.publish(t, missed("c1"))
			f.channels["crm"].until(t, func() bool { return f.channels["crm"].tries() == 1 })
			f.publish(t, someMissed(1, 5)...)
			f.channels["crm"].await(t, 6)
			mu.Lock()
			defer mu.Unlock()
			require.Len(t, tried, 7)
			last := tried[6]
			if all {
				last = tried[1]
			}
			assert.GreaterOrEqual(t, last.Sub(refused[0]), after)
			assert.Less(t, last.Sub(refused[0]), after+3*time.Second, "a busy machine is given some time")
			if !all {
				assert.Less(t, tried[5].Sub(refused[0]), after, "the others went on")
			}
		})
	}
}

func TestAPauseThatAChannelAskedForOutlivesANewConfiguration(t *testing.T) {
	p := one()
	f := start(t, p)
	const after = time.Second
	var refused time.Time
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if refused.IsZero() {
			refused = time.Now()
			return target.Verdict{Outcome: target.Retry, Reason: "rate_limited", After: after, All: true}
		}
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	require.Eventually(t, func() bool { return !f.Health()[0].OK }, patience, time.Millisecond)
	require.NoError(t, f.Reconfigure(p))
	f.publish(t, missed("c2"))
	f.channels["crm"].await(t, 2)
	assert.GreaterOrEqual(t, f.channels["crm"].at[0].Sub(refused), after)
}

func TestNoMoreThanItsRateGoesToATargetHoweverManyWait(t *testing.T) {
	const per = 500 * time.Millisecond
	f := routed(t, one(func(t *policy.Target) { t.Rate, t.Per = 3, per }), someMissed(1, 10)...).run(t)
	f.channels["crm"].await(t, 10)
	at := f.channels["crm"].at
	for i := 3; i < len(at); i++ {
		assert.GreaterOrEqual(t, at[i].Sub(at[i-3]), per-20*time.Millisecond, "of the moments of arrival")
	}
}

func TestNoMoreWorkersThanATargetMayHaveAreAtIt(t *testing.T) {
	f := routed(t, one(func(t *policy.Target) { t.Workers = 3 }), someMissed(1, 30)...)
	var mu sync.Mutex
	now, most := 0, 0
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		mu.Lock()
		now++
		most = max(most, now)
		few := most < 3
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			now--
		}()
		if few {
			<-time.After(20 * time.Millisecond)
		}
		return sentAs(d.ID)
	})
	f.run(t)
	f.channels["crm"].await(t, 30)
	assert.Equal(t, 3, most)
}
