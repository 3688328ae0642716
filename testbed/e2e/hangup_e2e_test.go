//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// seed makes the delays of a run repeatable.
const seed = 20261123

// external gives a Russian mobile number as a carrier sends it, and as E.164.
func external(i int) (raw, e164 string) {
	return fmt.Sprintf("8916%07d", i), fmt.Sprintf("+7916%07d", i)
}

// patience plans n callers to several DIDs, each staying for its own time.
func patience(n int, least, most time.Duration) []testbed.Caller {
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	dids := []string{"74951234567", "78001111111", "78002222222"}
	callers := make([]testbed.Caller, n)
	for i := range callers {
		raw, _ := external(i)
		callers[i] = testbed.Caller{
			Number: raw, DID: dids[i%len(dids)],
		}
		callers[i].HangupAfter = least + time.Duration(random.Int64N(int64(most-least)))
	}
	return callers
}

func TestTwoHundredCallersWhoHangUpAreTwoHundredMissedCalls(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)

	const n = 200
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(n, time.Second, 15*time.Second), Rate: 50}).Results()
	events.await(callevent.KindMissed, n)

	missed := events.missed()
	var off []time.Duration
	for i, r := range results {
		raw, e164 := external(i)
		require.Len(t, missed[raw], 1, "caller %s", raw)
		m := missed[raw][0]
		assert.Equal(t, callevent.ReasonAbandoned, m.Reason)
		assert.Equal(t, r.DID, m.DID)
		assert.Equal(t, e164, m.Caller.E164)
		assert.Equal(t, callevent.CallerExternal, m.Caller.Kind)
		assert.Equal(t, callevent.ByCaller, m.Hangup.By)
		assert.NotEmpty(t, m.Asterisk.LinkedID)
		assertWaited(t, r, m)
		off = append(off, (r.Stayed() - time.Duration(m.WaitedMS)*time.Millisecond).Abs())
	}
	slices.Sort(off)
	assert.LessOrEqual(t, off[n*9/10], 100*time.Millisecond, "nine of ten waits are right to a tenth of a second")
	assert.Empty(t, events.twice(), "no event is on the stream twice")
	assert.Equal(t, n, events.count(callevent.KindMissed))
	assert.Equal(t, n, events.count(callevent.KindEntered))
	assertQuiet(t, asterisk)
}

// busy is how late a machine that has other things to do may be, with SIPp, Asterisk or the program.
const busy = time.Second

// assertWaited holds the wait in the event against SIPp's own times.
func assertWaited(t *testing.T, r testbed.CallResult, m callevent.Missed) {
	t.Helper()
	assert.InDelta(t, r.Stayed().Milliseconds(), m.WaitedMS, float64(busy.Milliseconds()), "caller %s", r.Number)
	assert.WithinDuration(t, r.InviteAt, m.EnteredAt, busy)
	assert.WithinDuration(t, r.EndedAt, m.LeftAt, busy)
}

// assertQuiet holds that nothing is left on Asterisk.
func assertQuiet(t *testing.T, asterisk *testbed.Asterisk) {
	t.Helper()
	assert.Eventually(t, func() bool {
		channels, err := asterisk.ActiveChannels(within(t, 5*time.Second))
		return err == nil && channels == 0
	}, 10*time.Second, 100*time.Millisecond, "channels are left on Asterisk")
	assert.Eventually(t, func() bool {
		out, err := asterisk.CLI(within(t, 5*time.Second), "bridge show all")
		return err == nil && !containsHold(out)
	}, 10*time.Second, 100*time.Millisecond, "bridges are left on Asterisk")
}

func TestWhatHappensDuringCutsIsLostWithinItsWindowAndNewCallsFallBack(t *testing.T) {
	asterisk := testbed.Start(t)
	between := interpose(t, fmt.Sprintf("127.0.0.1:%d", asterisk.HTTPPort))
	p := install(t, asterisk, "ARI_URL="+between.url())
	p.serve()
	events := subscribe(t, p)

	const n = 200
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(n, time.Second, 25*time.Second), Rate: 10})
	var cuts []callevent.Window
	for range 3 {
		awaitCalls(t, run, len(cuts)*50+30)
		cut := callevent.Window{From: time.Now()}
		between.cut()
		awaitCalls(t, run, began(run)+15) // they come while the events are cut
		between.mend()
		p.awaitReady()
		cut.To = time.Now()
		cuts = append(cuts, cut)
	}
	results := run.Results()

	fallbacks, err := asterisk.Fallbacks(within(t, 10*time.Second))
	require.NoError(t, err)
	fellBack := map[string]bool{}
	for _, f := range fallbacks {
		assert.Equal(t, "FAILED", f.StasisStatus)
		fellBack[f.Number] = true
	}
	assert.NotEmpty(t, fellBack, "calls that arrive during a cut take the fallback")
	events.await(callevent.KindMissed, n-len(fellBack))

	missed, lost := events.missed(), 0
	for i, r := range results {
		raw, _ := external(i)
		if fellBack[raw] {
			assert.Empty(t, missed[raw], "caller %s was served by the fallback", raw)
			continue
		}
		require.Len(t, missed[raw], 1, "caller %s", raw)
		m := missed[raw][0]
		if m.Reason != callevent.ReasonLost {
			assert.Equal(t, callevent.ReasonAbandoned, m.Reason)
			assertWaited(t, r, m)
			continue
		}
		lost++
		require.NotNil(t, m.LostWindow)
		assert.False(t, r.EndedAt.Before(m.LostWindow.From) || r.EndedAt.After(m.LostWindow.To),
			"caller %s left at %s, not in %s .. %s", raw, r.EndedAt, m.LostWindow.From, m.LostWindow.To)
		assert.WithinDuration(t, r.InviteAt, m.EnteredAt, busy)
	}
	t.Logf("%d callers: %d fell back, %d lost in cuts of %s", n, len(fellBack), lost, lengths(cuts))
	assert.Positive(t, lost, "somebody hung up during a cut")
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func lengths(cuts []callevent.Window) []time.Duration {
	var d []time.Duration
	for _, c := range cuts {
		d = append(d, c.To.Sub(c.From).Round(time.Millisecond))
	}
	return d
}

// began counts the callers who have sent their INVITE.
func began(run *testbed.CallerRun) int {
	n := 0
	for _, r := range run.Snapshot() {
		if !r.InviteAt.IsZero() {
			n++
		}
	}
	return n
}

func awaitCalls(t *testing.T, run *testbed.CallerRun, n int) {
	t.Helper()
	await(t, run, func() bool { return began(run) >= n })
}

// await waits for something to become true of callers who are still calling.
func await(t *testing.T, run *testbed.CallerRun, done func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		select {
		case <-run.Done():
			run.Results() // says what went wrong, if anything did
			return true
		default:
			return done()
		}
	}, time.Minute, 50*time.Millisecond)
	require.True(t, done(), "the callers are gone")
}

// answered counts the callers who hear music.
func answered(run *testbed.CallerRun) int {
	n := 0
	for _, r := range run.Snapshot() {
		if !r.AnsweredAt.IsZero() {
			n++
		}
	}
	return n
}

func awaitAnswers(t *testing.T, run *testbed.CallerRun, n int) {
	t.Helper()
	await(t, run, func() bool { return answered(run) >= n })
}

func TestKilledThreeTimesNobodyLosesPlaceOrTimeOfEntry(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)

	// They enter 200 ms apart, and leave in the opposite order, half a second apart: each leaves from the place he entered
	// at, because only those behind him have gone.
	const n = 50
	const entering, staying, leaving = 200 * time.Millisecond, 45 * time.Second, 500 * time.Millisecond
	callers := make([]testbed.Caller, n)
	for i := range callers {
		raw, _ := external(i)
		callers[i] = testbed.Caller{
			Number: raw, DID: "74951234567",
			HangupAfter: staying - time.Duration(i)*entering + time.Duration(n-i)*leaving,
		}
	}
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: callers, Rate: float64(time.Second / entering)})
	for kills := range 3 {
		awaitAnswers(t, run, 10*(kills+1))
		p.kill()
		p.serve()
	}
	results := run.Results()
	fallbacks, err := asterisk.Fallbacks(within(t, 10*time.Second))
	require.NoError(t, err)
	fellBack := map[string]bool{}
	for _, f := range fallbacks {
		fellBack[f.Number] = true
	}
	t.Logf("%d of %d arrived while the program was dead and took the fallback", len(fellBack), n)
	events.await(callevent.KindMissed, n-len(fellBack))

	missed, place := events.missed(), 0
	for i, r := range results {
		raw, _ := external(i)
		if fellBack[raw] {
			continue
		}
		place++
		require.Len(t, missed[raw], 1, "caller %s", raw)
		m := missed[raw][0]
		assert.Equal(t, callevent.ReasonAbandoned, m.Reason, "caller %s", raw)
		assert.Equal(t, place, m.Position, "caller %s lost his place", raw)
		assertWaited(t, r, m)
	}
	assert.Empty(t, events.twice())
	epochs := map[string]bool{}
	for _, h := range events.all() {
		if h.Payload.Kind() == callevent.KindEntered {
			epochs[h.ID[len(h.Call)+1:len(h.ID)-2]] = true
		}
	}
	assert.GreaterOrEqual(t, len(epochs), 2, "each start has an epoch of its own: %v", epochs)
	assertQuiet(t, asterisk)
}

func TestThoseWhoWereInLineWhenAsteriskDiedAreMissedOnceEach(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)

	const n = 40
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(n, 8*time.Second, 12*time.Second), Rate: 20})
	awaitAnswers(t, run, n)
	died := time.Now()
	asterisk.Kill()
	require.NoError(t, asterisk.Restart(within(t, time.Minute)))
	p.awaitReady()
	late := testbed.Caller{Number: "89990000000", DID: "74951234567", HangupAfter: time.Second}
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{late}}).Results()
	events.await(callevent.KindMissed, n+1)
	results := run.Results() // Asterisk knows nothing of the calls they hang up

	missed := events.missed()
	for i, r := range results {
		raw, _ := external(i)
		require.Len(t, missed[raw], 1, "caller %s", raw)
		m := missed[raw][0]
		assert.Equal(t, callevent.ReasonLost, m.Reason, "caller %s", raw)
		require.NotNil(t, m.LostWindow)
		assert.False(t, died.Before(m.LostWindow.From) || died.After(m.LostWindow.To), "%s is not in %s .. %s", died, m.LostWindow.From, m.LostWindow.To)
		assert.WithinDuration(t, r.InviteAt, m.EnteredAt, busy)
	}
	require.Len(t, missed[late.Number], 1)
	assert.Equal(t, callevent.ReasonAbandoned, missed[late.Number][0].Reason, "who came after it is served as ever")
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestTheWaitsLimitLeadsIntoTheDialplan(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", DID: "74950000000", GiveUpAfter: 20 * time.Second},
		{Number: "89160000002", DID: "78001111111", HangupAfter: 20 * time.Second, Digits: []testbed.Digit{{Key: "*", After: time.Second}}},
		{Number: "89160000003", DID: "78001111111", HangupAfter: 5 * time.Second, Digits: []testbed.Digit{{Key: "9", After: time.Second}}},
		{Number: "89160000004", DID: "74951234567", Args: "missing", HangupAfter: 20 * time.Second},
	}})
	results := run.Results()
	events.await(callevent.KindMissed, 4)
	missed := events.missed()

	limit := missed["89160000001"][0]
	assert.Equal(t, callevent.ReasonMaxWait, limit.Reason)
	assert.InDelta(t, 3000, limit.WaitedMS, float64(busy.Milliseconds()))
	assert.Equal(t, "exit,s,1", limit.SentTo)
	key := missed["89160000002"][0]
	assert.Equal(t, callevent.ReasonExitKey, key.Reason)
	assert.Equal(t, "*", key.Keys)
	moved := missed["89160000003"][0]
	assert.Equal(t, "sales", moved.Queue, "the ending names the last queue")
	assert.Equal(t, 1, events.count(callevent.KindMoved))
	assertWaited(t, results[2], moved)
	gone := missed["89160000004"][0]
	assert.Equal(t, callevent.ByApplication, gone.Hangup.By, "the exit does not exist: hung up on")
	assert.Equal(t, testbed.ByRemote, results[3].EndedBy)

	exits, err := asterisk.Exits(within(t, 10*time.Second))
	require.NoError(t, err)
	left := map[string]testbed.Departure{}
	for _, e := range exits {
		left[e.Number] = e
	}
	assert.Equal(t, "TIMEOUT", left["89160000001"].QueueStatus)
	assert.Equal(t, "1", left["89160000001"].QueuePosition)
	wait, err := strconv.Atoi(left["89160000001"].QueueWait)
	require.NoError(t, err)
	assert.Equal(t, 3, wait)
	assert.Equal(t, "CONTINUE", left["89160000002"].QueueStatus)
	assert.Equal(t, "700", left["89160000002"].Extension)
	assertQuiet(t, asterisk)
}
