package prompts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var textLine = regexp.MustCompile(`^([a-z]+) ([a-z0-9-]+) (\d+) (\S.*\S)$`)

// texts are the lines of texts.txt, by language and name.
func texts(t *testing.T) map[key]string {
	t.Helper()
	file, err := os.ReadFile("texts.txt")
	require.NoError(t, err)
	found := make(map[key]string)
	for n, line := range strings.Split(string(file), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := textLine.FindStringSubmatch(line)
		require.NotNil(t, parts, "texts.txt:%d: language, name, version and text, one space between: %q", n+1, line)
		k := key{parts[1], parts[2]}
		require.NotContains(t, found, k, "texts.txt:%d: it is there twice", n+1)
		found[k] = line
	}
	return found
}

func hash(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestEveryTextIsSpokenAsItIsWrittenNow(t *testing.T) {
	manifest, err := os.ReadFile("sounds/manifest.txt")
	require.NoError(t, err)
	for k, line := range texts(t) {
		content, err := files.ReadFile("sounds/" + k.String())
		if assert.NoError(t, err, "run `make prompts`") {
			assert.Contains(t, string(manifest), fmt.Sprintf("%s %s %s\n", k, hash(line), hash(string(content))), "run `make prompts`")
		}
	}
}

func TestNoPromptIsWithoutText(t *testing.T) {
	known := texts(t)
	lines, err := os.ReadFile("sounds/manifest.txt")
	require.NoError(t, err)
	assert.Equal(t, len(known), strings.Count(string(lines), "\n"), "run `make prompts`")
	total := 0
	require.NoError(t, fs.WalkDir(files, "sounds", func(name string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		if entry.IsDir() {
			return nil
		}
		assert.Contains(t, known, key{path.Base(path.Dir(name)), strings.TrimSuffix(path.Base(name), ".wav")}, "run `make prompts`")
		info, err := entry.Info()
		require.NoError(t, err)
		total += int(info.Size())
		return nil
	}))
	assert.Less(t, total, 2<<20, "they are part of the binary and of the repository")
}

func TestTheManualTellsEveryPhrase(t *testing.T) {
	manual, err := os.ReadFile("../../docs/prompts.md")
	require.NoError(t, err)
	known := texts(t)
	for k := range known {
		if !strings.HasPrefix(k.name, "word-") {
			row := fmt.Sprintf("| `%s` | %s | %s |\n", k.name, textOf(known, "en", k.name), textOf(known, "ru", k.name))
			assert.Contains(t, string(manual), row)
		}
	}
}

func textOf(known map[key]string, language, name string) string {
	return textLine.FindStringSubmatch(known[key{language, name}])[4]
}

func TestEveryPhraseIsThereInEveryLanguage(t *testing.T) {
	known := texts(t)
	for k := range known {
		if strings.HasPrefix(k.name, "word-") {
			continue
		}
		for _, language := range []string{"en", "ru"} {
			assert.Contains(t, known, key{language, k.name})
		}
	}
}

func TestEveryEmbeddedPromptIsPlayedByAsteriskAndLastsAsLongAsItsTextMay(t *testing.T) {
	for k, s := range embedded() {
		d, err := length(s.content)
		require.NoError(t, err, k)
		assert.GreaterOrEqual(t, d, 250*time.Millisecond, k)
		assert.LessOrEqual(t, d, 10*time.Second, k)
		assert.True(t, k.valid(), k)
	}
}
