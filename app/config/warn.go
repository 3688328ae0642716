package config

import "fmt"

// warnings tells once for every kind of key that is set although this version does not act on it, at the first place
// where it is, so that a thousand queues do not give a thousand warnings each.
func warnings(root *node) Problems {
	type told struct {
		first Problem
		more  int
	}
	seen := make(map[string]*told)
	note := func(f *field, reason string) {
		if t, ok := seen[f.key+reason]; ok {
			t.more++
			return
		}
		seen[f.key+reason] = &told{first: f.problem("accepted, but " + reason)}
	}
	walk(root, nil, schema().root, func(n *node, key *field, part map[string]any, def string) {
		if reason, ok := part["x-unserved"].(string); ok && n.kind != null && key != nil {
			note(key, reason)
		}
		switch {
		case def == "key_action" && n.text == "callback":
			note(key, "this version does not call back yet, the digit does nothing")
		case def == "queue" && len(n.get("refuse_when_all").list()) > 0 && len(n.get("members").list()) > 0:
			note(n.field("refuse_when_all"), "this version acts on it for a queue without members only")
		}
	})
	var problems Problems
	for _, t := range seen {
		if t.more > 0 {
			t.first.Rule += fmt.Sprintf(" (and at %d more)", t.more)
		}
		problems = append(problems, t.first)
	}
	return problems.sorted()
}
