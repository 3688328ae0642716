package callevent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func compile(t *testing.T, kind callevent.Kind) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(callevent.Schema(kind)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource(string(kind), doc))
	s, err := c.Compile(string(kind))
	require.NoError(t, err)
	require.Equal(t, 2020, s.DraftVersion)
	return s
}

// validate checks encoded bytes against the schema of a kind.
func validate(t *testing.T, kind callevent.Kind, b []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	return compile(t, kind).Validate(v)
}

func TestEveryGoldenEventMatchesItsSchema(t *testing.T) {
	for name, e := range golden() {
		b, err := callevent.Encode(e)
		require.NoError(t, err, name)
		assert.NoError(t, validate(t, e.Payload.Kind(), b), name)
	}
}

func TestAConsumersSchemaAcceptsFieldsOfALaterVersion(t *testing.T) {
	b, err := callevent.Encode(golden()["missed_lost"])
	require.NoError(t, err)
	b = bytes.Replace(b, []byte(`"data":{`), []byte(`"traceparent":"00-1-2-01","data":{"sentiment":{"angry":true},`), 1)
	assert.NoError(t, validate(t, callevent.KindMissed, b))
}

func TestASchemaRefusesWhatIsNotItsEvent(t *testing.T) {
	whole, err := callevent.Encode(golden()["missed_abandoned"])
	require.NoError(t, err)
	for what, replace := range map[string][2]string{
		"a reason nobody knows":        {`"reason":"abandoned"`, `"reason":"bored"`},
		"another kind":                 {`call.missed.v1`, `call.moved.v1`},
		"an id that does not end":      {`.end"`, `.7.3"`},
		"a time without a zone":        {`"left_at":"2026-11-03T14:02:21.558204517Z"`, `"left_at":"2026-11-03 14:02:21"`},
		"a wait in words":              {`"waited_ms":10240`, `"waited_ms":"10 s"`},
		"a queue that breaks subjects": {`"queue":"sales"`, `"queue":"sales.ru"`},
		"a number that is no E.164":    {`"+79161234567"`, `"89161234567"`},
		"a caller without a kind":      {`"kind":"external",`, ``},
		"no hangup at all":             {`"hangup":{"cause":16,"text":"Normal Clearing","by":"caller"},`, ``},
	} {
		require.Contains(t, string(whole), replace[0], what)
		b := strings.Replace(string(whole), replace[0], replace[1], 1)
		assert.Error(t, validate(t, callevent.KindMissed, []byte(b)), what)
	}
}

func TestAKindThatIsNotPublishedHasNoSchema(t *testing.T) {
	for _, k := range []callevent.Kind{"", "answered_by_a_ghost", "../codec", "*"} {
		assert.Nil(t, callevent.Schema(k), k)
	}
}

func TestEverySchemaSaysTheSameOfWhatTheyShare(t *testing.T) {
	seen := map[string]node{}
	for _, kind := range callevent.Kinds() {
		for name, def := range schemaOf(t, kind).object("$defs") {
			if first, ok := seen[name]; ok {
				assert.Equal(t, map[string]any(first), def, "%s in the schema of %s", name, kind)
			}
			seen[name] = node(def.(map[string]any))
		}
	}
}

func TestEveryGoFieldIsInTheSchemaAndTheReverse(t *testing.T) {
	for kind, payload := range payloads() {
		root := schemaOf(t, kind)
		c := comparison{t: t, defs: root.object("$defs"), used: map[string]bool{}}
		c.structure(string(kind), reflect.TypeOf(payload), root.object("properties").object("data"))
		assert.ElementsMatch(t, slices.Collect(maps.Keys(c.defs)), slices.Collect(maps.Keys(c.used)), "definitions of %s", kind)
	}
}

func TestEverySchemaDescribesTheEnvelopeAsEncoded(t *testing.T) {
	for _, e := range golden() {
		b, err := callevent.Encode(e)
		require.NoError(t, err)
		var envelope map[string]any
		require.NoError(t, json.Unmarshal(b, &envelope))
		root := schemaOf(t, e.Payload.Kind())
		assert.ElementsMatch(t, slices.Collect(maps.Keys(envelope)), root.strings("required"))
		assert.ElementsMatch(t, slices.Collect(maps.Keys(envelope)), slices.Collect(maps.Keys(root.object("properties"))))
		for name := range root.object("properties") {
			assert.NotEmpty(t, root.object("properties").object(name)["description"], name)
		}
	}
}

// payloads has a zero payload of every kind.
func payloads() map[callevent.Kind]callevent.Payload {
	all := map[callevent.Kind]callevent.Payload{}
	for _, p := range []callevent.Payload{
		callevent.Entered{}, callevent.Offered{}, callevent.Announced{}, callevent.Answered{}, callevent.Moved{},
		callevent.Completed{}, callevent.Missed{},
		callevent.CallbackRequested{}, callevent.CallbackScheduled{}, callevent.CallbackAttempted{},
		callevent.CallbackCompleted{}, callevent.CallbackFailed{}, callevent.CallbackExpired{}, callevent.CallbackCancelled{},
		callevent.Resolved{},
		callevent.MemberAdded{}, callevent.MemberRemoved{}, callevent.MemberPaused{}, callevent.MemberUnpaused{},
	} {
		all[p.Kind()] = p
	}
	return all
}

func TestEveryKindHasAPayloadOfItsOwn(t *testing.T) {
	assert.ElementsMatch(t, callevent.Kinds(), slices.Collect(maps.Keys(payloads())))
	for kind, p := range payloads() {
		assert.NotEmpty(t, callevent.Schema(kind), kind)
		assert.Equal(t, kind, p.Kind())
	}
}

// node is an object of a schema.
type node map[string]any

func schemaOf(t *testing.T, kind callevent.Kind) node {
	t.Helper()
	n := node{}
	require.NoError(t, json.Unmarshal(callevent.Schema(kind), &n), kind)
	return n
}

func (n node) object(key string) node {
	o, _ := n[key].(map[string]any)
	return o
}

func (n node) strings(key string) []string {
	list, _ := n[key].([]any)
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// comparison walks a Go type and its schema together.
type comparison struct {
	t    *testing.T
	defs node
	used map[string]bool // definitions met on the way
}

// resolve follows a $ref, and the non-null branch of anyOf.
func (c comparison) resolve(n node) (target node, null bool) {
	if branches, ok := n["anyOf"].([]any); ok {
		require.Len(c.t, branches, 2)
		require.Equal(c.t, map[string]any{"type": "null"}, branches[1])
		target, _ = c.resolve(branches[0].(map[string]any))
		return target, true
	}
	if ref, ok := n["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		c.used[name] = true
		require.Contains(c.t, c.defs, name)
		return c.defs.object(name), false
	}
	return n, false
}

func (c comparison) structure(path string, typ reflect.Type, schema node) {
	var fields, required []string
	for f := range fieldsOf(typ) {
		fields = append(fields, f.name)
		if !f.optional {
			required = append(required, f.name)
		}
		property := schema.object("properties").object(f.name)
		assert.NotEmpty(c.t, property["description"], "description of %s.%s", path, f.name)
		c.value(path+"."+f.name, f.typ, f.optional, property)
	}
	assert.ElementsMatch(c.t, fields, slices.Collect(maps.Keys(schema.object("properties"))), path)
	assert.ElementsMatch(c.t, required, schema.strings("required"), "required of %s", path)
}

func (c comparison) value(path string, typ reflect.Type, optional bool, property node) {
	schema, null := c.resolve(property)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
		if types := schema.strings("type"); len(types) == 2 {
			schema, null = node{"type": types[0]}, types[1] == "null"
		}
		assert.Equal(c.t, !optional, null, "%s is null when it is required and has no value", path)
	}
	assert.Equal(c.t, jsonType(typ), schema["type"], path)
	switch {
	case typ == reflect.TypeFor[time.Time]():
		assert.Equal(c.t, "date-time", schema["format"], path)
	case typ == reflect.TypeFor[callevent.Reason]():
		assert.Equal(c.t, texts(callevent.Reasons()), schema.strings("enum"), path)
	case typ == reflect.TypeFor[callevent.CallerKind]():
		kinds := []callevent.CallerKind{
			callevent.CallerExternal, callevent.CallerInternal, callevent.CallerWithheld, callevent.CallerInvalid,
		}
		assert.Equal(c.t, texts(kinds), schema.strings("enum"), path)
	case typ == reflect.TypeFor[callevent.HungUpBy]():
		by := []callevent.HungUpBy{callevent.ByCaller, callevent.ByApplication, callevent.ByAsterisk}
		assert.Equal(c.t, texts(by), schema.strings("enum"), path)
	case typ == reflect.TypeFor[callevent.EndedBy]():
		by := []callevent.EndedBy{
			callevent.EndedByCaller, callevent.EndedByAgent, callevent.EndedByApplication, callevent.EndedByTransfer,
			callevent.EndedByTaken, callevent.EndedByLost,
		}
		assert.Equal(c.t, texts(by), schema.strings("enum"), path)
	case typ == reflect.TypeFor[callevent.ResolvedHow]():
		how := []callevent.ResolvedHow{callevent.ResolvedAnswered, callevent.ResolvedCallback, callevent.ResolvedByHand}
		assert.Equal(c.t, texts(how), schema.strings("enum"), path)
	case typ.Kind() == reflect.Slice:
		c.value(path+"[]", typ.Elem(), true, schema.object("items"))
	case typ.Kind() == reflect.Struct:
		c.structure(path, typ, schema)
	}
}

func texts[S ~string](in []S) []string {
	var out []string
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func jsonType(typ reflect.Type) string {
	switch {
	case typ == reflect.TypeFor[time.Time](), typ.Kind() == reflect.String:
		return "string"
	case typ.Kind() == reflect.Int, typ.Kind() == reflect.Int64:
		return "integer"
	case typ.Kind() == reflect.Bool:
		return "boolean"
	case typ.Kind() == reflect.Slice:
		return "array"
	case typ.Kind() == reflect.Struct:
		return "object"
	}
	return "no JSON type for " + typ.String()
}

// field is a field of a Go struct as JSON has it.
type field struct {
	name     string
	typ      reflect.Type
	optional bool
}

func fieldsOf(typ reflect.Type) func(yield func(field) bool) {
	return func(yield func(field) bool) {
		eachField(typ, yield)
	}
}

// eachField visits the fields of a struct, those of an embedded one in its place, as encoding/json does; it says whether
// to go on.
func eachField(typ reflect.Type, yield func(field) bool) bool {
	for f := range typ.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if !eachField(f.Type, yield) {
				return false
			}
			continue
		}
		if !yield(field{name: name, typ: f.Type, optional: options == "omitempty"}) {
			return false
		}
	}
	return true
}
