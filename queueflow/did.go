package queueflow

import (
	"cmp"
	"slices"
	"strings"
)

// Route is what a dialled number stands for.
type Route struct {
	// Queue takes the calls.
	Queue string
	// Language and Music, unless empty, are in place of the queue's.
	Language, Music string
}

// DIDMap finds the route of a dialled number. The zero map knows none.
type DIDMap struct {
	exact map[string]Route
	globs []didGlob // most specific first
}

type didGlob struct {
	pattern string
	route   Route
}

// NewDIDMap reads a map of numbers and globs to routes. In a glob `*` stands for any characters and `?` for one.
// The most specific pattern wins: a number before a glob, then the glob with more fixed characters, then the one with
// fewer `*`, then the one that sorts first.
func NewDIDMap(routes map[string]Route) DIDMap {
	m := DIDMap{exact: make(map[string]Route)}
	for pattern, route := range routes {
		if strings.ContainsAny(pattern, "*?") {
			m.globs = append(m.globs, didGlob{pattern, route})
		} else {
			m.exact[pattern] = route
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

// Route is the route of a dialled number. A number is looked up as it was dialled first, then with its leading plus
// taken off or put on, because carriers differ in it.
func (m DIDMap) Route(number string) (route Route, ok bool) {
	other, hadPlus := strings.CutPrefix(number, "+")
	if !hadPlus {
		other = "+" + number
	}
	for _, n := range []string{number, other} {
		if route, ok = m.exact[n]; ok {
			return route, true
		}
	}
	for _, g := range m.globs {
		if matchGlob(g.pattern, number) || matchGlob(g.pattern, other) {
			return g.route, true
		}
	}
	return Route{}, false
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
