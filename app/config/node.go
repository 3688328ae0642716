package config

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// kind is what sort of value a node is.
type kind uint8

const (
	scalar kind = iota
	null
	list
	mapping
)

// node is a value of the file with its place. Aliases and merge keys are resolved; keys are unique.
type node struct {
	kind         kind
	line, column int
	path         []string
	// text is a scalar as it is written, so that +7999… and 0101 stay what they are.
	text   string
	tag    string
	items  []*node
	fields []field
	index  map[string]int
}

// field is one key of a mapping. Its place is the key's.
type field struct {
	key          string
	line, column int
	value        *node
}

// field finds a key of a mapping; nil when it is not there.
func (n *node) field(key string) *field {
	if n == nil {
		return nil
	}
	if i, ok := n.index[key]; ok {
		return &n.fields[i]
	}
	return nil
}

// get is the value of a key, nil when it is absent or null. It may be called on nil, so that gets can be chained.
func (n *node) get(key string) *node {
	if f := n.field(key); f != nil && f.value.kind != null {
		return f.value
	}
	return nil
}

func (n *node) add(f field) {
	if n.index == nil {
		n.index = make(map[string]int)
	}
	n.index[f.key] = len(n.fields)
	n.fields = append(n.fields, f)
}

// at finds the node at a location; nil when there is none.
func (n *node) at(location []string) *node {
	for _, step := range location {
		n = n.step(step)
	}
	return n
}

func (n *node) step(name string) *node {
	if f := n.field(name); f != nil {
		return f.value
	}
	if i, err := strconv.Atoi(name); err == nil && n != nil && i >= 0 && i < len(n.items) {
		return n.items[i]
	}
	return nil
}

// value is what the node is to JSON Schema.
func (n *node) value() any {
	switch n.kind {
	case null:
		return nil
	case list:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.value()
		}
		return items
	case mapping:
		fields := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			fields[f.key] = f.value.value()
		}
		return fields
	}
	return n.scalarValue()
}

// plainNumber is a whole number that is written as JSON writes it and no longer than any key needs. What YAML reads as a
// number beyond that, such as 0101, +7999, 0x10, 1_000, 1.10 or 1e9, is a text here.
var plainNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,19})$`)

func (n *node) scalarValue() any {
	switch {
	case n.tag == "!!bool" && strings.EqualFold(n.text, "true"):
		return true
	case n.tag == "!!bool" && strings.EqualFold(n.text, "false"):
		return false
	case n.tag == "!!int" && plainNumber.MatchString(n.text):
		return json.Number(n.text)
	}
	return n.text
}

// key is the dotted path of the node.
func (n *node) key() string {
	return strings.Join(n.path, ".")
}

// shown is the value as a problem quotes it: empty for lists and mappings, and for a URL in which a password may stand.
func (n *node) shown() string {
	switch n.kind {
	case scalar:
		if strings.Contains(n.text, "://") {
			return withoutCredentials(n.text)
		}
		return n.text
	case null:
		return "null"
	}
	return ""
}

// problem is a problem with the value.
func (n *node) problem(rule string) Problem {
	return Problem{Line: n.line, Column: n.column, Key: n.key(), Value: n.shown(), Rule: rule}
}

// problem is a problem with the key itself.
func (f field) problem(rule string) Problem {
	return Problem{Line: f.line, Column: f.column, Key: f.value.key(), Rule: rule}
}
