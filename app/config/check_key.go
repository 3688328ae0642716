package config

import (
	"fmt"
	"regexp"
	"sync"

	"missedcalls/queueflow/callevent"
)

// keyPatterns are the rules of keys that people choose, by definition in the schema.
var keyPatterns = sync.OnceValue(func() map[string]*regexp.Regexp {
	patterns := make(map[string]*regexp.Regexp)
	for _, def := range []string{"did", "queue_id", "key", "target_id", "template_event", "header_name", "sip_header_name", "variable_name"} {
		patterns[def] = regexp.MustCompile(schema().def(def)["pattern"].(string))
	}
	return patterns
})

// keys holds the keys of a mapping against the schema's propertyNames.
func (c *checker) keys(n *node, part map[string]any) {
	target, _ := schema().deref(part)
	names, ok := target["propertyNames"].(map[string]any)
	if !ok {
		return
	}
	rule, def := schema().deref(names)
	pattern := keyPatterns()[def]
	for _, f := range n.mapped() {
		if !pattern.MatchString(f.key) {
			text := fmt.Sprintf("key %q: %s", f.key, rule["x-rule"])
			if def == "template_event" {
				text += c.hint(f.key, events())
			}
			c.problems = append(c.problems, f.problem(text))
		}
	}
}

// events are the names of all events.
func events() (names []string) {
	for _, kind := range callevent.Kinds() {
		names = append(names, string(kind))
	}
	return names
}
