package queueflow

import (
	"cmp"
	"slices"
	"strings"
)

// DIDMap finds the queue of a dialled number. The zero map knows none.
type DIDMap struct {
	exact map[string]string
	globs []didGlob // most specific first
}

type didGlob struct {
	pattern, queue string
}

// NewDIDMap reads a map of numbers and globs to queues. In a glob `*` stands for any characters and `?` for one.
// The most specific pattern wins: a number before a glob, then the glob with more fixed characters, then the one with
// fewer `*`, then the one that sorts first.
func NewDIDMap(queues map[string]string) DIDMap {
	m := DIDMap{exact: make(map[string]string)}
	for pattern, queue := range queues {
		if strings.ContainsAny(pattern, "*?") {
			m.globs = append(m.globs, didGlob{pattern, queue})
		} else {
			m.exact[pattern] = queue
		}
	}
	slices.SortFunc(m.globs, func(a, b didGlob) int {
		return cmp.Or(
			cmp.Compare(fixed(b.pattern), fixed(a.pattern)),
			cmp.Compare(strings.Count(a.pattern, "*"), strings.Count(b.pattern, "*")),
			cmp.Compare(a.pattern, b.pattern))
	})
	return m
}

// Queue is the queue of a dialled number. A number is looked up as it was dialled first, then with its leading plus
// taken off or put on, because carriers differ in it.
func (m DIDMap) Queue(number string) (queue string, ok bool) {
	other, hadPlus := strings.CutPrefix(number, "+")
	if !hadPlus {
		other = "+" + number
	}
	for _, n := range []string{number, other} {
		if queue, ok = m.exact[n]; ok {
			return queue, true
		}
	}
	for _, g := range m.globs {
		if matchGlob(g.pattern, number) || matchGlob(g.pattern, other) {
			return g.queue, true
		}
	}
	return "", false
}

// fixed counts the characters of a pattern that stand for themselves.
func fixed(pattern string) int {
	return len(pattern) - strings.Count(pattern, "*") - strings.Count(pattern, "?")
}

// matchGlob says whether s matches pattern as a whole, in time proportional to the product of their lengths.
func matchGlob(pattern, s string) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
