package callevent_test

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

const docsFile = "../../docs/events.md"

// TestTheDocumentationHasATablePerEvent holds the tables of docs/events.md to the schemas; -update writes them anew.
func TestTheDocumentationHasATablePerEvent(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	doc := string(b)
	for _, kind := range callevent.Kinds() {
		doc = replaceBetween(t, doc, "<!-- table "+string(kind)+" -->\n", "<!-- end -->", payloadTable(t, kind))
	}
	if *update {
		require.NoError(t, os.WriteFile(docsFile, []byte(doc), 0o644))
		return
	}
	assert.Equal(t, doc, string(b), "run go test ./queueflow/callevent -update")
}

func TestTheDocumentationExplainsEveryReason(t *testing.T) {
	b, err := os.ReadFile(docsFile)
	require.NoError(t, err)
	for _, r := range callevent.Reasons() {
		assert.Contains(t, string(b), fmt.Sprintf("\n| `%s` | ", r))
	}
}

func replaceBetween(t *testing.T, doc, from, to, instead string) string {
	t.Helper()
	before, rest, ok := strings.Cut(doc, from)
	require.True(t, ok, "%s has no line %s", docsFile, from)
	_, after, ok := strings.Cut(rest, to)
	require.True(t, ok, "%s has no line %s after %s", docsFile, to, from)
	return before + from + instead + to + after
}

// payloadTable has a row per field of a payload, those of objects under it, in the order in which they are encoded.
func payloadTable(t *testing.T, kind callevent.Kind) string {
	root := schemaOf(t, kind)
	w := tableWriter{comparison: comparison{t: t, defs: root.object("$defs"), used: map[string]bool{}}}
	w.rows("", reflect.TypeOf(payloads()[kind]), root.object("properties").object("data"))
	return "\n| field of `data` | type | meaning |\n| --- | --- | --- |\n" + w.String() + "\n"
}

type tableWriter struct {
	comparison
	strings.Builder
}

func (w *tableWriter) rows(prefix string, typ reflect.Type, schema node) {
	for f := range fieldsOf(typ) {
		property := schema.object("properties").object(f.name)
		target, null := w.resolve(property)
		fmt.Fprintf(w, "| `%s%s` | %s | %s |\n", prefix, f.name, w.typeName(target, null, f.optional), property["description"])
		inner := f.typ
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case target["type"] == "object":
			w.rows(prefix+f.name+".", inner, target)
		case inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct:
			item, _ := w.resolve(target.object("items"))
			w.rows(prefix+f.name+"[].", inner.Elem(), item)
		}
	}
}

func (w *tableWriter) typeName(n node, null, optional bool) string {
	name := strings.Trim(fmt.Sprint(n["type"]), "[]")
	name = strings.Replace(name, " null", " or null", 1)
	if n["format"] == "date-time" {
		name = "time"
	}
	if null {
		name += " or null"
	}
	if optional {
		name += ", may be absent"
	}
	return name
}
