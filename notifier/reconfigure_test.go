package notifier

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func TestNothingIsLostOrToldTwiceWhileTheConfigurationChangesUnderLoad(t *testing.T) {
	p := one()
	f := start(t, p)
	const n = 300
	published := make(chan struct{})
	go func() {
		defer close(published)
		for i := range n / 10 {
			m := messages(someMissed(10*i, 10))
			if _, err := f.bus.Publish(t.Context(), m); err != nil {
				return
			}
		}
	}()
	for i := 0; ; i++ {
		p.Routes = []policy.Route{{To: []string{"crm"}, Match: policy.Match{Queues: []string{fmt.Sprint("q", i)}}}}
		require.NoError(t, f.Reconfigure(p))
		select {
		case <-published:
		default:
			continue
		}
		break
	}
	f.channels["crm"].await(t, n)
	f.idle(t)
	assert.ElementsMatch(t, someIDs(0, n, "crm"), idsOf(f.channels["crm"].all()))
	assert.Positive(t, f.channels["crm"].closed)
}

func TestAConfigurationThatCannotBeUsedChangesNothing(t *testing.T) {
	f := start(t, one())
	bad := one()
	bad.Targets["unknown"] = webhook()
	assert.EqualError(t, f.Reconfigure(bad), "target unknown: no such channel")
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	assert.Equal(t, []string{"crm"}, f.Targets())
}

func TestWhatATokenKeptBackIsToldWhenTheConfigurationIsLoadedAgain(t *testing.T) {
	f := start(t, one())
	f.channels["crm"].answers(func(context.Context, target.Delivery) target.Verdict {
		return target.Verdict{Outcome: target.Retry, Reason: target.ReasonUnauthorized, All: true, After: target.UntilMended}
	})
	f.publish(t, someMissed(0, 3)...)
	f.channels["crm"].until(t, func() bool { return f.counts.of("delivered", "crm", "webhook", "retry", "unauthorized") > 0 })
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict { return sentAs(d.ID) })
	require.NoError(t, f.Reconfigure(one()))
	f.channels["crm"].await(t, 3)
}

func TestATargetThatIsAddedIsTold(t *testing.T) {
	f := start(t, one())
	f.channels["new"] = newChannel()
	p := one()
	p.Targets["new"] = webhook()
	p.CopyAll = append(p.CopyAll, "new")
	require.NoError(t, f.Reconfigure(p))
	f.publish(t, missed("c1"))
	f.channels["new"].await(t, 1)
}

func TestBeforeItRunsAndAfterItHasEndedANotifierIsConfiguredOrSaysWhyNot(t *testing.T) {
	f := prepare(t, openBus(t, bus.Settings{}), one())
	require.NoError(t, f.Reconfigure(one()))
	assert.Equal(t, 1, f.channels["crm"].closed)
	f.run(t).publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.stop()
	assert.EqualError(t, f.Reconfigure(one()), "reconfigure the notifier: it has ended")
	assert.Equal(t, 3, f.channels["crm"].closed, "each time it was made")
}

func TestWhatIsOnItsWayArrivesWhenTheNotifierEnds(t *testing.T) {
	f := start(t, one())
	begun, release := make(chan struct{}), make(chan struct{})
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		close(begun)
		<-release
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	<-begun
	late := time.AfterFunc(100*time.Millisecond, func() { close(release) })
	defer late.Stop()
	f.stop()
	g := prepare(t, f.bus, one()).run(t)
	g.idle(t)
	assert.Len(t, f.channels["crm"].all(), 1)
	assert.Empty(t, g.channels["crm"].all())
}

func TestWhatDoesNotArriveInTimeIsHandedBackAndToldByTheNextProcess(t *testing.T) {
	f := start(t, one())
	begun := make(chan struct{})
	f.channels["crm"].answers(func(ctx context.Context, _ target.Delivery) target.Verdict {
		close(begun)
		<-ctx.Done()
		return target.Verdict{Outcome: target.Retry, All: true, Reason: "timeout"}
	})
	f.publish(t, missed("c1"))
	<-begun
	f.stop()
	at := time.Now()
	g := prepare(t, f.bus, one()).run(t)
	g.channels["crm"].await(t, 1)
	assert.Less(t, time.Since(at), f.tuning.ackWait, "at once")
}
