package queueflow

import (
	"cmp"
	"slices"
	"time"
)

// LineView is one line as it looks.
type LineView struct {
	Queue   string
	Waiting int
	// OldestEnteredAt is the first entry of the call that is served next; zero when nobody waits.
	OldestEnteredAt time.Time
}

// Lines gives every configured line and every other in which somebody waits, in the order of their ids. It costs a look
// at every queue.
func (m *Machine) Lines() []LineView {
	views := make([]LineView, 0, len(m.policies.Queues))
	for queue := range m.policies.Queues {
		views = append(views, m.lineView(queue))
	}
	for queue, l := range m.lines {
		if _, configured := m.policies.Queues[queue]; !configured && l.len() > 0 {
			views = append(views, m.lineView(queue))
		}
	}
	slices.SortFunc(views, func(a, b LineView) int { return cmp.Compare(a.Queue, b.Queue) })
	return views
}

func (m *Machine) lineView(queue string) LineView {
	v := LineView{Queue: queue}
	if l, ok := m.lines[queue]; ok {
		v.Waiting = l.len()
		if c := l.first(); c != nil {
			v.OldestEnteredAt = c.enteredAt
		}
	}
	return v
}
