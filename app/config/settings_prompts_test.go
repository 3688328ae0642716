package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
)

func TestWhereAsteriskGetsPromptsIsDerivedOnOneMachineAndElseMustBeTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		environ []string
		want    string
		err     string
	}{
		{"the defaults", nil, "http://127.0.0.1:9000", ""},
		{"every address", []string{"HTTP_LISTEN=:0"}, "http://127.0.0.1:9000", ""},
		{"every address of both kinds", []string{"HTTP_LISTEN=[::]:8080"}, "http://127.0.0.1:9000", ""},
		{"the other loopback", []string{"HTTP_LISTEN=[::1]:8080", "ARI_URL=http://[::1]:8088/ari"}, "http://[::1]:9000", ""},
		{"an address of the network", []string{"HTTP_LISTEN=10.0.0.5:8080", "ARI_URL=http://localhost:8088/ari"}, "http://10.0.0.5:9000", ""},
		{"told", []string{"PROMPTS_URL=http://10.0.0.5:80", "ARI_URL=http://pbx/ari"}, "http://10.0.0.5:80", ""},
		{"one Asterisk elsewhere", []string{"ARI_URL=http://127.0.0.1:8088/ari,http://pbx:8088/ari"}, "",
			"MISSEDCALLS_PROMPTS_URL: is not set, and Asterisk is on another machine (http://pbx:8088/ari); set it to the URL under which Asterisk " +
				"reaches MISSEDCALLS_HTTP_LISTEN (127.0.0.1:8080), such as http://10.0.0.5:8080"},
		{"nothing is served", []string{"HTTP_LISTEN=off"}, "",
			`MISSEDCALLS_HTTP_LISTEN: "off": Asterisk gets the prompts from there; set it to an address that Asterisk reaches`},
	} {
		environ := make([]string, len(c.environ))
		for i, entry := range c.environ {
			environ[i] = "MISSEDCALLS_" + entry
		}
		s, err := config.LoadSettings(environ)
		require.NoError(t, err, c.name)
		got, err := s.PromptsURL("9000")
		assert.Equal(t, c.want, got, c.name)
		if c.err != "" {
			assert.EqualError(t, err, c.err, c.name)
			continue
		}
		assert.NoError(t, err, c.name)
	}
}

func TestAFileTellsEveryMediaWithItsPlaceAndLanguage(t *testing.T) {
	t.Parallel()
	f, err := config.Parse("q.yaml", []byte(`queues:
  sales:
    language: ru
    prompts:
      periodic: {media: ["sound:custom/thanks", "sound:a,sound:b"]}
      agent_whisper: "sound:custom/sales"
  support: {prompts: {periodic: {media: "tone:ring"}}}
`))
	require.NoError(t, err)
	var got [][]any
	for _, m := range f.Media {
		got = append(got, []any{m.URI, m.Language, m.Place.Path, m.Place.Line, m.Place.Column, m.Place.Key, m.Place.Value})
	}
	assert.Equal(t, [][]any{
		{"sound:custom/thanks", "ru", "q.yaml", 5, 26, "queues.sales.prompts.periodic.media.0", "sound:custom/thanks"},
		{"sound:a", "ru", "q.yaml", 5, 49, "queues.sales.prompts.periodic.media.1", "sound:a"},
		{"sound:b", "ru", "q.yaml", 5, 49, "queues.sales.prompts.periodic.media.1", "sound:b"},
		{"sound:custom/sales", "ru", "q.yaml", 6, 22, "queues.sales.prompts.agent_whisper", "sound:custom/sales"},
		{"tone:ring", "", "q.yaml", 7, 41, "queues.support.prompts.periodic.media", "tone:ring"},
	}, got)
}
