package app

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/prompts"
	"missedcalls/queueflow/speech"
)

func TestEveryWordThatIsSaidAndThatAsteriskLacksIsAPromptOfThatText(t *testing.T) {
	texts, err := os.ReadFile("prompts/texts.txt")
	require.NoError(t, err)
	own, err := prompts.New("", zerolog.Nop())
	require.NoError(t, err)
	words := 0
	for _, name := range []string{"en", "ru"} {
		language, known := speech.For(name)
		require.True(t, known)
		for _, word := range language.Missing() {
			words++
			prompt := strings.TrimPrefix("sound:"+word.Name, speech.Prefix)
			assert.Contains(t, own.Names(name), prompt)
			assert.Regexp(t, fmt.Sprintf(`(?m)^%s %s \d+ %s$`, name, prompt, word.Text), string(texts))
		}
	}
	assert.Len(t, regexp.MustCompile(`(?m)^[a-z]+ word-`).FindAll(texts, -1), words, "words that nobody says")
}

func TestEveryPhraseToAnAgentIsAPromptOfOurs(t *testing.T) {
	own, err := prompts.New("", zerolog.Nop())
	require.NoError(t, err)
	for _, language := range speech.All() {
		for _, phrase := range speech.Phrases() {
			prompt := strings.TrimPrefix(language.Phrase(phrase)[0], speech.Prefix)
			assert.Contains(t, own.Names(language.Name()), prompt)
		}
	}
}
