package sim

import (
	"flag"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	seed  = flag.Uint64("seed", 0, "play this seed only")
	seeds = flag.Uint64("seeds", 20, "how many seeds to play, from 1 on")
	trace = flag.Bool("steps", false, "tell every step")
	calls = flag.Int("calls", 700, "callers per seed")
)

func TestASeedAlwaysTellsTheSameStory(t *testing.T) {
	first, second := newWorld(7, 300), newWorld(7, 300)
	first.run()
	second.run()
	require.NotEmpty(t, first.journal.events)
	require.Equal(t, first.journal.events, second.journal.events)
	require.Equal(t, first.steps, second.steps)
}

func TestAWorldFoldsResolvesAndForgetsMissedCalls(t *testing.T) {
	w := newWorld(7, 300)
	w.run()
	require.Empty(t, w.problems)
	calls, resolved := 0, len(w.checks.owedDurable.resolved())
	for _, m := range w.checks.owedDurable.matters {
		calls += m.calls
	}
	require.Greater(t, calls, len(w.checks.owedDurable.matters), "some calls were folded")
	require.NotZero(t, resolved)
	require.Less(t, resolved, len(w.checks.owedDurable.matters), "some were over by themselves")
}

func TestSimulation(t *testing.T) {
	first, last := uint64(1), *seeds
	if *seed > 0 {
		first, last = *seed, *seed
	}
	var visits, steps atomic.Uint64
	t.Cleanup(func() { t.Logf("%d seeds: %d visits, %d steps", last-first+1, visits.Load(), steps.Load()) })
	for s := first; s <= last; s++ {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			w := newWorld(s, *calls)
			if *trace {
				w.out = t.Output()
			}
			w.run()
			visits.Add(uint64(len(w.visits)))
			steps.Add(uint64(w.steps))
			t.Logf("seed %d: %d visits, %d steps, %d starts, endings %v, %s", s, len(w.visits), w.steps, w.epoch, w.endings(), w.checks.owedDurable)
			require.Empty(t, w.problems, "%s\n\ngo test ./queueflow/sim -run TestSimulation -seed=%d -calls=%d",
				strings.Join(w.problems, "\n"), s, *calls)
		})
	}
}
