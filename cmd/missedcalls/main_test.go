package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// command runs the program with an environment and gives what a person would see.
func command(environ []string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, environ, &out, &err)
	return code, out.String(), err.String()
}

func file(t *testing.T, yaml string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "queues.yaml")
	require.NoError(t, os.WriteFile(path, []byte(yaml), 0o600))
	return path
}

func TestVersionNeedsNothing(t *testing.T) {
	code, stdout, stderr := command(nil, "version")
	assert.Equal(t, exitOK, code)
	assert.Regexp(t, `^missedcalls dev \(commit unknown, go1\.`, stdout)
	assert.Empty(t, stderr)
}

func TestAGoodFileIsGood(t *testing.T) {
	code, stdout, _ := command(nil, "check-config", file(t, "queues: {sales: {}}"))
	assert.Equal(t, exitOK, code)
	assert.Contains(t, stdout, "good, queues: 1")
}

func TestAsteriskIsAskedOnlyWhenToldTo(t *testing.T) {
	var asked atomic.Int32
	asterisk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, map[string]string{
			"/ari/asterisk/info": `{"config":{"default_language":"en"}}`,
			"/ari/sounds":        `[{"id":"thanks","formats":[{"language":"custom","format":"slin"}]}]`,
		}[r.URL.Path])
	}))
	defer asterisk.Close()
	environ := []string{"MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=hunter2", "MISSEDCALLS_ARI_URL=" + asterisk.URL + "/ari"}
	good := file(t, `queues: {sales: {prompts: {periodic: {media: "sound:custom/thanks"}}}}`)
	bad := file(t, `queues: {sales: {prompts: {periodic: {media: "sound:custom/thank"}}}}`)

	code, _, _ := command(environ, "check-config", bad)
	assert.Equal(t, exitOK, code)
	assert.Zero(t, asked.Load())

	code, stdout, _ := command(environ, "check-config", "--ask-asterisk", good)
	assert.Equal(t, exitOK, code)
	assert.Contains(t, stdout, "good, queues: 1")

	code, stdout, stderr := command(environ, "check-config", "--ask-asterisk", bad)
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, bad+`:1:46: queues.sales.prompts.periodic.media: "sound:custom/thank": `+asterisk.URL+"/ari has no such sound in en")

	code, _, stderr = command(nil, "check-config", "--ask-asterisk", good)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "MISSEDCALLS_ARI_USERNAME: is not set")

	asterisk.Close()
	code, _, stderr = command(environ, "check-config", "--ask-asterisk", good)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, "ask "+asterisk.URL+"/ari for its sounds: ")
	assert.NotContains(t, stderr, "hunter2")
}

func TestEveryProblemOfAFileIsPrintedWithItsPlace(t *testing.T) {
	path := file(t, "queues:\n  sales:\n    musik: jazz\n    max_wait: 30\n")
	code, stdout, stderr := command(nil, "check-config", path)
	assert.Equal(t, exitUsage, code)
	assert.Empty(t, stdout)
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	require.Len(t, lines, 2)
	assert.True(t, strings.HasPrefix(lines[0], path+":3:5: "), lines[0])
	assert.True(t, strings.HasPrefix(lines[1], path+":4:15: "), lines[1])
}

func TestWrongUsageIsExitCodeTwoAndSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		args    []string
		environ []string
		says    string
	}{
		"unknown command":  {args: []string{"sreve"}, says: "unknown command"},
		"unknown flag":     {args: []string{"version", "--loud"}, says: "unknown flag"},
		"no file":          {args: []string{"check-config"}, says: "accepts 1 arg"},
		"absent file":      {args: []string{"check-config", "/nonexistent/x.yaml"}, says: "/nonexistent/x.yaml"},
		"no credentials":   {args: []string{"serve"}, says: "MISSEDCALLS_ARI_USERNAME"},
		"misspelt setting": {args: []string{"serve"}, environ: []string{"MISSEDCALLS_ARI_USERNAM=x"}, says: "MISSEDCALLS_ARI_USERNAME"},
		"unknown role":     {args: []string{"serve", "--role", "web"}, says: "role web: this version does not have it yet; it has: app, notifier"},
		"no events":        {args: []string{"serve", "--role", "notifier"}, says: "MISSEDCALLS_NATS_URL: is not set"},
	} {
		code, _, stderr := command(c.environ, c.args...)
		assert.Equal(t, exitUsage, code, name)
		assert.Contains(t, stderr, c.says, name)
	}
}

func TestServeRefusesABadFileBeforeItStartsAnything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	code, _, stderr := command([]string{
		"MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=hunter2", "MISSEDCALLS_DATA_DIR=" + dir,
		"MISSEDCALLS_CONFIG=" + file(t, "queues: {sales: {answer: later}}"),
	}, "serve")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "answer")
	assert.NotContains(t, stderr, "hunter2")
	assert.NoDirExists(t, dir)
}

func TestHelpNamesEverySetting(t *testing.T) {
	code, stdout, _ := command(nil, "serve", "--help")
	assert.Equal(t, exitOK, code)
	for _, name := range []string{"MISSEDCALLS_ARI_URL", "MISSEDCALLS_DATA_DIR", "MISSEDCALLS_LOST_AFTER"} {
		assert.Contains(t, stdout, name)
	}
}
