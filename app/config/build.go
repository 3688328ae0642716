package config

import (
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Bounds of what aliases may expand to. A thousand queues of fifty members are a third of the first.
const (
	maxValues = 1 << 20
	maxDepth  = 32
)

// builder turns YAML nodes into ours. It notes what YAML allows and a configuration does not.
type builder struct {
	values   int
	problems Problems
}

// build makes the node at path. When a bound is passed it notes that once and the node is null.
func (b *builder) build(n *yaml.Node, path []string) *node {
	out := &node{line: n.Line, column: n.Column, path: path, kind: null}
	if !b.within(out) {
		return out
	}
	if n.Kind == yaml.AliasNode {
		return b.build(n.Alias, path)
	}
	out.tag, out.text = n.ShortTag(), n.Value
	switch {
	case !knownTag(out.tag):
		b.problems = append(b.problems, Problem{Line: out.line, Column: out.column, Key: out.key(),
			Rule: fmt.Sprintf("the tag %s is not supported; leave it out", out.tag)})
	case n.Kind == yaml.MappingNode:
		out.kind = mapping
		b.fill(out, n)
	case n.Kind == yaml.SequenceNode:
		out.kind = list
		for i, item := range n.Content {
			out.items = append(out.items, b.build(item, below(path, strconv.Itoa(i))))
		}
	case out.tag != "!!null":
		out.kind = scalar
	}
	return out
}

// within counts a value and says whether the bounds still hold.
func (b *builder) within(n *node) bool {
	b.values++
	switch {
	case b.values == maxValues:
		b.stop(n, "too many values after aliases are expanded")
	case len(n.path) > maxDepth:
		b.stop(n, "nested too deeply; does an alias contain itself?")
	}
	return b.values < maxValues
}

// stop notes once that a bound was passed, and ends the expansion.
func (b *builder) stop(n *node, rule string) {
	if b.values <= maxValues {
		b.problems = append(b.problems, Problem{Line: n.line, Column: n.column, Rule: rule})
	}
	b.values = maxValues + 1
}

func knownTag(tag string) bool {
	return slices.Contains([]string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp", "!!map", "!!seq", "!!merge"}, tag)
}

// fill gives out the keys of a mapping: its own first, then those of merge keys that it does not set itself.
func (b *builder) fill(out *node, n *yaml.Node) {
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := resolve(n.Content[i]), n.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode:
			b.problems = append(b.problems, out.problem(fmt.Sprintf("the key on line %d is not a plain text", key.Line)))
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		default:
			b.addOwn(out, n.Content[i], key.Value, value)
		}
	}
	for _, m := range merges {
		b.merge(out, m, 0)
	}
}

// addOwn adds a key, or notes that it is there already.
func (b *builder) addOwn(out *node, place *yaml.Node, key string, value *yaml.Node) {
	f := field{key: key, line: place.Line, column: place.Column}
	f.value = b.build(value, below(out.path, key))
	if first := out.field(key); first != nil {
		b.problems = append(b.problems, f.problem(fmt.Sprintf("key %q is set twice; the first is on line %d", key, first.line)))
		return
	}
	out.add(f)
}

// merge adds the keys of a mapping, or of a list of mappings, that out does not have yet (YAML's << key).
func (b *builder) merge(out *node, from *yaml.Node, depth int) {
	from = resolve(from)
	sources := []*yaml.Node{from}
	if from.Kind == yaml.SequenceNode {
		sources = from.Content
	}
	for _, n := range sources {
		switch n = resolve(n); {
		case b.values > maxValues:
			return
		case depth > maxDepth:
			b.stop(out, "nested too deeply; does an alias contain itself?")
		case n.Kind != yaml.MappingNode:
			b.problems = append(b.problems, Problem{Line: n.Line, Column: n.Column, Rule: "<< takes a mapping or a list of mappings"})
		default:
			b.mergeMapping(out, n, depth)
		}
	}
}

func (b *builder) mergeMapping(out *node, from *yaml.Node, depth int) {
	b.values++
	var merges []*yaml.Node
	for i := 0; i+1 < len(from.Content); i += 2 {
		key, value := resolve(from.Content[i]), from.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		case key.Kind == yaml.ScalarNode && out.field(key.Value) == nil:
			f := field{key: key.Value, line: key.Line, column: key.Column}
			f.value = b.build(value, below(out.path, key.Value))
			out.add(f)
		}
	}
	for _, m := range merges {
		b.merge(out, m, depth+1)
	}
}

// resolve follows an alias. An alias of an alias cannot be written in YAML.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// below is the path of a part of what is at path. Paths share nothing, so that they may be kept.
func below(path []string, name string) []string {
	return append(slices.Clip(path), name)
}
