package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheNearestNameIsTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	names := []string{"music", "max_wait", "max_callers", "name", "keys", "on_full", "on_empty", "a"}
	for word, want := range map[string]string{
		"musik": "music", "msuic": "music", "maxwait": "max_wait", "max-wait": "max_wait", "max_caller": "max_callers",
		"nmae": "name", "on_ful": "on_full", "kyes": "keys", "music": "music",
		"strategy": "", "": "", "x": "", "moderation": "", strings.Repeat("music", 100): "",
	} {
		assert.Equal(t, want, nearest(word, names), word)
	}
	assert.Equal(t, `, did you mean "music"?`, didYouMean("musik", names))
	assert.Empty(t, didYouMean("strategy", names))
	assert.Equal(t, `, did you mean "token_file"?`, didYouMean("token", []string{"channel", "token_file", "proxy"}), "a secret in place of its file")
}

func TestTheDistanceCountsSlips(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "", 3}, {"", "abc", 3}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "ab", 1},
		{"abc", "abcd", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
	} {
		assert.Equal(t, c.want, distance(c.a, c.b), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, distance(c.b, c.a), "%s %s", c.b, c.a)
	}
}
