package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one thing that is wrong with the configuration: where, what stands there, and the rule it breaks.
type Problem struct {
	// Path is the file as it was named to Load, empty for a setting of the environment.
	Path string
	// Line and Column count from 1, the column in characters. 0 means that the place is not known.
	Line, Column int
	// Key is the dotted path of the key, such as queues.sales.strategy, or the name of an environment variable.
	Key string
	// Value is the text that stands there, empty for mappings and lists and for secrets.
	Value string
	// Rule says what must be there instead.
	Rule string
}

// Error is the problem on one line, which editors can jump to:
//
//	queues.yaml:5:15: queues.sales.strategy: "rrmemry": must be one of …
func (p Problem) Error() string {
	var parts []string
	if place := p.place(); place != "" {
		parts = append(parts, place)
	}
	if p.Key != "" {
		parts = append(parts, p.Key)
	}
	if p.Value != "" {
		parts = append(parts, fmt.Sprintf("%q", shorten(p.Value)))
	}
	return strings.Join(append(parts, p.Rule), ": ")
}

func (p Problem) place() string {
	if p.Line == 0 {
		return p.Path
	}
	return fmt.Sprintf("%s:%d:%d", p.Path, p.Line, p.Column)
}

// shorten keeps the message readable when a whole paragraph stands in the wrong place.
func shorten(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}

// Problems is everything that is wrong, in the order of the file. As an error it is never empty.
type Problems []Problem

// Error is one problem per line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a single Problem.
func (ps Problems) Unwrap() []error {
	errs := make([]error, len(ps))
	for i, p := range ps {
		errs[i] = p
	}
	return errs
}

// err is nil when there are no problems.
func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// sorted puts problems in the order of the file and drops repetitions, which an alias used twice brings about.
func (ps Problems) sorted() Problems {
	slices.SortFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Rule, b.Rule))
	})
	return slices.Compact(ps)
}
