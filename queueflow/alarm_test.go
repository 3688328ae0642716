package queueflow

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type sleeper struct{ alarm }

func (*sleeper) ring(*Machine) {}

func TestTheEarliestAlarmIsFirstWhateverIsSetAndMoved(t *testing.T) {
	start := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var heap alarms
		all := make([]*sleeper, 40)
		for i := range all {
			all[i] = &sleeper{alarm{rank: i % 3, order: int64(i / 2), id: fmt.Sprint(i)}}
			all[i].owner = all[i]
		}
		for range 3000 {
			at := start.Add(time.Duration(rng.IntN(30)) * time.Second)
			if rng.IntN(3) == 0 {
				at = time.Time{}
			}
			heap.set(&all[rng.IntN(len(all))].alarm, at)
			requireEarliest(t, heap, all)
		}
	}
}

func requireEarliest(t *testing.T, heap alarms, all []*sleeper) {
	t.Helper()
	var earliest *alarm
	set := 0
	for _, s := range all {
		a := &s.alarm
		require.Equal(t, !a.at.IsZero(), a.index > 0)
		if a.at.IsZero() {
			continue
		}
		set++
		require.Same(t, a, heap[a.index-1])
		if earliest == nil || cmp.Or(a.at.Compare(earliest.at), cmp.Compare(a.rank, earliest.rank), cmp.Compare(a.order, earliest.order), cmp.Compare(a.id, earliest.id)) < 0 {
			earliest = a
		}
	}
	require.Len(t, heap, set)
	if set > 0 {
		require.Same(t, earliest, heap[0])
	}
}

func TestRepeatedTriesWaitTwiceAsLongEachTimeAndAtMostHalfAMinute(t *testing.T) {
	var waits []time.Duration
	for tries := range 6 {
		waits = append(waits, backOff(3*time.Second, tries)/time.Second)
	}
	require.Equal(t, []time.Duration{3, 6, 12, 24, 30, 30}, waits)
	for _, tries := range []int{10, 11, 63, 64, 1 << 40} {
		require.Equal(t, backOffLimit, backOff(time.Second, tries), tries)
	}
}

func TestOfTwoDeadlinesAtOneInstantTheFirstNamedFiresFirst(t *testing.T) {
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	c := &call{}
	c.due[dueVanish], c.due[dueMaxWait], c.due[dueReception] = at, at, at.Add(-time.Nanosecond)
	d, due := c.nextDue()
	require.Equal(t, dueReception, d)
	require.Equal(t, at.Add(-time.Nanosecond), due)
	c.due[dueReception] = at
	d, _ = c.nextDue()
	require.Equal(t, dueMaxWait, d)
}
