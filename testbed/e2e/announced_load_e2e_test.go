//go:build e2e

package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
	"missedcalls/testbed/hearing"
)

// TestThreeHundredCallersAreToldTheirPlaceEveryFifteenSeconds measures what docs/benchmarks.md tells: what announcements cost Asterisk
// and the program, and how soon a hang-up is a durable event meanwhile. It asserts that nothing is lost, that everybody is told his
// place, and that a few who are recorded heard what their events say; the figures are printed, for machines differ.
func TestThreeHundredCallersAreToldTheirPlaceEveryFifteenSeconds(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
default_queue: told
queues:
  told: {language: en, announce: {position: true, first_after: 5s, every: 15s, min_gap: 15s}}
`)
	p.serve()
	events := subscribe(t, p)
	english := library(t, asterisk, "en")

	const n, recorded = 300, 4
	plan := testbed.CallerPlan{Callers: patience(n, 55*time.Second, 75*time.Second), Rate: 50}
	for i := range recorded {
		plan.Callers[i*n/recorded].Record = true
	}
	run := asterisk.Callers(t, plan)
	awaitAnswers(t, run, n)
	programBefore, asteriskBefore, begun := p.cpu(), asterisk.CPU(), time.Now()
	requestsBefore, commandsBefore := p.metric("missedcalls_ari_requests_total"), p.metric("missedcalls_commands_total")
	eventsBefore := p.metric("missedcalls_ari_events_total")
	results := run.Results()
	programCPU, asteriskCPU, wall := p.cpu()-programBefore, asterisk.CPU()-asteriskBefore, time.Since(begun)
	requests, commands := p.metric("missedcalls_ari_requests_total")-requestsBefore, p.metric("missedcalls_commands_total")-commandsBefore
	handled := p.metric("missedcalls_ari_events_total") - eventsBefore
	events.await(callevent.KindMissed, n)

	missed := events.missed()
	var delays []time.Duration
	for _, h := range events.all() {
		m, ok := h.Payload.(callevent.Missed)
		if !ok {
			continue
		}
		i := slices.IndexFunc(results, func(r testbed.CallResult) bool { return r.Number == m.Caller.Raw })
		require.GreaterOrEqual(t, i, 0, "caller %s", m.Caller.Raw)
		delays = append(delays, h.at.Sub(results[i].EndedAt))
	}
	var stalled []time.Duration
	for i, r := range results {
		require.Len(t, missed[r.Number], 1, "caller %s", r.Number)
		assert.Equal(t, callevent.ReasonAbandoned, missed[r.Number][0].Reason)
		told := events.announced(r.Number)
		assert.GreaterOrEqual(t, len(told), 3, "caller %s", r.Number)
		if plan.Callers[i].Record {
			stalled = append(stalled, assertHeardAs(t, english.Listen(run.Recording(i)), told))
		}
	}
	t.Logf("%d announced events, of %d callers in %s", events.count(callevent.KindAnnounced), n, wall.Round(time.Second))
	t.Logf("a second: %.0f commands, %.0f ARI requests, %.0f ARI events", commands/wall.Seconds(), requests/wall.Seconds(), handled/wall.Seconds())
	t.Logf("BYE sent -> durable event at a subscriber, %s", spread(delays))
	t.Logf("processor time over %s: Asterisk %s, the program %s: %.1f %%", wall.Round(time.Second), asteriskCPU, programCPU,
		100*programCPU.Seconds()/asteriskCPU.Seconds())
	t.Logf("stalls of the machine in what was recorded, %s", spread(stalled))
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// assertHeardAs holds that a caller heard the words of his announcements, in order and nothing else but music, and tells how long
// Asterisk stood still in all of it. Who hangs up hears no more of the last, which may be too little of a word to name it.
func assertHeardAs(t *testing.T, heard hearing.Transcript, told []callevent.Announced) (stalled time.Duration) {
	t.Helper()
	var said, got []string
	for _, a := range told {
		said = append(said, words(a.Media)...)
	}
	for _, h := range heard.Heard {
		stalled += heard.Stalled(h)
		if h.Name != music {
			got = append(got, h.Name)
		}
	}
	if last := len(got) - 1; last >= 0 && got[last] == hearing.Unknown {
		got = got[:last]
	}
	const longest = 7 // words of an announcement
	require.LessOrEqual(t, len(got), len(said), heard.String())
	assert.Equal(t, said[:len(got)], got, heard.String())
	assert.GreaterOrEqual(t, len(got), len(said)-longest, "all but perhaps the last:\n%s", heard)
	return stalled
}
