package notifier

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

func retry(v target.Verdict) target.Verdict {
	v.Outcome = target.Retry
	return v
}

// gateOf is a gate whose pauses are not stretched by chance.
func gateOf(t policy.Target) *gate {
	g := newGate(t)
	g.chance = func() float64 { return 0 }
	return g
}

// fail fails a delivery for the n-th time since a moment.
func (g *gate) fail(now time.Time, delivery string, n int, since time.Time, v target.Verdict) time.Duration {
	return g.failed(now, retry(v), delivery, trying{Attempts: n, Since: since})
}

var noon = clock(12, 0)

func TestPausesDoubleFromASecondToFiveMinutesAndALittleMore(t *testing.T) {
	for n, want := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 9: 256 * time.Second, 10: 5 * time.Minute, 11: 5 * time.Minute,
		100: 5 * time.Minute, 10_000: 5 * time.Minute, 0: time.Second,
	} {
		assert.Equal(t, want, backoff(time.Second, n, 0), n)
		assert.Equal(t, min(want*5/4, lastPause), backoff(time.Second, n, 1), n)
	}
}

func TestADeliveryThatFailsDoesNotCloseTheGate(t *testing.T) {
	g := gateOf(policy.Target{})
	assert.Equal(t, time.Second, g.fail(noon, "a", 1, noon, target.Verdict{}))
	assert.Equal(t, 8*time.Second, g.fail(noon, "a", 4, noon, target.Verdict{}))
	assert.Equal(t, 30*time.Second, g.fail(noon, "a", 5, noon, target.Verdict{After: 30 * time.Second}))
	assert.Equal(t, passage{open: true}, g.look(noon))
	ok, state := g.state(noon)
	assert.False(t, ok)
	assert.Equal(t, "nothing was taken since 12:00:00", state)
}

func TestATargetThatTakesNothingIsPausedAsItAsks(t *testing.T) {
	g := gateOf(policy.Target{})
	after := g.fail(noon, "a", 1, noon, target.Verdict{All: true, After: 7 * time.Second, Reason: "rate_limited"})
	assert.Equal(t, 7*time.Second, after)
	assert.Equal(t, passage{wait: time.Nanosecond}, g.look(noon.Add(7*time.Second-1)))
	g.taken() // one that was on its way
	assert.Equal(t, passage{wait: time.Nanosecond}, g.look(noon.Add(7*time.Second-1)))
	assert.Equal(t, passage{open: true}, g.look(noon.Add(7*time.Second)))
	assert.Equal(t, longestPause, g.fail(noon, "a", 1, noon, target.Verdict{All: true, After: 1000 * time.Hour}))
}

func TestATargetThatFailsAgainAndAgainIsPausedLonger(t *testing.T) {
	g := gateOf(policy.Target{})
	for n, want := range []time.Duration{1, 2, 4, 8} {
		after := g.fail(noon, fmt.Sprint(n), 1, noon, target.Verdict{All: true})
		assert.Equal(t, want*time.Second, after)
		assert.Equal(t, passage{wait: after}, g.look(noon))
	}
	g.taken()
	assert.Equal(t, time.Second, g.fail(noon, "a", 1, noon, target.Verdict{All: true}))
}

func TestThreeDifferentDeliveriesThatFailAreTheTargetsFault(t *testing.T) {
	g := gateOf(policy.Target{})
	for range 5 {
		g.fail(noon, "a", 1, noon, target.Verdict{})
	}
	g.fail(noon, "b", 1, noon, target.Verdict{})
	assert.True(t, g.look(noon).open)
	g.taken()
	g.fail(noon, "c", 1, noon, target.Verdict{})
	g.fail(noon, "d", 1, noon, target.Verdict{})
	assert.True(t, g.look(noon).open)
	g.fail(noon, "e", 1, noon, target.Verdict{})
	assert.Equal(t, passage{wait: time.Second}, g.look(noon))
}

func TestTheFallbackIsToldWhenTheTargetHasTakenNothingForItsTime(t *testing.T) {
	p := policy.Target{Fallback: "other", FallbackAfter: 5 * time.Minute}
	down := noon.Add(5 * time.Minute)
	paused := target.Verdict{All: true, After: time.Hour}

	g := gateOf(p)
	assert.Equal(t, 5*time.Minute, g.fail(noon, "a", 1, noon, paused), "it comes back in time to be moved")
	assert.Equal(t, passage{wait: time.Nanosecond}, g.look(down.Add(-1)))
	assert.Equal(t, passage{divert: true, wait: 55 * time.Minute}, g.look(down))
	assert.Equal(t, passage{open: true, divert: true}, g.look(noon.Add(time.Hour)), "then it is tried")
	g.taken()
	assert.Equal(t, passage{open: true}, g.look(noon.Add(time.Hour)))

	g = gateOf(p)
	assert.Equal(t, time.Hour, g.fail(noon, "a", 1, noon, target.Verdict{After: time.Hour}), "what a channel asks for one delivery is kept")
	assert.Equal(t, passage{open: true}, g.look(down.Add(-1)))

	g = gateOf(p)
	g.fail(noon, "a", 9, noon.Add(-5*time.Minute), target.Verdict{})
	assert.True(t, g.look(noon).divert, "it has failed since before this process began")

	g = gateOf(policy.Target{})
	g.fail(noon, "a", 1, noon, paused)
	assert.Equal(t, passage{wait: time.Nanosecond}, g.look(noon.Add(time.Hour-1)), "without a fallback")
}

func TestATargetThatRefusesEverythingIsOffUntilItIsConfiguredAnew(t *testing.T) {
	off := target.Verdict{Outcome: target.Permanent, All: true, Reason: "bad_token"}
	g := gateOf(policy.Target{})
	g.failed(noon, off, "a", trying{Since: noon})
	assert.Equal(t, passage{}, g.look(noon.Add(1000*time.Hour)))
	ok, state := g.state(noon)
	assert.False(t, ok)
	assert.Equal(t, "off because of bad_token: mend it, and reload the configuration", state)
	fresh := gateOf(policy.Target{})
	fresh.inherit(g)
	assert.Equal(t, passage{open: true}, fresh.look(noon))

	g = gateOf(policy.Target{Fallback: "other", FallbackAfter: time.Hour})
	g.failed(noon, off, "a", trying{Since: noon})
	assert.Equal(t, passage{divert: true}, g.look(noon))
}

func TestAGateThatIsMadeAnewForTheSameTargetKeepsItsPause(t *testing.T) {
	g := gateOf(policy.Target{})
	g.fail(noon, "a", 1, noon, target.Verdict{All: true, After: time.Minute})
	fresh := gateOf(policy.Target{})
	fresh.inherit(g)
	assert.Equal(t, passage{wait: time.Minute}, fresh.look(noon))
}

func TestWhatMayHaveBeenMendedIsTriedAtOnce(t *testing.T) {
	for _, reason := range []string{target.ReasonUnauthorized, target.ReasonForbidden} {
		g := gateOf(policy.Target{})
		g.fail(noon, "a", 1, noon, target.Verdict{All: true, After: target.UntilMended, Reason: reason})
		fresh := gateOf(policy.Target{})
		fresh.inherit(g)
		assert.Equal(t, passage{open: true}, fresh.look(noon), reason)
	}
}

func TestInNoSpanGoMoreThanThePaceAllows(t *testing.T) {
	p := newPace(3, time.Minute)
	for i := range 3 {
		assert.Zero(t, p.take(noon.Add(time.Duration(i)*time.Second)))
	}
	at := noon.Add(3 * time.Second)
	assert.Equal(t, 57*time.Second, p.take(at))
	assert.Equal(t, 57*time.Second, p.free(at))
	assert.Equal(t, time.Nanosecond, p.take(noon.Add(time.Minute-1)))
	assert.Zero(t, p.free(noon.Add(time.Minute)))
	assert.Zero(t, p.take(noon.Add(time.Minute)))
	assert.Equal(t, time.Second, p.take(noon.Add(time.Minute)), "the second of the first three is a second younger")
	var sent []time.Time
	p = newPace(20, time.Minute)
	for now := noon; len(sent) < 200; {
		wait := p.take(now)
		if wait == 0 {
			sent = append(sent, now)
		}
		now = now.Add(wait)
	}
	for i := 20; i < len(sent); i++ {
		require.GreaterOrEqual(t, sent[i].Sub(sent[i-20]), time.Minute)
	}
}

func TestWithoutAPaceEverythingGoesAtOnce(t *testing.T) {
	p := newPace(0, 0)
	for range 1000 {
		assert.Zero(t, p.take(noon))
	}
}

func TestWaitingForThePaceEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(1, time.Minute)
		start := time.Now()
		require.NoError(t, p.pass(t.Context()))
		require.NoError(t, p.pass(t.Context()))
		assert.Equal(t, time.Minute, time.Since(start))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, p.pass(ctx), context.DeadlineExceeded)
	})
}
