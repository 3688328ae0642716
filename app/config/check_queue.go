package config

import (
	"slices"
	"strings"
)

// atTheDoor are the exits that a caller may take at the moment of arrival. Where they lead from queue to queue in a
// circle, a caller could go round for ever; a circle through on_timeout or a key goes no faster than people wait.
var atTheDoor = []string{"on_full", "on_empty", "on_closed"}

// circles finds queues that send arriving callers round. Every exit that closes a circle is one problem.
func (c *checker) circles(queues *node) {
	w := way{queues: queues, place: make(map[string]int)}
	for _, f := range queues.mapped() {
		w.follow(f.key)
	}
	c.problems = append(c.problems, w.problems...)
}

// way is how one queue leads to the next.
type way struct {
	queues *node
	// ids are the queues from the first to the one that is looked at; place is where each is in ids, and passed for
	// those that have been looked at and lead to no circle that has not been told.
	ids      []string
	place    map[string]int
	problems Problems
}

const passed = -1

func (w *way) follow(id string) {
	if _, known := w.place[id]; known {
		return
	}
	w.place[id] = len(w.ids)
	w.ids = append(w.ids, id)
	for _, exit := range atTheDoor {
		to := w.queues.get(id).get(exit).get("queue")
		if to == nil {
			continue
		}
		if start, known := w.place[to.text]; known && start != passed {
			w.problems = append(w.problems, to.problem("a caller could go round for ever: "+circle(w.ids[start:])))
		}
		w.follow(to.text)
	}
	w.ids = w.ids[:len(w.ids)-1]
	w.place[id] = passed
}

// circle tells the way round, only its ends when it is long.
func circle(ids []string) string {
	const most = 10
	round := append(slices.Clone(ids), ids[0])
	if len(round) > most {
		round = slices.Concat(round[:most/2], []string{"…"}, round[len(round)-most/2:])
	}
	return strings.Join(round, " -> ")
}
