package queueflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// shut is a machine that declines everybody, so that each caller is missed at once.
type shut struct {
	machine *queueflow.Machine
	now     time.Time
}

func newShut() *shut {
	s := &shut{machine: queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, queueflow.Policies{}), now: tenOClock}
	s.machine.Step(s.now, queueflow.IntakeChanged{Closed: true})
	return s
}

// misses lets somebody call in vain.
func (s *shut) misses(call string, from callevent.Caller) callevent.Missed {
	ch := at(call)
	s.machine.Step(s.now, queueflow.CallerEntered{Call: call, Channel: ch, Caller: from})
	out := s.machine.Step(s.now, queueflow.CallerKnown{Channel: ch})
	s.machine.Step(s.now, queueflow.CallerLeft{Channel: ch})
	return out.Events[0].Payload.(callevent.Missed)
}

func (s *shut) resolve(in queueflow.ResolveMissed) queueflow.Output { return s.machine.Step(s.now, in) }

func external(n int) callevent.Caller {
	number := fmt.Sprintf("+7%010d", n)
	return callevent.Caller{Raw: number, E164: number, Kind: callevent.CallerExternal}
}

func all(queueflow.Episode) bool { return true }

func TestEpisodesAreTheSameHoweverTheyAreTakenUpAgain(t *testing.T) {
	s := newStory()
	want := s.machine.Snapshot().Episodes
	require.NotEmpty(t, want)
	for name, from := range map[string]queueflow.Snapshot{"from nothing": {}, "from a checkpoint": s.middle, "from the newest": s.machine.Snapshot()} {
		m := replay(s.restore(from), s.events)
		require.Equal(t, want, m.Snapshot().Episodes, name)
		require.Equal(t, want, replay(m, s.events).Snapshot().Episodes, "%s, twice", name)
		require.Equal(t, want, replay(m, s.events[:s.middleEvents]).Snapshot().Episodes, "%s, and half of it again", name)
		require.NoError(t, m.Check(), name)
	}
}

func TestAfterARestartAnEpisodeGoesOnAndItsEventsHaveNewIDs(t *testing.T) {
	s := newStory()
	ids := make(map[string]bool)
	for _, e := range s.events {
		ids[e.ID] = true
	}
	s.settings.Epoch++
	m := replay(s.restore(s.middle), s.events[s.middleEvents:])
	m.Begin(s.now)
	for _, e := range s.machine.Snapshot().Episodes {
		out := m.Step(s.now, queueflow.ResolveMissed{Episode: e.ID})
		require.Len(t, out.Events, 1)
		require.False(t, ids[out.Events[0].ID], out.Events[0].ID)
		require.Equal(t, e.Calls, out.Events[0].Payload.(callevent.Resolved).Calls)
	}
}

func TestAnEpisodeOfWhichOnlyItsLatestCallIsKnownGoesOnWithIt(t *testing.T) {
	s := newShut()
	s.misses("c1", external(1))
	s.now = s.now.Add(time.Hour)
	ch := at("c2")
	s.machine.Step(s.now, queueflow.CallerEntered{Call: "c2", Channel: ch, Caller: external(1)})
	second := s.machine.Step(s.now, queueflow.CallerKnown{Channel: ch}).Events
	m := replay(queueflow.Restore(queueflow.Settings{Epoch: 2}, queueflow.Policies{}, queueflow.Snapshot{}, s.now), second)
	found := m.Episodes(10, all)
	require.Len(t, found, 1)
	assert.Equal(t, "c1", found[0].ID)
	assert.Equal(t, 2, found[0].Calls)
	assert.Equal(t, s.now, found[0].MissedAt, "the best that is known")
	require.NoError(t, m.Check())
}

func TestAnEpisodeThatWasOverWhileNobodyRanIsNotOpenAfterwards(t *testing.T) {
	s := newShut()
	s.misses("c1", external(1))
	state := s.machine.Snapshot()
	for ran, open := range map[time.Duration]int{24*time.Hour - 1: 1, 24 * time.Hour: 0, 48 * time.Hour: 0} {
		now := s.now.Add(ran)
		m := queueflow.Restore(queueflow.Settings{Epoch: 2}, queueflow.Policies{}, state, now)
		require.NoError(t, m.Check())
		require.Len(t, m.Episodes(10, all), open, ran)
		m.Begin(now)
		require.NoError(t, m.Check())
		require.Len(t, m.Snapshot().Episodes, open, ran)
		require.Len(t, m.Step(now, queueflow.ResolveMissed{Episode: "c1"}).Events, open, ran)
	}
}

func TestAtMostAHundredThousandEpisodesAreOpenAndTheOldestMakesRoom(t *testing.T) {
	const limit = 100_000
	s := newShut()
	for i := range limit {
		s.now = s.now.Add(time.Millisecond)
		s.misses(fmt.Sprint("c", i), external(i))
	}
	s.now = s.now.Add(time.Millisecond)
	require.Equal(t, 2, s.misses("again", external(0)).EpisodeCalls, "c0 is the newest now, c1 the oldest")
	require.Len(t, s.machine.Snapshot().Episodes, limit)
	require.Equal(t, 1, s.misses("one more", external(limit)).EpisodeCalls)
	require.Len(t, s.machine.Snapshot().Episodes, limit)
	require.NoError(t, s.machine.Check())
	require.Empty(t, s.resolve(queueflow.ResolveMissed{Episode: "c1"}).Events)
	require.Len(t, s.resolve(queueflow.ResolveMissed{Episode: "c0"}).Events, 1)
	require.Equal(t, 1, s.misses("c1 again", external(1)).EpisodeCalls)
}

func TestTheNewestEpisodesComeFirstAndNoMoreThanAskedFor(t *testing.T) {
	s := newShut()
	ids := func(limit int, wanted func(queueflow.Episode) bool) string {
		var ids []string
		for _, e := range s.machine.Episodes(limit, wanted) {
			ids = append(ids, e.ID)
		}
		return strings.Join(ids, " ")
	}
	require.Empty(t, ids(10, all))
	for i := range 5 {
		s.misses(fmt.Sprint("c", i), external(i))
		s.now = s.now.Add(time.Second)
	}
	s.misses("d1", external(1))
	s.misses("e1", external(7))
	require.Equal(t, "e1 c1 c4 c3 c2 c0", ids(10, all), "by the latest call, then by the id")
	require.Equal(t, "e1 c1 c4", ids(3, all))
	require.Equal(t, "e1", ids(1, all))
	require.Empty(t, ids(0, all))
	require.Equal(t, "c3 c0", ids(2, func(e queueflow.Episode) bool {
		return e.Number() == external(0).E164 || e.Number() == external(3).E164
	}))
}

func TestWhatPeopleSayOfAResolvedCallIsBounded(t *testing.T) {
	s := newShut()
	s.misses("c1", external(1))
	long := strings.Repeat("ж", queueflow.TextLimit)
	p := s.resolve(queueflow.ResolveMissed{Episode: "c1", By: long, Why: "x" + long}).Events[0].Payload.(callevent.Resolved)
	for _, text := range []string{p.By, p.Why} {
		assert.LessOrEqual(t, len(text), queueflow.TextLimit)
		assert.Greater(t, len(text), queueflow.TextLimit-utf8.UTFMax)
		assert.True(t, utf8.ValidString(text))
	}
}

// The clock on the wall is set while the program runs: a day is a day all the same.
func TestAnEpisodeIsOpenForADayByTheMonotonicClock(t *testing.T) {
	s := newShut()
	s.now = time.Now()
	s.misses("c1", external(1))
	due, ok := s.machine.NextDeadline()
	require.True(t, ok)
	require.Equal(t, 24*time.Hour, due.Sub(s.now))
	require.Contains(t, due.String(), " m=", "it has a monotonic reading, as all alarms of a heap must")
}
