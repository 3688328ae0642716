package config

import (
	"bytes"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed schema.json
var schemaJSON []byte

// Schema is the JSON Schema (draft 2020-12) of the configuration file, for editors and for other checkers. The
// keywords x-rule and x-unserved are annotations of ours: the first is the text of a problem, the second says that a
// key is accepted, but that this version does not act on it.
func Schema() []byte {
	return slices.Clone(schemaJSON)
}

// rawSchema is the schema as JSON, and as a validator.
type rawSchema struct {
	root      map[string]any
	validator *jsonschema.Schema
}

// schema is compiled at the first use. It is part of the program, so an error in it is one of the program.
var schema = sync.OnceValue(func() rawSchema {
	const name = "schema.json"
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaJSON))
	if err != nil {
		panic("config: embedded schema: " + err.Error())
	}
	compiler := jsonschema.NewCompiler()
	if err = compiler.AddResource(name, document); err != nil {
		panic("config: embedded schema: " + err.Error())
	}
	root := document.(map[string]any)
	return rawSchema{root: root, validator: compiler.MustCompile(name)}
})

// at finds a part of the schema by the fragment of its URL, a JSON pointer. No key of the schema needs the escapes of
// RFC 6901.
func (s rawSchema) at(url string) map[string]any {
	_, pointer, _ := strings.Cut(url, "#")
	part := s.root
	for step := range strings.SplitSeq(strings.Trim(pointer, "/"), "/") {
		if step != "" {
			part, _ = part[step].(map[string]any)
		}
	}
	return part
}

// def is a definition by its name.
func (s rawSchema) def(name string) map[string]any {
	part, _ := s.root["$defs"].(map[string]any)[name].(map[string]any)
	return part
}

// deref follows the $ref of a part to a definition, and gives its name too. A part without $ref stands for itself.
func (s rawSchema) deref(part map[string]any) (target map[string]any, def string) {
	ref, ok := part["$ref"].(string)
	if !ok {
		return part, ""
	}
	def = strings.TrimPrefix(ref, "#/$defs/")
	return s.def(def), def
}

// property is the part of the schema for a key of a mapping; nil when it has none.
func property(part map[string]any, key string) map[string]any {
	if properties, ok := part["properties"].(map[string]any); ok {
		if p, ok := properties[key].(map[string]any); ok {
			return p
		}
	}
	p, _ := part["additionalProperties"].(map[string]any)
	return p
}

// propertyNames are the keys that a mapping may have by name.
func propertyNames(part map[string]any) []string {
	properties, _ := part["properties"].(map[string]any)
	names := make([]string, 0, len(properties))
	for name := range properties {
		names = append(names, name)
	}
	return names
}
