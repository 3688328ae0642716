package config

import (
	"fmt"
	"slices"
	"strings"
)

// atTheDoor are the exits that a caller may take at the moment of arrival. Where they lead from queue to queue in a
// circle, a caller could go round for ever; a circle through on_timeout or a key goes no faster than people wait.
var atTheDoor = []string{"on_full", "on_empty", "on_closed"}

// circles finds queues that send arriving callers round. Every exit that closes a circle is one problem.
func (c *checker) circles(queues *node) {
	if queues == nil {
		return
	}
	done := make(map[string]bool)
	for _, f := range queues.fields {
		c.follow(queues, f.key, nil, done)
	}
}

// follow goes through the exits of a queue that was reached by way. A queue that is done leads to no circle that has
// not been told.
func (c *checker) follow(queues *node, id string, way []string, done map[string]bool) {
	if done[id] {
		return
	}
	way = append(slices.Clip(way), id)
	for _, exit := range atTheDoor {
		to := queues.get(id).get(exit).get("queue")
		if to == nil {
			continue
		}
		if start := slices.Index(way, to.text); start >= 0 {
			c.problems = append(c.problems, to.problem(fmt.Sprintf(
				"a caller could go round for ever: %s", strings.Join(append(way[start:], to.text), " -> "))))
		} else {
			c.follow(queues, to.text, way, done)
		}
	}
	done[id] = true
}

// members finds agents that a queue names twice.
func (c *checker) members(queues *node) {
	if queues == nil {
		return
	}
	for _, f := range queues.fields {
		seen := make(map[string]int)
		for _, m := range f.value.get("members").list() {
			endpoint := m.get("endpoint")
			if endpoint == nil {
				continue
			}
			if line := seen[endpoint.text]; line > 0 {
				c.problems = append(c.problems, endpoint.problem(fmt.Sprintf("is a member already, on line %d", line)))
			}
			seen[endpoint.text] = endpoint.line
		}
	}
}

// oneChannel finds notification targets that have no channel or several.
func (c *checker) oneChannel(targets *node) {
	if targets == nil {
		return
	}
	channels := []string{"telegram", "slack", "email", "webhook"}
	for _, f := range targets.fields {
		n := 0
		for _, channel := range channels {
			if f.value.field(channel) != nil {
				n++
			}
		}
		if n != 1 && f.value.kind == mapping && len(f.value.fields) > 0 {
			c.problems = append(c.problems, f.value.problem(
				fmt.Sprintf("must have one of %s, has %d", strings.Join(channels, ", "), n)))
		}
	}
}
