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

	"missedcalls/notifier/policy"
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
		root, problems := parse(read(t, f.Path), newSources(f.Path))
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

// defaults are the keys of a definition with what the schema says of them, as they would be written.
func defaults(t *testing.T, def string) string {
	t.Helper()
	var b strings.Builder
	for key, property := range schema().def(def)["properties"].(map[string]any) {
		if value, ok := property.(map[string]any)["default"]; ok {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			fmt.Fprintf(&b, ", %s: %s", key, encoded)
		}
	}
	require.NotEmpty(t, b.String(), def)
	return b.String()
}

func TestTheDefaultsOfATargetInTheSchemaAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	for def, required := range map[string]string{
		"telegram": "chat_id: 1, token_file: f", "slack": "channel: C1, token_file: f", "webhook": "url: http://a",
	} {
		unset, set := "{"+def+": {"+required+"}}", "{"+def+": {"+required+defaults(t, def)+"}"+defaults(t, "notification_target")+"}"
		var read []policy.Policy
		for _, target := range []string{unset, set} {
			f, err := Parse("q.yaml", []byte("queues: {sales: {}}\nnotifications: {targets: {a: "+target+"}, routes: [{to: [a]}]}"))
			require.NoError(t, err)
			read = append(read, f.Notifications)
		}
		assert.Equal(t, read[0], read[1])
	}
	set, err := Parse("q.yaml", []byte("queues: {sales: {}}\nnotifications: {routes: [{to: []"+defaults(t, "route")+"}]}"))
	require.NoError(t, err)
	assert.Equal(t, policy.Policy{Routes: []policy.Route{{}}}, set.Notifications)
}

func TestTheDefaultsOfTheSchemaAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	set, err := Parse("set.yaml", []byte("timezone: UTC\nqueues: {sales: {name: sales"+defaults(t, "queue")+"}}"))
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
