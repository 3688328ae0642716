package sim

import (
	"fmt"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// ledger is what the events alone say of missed calls: which of them are open, and what is one matter. It shares nothing
// with the machine and counts anew what it can.
type ledger struct {
	openFor time.Duration
	// matters are all that ever were, in the order of their opening.
	matters []*matter
}

// matter is the missed calls of one number that were nobody's yet.
type matter struct {
	id, number        string
	calls             int
	firstAt, latestAt time.Time
	// until is when it is over by itself.
	until    time.Time
	resolved bool
}

// caller is the number a caller shows, by the count of channels: few have many calls, some show none or an extension.
func caller(n int) callevent.Caller {
	switch n % 7 {
	case 0:
		return callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
	case 1:
		return callevent.Caller{Raw: fmt.Sprint(200 + n%3), Kind: callevent.CallerInternal}
	case 2:
		return callevent.Caller{Raw: "FLOWERS", Kind: callevent.CallerInvalid}
	}
	number := fmt.Sprint(79160000000 + n*n%97)
	return callevent.Caller{Raw: number, E164: "+" + number, Kind: callevent.CallerExternal, Name: fmt.Sprint("caller ", n)}
}

// sameAs is what tells the calls of one person: a public number or an extension, empty when there is none.
func sameAs(c callevent.Caller) string {
	if c.Kind == callevent.CallerExternal || c.Kind == callevent.CallerInternal {
		return c.Raw
	}
	return ""
}

// open finds the matters of a number, or of an id, that nobody resolved, the newest last.
func (l *ledger) open(number, id string) (found []*matter) {
	for _, t := range l.matters {
		if !t.resolved && (t.id == id || number != "" && t.number == number) {
			found = append(found, t)
		}
	}
	return found
}

// take writes an event down, and says what is wrong with it. It was said at a time, or before.
func (l *ledger) take(e callevent.Event, now time.Time) error {
	switch p := e.Payload.(type) {
	case callevent.Missed:
		return l.missed(p, now)
	case callevent.Resolved:
		return l.resolve(e, p)
	}
	return nil
}

func (l *ledger) missed(p callevent.Missed, now time.Time) error {
	if p.Reason == callevent.ReasonTaken {
		if p.Episode != "" || p.EpisodeCalls != 0 {
			return fmt.Errorf("%s was taken and is call %d of %s", p.CallID, p.EpisodeCalls, p.Episode)
		}
		return nil
	}
	known := p.LeftAt
	if p.LostWindow != nil {
		known = p.LostWindow.To
	}
	var last *matter
	if open := l.open(sameAs(p.Caller), ""); len(open) > 0 {
		last = open[len(open)-1]
	}
	joins := p.Episode != p.CallID
	switch {
	case joins && (last == nil || p.Episode != last.id || p.EpisodeCalls != last.calls+1 || !last.until.After(known)):
		return fmt.Errorf("%s is call %d of %s, but the last that is open is %+v", p.CallID, p.EpisodeCalls, p.Episode, last)
	case !joins && (p.EpisodeCalls != 1 || last != nil && last.until.After(now)):
		return fmt.Errorf("%s is call %d of a new episode, but %+v is open", p.CallID, p.EpisodeCalls, last)
	case !joins:
		last = &matter{id: p.CallID, number: sameAs(p.Caller), firstAt: p.LeftAt}
		l.matters = append(l.matters, last)
	}
	last.calls = p.EpisodeCalls
	last.latestAt, last.until = later(last.latestAt, p.LeftAt), later(last.until, known.Add(l.openFor))
	return nil
}

func (l *ledger) resolve(e callevent.Event, p callevent.Resolved) error {
	open := l.open("", p.Episode)
	switch {
	case len(open) != 1:
		return fmt.Errorf("%s resolves %s, of which %d are open", e.ID, p.Episode, len(open))
	case e.Call != p.Episode, p.CallID != p.Episode, p.Calls != open[0].calls, !p.MissedAt.Equal(open[0].firstAt),
		!p.LastAt.Equal(open[0].latestAt), sameAs(p.Caller) != open[0].number, p.AfterMS != e.Time.Sub(open[0].firstAt).Milliseconds():
		return fmt.Errorf("%s resolves %+v, but it is %+v", e.ID, p, *open[0])
	case !open[0].until.After(e.Time):
		return fmt.Errorf("%s resolves %s, which was over at %s", e.ID, p.Episode, open[0].until)
	}
	open[0].resolved = true
	return nil
}

// fallBack forgets what was said and not durable.
func (l *ledger) fallBack(durable *ledger) {
	l.matters = l.matters[:0]
	for _, t := range durable.matters {
		again := *t
		l.matters = append(l.matters, &again)
	}
}

// compare says how a state differs from what is open at a time.
func (l *ledger) compare(state []queueflow.Episode, now time.Time) error {
	known := make(map[string]bool)
	for _, e := range state {
		open := l.open("", e.ID)
		if len(open) != 1 {
			return fmt.Errorf("%s is open, but %d are", e.ID, len(open))
		}
		t := open[0]
		if e.Calls != t.calls || !e.MissedAt.Equal(t.firstAt) || !e.LastAt.Equal(t.latestAt) || !e.Until.Equal(t.until) || sameAs(e.Caller) != t.number {
			return fmt.Errorf("%+v is open, but it is %+v", e, *t)
		}
		known[e.ID] = true
	}
	for _, t := range l.matters {
		if !t.resolved && t.until.After(now) && !known[t.id] {
			return fmt.Errorf("%+v is not known any more", *t)
		}
	}
	return nil
}

// resolve closes a matter by hand: one that is open, or was, or never was.
func (w *world) resolve() {
	l := w.checks.owed
	if len(l.matters) == 0 {
		return
	}
	t := l.matters[max(0, len(l.matters)-1-w.IntN(30))]
	in := queueflow.ResolveMissed{Episode: t.id, By: "anna", Why: "talked to them"}
	switch {
	case w.happens(0.1):
		in.Episode = w.newCall()
	case w.happens(0.3):
		in.Episode, in.Number = "", number(t.number)
	}
	open := slices.ContainsFunc(l.open(t.number, t.id), func(o *matter) bool {
		return o.until.After(w.now) && (o.id == in.Episode || in.Number != "" && o.number == t.number)
	})
	ids := len(l.resolved())
	w.program.step(in)
	if closed := len(l.resolved()) > ids; closed != open {
		w.complain("%+v closed something: %t, something was open: %t", in, closed, open)
	}
}

// number is how the machine is told the number of a matter.
func number(raw string) string {
	if len(raw) > 6 {
		return "+" + raw
	}
	return raw
}

// String tells how much there was.
func (l *ledger) String() string {
	calls := 0
	for _, t := range l.matters {
		calls += t.calls
	}
	return fmt.Sprintf("%d missed calls in %d episodes, %d resolved", calls, len(l.matters), len(l.resolved()))
}

func (l *ledger) resolved() (all []*matter) {
	for _, t := range l.matters {
		if t.resolved {
			all = append(all, t)
		}
	}
	return all
}
