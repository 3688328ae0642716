package app_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/config"
)

// asteriskWith is an Asterisk that answers what GET /asterisk/info and GET /sounds are answered with.
func asteriskWith(t *testing.T, sounds string) string {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if _, password, _ := r.BasicAuth(); password != "p" {
				http.Error(w, `{"message":"Authentication required"}`, http.StatusUnauthorized)
				return
			}
			_, _ = w.Write([]byte(body))
		}
	}
	mux.HandleFunc("GET /ari/asterisk/info", answer(`{"system":{"version":"22.10.1"},"config":{"default_language":"fr"}}`))
	mux.HandleFunc("GET /ari/sounds", answer(sounds))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL + "/ari"
}

const someSounds = `[
	{"id":"both","formats":[{"language":"en","format":"slin"},{"language":"ru","format":"slin"}]},
	{"id":"english","formats":[{"language":"en","format":"slin"}]},
	{"id":"custom/in-ru","formats":[{"language":"ru","format":"slin"}]},
	{"id":"french","formats":[{"language":"fr","format":"slin"}]},
	{"id":"thanks","formats":[{"language":"custom","format":"slin"}]}]`

// ask asks about media of a queue in a language.
func ask(t *testing.T, language string, media []string, environ ...string) (app.Answers, error) {
	t.Helper()
	settings, err := config.LoadSettings(append(slices.Clip(environ), "MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=p")) // the first counts
	require.NoError(t, err)
	if language != "" {
		language = "language: " + language + ", "
	}
	yaml := "queues: {sales: {" + language + "prompts: {periodic: {media: [\"" + strings.Join(media, "\", \"") + "\"]}}}}"
	file, err := config.Parse("q.yaml", []byte(yaml))
	require.NoError(t, err)
	return app.AskAsterisk(t.Context(), settings, file)
}

// rules are what problems say, by value.
func rules(ps config.Problems) map[string]string {
	out := make(map[string]string)
	for _, p := range ps {
		out[p.Value] = p.Rule
	}
	return out
}

func TestSoundsAreLookedForWhereAsteriskWouldLookForThem(t *testing.T) {
	asterisk := asteriskWith(t, someSounds)
	answers, err := ask(t, "ru_RU", []string{
		"sound:both", "sound:custom/in-ru", "sound:custom/thanks", "sound:english", "sound:french", "sound:custom/nothing",
		"sound:both.wav", "sound:nothing", "sound:Both", "sound:/var/lib/x", "tone:ring", "recording:r",
	}, "MISSEDCALLS_ARI_URL="+asterisk)
	require.NoError(t, err)
	none := asterisk + " has no such sound in ru_RU, en or without a language"
	hint := "; Asterisk does not list files that lie in no folder, put it into custom or the folder of the language"
	assert.Equal(t, map[string]string{
		"sound:custom/nothing": none,
		"sound:both.wav":       none + "; leave the .wav out",
		"sound:nothing":        none + hint,
		"sound:Both":           none + hint,
	}, rules(answers.Missing))
	assert.Equal(t, map[string]string{
		"sound:english":    asterisk + " has it in en only, not in ru_RU",
		"sound:french":     asterisk + " has it in fr only, not in ru_RU",
		"sound:/var/lib/x": asterisk + " cannot be asked about files outside of its sounds",
	}, rules(answers.Warnings))
	assert.Equal(t, "q.yaml", answers.Missing[0].Path)
	assert.Equal(t, 1, answers.Missing[0].Line)
}

func TestAQueueWithoutLanguageIsAskedAboutInAsterisksOwn(t *testing.T) {
	answers, err := ask(t, "", []string{"sound:french", "sound:english"}, "MISSEDCALLS_ARI_URL="+asteriskWith(t, someSounds))
	require.NoError(t, err)
	assert.Empty(t, answers.Missing)
	assert.Contains(t, rules(answers.Warnings)["sound:english"], "not in fr")
}

func TestEachAsteriskIsAskedAndOneThatIsAwayIsNamed(t *testing.T) {
	full, empty, away := asteriskWith(t, someSounds), asteriskWith(t, "[]"), "http://"+nobody(t)+"/ari"
	answers, err := ask(t, "ru", []string{"sound:both"}, "MISSEDCALLS_ARI_URL="+full+","+empty+","+away)
	require.ErrorContains(t, err, "ask "+away+" for its sounds: ")
	assert.ErrorContains(t, err, "check that Asterisk runs")
	require.Len(t, answers.Missing, 1)
	assert.Contains(t, answers.Missing[0].Rule, empty+" has no such sound")

	_, err = ask(t, "ru", []string{"sound:both"}, "MISSEDCALLS_ARI_URL="+full, "MISSEDCALLS_ARI_PASSWORD=hunter2")
	require.ErrorContains(t, err, "type=user in Asterisk's ari.conf")
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestMediaOfTheWebAreAskedFor(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case r.URL.Path == "/here.wav":
		case r.URL.Path == "/get.wav" && r.Method == http.MethodHead:
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/get.wav":
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	away := "http://" + nobody(t)
	answers, err := ask(t, "ru", []string{
		"sound:" + server.URL + "/here.wav", "sound:" + server.URL + "/here.wav", "sound:" + server.URL + "/get.wav",
		"sound:" + server.URL + "/gone.wav", "sound:" + away + "/a.wav", "sound:" + away + "/b.wav",
	}, "MISSEDCALLS_ARI_URL="+asteriskWith(t, "[]"))
	require.NoError(t, err)
	wrong := rules(answers.Missing)
	assert.Len(t, wrong, 3)
	assert.Equal(t, server.URL+" answers 404 Not Found", wrong["sound:"+server.URL+"/gone.wav"])
	assert.Contains(t, wrong["sound:"+away+"/b.wav"], away+" does not answer this machine: ")
	assert.Equal(t, 4, asked, "the same address is asked for once")
}

func TestTheFolderOfPromptsAndTheWayToThemAreLookedAtToo(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "ru"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ru", "closed.wav"), []byte("this is no WAV"), 0o600))
	url := asteriskWith(t, someSounds)
	answers, err := ask(t, "ru", []string{"sound:both"}, "MISSEDCALLS_ARI_URL="+url, "MISSEDCALLS_PROMPTS_DIR="+dir, "MISSEDCALLS_HTTP_LISTEN=off")
	require.NoError(t, err)
	assert.Contains(t, rules(answers.Missing)["ru/closed.wav"], "sox IN.wav")
	assert.Contains(t, rules(answers.Warnings)["off"], "Asterisk gets the prompts from there")

	answers, err = ask(t, "ru", []string{"sound:both"}, "MISSEDCALLS_ARI_URL="+url, "MISSEDCALLS_PROMPTS_DIR="+dir+"/nowhere")
	require.NoError(t, err)
	assert.ErrorContains(t, answers.Missing, "no such file or directory")
}
