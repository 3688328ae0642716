package queueflow_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tests are those of Go

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func clock(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

func opening(days queueflow.Weekdays, opens, closes time.Duration) queueflow.Window {
	return queueflow.Window{Days: days, Opens: opens, Closes: closes}
}

func date(year int, month time.Month, day int) queueflow.Date {
	return queueflow.Date{Year: year, Month: month, Day: day}
}

var workdays = queueflow.On(time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)

// stamp is what a clock on the wall shows, and its zone.
const stamp = "Mon 2006-01-02 15:04 MST"

// changes tells the next changes after a time as the clock shows them, and holds Open against both sides of each.
func changes(t *testing.T, h queueflow.Hours, after string, n int) []string {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", after, h.Location)
	require.NoError(t, err)
	var said []string
	for range n {
		next, ok := h.Next(at)
		if !ok {
			return append(said, "never")
		}
		was := h.Open(at)
		require.True(t, next.After(at))
		require.Equal(t, was, h.Open(next.Add(-time.Nanosecond)), next)
		require.Equal(t, !was, h.Open(next), next)
		what := "closes "
		if h.Open(next) {
			what = "opens "
		}
		said = append(said, what+next.In(h.Location).Format(stamp))
		at = next
	}
	return said
}

func TestAQueueWithoutHoursIsAlwaysOpen(t *testing.T) {
	var h queueflow.Hours
	require.True(t, h.Open(tenOClock))
	_, ok := h.Next(tenOClock)
	require.False(t, ok)
}

func TestTheClockSaysWhenAQueueOpensAndCloses(t *testing.T) {
	moscow := zone(t, "Europe/Moscow")
	friday, saturday, sunday := queueflow.On(time.Friday), queueflow.On(time.Saturday), queueflow.On(time.Sunday)
	monday := queueflow.On(time.Monday)
	for name, c := range map[string]struct {
		hours queueflow.Hours
		after string
		want  []string
	}{
		"working days and a shorter Saturday": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0)), opening(saturday, clock(10, 0), clock(16, 0))}},
			"2026-11-27 12:00",
			[]string{"closes Fri 2026-11-27 20:00 MSK", "opens Sat 2026-11-28 10:00 MSK", "closes Sat 2026-11-28 16:00 MSK", "opens Mon 2026-11-30 09:00 MSK"},
		},
		"a break at noon": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(13, 0)), opening(workdays, clock(14, 0), clock(18, 0))}},
			"2026-11-27 12:00",
			[]string{"closes Fri 2026-11-27 13:00 MSK", "opens Fri 2026-11-27 14:00 MSK", "closes Fri 2026-11-27 18:00 MSK", "opens Mon 2026-11-30 09:00 MSK"},
		},
		"past midnight": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(friday, clock(22, 0), clock(2, 0))}},
			"2026-11-27 12:00",
			[]string{"opens Fri 2026-11-27 22:00 MSK", "closes Sat 2026-11-28 02:00 MSK", "opens Fri 2026-12-04 22:00 MSK"},
		},
		"windows that touch at midnight are one": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(friday, clock(22, 0), clock(24, 0)), opening(saturday, 0, clock(2, 0))}},
			"2026-11-27 12:00",
			[]string{"opens Fri 2026-11-27 22:00 MSK", "closes Sat 2026-11-28 02:00 MSK"},
		},
		"one window within another": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(friday, clock(9, 0), clock(20, 0)), opening(friday, clock(10, 0), clock(11, 0))}},
			"2026-11-27 08:00",
			[]string{"opens Fri 2026-11-27 09:00 MSK", "closes Fri 2026-11-27 20:00 MSK"},
		},
		"around the clock": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(queueflow.Everyday, 0, clock(24, 0))}},
			"2026-11-27 08:00", []string{"never"},
		},
		"around the clock in two shifts": {
			queueflow.Hours{Weekly: []queueflow.Window{opening(queueflow.Everyday, clock(8, 0), clock(20, 0)), opening(queueflow.Everyday, clock(20, 0), clock(8, 0))}},
			"2026-11-27 08:00", []string{"never"},
		},
		"around the clock but on a holiday far away": {
			queueflow.Hours{Closed: []queueflow.Days{{First: date(2031, 5, 9), Last: date(2031, 5, 9)}}},
			"2026-11-27 08:00",
			[]string{"closes Fri 2031-05-09 00:00 MSK", "opens Sat 2031-05-10 00:00 MSK", "never"},
		},
		"holidays, in any order and overlapping": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0))},
				Closed: []queueflow.Days{
					{First: date(2027, 1, 5), Last: date(2027, 1, 8)}, {First: date(2026, 12, 31), Last: date(2026, 12, 31)},
					{First: date(2027, 1, 1), Last: date(2027, 1, 6)},
				},
			},
			"2026-12-30 12:00",
			[]string{"closes Wed 2026-12-30 20:00 MSK", "opens Mon 2027-01-11 09:00 MSK"},
		},
		"closed for more than a year": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0))},
				Closed: []queueflow.Days{{First: date(2027, 1, 1), Last: date(2028, 6, 30)}},
			},
			"2027-01-01 12:00",
			[]string{"opens Mon 2028-07-03 09:00 MSK"},
		},
		"closed on its only day for some weeks": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(sunday, clock(9, 0), clock(10, 0))},
				Closed: []queueflow.Days{
					{First: date(2026, 11, 29), Last: date(2026, 11, 29)}, {First: date(2026, 12, 6), Last: date(2026, 12, 6)},
					{First: date(2026, 12, 13), Last: date(2026, 12, 13)}, {First: date(2026, 12, 20), Last: date(2026, 12, 20)},
				},
			},
			"2026-11-27 12:00",
			[]string{"opens Sun 2026-12-27 09:00 MSK"},
		},
		"a night that runs into a closed day ends at its midnight": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(friday, clock(22, 0), clock(2, 0)), opening(saturday, clock(10, 0), clock(16, 0))},
				Closed: []queueflow.Days{{First: date(2026, 11, 28), Last: date(2026, 11, 28)}},
			},
			"2026-11-27 12:00",
			[]string{"opens Fri 2026-11-27 22:00 MSK", "closes Sat 2026-11-28 00:00 MSK", "opens Fri 2026-12-04 22:00 MSK"},
		},
		"the night of a closed day does not take place, not even behind its midnight": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(friday, clock(22, 0), clock(2, 0)), opening(saturday, clock(10, 0), clock(16, 0))},
				Closed: []queueflow.Days{{First: date(2026, 11, 27), Last: date(2026, 11, 27)}},
			},
			"2026-11-27 12:00",
			[]string{"opens Sat 2026-11-28 10:00 MSK"},
		},
		"closed on every day that it would open": {
			queueflow.Hours{
				Weekly: []queueflow.Window{opening(monday, clock(9, 0), clock(9, 1))},
				Closed: []queueflow.Days{{First: date(2026, 1, 1), Last: date(9999, 12, 31)}},
			},
			"2026-11-27 12:00",
			[]string{"opens Mon 10000-01-03 09:00 MSK"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.hours.Location = moscow
			require.Equal(t, c.want, changes(t, c.hours, c.after, len(c.want)))
		})
	}
}

func TestTheNightsOnWhichTheClockIsSet(t *testing.T) {
	every := func(opens, closes time.Duration) []queueflow.Window {
		return []queueflow.Window{opening(queueflow.Everyday, opens, closes)}
	}
	for name, c := range map[string]struct {
		zone   string
		weekly []queueflow.Window
		after  string
		want   []string
	}{
		"spring in the east: nine hours of window are eight of time": {
			"Europe/Berlin", every(clock(22, 0), clock(7, 0)), "2027-03-27 12:00",
			[]string{"opens Sat 2027-03-27 22:00 CET", "closes Sun 2027-03-28 07:00 CEST", "opens Sun 2027-03-28 22:00 CEST"},
		},
		"autumn in the east: nine hours of window are ten of time": {
			"Europe/Berlin", every(clock(22, 0), clock(7, 0)), "2027-10-30 12:00",
			[]string{"opens Sat 2027-10-30 22:00 CEST", "closes Sun 2027-10-31 07:00 CET", "opens Sun 2027-10-31 22:00 CET"},
		},
		"it opens at a time that is leaped over: at the leap": {
			"Europe/Berlin", every(clock(2, 30), clock(8, 0)), "2027-03-28 00:00",
			[]string{"opens Sun 2027-03-28 03:00 CEST", "closes Sun 2027-03-28 08:00 CEST", "opens Mon 2027-03-29 02:30 CEST"},
		},
		"it closes at a time that is leaped over: at the leap": {
			"Europe/Berlin", every(clock(1, 0), clock(2, 30)), "2027-03-28 00:00",
			[]string{"opens Sun 2027-03-28 01:00 CET", "closes Sun 2027-03-28 03:00 CEST", "opens Mon 2027-03-29 01:00 CEST"},
		},
		"all of it is leaped over: it does not take place": {
			"Europe/Berlin", every(clock(2, 10), clock(2, 50)), "2027-03-28 00:00",
			[]string{"opens Mon 2027-03-29 02:10 CEST"},
		},
		"it opens at a time that comes twice: at the first": {
			"Europe/Berlin", every(clock(2, 30), clock(8, 0)), "2027-10-31 00:00",
			[]string{"opens Sun 2027-10-31 02:30 CEST", "closes Sun 2027-10-31 08:00 CET", "opens Mon 2027-11-01 02:30 CET"},
		},
		"it closes at a time that comes twice: at the first": {
			"Europe/Berlin", every(clock(22, 0), clock(2, 30)), "2027-10-30 12:00",
			[]string{"opens Sat 2027-10-30 22:00 CEST", "closes Sun 2027-10-31 02:30 CEST", "opens Sun 2027-10-31 22:00 CET"},
		},
		"all of the hour that comes twice": {
			"Europe/Berlin", every(clock(2, 0), clock(3, 0)), "2027-10-31 00:00",
			[]string{"opens Sun 2027-10-31 02:00 CEST", "closes Sun 2027-10-31 03:00 CET", "opens Mon 2027-11-01 02:00 CET"},
		},
		"spring in the west": {
			"America/New_York", every(clock(2, 30), clock(8, 0)), "2027-03-14 00:00",
			[]string{"opens Sun 2027-03-14 03:00 EDT", "closes Sun 2027-03-14 08:00 EDT", "opens Mon 2027-03-15 02:30 EDT"},
		},
		"autumn in the west": {
			"America/New_York", every(clock(1, 30), clock(8, 0)), "2027-11-07 00:00",
			[]string{"opens Sun 2027-11-07 01:30 EDT", "closes Sun 2027-11-07 08:00 EST", "opens Mon 2027-11-08 01:30 EST"},
		},
		"half an hour in spring": {
			"Australia/Lord_Howe", every(clock(2, 15), clock(2, 45)), "2027-10-03 00:00",
			[]string{"opens Sun 2027-10-03 02:30 +11", "closes Sun 2027-10-03 02:45 +11", "opens Mon 2027-10-04 02:15 +11"},
		},
		"half an hour in autumn": {
			"Australia/Lord_Howe", every(clock(1, 45), clock(3, 0)), "2027-04-04 00:00",
			[]string{"opens Sun 2027-04-04 01:45 +11", "closes Sun 2027-04-04 03:00 +1030", "opens Mon 2027-04-05 01:45 +1030"},
		},
		"midnight is leaped over": {
			"Africa/Cairo", every(0, clock(8, 0)), "2027-04-29 12:00",
			[]string{"opens Fri 2027-04-30 01:00 EEST", "closes Fri 2027-04-30 08:00 EEST"},
		},
		"the hour before midnight comes twice": {
			"Africa/Cairo", every(clock(8, 0), clock(24, 0)), "2027-10-28 12:00",
			[]string{"closes Fri 2027-10-29 00:00 EET", "opens Fri 2027-10-29 08:00 EET"},
		},
		"a day is leaped over": {
			"Pacific/Apia", every(clock(9, 0), clock(17, 0)), "2011-12-29 12:00",
			[]string{"closes Thu 2011-12-29 17:00 -10", "opens Sat 2011-12-31 09:00 +14"},
		},
		"around the clock": {
			"Europe/Berlin", []queueflow.Window{opening(queueflow.Everyday, 0, clock(2, 30)), opening(queueflow.Everyday, clock(2, 30), clock(24, 0))},
			"2027-03-28 00:00", []string{"never"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := queueflow.Hours{Weekly: c.weekly, Location: zone(t, c.zone)}
			require.Equal(t, c.want, changes(t, h, c.after, len(c.want)))
		})
	}
}

// zones have rules that differ: east and west, half hours, two hours, summer time as standard time, no summer time, a
// clock that is set at midnight, and a day that never was.
var zones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Europe/Dublin", "Asia/Kathmandu",
	"America/Sao_Paulo", "America/Havana", "America/St_Johns", "Africa/Cairo", "Africa/Casablanca", "Pacific/Apia", "Europe/Moscow",
}

func someHours(rng *rand.Rand, near time.Time, z *time.Location) queueflow.Hours {
	h := queueflow.Hours{Location: z}
	ofDay := func() time.Duration {
		if rng.IntN(3) == 0 {
			return clock(rng.IntN(5), 15*rng.IntN(4)) // where clocks are set
		}
		return clock(rng.IntN(24), 15*rng.IntN(4))
	}
	for range rng.IntN(6) {
		days := queueflow.Weekdays(1 + rng.IntN(127))
		h.Weekly = append(h.Weekly, opening(days, ofDay(), ofDay()))
	}
	for range rng.IntN(5) {
		first := queueflow.DateOf(near.AddDate(0, 0, rng.IntN(40)-20))
		last := queueflow.DateOf(near.AddDate(0, 0, rng.IntN(60)))
		h.Closed = append(h.Closed, queueflow.Days{First: first, Last: last}) // some end before they begin: those are none
	}
	return h
}

func TestNothingChangesBeforeTheNextChange(t *testing.T) {
	years := []time.Time{time.Date(2007, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2011, 12, 20, 0, 0, 0, 0, time.UTC),
		time.Date(2027, 3, 10, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 20, 0, 0, 0, 0, time.UTC), time.Date(2008, 2, 10, 0, 0, 0, 0, time.UTC)}
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 9))
		z := zone(t, zones[rng.IntN(len(zones))])
		at := years[rng.IntN(len(years))].Add(time.Duration(rng.IntN(20*24*60)) * time.Minute)
		h := someHours(rng, at, z)
		for range 4 {
			next, ok := h.Next(at)
			end := next
			if !ok {
				end = at.AddDate(0, 0, 60)
			}
			was := h.Open(at)
			for quarter := at; quarter.Before(end); quarter = quarter.Add(15 * time.Minute) {
				require.Equal(t, was, h.Open(quarter), "seed %d: %+v at %s, next %s", seed, h, quarter.In(z), next.In(z))
			}
			require.Equal(t, was, h.Open(end.Add(-time.Nanosecond)), "seed %d: %+v next %s", seed, h, next.In(z))
			if !ok {
				break
			}
			require.Equal(t, !was, h.Open(next), "seed %d: %+v next %s", seed, h, next.In(z))
			require.True(t, next.After(at))
			at = next
		}
	}
}

// TestAQueueIsOpenByTheLatestTimeItsClockHasShown holds Open against a clock that is watched all the time.
func TestAQueueIsOpenByTheLatestTimeItsClockHasShown(t *testing.T) {
	shown := func(at time.Time) time.Time {
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	}
	for i, name := range zones {
		z := zone(t, name)
		for _, start := range []time.Time{time.Date(2027, 3, 10, 0, 0, 0, 0, time.UTC), time.Date(2027, 10, 20, 0, 0, 0, 0, time.UTC)} {
			rng := rand.New(rand.NewPCG(uint64(i), 10))
			h := someHours(rng, start, z)
			closed := func(day time.Time) bool {
				for _, d := range h.Closed {
					first, last := d.First, d.Last
					if !day.Before(time.Date(first.Year, first.Month, first.Day, 0, 0, 0, 0, time.UTC)) &&
						!day.After(time.Date(last.Year, last.Month, last.Day, 0, 0, 0, 0, time.UTC)) {
						return true
					}
				}
				return false
			}
			latest := shown(start.In(z))
			for at := start; at.Before(start.AddDate(0, 0, 22)); at = at.Add(5 * time.Minute) {
				if now := shown(at.In(z)); now.After(latest) {
					latest = now
				}
				today := latest.Truncate(24 * time.Hour)
				want := len(h.Weekly) == 0
				for _, w := range h.Weekly {
					for _, day := range []time.Time{today, today.AddDate(0, 0, -1)} {
						closes := w.Closes
						if closes <= w.Opens {
							closes += 24 * time.Hour
						}
						since := latest.Sub(day)
						want = want || w.Days.Has(day.Weekday()) && !closed(day) && w.Opens <= since && since < closes
					}
				}
				require.Equal(t, want && !closed(today), h.Open(at), "%s: %+v at %s", name, h, at.In(z))
			}
		}
	}
}

func BenchmarkHours(b *testing.B) {
	h := queueflow.Hours{
		Weekly:   []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0)), opening(queueflow.On(time.Saturday), clock(10, 0), clock(16, 0))},
		Closed:   []queueflow.Days{{First: date(2027, 1, 1), Last: date(2027, 1, 8)}, {First: date(2027, 5, 9), Last: date(2027, 5, 9)}},
		Location: zone(b, "Europe/Berlin"),
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			h.Open(tenOClock)
		}
	})
	b.Run("next", func(b *testing.B) {
		for b.Loop() {
			h.Next(tenOClock)
		}
	})
}

// The hours are asked for once, until they say something else.
func TestWhatHoursSayIsRememberedUntilTheySaySomethingElse(t *testing.T) {
	m := queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, queueflow.Policies{
		DefaultQueue: "sales",
		Queues: map[string]queueflow.Policy{"sales": {
			ID: "sales", Hours: queueflow.Hours{Weekly: []queueflow.Window{{Days: queueflow.Everyday, Opens: 9 * time.Hour, Closes: 12 * time.Hour}}},
		}},
	})
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for n, c := range []struct {
		at      time.Time
		entered bool
	}{
		{noon.Add(-time.Hour), true}, {noon.Add(-time.Nanosecond), true}, {noon, false}, {noon.Add(time.Hour), false},
		{noon.Add(21 * time.Hour), true}, {noon.Add(24 * time.Hour), false},
	} {
		ch := queueflow.Channel{Node: "n", ID: fmt.Sprint(n)}
		m.Step(c.at, queueflow.CallerEntered{Call: fmt.Sprint(n), Channel: ch, Answered: true})
		out := m.Step(c.at, queueflow.CallerKnown{Channel: ch})
		require.NotEmpty(t, out.Events)
		assert.Equal(t, c.entered, out.Events[0].Payload.Kind() == callevent.KindEntered, "%s", c.at)
	}
}
