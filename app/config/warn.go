package config

import "fmt"

// warnings tells once for every kind of key that is set although this version does not act on it, or that is probably
// not meant, at the first place where it is, so that a thousand queues do not give a thousand warnings each.
func warnings(root *node) Problems {
	w := make(warner)
	walk(root, nil, schema().root, func(n *node, key *field, part map[string]any, def string) {
		if reason, ok := part["x-unserved"].(string); ok && n.kind != null && key != nil {
			w.accepted(key.key, key.problem(""), reason)
		}
		switch {
		case def == "key_action" && n.text == "callback":
			w.accepted(key.key, key.problem(""), "this version does not call back yet, the digit does nothing")
		case def == "queue":
			w.serving(n)
		}
	})
	w.notifications(root.get("notifications"))
	return w.problems()
}

// warner gathers warnings, those of one kind as one.
type warner map[string]*told

type told struct {
	first Problem
	more  int
}

// note adds a warning at a place.
func (w warner) note(kind string, place Problem, rule string) {
	if t, ok := w[kind+rule]; ok {
		t.more++
		return
	}
	place.Rule = rule
	w[kind+rule] = &told{first: place}
}

// accepted notes what is right and yet does nothing.
func (w warner) accepted(kind string, place Problem, reason string) {
	w.note(kind, place, "accepted, but "+reason)
}

// problems are the warnings in the order of the file.
func (w warner) problems() Problems {
	var problems Problems
	for _, t := range w {
		if t.more > 0 {
			t.first.Rule += fmt.Sprintf(" (and at %d more)", t.more)
		}
		problems = append(problems, t.first)
	}
	return problems.sorted()
}
