package notifier

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

func TestAMissedCallIsToldOnceToEveryTargetThatIsToHearOfIt(t *testing.T) {
	p := policy.Policy{
		Targets: map[string]policy.Target{"sales": webhook(), "admin": webhook(), "other": webhook()},
		Routes:  []policy.Route{{Match: policy.Match{Queues: []string{"sales"}}, To: []string{"sales"}}},
		CopyAll: []string{"admin"}, Default: []string{"other"},
	}
	f := start(t, p)
	e := missed("c1")
	f.publish(t, e)
	for _, name := range []string{"sales", "admin"} {
		d := f.channels[name].await(t, 1)[0]
		assert.Equal(t, "c1.end."+name, d.ID)
		assert.Equal(t, "missed c1", d.Message.Title)
		assert.Equal(t, e, d.Event)
		data, err := callevent.Encode(e)
		require.NoError(t, err)
		assert.JSONEq(t, string(data), string(d.Data))
		assert.False(t, d.Changes)
		assert.Empty(t, d.Earlier)
	}
	f.idle(t)
	assert.Empty(t, f.channels["other"].all())
	assert.Equal(t, 1, f.counts.of("routed", "sales"))
	assert.Equal(t, 1, f.counts.of("delivered", "admin", "webhook", "sent", ""))
	assert.Equal(t, []string{"admin", "other", "sales"}, f.Targets())
}

func TestOfTheEndOfAMatterHearsWhoWasToldOfIt(t *testing.T) {
	p := everybody(map[string]policy.Target{"sales": webhook()})
	p.Targets["other"] = webhook()
	f := start(t, p)
	f.publish(t, missed("c1"), again("c2", "c1"))
	f.channels["sales"].await(t, 2)
	f.publish(t, resolved("c1"))
	got := f.channels["sales"].await(t, 3)
	assert.Equal(t, "missed c1", got[1].Earlier[0].Message.Title, "the second call hears of the first")
	last := got[2]
	assert.True(t, last.Changes)
	assert.Equal(t, "resolved c1", last.Message.Title)
	require.Len(t, last.Earlier, 2)
	for i, d := range got[:2] {
		assert.JSONEq(t, `"`+d.ID+`"`, string(last.Earlier[i].Ref))
		assert.Equal(t, d.Message.Title, last.Earlier[i].Message.Title)
		assert.Equal(t, "resolved", last.Earlier[i].Message.Status)
	}
	f.idle(t)
	assert.Empty(t, f.channels["other"].all())
	r := f.told(t, "sales", "c1")
	assert.True(t, r.Closed)
	assert.Equal(t, "resolved", r.Said[0].Message.Status)
}

func TestNewsOfTheSameMatterKeepTheirOrderHoweverLongTheFirstTakes(t *testing.T) {
	f := start(t, one())
	release := make(chan struct{})
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if d.Event.Call == "c1" {
			<-release
		}
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"), again("c2", "c1"), missed("c3"), resolved("c1"))
	assert.Equal(t, []string{"c3.end.crm"}, idsOf(f.channels["crm"].await(t, 1)))
	close(release)
	assert.Equal(t, []string{"c3.end.crm", "c1.end.crm", "c2.end.crm", "c1.resolved.crm"}, idsOf(f.channels["crm"].await(t, 4)))
}

func TestAnEventThatComesAgainIsToldOnce(t *testing.T) {
	f := start(t, one())
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.idle(t)
	e := missed("c1")
	data, err := callevent.Encode(e)
	require.NoError(t, err)
	_, err = f.bus.Publish(t.Context(), []bus.Message{{Subject: e.Subject(), ID: "another id", Data: data}})
	require.NoError(t, err)
	m, err := job{Target: "crm", Matter: "c1", Event: data, Routed: true, Since: e.Time, event: e}.message()
	require.NoError(t, err)
	m.ID = "as after a quarter of an hour"
	_, err = f.streams.Load().Jobs.Publish(t.Context(), []bus.Message{m})
	require.NoError(t, err)
	f.idle(t)
	assert.Len(t, f.channels["crm"].all(), 1)
	assert.Equal(t, 1, f.counts.of("skipped", "crm", "told_already"))
}

func TestWhatFailsIsTriedAgainAndWhatIsDoneOfItIsKnown(t *testing.T) {
	f := start(t, one())
	tries := 0
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if tries++; tries < 3 {
			return target.Verdict{Outcome: target.Retry, Reason: "timeout", Err: errors.New("too slow"), Progress: []byte(`["a@b"]`)}
		}
		assert.JSONEq(t, `["a@b"]`, string(d.Progress))
		assert.Equal(t, 2, f.told(t, "crm", "c1").Trying.Attempts)
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.idle(t)
	assert.Equal(t, 2, f.counts.of("delivered", "crm", "webhook", "retry", "timeout"))
	assert.Nil(t, f.told(t, "crm", "c1").Trying)
}

func TestAPanicLosesNothing(t *testing.T) {
	f := start(t, one())
	tries := 0
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if tries++; tries < 3 {
			panic("at the disco")
		}
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	assert.Equal(t, 2, f.counts.of("delivered", "crm", "webhook", "retry", "panic"))
}

func TestAVerdictThatIsNoneIsAFailure(t *testing.T) {
	f := start(t, one())
	tries := 0
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		if tries++; tries < 2 {
			return target.Verdict{}
		}
		return sentAs(d.ID)
	})
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	assert.Equal(t, 1, f.counts.of("delivered", "crm", "webhook", "retry", "no_verdict"))
}

func TestNumbersLeaveMaskedWhereThatIsAskedFor(t *testing.T) {
	f := start(t, one(func(t *policy.Target) { t.MaskNumbers = true }))
	f.publish(t, missed("c1"))
	d := f.channels["crm"].await(t, 1)[0]
	assert.Empty(t, d.Event.Payload.(callevent.Missed).Caller.Raw)
	assert.NotContains(t, string(d.Data), "9161234567")
	e, err := callevent.Decode(d.Data)
	require.NoError(t, err)
	assert.Equal(t, d.Event, e)
}

func TestANotifierThatNeverRanTellsOfTheLastMinutesAndGoesOnFromThere(t *testing.T) {
	b := openBus(t, bus.Settings{})
	publish(t, b, missed("c1"))
	f := prepare(t, b, one()).run(t)
	f.channels["crm"].await(t, 1)
	f.stop()
	publish(t, b, missed("c2"))
	g := prepare(t, b, one()).run(t)
	assert.Equal(t, []string{"c2.end.crm"}, idsOf(g.channels["crm"].await(t, 1)))
}

func TestAMessageInCallsThatIsNoEventHoldsNothingUp(t *testing.T) {
	f := start(t, one())
	_, err := f.bus.Publish(t.Context(), []bus.Message{
		{Subject: "calls.sales.missed", ID: "a", Data: []byte("nonsense")},
		{Subject: "calls.sales.applauded", ID: "b", Data: []byte(`{"specversion":"1.0","id":"a","subject":"a","type":"missedcalls.call.applauded.v1"}`)},
	})
	require.NoError(t, err)
	f.publish(t, missed("c1"))
	f.channels["crm"].await(t, 1)
	f.idle(t)
}

func TestATargetThatCannotBeMadeIsAnErrorAndTheOthersAreClosed(t *testing.T) {
	f := &fixture{channels: map[string]*channel{"a": newChannel()}, counts: &counts{}}
	_, err := New(everybody(map[string]policy.Target{"a": webhook(), "b": webhook(), "c": webhook()}), f.deps())
	assert.EqualError(t, err, "target b: no such channel\ntarget c: no such channel")
	assert.Equal(t, 1, f.channels["a"].closed)
}

func TestATargetSaysItsStateAndItsBacklog(t *testing.T) {
	f := start(t, one())
	_, err := f.Backlog(t.Context(), "nobody")
	require.Eventually(t, func() bool { _, err = f.Backlog(t.Context(), "crm"); return err == nil }, patience, time.Millisecond)
	assert.Equal(t, []Health{{Target: "crm", Channel: "webhook", OK: true, State: "ok"}}, f.Health())
	f.channels["crm"].says(target.Verdict{Outcome: target.Retry, All: true, After: time.Hour, Reason: "rate_limited"})
	f.publish(t, someMissed(1, 10)...)
	require.Eventually(t, func() bool { n, err := f.Backlog(t.Context(), "crm"); return err == nil && n == 10 }, patience, 5*time.Millisecond)
	require.Eventually(t, func() bool { return !f.Health()[0].OK }, patience, time.Millisecond)
	assert.Regexp(t, `paused until \d\d:\d\d:\d\d because of rate_limited`, f.Health()[0].State)
}

func TestWithoutAMaskNoTargetIsMadeWhoseNumbersAreToBeMasked(t *testing.T) {
	f := &fixture{channels: map[string]*channel{"crm": newChannel()}, counts: &counts{}}
	deps := f.deps()
	deps.Mask = nil
	_, err := New(one(func(t *policy.Target) { t.MaskNumbers = true }), deps)
	assert.ErrorContains(t, err, "target crm: its numbers are to be masked")
}

func TestANotifierGoesOnWhenNatsIsBack(t *testing.T) {
	dir := t.TempDir()
	serve := func(listen string) *bus.Bus {
		b, err := bus.Open(t.Context(), bus.Settings{Dir: dir, Listen: listen, Username: "u", Password: "p"}, zerolog.Nop())
		require.NoError(t, err)
		return b
	}
	server := serve("127.0.0.1:0")
	addr := server.Addr()
	f := prepare(t, openBus(t, bus.Settings{URL: "nats://" + addr, Username: "u", Password: "p", AckWait: 2 * time.Second}), one()).run(t)
	release := make(chan struct{})
	f.channels["crm"].answers(func(_ context.Context, d target.Delivery) target.Verdict {
		<-release
		return sentAs(d.ID)
	})
	f.publish(t, someMissed(1, 10)...)
	f.channels["crm"].until(t, func() bool { return hanging(f.channels["crm"]) == 4 })
	closeBus(t, server)
	close(release) // four were told, and that cannot be noted
	f.channels["crm"].await(t, 4)
	server = serve(addr)
	t.Cleanup(func() { closeBus(t, server) })
	require.Eventually(t, func() bool { return f.bus.Healthy() == nil }, patience, time.Millisecond)
	f.publish(t, someMissed(11, 5)...)
	f.channels["crm"].await(t, 15)
	f.idle(t)
	assert.ElementsMatch(t, someIDs(1, 15, "crm"), idsOf(f.channels["crm"].all()))
}
