package demo

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"missedcalls/notifier"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// telling is what the chat must know by the events and the routes: of which missed calls it is to be told, and which of
// them were settled since. Events may be repeated.
type telling struct {
	policy policy.Policy
	calls  map[string]*matter  // by call
	open   map[string][]string // the calls of an episode, by its id
}

// matter is a missed call to tell of.
type matter struct {
	at time.Time
	// settledAt is zero for one that is open.
	settledAt time.Time
}

// messagesChanged is how many messages of one matter the notifier changes, the last ones.
const messagesChanged = 20

func newTelling(p policy.Policy) *telling {
	return &telling{policy: p, calls: make(map[string]*matter), open: make(map[string][]string)}
}

// read learns from a message, if it is an event.
func (t *telling) read(message []byte) {
	if e, err := callevent.Decode(message); err == nil {
		t.take(e)
	}
}

// take learns from an event.
func (t *telling) take(e callevent.Event) {
	switch p := e.Payload.(type) {
	case callevent.Missed:
		chosen := notifier.Choose(t.policy, e)
		if t.calls[e.Call] == nil && slices.ContainsFunc(chosen, func(c notifier.Choice) bool { return c.Target == teamChat }) {
			t.calls[e.Call] = &matter{at: e.Time}
			t.open[p.Episode] = append(t.open[p.Episode], e.Call)
		}
	case callevent.Resolved:
		calls := t.open[p.Episode]
		for _, call := range calls[max(len(calls)-messagesChanged, 0):] {
			t.calls[call].settledAt = e.Time
		}
		delete(t.open, p.Episode)
	}
}

// behind tells whether something that happened before a time is not told yet.
func (t *telling) behind(of func(call string) standing, before time.Time) bool {
	for call, m := range t.calls {
		s := of(call)
		if m.at.Before(before) && s.told == 0 || m.isSettledBefore(before) && !s.changed {
			return true
		}
	}
	return false
}

func (m *matter) isSettledBefore(at time.Time) bool {
	return !m.settledAt.IsZero() && m.settledAt.Before(at)
}

// report is how the chat stands in the end.
type report struct {
	// missed calls were to be told of; messages tell of them. changed say how theirs was settled.
	missed, messages, changed int
	// late are missed calls that the next start tells of.
	late  int
	wrong []string
}

// judge compares what was to be told with what was. What happened before a time must be told.
func (t *telling) judge(of func(call string) standing, before time.Time) (v report) {
	for _, call := range slices.Sorted(maps.Keys(t.calls)) {
		m, s := t.calls[call], of(call)
		v.missed++
		v.messages += s.told
		if s.changed {
			v.changed++
		}
		switch {
		case s.told == 0 && !m.at.Before(before):
			v.late++
		case s.told != 1:
			v.wrong = append(v.wrong, fmt.Sprintf("%s was told %s of call %s", teamChat, times(s.told), call))
		case m.isSettledBefore(before) && !s.changed:
			v.wrong = append(v.wrong, fmt.Sprintf("%s was not told that call %s is settled", teamChat, call))
		}
	}
	return v
}

func times(n int) string {
	if n == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%d times", n)
}

// check is the verdict in one line.
func (v report) check() string {
	if len(v.wrong) > 0 {
		return fmt.Sprintf("%s: FAILED for %d of %d missed calls: %s", teamChat, len(v.wrong), v.missed, v.wrong[0])
	}
	line := fmt.Sprintf("%s: %d missed calls, %d messages, %d of them changed when the matter was settled", teamChat, v.missed, v.messages, v.changed)
	if v.late > 0 {
		line += fmt.Sprintf(", %d left to the next start", v.late)
	}
	return line + ": good"
}
