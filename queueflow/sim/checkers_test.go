package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// A checker that never complains proves nothing: each of these tells it something false.

var nine = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func entered(call, queue string, at time.Duration, position int) callevent.Event {
	return callevent.Event{ID: call + ".1.1", Call: call, Time: nine.Add(at), Payload: callevent.Entered{
		CallID: call, Queue: queue, EnteredAt: nine.Add(at), Position: position,
	}}
}

func moved(call, from, to string, since, at time.Duration, position int) callevent.Event {
	return callevent.Event{ID: call + ".1.2", Call: call, Time: nine.Add(at), Payload: callevent.Moved{
		CallID: call, From: from, Queue: to, EnteredAt: nine.Add(since), MovedAt: nine.Add(at),
		WaitedMS: (at - since).Milliseconds(), Position: position,
	}}
}

func missed(call, queue string, since, at time.Duration, position, first int) callevent.Event {
	return callevent.Event{ID: call + ".end", Call: call, Time: nine.Add(at), Payload: callevent.Missed{
		CallID: call, Queue: queue, Reason: callevent.ReasonAbandoned, EnteredAt: nine.Add(since), LeftAt: nine.Add(at),
		WaitedMS: (at - since).Milliseconds(), Position: position, PositionAtEntry: first,
	}}
}

func TestTheBookTakesATrueStory(t *testing.T) {
	b := newBook()
	for _, e := range []callevent.Event{
		entered("a", sales, 0, 1), entered("b", sales, time.Second, 2), entered("c", support, 2*time.Second, 1),
		moved("b", sales, support, time.Second, 3*time.Second, 1), missed("c", support, 2*time.Second, 4*time.Second, 2, 1),
		missed("a", sales, 0, 5*time.Second, 1, 1), missed("b", support, time.Second, 6*time.Second, 1, 2),
		missed("d", "", 0, 0, 0, 0),
	} {
		require.NoError(t, b.take(e), e.ID)
	}
	require.Empty(t, b.open)
}

func TestTheBookSeesThroughAFalseStory(t *testing.T) {
	second := time.Second
	begin := []callevent.Event{entered("a", sales, 0, 1), entered("b", sales, second, 2)}
	with := func(e callevent.Event, change func(e *callevent.Event)) callevent.Event { change(&e); return e }
	for name, last := range map[string][]callevent.Event{
		"two endings":              {missed("a", sales, 0, second, 1, 1), missed("a", sales, 0, second, 1, 1)},
		"moved after the ending":   {missed("a", sales, 0, second, 1, 1), moved("a", sales, support, 0, second, 1)},
		"entered twice":            {with(entered("a", sales, 0, 1), func(e *callevent.Event) { e.ID = "a.1.9" })},
		"an id twice":              {with(moved("a", sales, support, 0, second, 1), func(e *callevent.Event) { e.ID = "b.1.1" })},
		"an ending with a step id": {with(missed("a", sales, 0, second, 1, 1), func(e *callevent.Event) { e.ID = "a.1.2" })},
		"moved from elsewhere":     {moved("a", support, sales, 0, second, 1)},
		"moved, never entered":     {moved("x", sales, support, 0, second, 1)},
		"another entry":            {missed("a", sales, time.Millisecond, second, 1, 1)},
		"another queue":            {missed("a", support, 0, second, 1, 1)},
		"another first position":   {missed("a", sales, 0, second, 1, 2)},
		"a later entry in front":   {missed("b", sales, second, 2*second, 1, 2)},
		"left before it came":      {missed("b", sales, second, 0, 2, 2)},
		"in a line, not entered":   {missed("x", sales, 0, second, 3, 0)},
		"a gap in the line":        {entered("c", sales, 2*second, 4)},
		"in front of the first":    {entered("c", sales, 2*second, 1)},
		"a wrong wait": {with(missed("a", sales, 0, second, 1, 1), func(e *callevent.Event) {
			m := e.Payload.(callevent.Missed)
			m.WaitedMS++
			e.Payload = m
		})},
	} {
		b := newBook()
		for _, e := range begin {
			require.NoError(t, b.take(e))
		}
		for _, e := range last[:len(last)-1] {
			require.NoError(t, b.take(e), name)
		}
		require.Error(t, b.take(last[len(last)-1]), name)
	}
}

// oneWaits is a world in which one caller waits.
func oneWaits(t *testing.T) (*world, *visit) {
	t.Helper()
	w := newWorld(1, 0)
	w.faults = faults{}
	for id, p := range w.policies.Queues {
		p.Serving = queueflow.Serving{}
		w.policies.Queues[id] = p
	}
	w.start()
	for range 100 {
		w.next()
	}
	ch := w.asterisks[0].newChannel()
	ch.dialled, ch.up = "78121234567", true
	require.True(t, ch.enter())
	for hour := w.now.Add(time.Hour); len(w.items) > 0 && w.now.Before(hour); {
		w.next() // some of what he hears never ends
	}
	require.Empty(t, w.problems)
	require.Len(t, w.checks.said.open, 1)
	return w, ch.visit
}

func (w *world) lie(v *visit, change func(m *callevent.Missed)) []string {
	call := v.calls[0]
	s := w.checks.said.open[call]
	m := callevent.Missed{
		CallID: call, Queue: s.queue, EnteredAt: s.enteredAt, LeftAt: w.now, WaitedMS: w.now.Sub(s.enteredAt).Milliseconds(),
		Position: 1, PositionAtEntry: 1, Asterisk: callevent.Asterisk{URL: v.at.url, ChannelID: v.channels[0]},
	}
	change(&m)
	if m.Reason != callevent.ReasonTaken {
		m.Episode, m.EpisodeCalls = call, 1
	}
	w.checks.event(w.program, callevent.Event{ID: call + ".end", Call: call, Time: w.now, Payload: m})
	return w.problems
}

func TestAReasonThatIsNotTrueIsSeen(t *testing.T) {
	for name, change := range map[string]func(w *world, v *visit, m *callevent.Missed){
		"abandoned, but he is there": func(_ *world, _ *visit, m *callevent.Missed) { m.Reason = callevent.ReasonAbandoned },
		"taken, but he hung up": func(w *world, v *visit, m *callevent.Missed) {
			m.Reason, v.leftAt, v.how, v.hangupToldTo = callevent.ReasonTaken, w.now, hungUp, w.program
		},
		"lost, but he is there": func(w *world, _ *visit, m *callevent.Missed) {
			m.Reason, m.LostWindow = callevent.ReasonLost, &callevent.Window{From: w.now, To: w.now}
		},
		"lost without a window": func(w *world, v *visit, m *callevent.Missed) {
			m.Reason, v.leftAt, v.how = callevent.ReasonLost, w.now, hungUp
		},
		"lost in a window that is over before he left": func(w *world, v *visit, m *callevent.Missed) {
			m.Reason, v.leftAt, v.how = callevent.ReasonLost, w.now.Add(time.Second), hungUp
			m.LostWindow = &callevent.Window{From: w.now, To: w.now}
		},
		"lost in a window that begins after he left": func(w *world, v *visit, m *callevent.Missed) {
			m.Reason, v.leftAt, v.how = callevent.ReasonLost, w.now.Add(-maxLatency-time.Millisecond), hungUp
			m.LostWindow = &callevent.Window{From: w.now, To: w.now}
		},
		"at his limit, but he has none yet": func(w *world, _ *visit, m *callevent.Missed) {
			m.Reason = callevent.ReasonMaxWait
			w.checks.limits[m.Queue] = 1000 * time.Hour
		},
		"of somebody else": func(_ *world, v *visit, m *callevent.Missed) {
			m.Reason, v.leftAt, v.how, m.Caller = callevent.ReasonTaken, m.LeftAt, takenOff, anna
		},
		"an error": func(_ *world, _ *visit, m *callevent.Missed) { m.Reason = callevent.ReasonError },
	} {
		t.Run(name, func(t *testing.T) {
			w, v := oneWaits(t)
			require.NotEmpty(t, w.lie(v, func(m *callevent.Missed) { change(w, v, m) }))
		})
	}
	w, v := oneWaits(t)
	require.Empty(t, w.lie(v, func(m *callevent.Missed) { m.Reason, v.leftAt, v.how = callevent.ReasonAbandoned, w.now, hungUp }), "the truth")
}

// ruled is a world in which the shop is open from nine to five past, and nobody may stay then.
func ruled(exit bool) *world {
	w := newWorld(1, 0)
	w.agenda.now = nine
	w.timetables = map[string]timetable{shop: {{9 * 60, 9*60 + 5}}}
	p := w.policies.Queues[shop]
	p.ExitAtClosing, p.StayOnMissingExit = exit, false
	w.policies.Queues[shop] = p
	w.checks = newChecks(w)
	return w
}

func TestARefusalThatIsNotTrueIsSeen(t *testing.T) {
	closed := func(queue string) []callevent.Refusal {
		return []callevent.Refusal{{Queue: queue, Reason: callevent.ReasonClosed}}
	}
	minute := time.Minute
	for name, c := range map[string]struct {
		exit bool
		lie  func(w *world, c *checks)
		true bool
	}{
		"in time":                     {lie: func(_ *world, c *checks) { c.admitted("a", shop, nine, nine.Add(5*minute-1)) }, true: true},
		"just in time":                {lie: func(_ *world, c *checks) { c.admitted("a", shop, nine.Add(5*minute-1), nine.Add(5*minute)) }, true: true},
		"too late":                    {lie: func(_ *world, c *checks) { c.admitted("a", shop, nine.Add(5*minute), nine.Add(6*minute)) }},
		"too early":                   {lie: func(_ *world, c *checks) { c.admitted("a", shop, nine.Add(-minute), nine.Add(-1)) }},
		"refused too late":            {lie: func(w *world, c *checks) { w.agenda.now = nine.Add(5 * minute); c.turnedAway("a", closed(shop), nine) }, true: true},
		"refused while open":          {lie: func(w *world, c *checks) { w.agenda.now = nine.Add(4 * minute); c.turnedAway("a", closed(shop), nine) }},
		"refused by one that is open": {lie: func(w *world, c *checks) { w.agenda.now = nine.Add(6 * minute); c.turnedAway("a", closed(sales), nine) }},
		"sent away at closing time": {exit: true, true: true, lie: func(_ *world, c *checks) {
			c.closedOn(callevent.Missed{CallID: "a", LeftAt: nine.Add(5 * minute)}, shop, nine)
		}},
		"sent away before": {exit: true, lie: func(_ *world, c *checks) {
			c.closedOn(callevent.Missed{CallID: "a", LeftAt: nine.Add(5*minute - 1)}, shop, nine)
		}},
		"sent away, but he might have stayed": {lie: func(_ *world, c *checks) {
			c.closedOn(callevent.Missed{CallID: "a", LeftAt: nine.Add(5 * minute)}, shop, nine)
		}},
		"closed, but he was in no line and refused by none": {exit: true, lie: func(_ *world, c *checks) {
			c.closedOn(callevent.Missed{CallID: "a", LeftAt: nine.Add(5 * minute)}, "", time.Time{})
		}},
		"open by hand": {true: true, lie: func(w *world, c *checks) {
			w.agenda.now = nine.Add(6 * minute)
			c.byHand[shop] = queueflow.QueueOverride{State: queueflow.StateOpen, Until: nine.Add(8 * minute)}
			c.rule(shop)
			c.admitted("a", shop, nine.Add(8*minute-1), nine.Add(8*minute-1))
		}},
		"no longer open by hand": {lie: func(w *world, c *checks) {
			w.agenda.now = nine.Add(6 * minute)
			c.byHand[shop] = queueflow.QueueOverride{State: queueflow.StateOpen, Until: nine.Add(8 * minute)}
			c.rule(shop)
			c.admitted("a", shop, nine.Add(8*minute), nine.Add(9*minute))
		}},
		"a word that nobody said": {lie: func(_ *world, c *checks) {
			c.remembered(queueflow.Snapshot{Overrides: []queueflow.QueueOverride{{Queue: shop, State: queueflow.StateOpen, By: "anna"}}})
		}},
		"he waits past closing time": {exit: true, lie: func(w *world, c *checks) {
			w.agenda.now = nine.Add(5*minute + overstay)
			c.auditClosing(&channel{asterisk: w.asterisks[0]}, "a", &stay{queue: shop, queuedAt: nine}, w.policies.Queues[shop])
		}},
		"he waits past closing time, as he may": {true: true, lie: func(w *world, c *checks) {
			w.agenda.now = nine.Add(5*minute + overstay)
			c.auditClosing(&channel{asterisk: w.asterisks[0]}, "a", &stay{queue: shop, queuedAt: nine}, w.policies.Queues[shop])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := ruled(c.exit)
			c.lie(w, &w.checks)
			require.Equal(t, c.true, len(w.problems) == 0, w.problems)
		})
	}
}

func TestWhatIsLeftUndoneIsSeen(t *testing.T) {
	for name, undo := range map[string]func(w *world, v *visit){
		"nobody hears music": func(w *world, v *visit) { v.now().music = "" },
		"he is not on hold":  func(w *world, v *visit) { v.now().bridge = "" },
		"his call is over":   func(w *world, v *visit) { clear(w.checks.said.open) },
		"he waits past his time": func(w *world, v *visit) {
			w.checks.policies[support] = queueflow.Policy{ID: support, MaxWait: time.Second}
		},
	} {
		w, v := oneWaits(t)
		undo(w, v)
		for range 2 {
			w.checks.audit()
			w.agenda.now = w.now.Add(aloneLimit + time.Second)
		}
		w.checks.audit()
		require.NotEmpty(t, w.problems, name)
	}
	w, _ := oneWaits(t)
	w.agenda.now = w.now.Add(time.Hour)
	w.checks.audit()
	require.Empty(t, w.problems)
}

func TestAStateThatIsNotWhatIsDurableIsSeen(t *testing.T) {
	w, v := oneWaits(t)
	state := w.program.machine
	w.checks.restarted(state)
	require.Empty(t, w.problems)
	w.checks.durable.open[v.calls[0]].queue = sales
	w.checks.restarted(state)
	require.NotEmpty(t, w.problems, "another queue")

	w, _ = oneWaits(t)
	clear(w.checks.durable.open)
	w.checks.restarted(w.program.machine)
	require.NotEmpty(t, w.problems, "a call that is over")

	w, v = oneWaits(t)
	w.agenda.now = w.now.Add(time.Minute)
	v.calls = nil
	w.checks.killed(w.program)
	require.NotEmpty(t, w.problems, "a caller of whom nothing is durable")
}

func TestACallWithoutAnEndingIsSeenAtRest(t *testing.T) {
	w, _ := oneWaits(t)
	w.checks.atRest()
	require.Len(t, w.problems, 3, "the machine has a call, it has no ending, its caller is still there")

	w, v := oneWaits(t)
	v.calls = append(v.calls, "another")
	w.checks.visited(v)
	require.Len(t, w.problems, 2, "still there, and two calls that do not know of each other")
}
