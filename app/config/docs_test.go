package config

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	exampleFile = "../../docs/missedcalls.example.yaml"
	manualFile  = "../../docs/configuration.md"
)

func TestTheShippedExampleIsAccepted(t *testing.T) {
	t.Parallel()
	f, err := Load(exampleFile)
	require.NoError(t, err)
	assert.NotEmpty(t, f.Policies.Queues)
	first, _, _ := strings.Cut(string(read(t, exampleFile)), "\n")
	assert.Equal(t, "# yaml-language-server: $schema=../app/config/schema.json", first)
}

func TestTheManualsTableOfSettingsIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile("(?m)^\\| `(MISSEDCALLS_[A-Z_]+)` \\| (.*?) \\|").FindAllStringSubmatch(string(read(t, manualFile)), -1)
	documented := make(map[string]string)
	for _, row := range rows {
		documented[row[1]] = strings.Trim(row[2], "`")
	}
	want := make(map[string]string)
	for _, v := range variables(new(Settings)) {
		want[v.name] = v.field.Tag.Get("default")
		if v.isSecret() {
			want[v.name+"_FILE"] = ""
		}
	}
	assert.Equal(t, want, documented)
}

func TestTheManualTellsEveryKeyOfTheFile(t *testing.T) {
	t.Parallel()
	manual := string(read(t, manualFile))
	eachPart(schema().root, "", func(at string, part map[string]any) {
		for _, key := range propertyNames(part) {
			assert.Contains(t, manual, "`"+key+"`", at)
		}
	})
}

func TestTheManualsDefaultsAreTheSchemas(t *testing.T) {
	t.Parallel()
	manual := string(read(t, manualFile))
	eachPart(schema().root, "", func(at string, part map[string]any) {
		properties, _ := part["properties"].(map[string]any)
		for key, property := range properties {
			if value, ok := property.(map[string]any)["default"]; ok {
				row := "(?m)^\\| `" + key + "` \\| `" + regexp.QuoteMeta(strings.ReplaceAll(fmt.Sprint(value), " ", ", ")) + "` \\|"
				assert.True(t, regexp.MustCompile(row).MatchString(manual), "%s/%s: %s", at, key, row)
			}
		}
	})
}

func TestTheManualsExamplesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, file := range []string{manualFile, "../../docs/agents.md", "../../docs/moving-from-app_queue.md"} {
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(read(t, file)), -1)
		require.NotEmpty(t, blocks, file)
		for _, block := range blocks {
			_, err := Parse("example", []byte(block[1]))
			assert.NoError(t, err, block[1])
		}
	}
}

func TestTheManualsProblemsAreReal(t *testing.T) {
	t.Parallel()
	manual := string(read(t, manualFile))
	problems := strings.TrimSpace(string(read(t, "testdata/bad/queues.problems")))
	for _, line := range strings.Split(problems, "\n") {
		assert.Contains(t, manual, "    "+line+"\n")
	}
	_, err := LoadSettings([]string{"MISSEDCALLS_ARI_PASWORD=x", "MISSEDCALLS_DRAIN_TIMEOUT=5"})
	require.Error(t, err)
	for _, line := range strings.Split(err.Error(), "\n") {
		assert.Contains(t, manual, "    "+line+"\n")
	}
}

func read(tb testing.TB, file string) []byte {
	tb.Helper()
	b, err := os.ReadFile(file)
	require.NoError(tb, err)
	return b
}
