package config

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryKeyOfTheSchemaIsDescribedAndEveryRuleHasItsText(t *testing.T) {
	t.Parallel()
	eachPart(schema().root, "", func(at string, part map[string]any) {
		properties, _ := part["properties"].(map[string]any)
		for key, property := range properties {
			assert.NotEmpty(t, property.(map[string]any)["description"], "%s: %s", at, key)
		}
		if chosen, ok := part["additionalProperties"].(map[string]any); ok {
			assert.NotEmpty(t, chosen["description"], at)
		}
		if _, ok := part["type"]; ok {
			assert.NotEmpty(t, part["x-rule"], at)
		}
		if _, ok := part["pattern"].(string); ok {
			assert.NotEmpty(t, part["x-rule"], at)
		}
		if _, ok := part["properties"]; ok {
			assert.Equal(t, false, part["additionalProperties"], "%s: unknown keys are errors", at)
		}
	})
}

func TestAKeyThatIsNotActedOnSaysSoInItsDescription(t *testing.T) {
	t.Parallel()
	eachPart(schema().root, "", func(at string, part map[string]any) {
		if _, ok := part["x-unserved"]; ok {
			assert.Contains(t, part["description"], "Not acted on yet", at)
		}
	})
}

func TestEveryKeyOfTheSchemaIsInAnExampleThatIsAccepted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/good/*.yaml")
	require.NoError(t, err)
	seen := make(map[uintptr]bool)
	for _, file := range append(files, exampleFile) {
		f, err := Load(file)
		require.NoError(t, err)
		root, problems := parse(read(t, f.Path))
		require.Empty(t, problems)
		walk(root, nil, schema().root, func(_ *node, _ *field, part map[string]any, _ string) {
			seen[reflect.ValueOf(part).Pointer()] = true
		})
	}
	eachPart(schema().root, "", func(at string, part map[string]any) {
		properties, _ := part["properties"].(map[string]any)
		for key, property := range properties {
			assert.True(t, seen[reflect.ValueOf(property).Pointer()], "%s: %s", at, key)
		}
	})
}

func TestTheDefaultsOfTheSchemaAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	properties := schema().def("queue")["properties"].(map[string]any)
	for key, property := range properties {
		if value, ok := property.(map[string]any)["default"]; ok {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			fmt.Fprintf(&b, "%s: %s, ", key, encoded)
		}
	}
	set, err := Parse("set.yaml", []byte("timezone: UTC\nqueues: {sales: {"+b.String()+"}}"))
	require.NoError(t, err)
	unset, err := Parse("unset.yaml", []byte("queues: {sales: {}}"))
	require.NoError(t, err)
	assert.Equal(t, unset.Policies, set.Policies)
	assert.Equal(t, unset.Timezone, set.Timezone)
}

func TestEveryCheckAndEveryRuleOfKeysBelongsToADefinition(t *testing.T) {
	t.Parallel()
	for def := range checks {
		assert.NotNil(t, schema().def(def), def)
	}
	eachPart(schema().root, "", func(at string, part map[string]any) {
		if names, ok := part["propertyNames"].(map[string]any); ok {
			_, def := schema().deref(names)
			assert.Contains(t, keyPatterns(), def, at)
		}
		if ref, ok := part["$ref"].(string); ok {
			assert.Regexp(t, `^#/\$defs/[a-z_]+$`, ref, at)
			target, _ := schema().deref(part)
			assert.NotNil(t, target, "%s: %s", at, ref)
		}
	})
}

func TestTheSchemaIsGivenOutAsACopy(t *testing.T) {
	t.Parallel()
	b := Schema()
	assert.True(t, json.Valid(b))
	b[0] = 'x'
	assert.NotEqual(t, b, Schema())
}

// eachPart visits all objects of the schema.
func eachPart(part any, at string, visit func(at string, part map[string]any)) {
	switch p := part.(type) {
	case map[string]any:
		visit(at, p)
		for key, below := range p {
			if !slices.Contains([]string{"default", "enum"}, key) {
				eachPart(below, at+"/"+key, visit)
			}
		}
	case []any:
		for _, below := range p {
			eachPart(below, at, visit)
		}
	}
}
