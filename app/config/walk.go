package config

// visit is called with a node, its part of the schema, and the name of the definition it follows, empty for none. n is
// the value; key is where it stands in a mapping, nil elsewhere.
type visit func(n *node, key *field, part map[string]any, def string)

// walk visits the file and its schema side by side, in the order of the file. What the schema does not know is left
// out.
func walk(n *node, key *field, part map[string]any, v visit) {
	target, def := schema().deref(part)
	v(n, key, part, def)
	switch n.kind {
	case mapping:
		for i := range n.fields {
			f := &n.fields[i]
			if p := property(target, f.key); p != nil {
				walk(f.value, f, p, v)
			}
		}
	case list:
		if p, ok := target["items"].(map[string]any); ok {
			for _, item := range n.items {
				walk(item, nil, p, v)
			}
		}
	}
}
