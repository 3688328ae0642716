package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var (
	anna = callevent.Caller{Raw: "79161234567", E164: "+79161234567", Kind: callevent.CallerExternal}
	boss = callevent.Caller{Raw: "201", Kind: callevent.CallerInternal}
	none = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
)

// forgotten is a missed call that is call n of an episode.
func forgotten(call string, from callevent.Caller, at time.Duration, episode string, n int) callevent.Event {
	return callevent.Event{ID: call + ".end", Call: call, Time: nine.Add(at), Payload: callevent.Missed{
		CallID: call, Caller: from, Reason: callevent.ReasonAbandoned, LeftAt: nine.Add(at), Episode: episode, EpisodeCalls: n,
	}}
}

// seenTo is the end of an episode of some calls, the first missed at nine and the last some time after.
func seenTo(episode string, from callevent.Caller, calls int, last, at time.Duration) callevent.Event {
	return callevent.Event{ID: episode + ".1.1", Call: episode, Time: nine.Add(at), Payload: callevent.Resolved{
		CallID: episode, Episode: episode, Caller: from, Calls: calls, MissedAt: nine, LastAt: nine.Add(last), AfterMS: at.Milliseconds(),
	}}
}

const (
	minute = time.Minute
	hour   = time.Hour
)

// write gives a ledger some events, of which only the last may be false.
func write(t *testing.T, events ...callevent.Event) (l *ledger, err error) {
	t.Helper()
	l = &ledger{openFor: hour}
	for _, e := range events {
		require.NoError(t, err, "before %s", e.ID)
		err = l.take(e, e.Time)
	}
	return l, err
}

func TestTheLedgerTakesATrueStory(t *testing.T) {
	_, err := write(t,
		forgotten("a", anna, 0, "a", 1), forgotten("b", anna, minute, "a", 2), forgotten("c", boss, minute, "c", 1),
		forgotten("d", none, minute, "d", 1), forgotten("e", none, minute, "e", 1), seenTo("a", anna, 2, minute, 2*minute),
		forgotten("f", anna, 3*minute, "f", 1), forgotten("g", anna, 3*minute+hour, "g", 1),
	)
	require.NoError(t, err)
}

func TestTheLedgerSeesThroughAFalseStory(t *testing.T) {
	first := forgotten("a", anna, 0, "a", 1)
	taken := forgotten("b", anna, minute, "a", 2)
	payload := taken.Payload.(callevent.Missed)
	payload.Reason = callevent.ReasonTaken
	taken.Payload = payload
	for name, events := range map[string][]callevent.Event{
		"not folded":                      {first, forgotten("b", anna, minute, "b", 1)},
		"miscounted":                      {first, forgotten("b", anna, minute, "a", 3)},
		"folded into another's":           {first, forgotten("b", boss, minute, "a", 2)},
		"folded, but nobody is known":     {forgotten("a", none, 0, "a", 1), forgotten("b", none, minute, "a", 2)},
		"folded into one that is over":    {first, forgotten("b", anna, hour, "a", 2)},
		"folded into one that is settled": {first, seenTo("a", anna, 1, 0, minute), forgotten("b", anna, 2*minute, "a", 2)},
		"taken, and folded":               {first, taken},
		"resolved twice":                  {first, seenTo("a", anna, 1, 0, minute), seenTo("a", anna, 1, 0, minute)},
		"resolved, never missed":          {first, seenTo("b", anna, 1, 0, minute)},
		"resolved when it was over":       {first, seenTo("a", anna, 1, 0, hour)},
		"resolved with too many calls":    {first, seenTo("a", anna, 2, 0, minute)},
		"resolved for somebody else":      {first, seenTo("a", boss, 1, 0, minute)},
		"resolved with another last call": {first, seenTo("a", anna, 1, minute, 2*minute)},
	} {
		_, err := write(t, events...)
		require.Error(t, err, name)
	}
}

func TestEpisodesThatAreNotThoseOfTheEventsAreSeen(t *testing.T) {
	l, err := write(t, forgotten("a", anna, 0, "a", 1), forgotten("b", anna, minute, "a", 2), forgotten("c", boss, minute, "c", 1))
	require.NoError(t, err)
	truth := func() []queueflow.Episode {
		return []queueflow.Episode{
			{ID: "a", Calls: 2, MissedAt: nine, LastAt: nine.Add(minute), Until: nine.Add(minute + hour), Caller: anna},
			{ID: "c", Calls: 1, MissedAt: nine.Add(minute), LastAt: nine.Add(minute), Until: nine.Add(minute + hour), Caller: boss},
		}
	}
	now := nine.Add(2 * minute)
	require.NoError(t, l.compare(truth(), now))
	require.NoError(t, l.compare(nil, nine.Add(minute+hour)), "all are over")
	require.Error(t, l.compare(truth()[:1], now), "one is forgotten")
	for name, change := range map[string]func(e *queueflow.Episode){
		"one nobody knows": func(e *queueflow.Episode) { e.ID = "b" },
		"a call too few":   func(e *queueflow.Episode) { e.Calls-- },
		"another first":    func(e *queueflow.Episode) { e.MissedAt = nine.Add(1) },
		"another last":     func(e *queueflow.Episode) { e.LastAt = nine },
		"another end":      func(e *queueflow.Episode) { e.Until = nine },
		"another's":        func(e *queueflow.Episode) { e.Caller = boss },
	} {
		state := truth()
		change(&state[0])
		require.Error(t, l.compare(state, now), name)
	}
	require.NoError(t, l.take(seenTo("a", anna, 2, minute, 2*minute), now))
	require.Error(t, l.compare(truth(), now), "one that was resolved")
}
