//go:build e2e

package app_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/testbed"
)

func TestARealAsteriskTellsWhichSoundsItLacks(t *testing.T) {
	a := testbed.Start(t)
	put := func(name string) {
		path := filepath.Join(a.Folder, "sounds", name)
		require.NoError(t, os.WriteFile(path, []byte("its name is enough"), 0o644))
	}
	put("thanks.wav") // Debian mounts this folder as custom, beside those of the languages
	environ := []string{"MISSEDCALLS_ARI_URL=" + a.ARIURL(), "MISSEDCALLS_ARI_USERNAME=" + a.Username, "MISSEDCALLS_ARI_PASSWORD=" + a.Password}
	media := []string{"sound:queue-thankyou", "sound:digits/3", "sound:custom/thanks", "sound:custom/later", "sound:queue-thankyou.wav"}
	answers, err := ask(t, "ru_RU", media, environ...)
	require.NoError(t, err)
	wrong := rules(answers.Missing)
	assert.Len(t, wrong, 2)
	assert.Contains(t, wrong["sound:custom/later"], "has no such sound in ru_RU, en or without a language")
	assert.Contains(t, wrong["sound:queue-thankyou.wav"], "leave the .wav out")
	assert.Empty(t, answers.Warnings)

	put("later.wav")
	answers, err = ask(t, "ru_RU", media[:4], environ...)
	require.NoError(t, err)
	assert.Empty(t, answers.Missing, "a file is listed from the moment it is there")

	answers, err = ask(t, "de", media[:1], environ...)
	require.NoError(t, err)
	assert.Empty(t, answers.Missing)
	assert.Contains(t, rules(answers.Warnings)["sound:queue-thankyou"], "has it in en only, not in de")

	a.Stop()
	_, err = ask(t, "ru", media, environ...)
	assert.ErrorContains(t, err, "check that Asterisk runs")
}
