package notifier

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// The pauses after failures double from the first to the last, each longer by up to a quarter, so that what failed
// together is not tried together. A channel that asks for a longer pause has it, up to a day.
const (
	firstPause   = time.Second
	lastPause    = 5 * time.Minute
	longestPause = 24 * time.Hour
)

// manyFailing is how many different deliveries must fail, and none succeed, for the target to be what fails.
const manyFailing = 3

// gate knows whether a target takes anything. It is safe for concurrent use.
type gate struct {
	fallback bool
	// patience is how long the target may take nothing before the fallback is told in its place.
	patience time.Duration
	first    time.Duration // the shortest pause
	chance   func() float64

	mu          sync.Mutex
	pausedUntil time.Time
	why         string // of the pause
	refusals    int    // of all deliveries, in a row
	failing     map[string]bool
	// failingSince is the first failure after the last success, zero for none.
	failingSince time.Time
	off          string // why nothing goes out until it is configured anew; empty while it may
}

func newGate(t policy.Target) *gate {
	return &gate{
		fallback: t.Fallback != "", patience: t.FallbackAfter, first: firstPause, chance: rand.Float64,
		failing: make(map[string]bool),
	}
}

// inherit goes on with what another gate knows of the same target, unless that one is shut for good. Its pause holds, except
// one for what an operator may just have mended: see target.UntilMended.
func (g *gate) inherit(old *gate) {
	old.mu.Lock()
	defer old.mu.Unlock()
	if old.off != "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !isMendable(old.why) {
		g.pausedUntil, g.why = old.pausedUntil, old.why
	}
	g.refusals, g.failingSince = old.refusals, old.failingSince
	g.failing = maps.Clone(old.failing)
}

// passage is what a gate lets pass.
type passage struct {
	// open says that deliveries may be tried.
	open bool
	// divert says that announcements go to the fallback.
	divert bool
	// wait is when to look again, 0 for when it is configured anew.
	wait time.Duration
}

func (g *gate) look(now time.Time) passage {
	g.mu.Lock()
	defer g.mu.Unlock()
	paused := max(0, g.pausedUntil.Sub(now))
	switch {
	case g.off != "":
		return passage{divert: g.fallback}
	case paused == 0:
		return passage{open: true, divert: g.down(now)}
	case g.down(now):
		return passage{divert: true, wait: paused}
	case g.fallback && !g.failingSince.IsZero():
		return passage{wait: min(paused, g.untilDown(now))}
	}
	return passage{wait: paused}
}

// down says whether the fallback is to be told in place of this target.
func (g *gate) down(now time.Time) bool {
	return g.fallback && (g.off != "" || !g.failingSince.IsZero() && g.untilDown(now) <= 0)
}

func (g *gate) untilDown(now time.Time) time.Duration {
	return g.failingSince.Add(g.patience).Sub(now)
}

// taken notes that the target has taken a delivery. A pause it has asked for meanwhile holds.
func (g *gate) taken() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusals, g.failingSince = 0, time.Time{}
	clear(g.failing)
}

// failed notes that a delivery was not taken, for the so manieth time since a time, and says after how long it is to be
// tried again. A target that takes nothing at all is paused.
func (g *gate) failed(now time.Time, v target.Verdict, delivery string, t trying) (after time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failingSince.IsZero() || t.Since.Before(g.failingSince) {
		g.failingSince = t.Since
	}
	if len(g.failing) < manyFailing {
		g.failing[delivery] = true
	}
	if v.Outcome == target.Permanent {
		g.off = v.Reason
		return 0
	}
	if v.All || len(g.failing) >= manyFailing {
		g.refusals++
		after = g.after(v, g.refusals)
		if until := now.Add(after); until.After(g.pausedUntil) {
			g.pausedUntil, g.why = until, v.Reason
		}
	} else {
		after = g.after(v, t.Attempts)
	}
	if g.fallback && !g.down(now) && (v.All || v.After == 0) { // comes back in time to be moved
		after = min(after, g.untilDown(now))
	}
	return after
}

// after is the pause the channel asks for, or that after so many failures.
func (g *gate) after(v target.Verdict, failures int) time.Duration {
	if v.After > 0 {
		return min(v.After, longestPause)
	}
	return backoff(g.first, failures, g.chance())
}

// backoff is the pause after the n-th failure in a row, counted from 1.
func backoff(first time.Duration, n int, chance float64) time.Duration {
	d := lastPause
	if n < 20 { // the shift stays in bounds
		d = min(first<<max(n-1, 0), lastPause)
	}
	return min(d+time.Duration(chance*float64(d)/4), lastPause)
}

// isMendable says whether a reason is one that ends when an operator mends the configuration, or what it names.
func isMendable(reason string) bool {
	return reason == target.ReasonUnauthorized || reason == target.ReasonForbidden
}

// awaitsMending says whether it is paused because of what an operator may mend.
func (g *gate) awaitsMending(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.pausedUntil.After(now) && isMendable(g.why)
}

// state says how things are, for people.
func (g *gate) state(now time.Time) (ok bool, state string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.off != "":
		return false, fmt.Sprintf("off because of %s: mend it, and reload the configuration", g.off)
	case g.pausedUntil.After(now):
		return false, fmt.Sprintf("paused until %s because of %s", g.pausedUntil.Format(time.TimeOnly), g.why)
	case !g.failingSince.IsZero():
		return false, "nothing was taken since " + g.failingSince.Format(time.TimeOnly)
	}
	return true, "ok"
}
