package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	broken "github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// validate holds the file against the schema. The schema is written without alternatives (anyOf, oneOf), so that every
// error it gives is about one place and one rule.
func validate(root *node) Problems {
	err := schema().validator.Validate(root.value())
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	var problems Problems
	eachCause(invalid, func(cause *jsonschema.ValidationError) {
		problems = append(problems, schemaProblems(root, cause)...)
	})
	return problems
}

// eachCause visits the errors that are not made of others. Wrong keys are left to checkKeys: the location that the
// validator gives for them is a slice it goes on to write into.
func eachCause(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if _, isKey := e.ErrorKind.(*broken.PropertyNames); isKey {
		return
	}
	if len(e.Causes) == 0 {
		visit(e)
		return
	}
	for _, cause := range e.Causes {
		eachCause(cause, visit)
	}
}

// schemaProblems turns an error of the validator into problems with places.
func schemaProblems(root *node, e *jsonschema.ValidationError) Problems {
	n := root.at(e.InstanceLocation)
	if n == nil {
		n = root
	}
	part := schema().at(e.SchemaURL)
	switch k := e.ErrorKind.(type) {
	case *broken.AdditionalProperties:
		return unknownKeys(n, part, k.Properties)
	case *broken.Required:
		return missingKeys(n, k.Missing)
	case *broken.Enum:
		return Problems{n.problem(enumRule(n, k))}
	}
	rule, _ := part["x-rule"].(string) // every part with a rule has its text
	if items, is := part["items"].(map[string]any); is && n.kind == scalar {
		rule += didYouMean(n.text, choices(items))
	}
	return Problems{n.problem(rule)}
}

// unknownKeys names for every key that is not known the one that was probably meant.
func unknownKeys(n *node, part map[string]any, keys []string) Problems {
	var problems Problems
	names := propertyNames(part)
	for _, key := range keys {
		rule := fmt.Sprintf("unknown key %q", key)
		if n.field("exit") != nil && slices.Contains(names, "exit") {
			rule += `; quote the whole place, as in {exit: "voicemail,s,1"}`
		} else {
			rule += didYouMean(key, names)
		}
		problems = append(problems, n.field(key).problem(rule))
	}
	return problems
}

// choices are the words that a part of the schema may be.
func choices(part map[string]any) []string {
	part, _ = schema().deref(part)
	words, _ := part["enum"].([]any)
	names := make([]string, len(words))
	for i, word := range words {
		names[i] = fmt.Sprint(word)
	}
	return names
}

func missingKeys(n *node, keys []string) Problems {
	var problems Problems
	for _, key := range keys {
		p := n.problem(fmt.Sprintf("key %q is missing", key))
		p.Value = ""
		problems = append(problems, p)
	}
	return problems
}

func enumRule(n *node, k *broken.Enum) string {
	names := make([]string, len(k.Want))
	for i, want := range k.Want {
		names[i] = fmt.Sprint(want)
	}
	return "must be one of " + strings.Join(names, ", ") + didYouMean(n.text, names)
}
