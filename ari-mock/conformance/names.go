package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// names gives lasting names to what is another in every run.
type names struct {
	given map[string]string
	count map[string]int
}

func newNames() *names {
	return &names{given: map[string]string{}, count: map[string]int{}}
}

var (
	// uniqueID is a channel id that Asterisk made: the second and a counter.
	uniqueID = regexp.MustCompile(`\b\d{10}\.\d+\b`)
	// uuid is a bridge's or a playback's id that Asterisk made.
	uuid = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	// counter is the end of a channel's name.
	counter = regexp.MustCompile(`\b((?:PJSIP|Local|Recorder)/[^\s"]+?)-[0-9a-f]{8}\b`)
	// server is how Asterisk's web server signs its pages.
	server = regexp.MustCompile(`\bAsterisk/\d+\.\d+\.\d+[^<\s]*`)
	// layouts of values with keys of their own.
	moment    = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$`)
	entity    = regexp.MustCompile(`^[0-9a-f]{2}(:[0-9a-f]{2}){5}$`)
	release   = regexp.MustCompile(`^\d+\.\d+\.\d+`)
	something = regexp.MustCompile(`.`)
)

// layouts tell, by key, what values are replaced and how they must look for that. Others stay, and so are seen.
var layouts = map[string]struct {
	layout *regexp.Regexp
	name   string
}{
	"timestamp":        {moment, "<time>"},
	"creationtime":     {moment, "<time>"},
	"startup_time":     {moment, "<time>"},
	"last_reload_time": {moment, "<time>"},
	"asterisk_id":      {entity, "<asterisk>"},
	"entity_id":        {entity, "<asterisk>"},
	"protocol_id":      {something, "<sip>"},
	"version":          {release, "<version>"},
	// What Asterisk was built with and on.
	"date":    {something, "<build>"},
	"kernel":  {something, "<build>"},
	"machine": {something, "<build>"},
	"options": {something, "<build>"},
	"os":      {something, "<build>"},
	"user":    {something, "<build>"},
}

// unordered are the keys of lists without a promised order.
var unordered = strings.Fields("bridge_ids bridges_ids channel_ids channels device_names endpoint_ids")

// text names what is named within any text.
func (n *names) text(s string) string {
	s = uniqueID.ReplaceAllStringFunc(s, func(id string) string { return n.name(id, "caller") })
	s = uuid.ReplaceAllStringFunc(s, func(id string) string { return n.name(id, "id") })
	s = server.ReplaceAllString(s, "Asterisk/<version>")
	return counter.ReplaceAllString(s, "$1-#")
}

func (n *names) name(id, kind string) string {
	name, known := n.given[id]
	if !known {
		n.count[kind]++
		name = fmt.Sprintf("<%s-%d>", kind, n.count[kind])
		n.given[id] = name
	}
	return name
}

// body renders the body of an answer.
func (n *names) body(contentType string, body []byte) string {
	if len(body) == 0 {
		return ""
	}
	value, err := decode(body)
	if err != nil {
		return fmt.Sprintf("%s %q", contentType, n.text(string(body)))
	}
	if list, is := value.([]any); is {
		return n.render(sorted(n.value("", list).([]any)))
	}
	return n.render(n.value("", value))
}

// value names what is named within a value of JSON; the key is the one it stands under.
func (n *names) value(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		named := make(map[string]any, len(v))
		for _, k := range slices.Sorted(keysOf(v)) {
			named[k] = n.value(k, v[k])
		}
		switch name, _ := v["name"].(string); { // whose number it is given before, during or after anything else, or never
		case linksTransfer(name):
			named["caller"] = "<nobody or who was consulted>"
		case strings.HasPrefix(name, "Local/") && strings.HasSuffix(name, ";2"):
			named["caller"] = "<nobody or who is transferred>"
		}
		return named
	case []any:
		named := make([]any, len(v))
		for i := range v {
			named[i] = n.value("", v[i])
		}
		if slices.Contains(unordered, key) {
			return sorted(named)
		}
		return named
	case string:
		if l, is := layouts[key]; is && l.layout.MatchString(v) {
			return l.name
		}
		return n.text(v)
	case json.Number:
		if key == "duration_ms" {
			return "<ms>"
		}
		return v
	default:
		return v
	}
}

// linksTransfer says whether a channel is the Local one that an attended transfer puts into the place of the transferring phone.
func linksTransfer(name string) bool { return strings.HasPrefix(name, "Local/_attended@") }

// render gives a value as JSON in one line, keys in alphabetical order.
func (*names) render(v any) string { return rendered(v) }

func rendered(v any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(text.String())
}

func sorted(list []any) []any {
	slices.SortStableFunc(list, func(a, b any) int { return strings.Compare(rendered(a), rendered(b)) })
	return list
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// decode reads JSON and keeps its numbers as they were written.
func decode(data []byte) (any, error) {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(&v)
	return v, err
}
