//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// TestFiveHundredCallersWaitingWithMusic measures what docs/benchmarks.md tells: the time from a caller's BYE, as SIPp sent
// it, to a subscriber having the durable event, and the processor time of the program against Asterisk's. It asserts that
// nothing is lost; the figures are printed, for machines differ.
func TestFiveHundredCallersWaitingWithMusic(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	fsync := measureFsync(t, p.dir)

	const n = 500
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(n, 25*time.Second, 45*time.Second), Rate: 50})
	awaitAnswers(t, run, n)
	programBefore, asteriskBefore, begun := p.cpu(), asterisk.CPU(), time.Now()
	results := run.Results()
	programCPU, asteriskCPU, wall := p.cpu()-programBefore, asterisk.CPU()-asteriskBefore, time.Since(begun)
	events.await(callevent.KindMissed, n)

	heardAt := map[string]time.Time{}
	for _, h := range events.all() {
		if m, ok := h.Payload.(callevent.Missed); ok {
			heardAt[m.Caller.Raw] = h.at
		}
	}
	var delays []time.Duration
	for i, r := range results {
		raw, _ := external(i)
		at, ok := heardAt[raw]
		require.True(t, ok, "caller %s", raw)
		delays = append(delays, at.Sub(r.EndedAt))
	}
	slices.Sort(delays)
	t.Logf("fsync in the data directory: p50 %s, p99 %s", fsync[len(fsync)/2], fsync[len(fsync)*99/100])
	t.Logf("BYE sent -> durable event at a subscriber, %d callers: p50 %s, p99 %s, most %s", n, delays[n/2], delays[n*99/100], delays[n-1])
	t.Logf("processor time over %s: Asterisk %s, the program %s: %.1f %%", wall.Round(time.Second), asteriskCPU, programCPU,
		100*programCPU.Seconds()/asteriskCPU.Seconds())
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// measureFsync times small synchronous writes in a folder, sorted.
func measureFsync(t *testing.T, dir string) []time.Duration {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	require.NoError(t, err)
	defer f.Close()
	var took []time.Duration
	for range 200 {
		_, err := f.Write(make([]byte, 1024))
		require.NoError(t, err)
		begun := time.Now()
		require.NoError(t, f.Sync())
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took
}
