package main

import (
	"encoding/json"
	"net"
	"os/user"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

const fromMoscow = `
region: RU
timezone: Europe/Moscow
queues:
  sales: {name: Продажи}
  support: {}
`

// called is the environment of commands for a program that some people have called in vain, each of whom is known to it
// when the next one calls.
func called(t *testing.T, callers ...arimock.Caller) []string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	asterisk := arimock.New(arimock.Options{})
	stopped := make(chan error, 1)
	go func() { stopped <- asterisk.Serve(l) }()
	environ := served(t, fromMoscow, "MISSEDCALLS_ARI_URL=http://"+l.Addr().String()+"/ari")
	t.Cleanup(func() { // before the program ends: it needs no Asterisk for that
		asterisk.Close()
		assert.NoError(t, <-stopped)
	})
	for _, caller := range callers {
		before := listed(t, environ)
		caller.DID, caller.HangupAfter = "74951234567", 10*time.Millisecond
		require.Eventually(t, func() bool {
			result, err := asterisk.Call(caller).Result(t.Context())
			return err == nil && result.StasisStatus != "FAILED"
		}, 20*time.Second, 20*time.Millisecond, "the program is not registered")
		require.Eventually(t, func() bool { return listed(t, environ) != before }, 20*time.Second, 20*time.Millisecond)
	}
	return environ
}

// listed is what the command says, without the times.
func listed(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	code, stdout, _ := command(environ, append([]string{"missed", "list"}, args...)...)
	require.Equal(t, exitOK, code)
	return regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? MSK( +)`).ReplaceAllString(stdout, "TIME  ")
}

// columns are the words of each line, without the ids, which are new each time.
func columns(list string) (lines []string) {
	for line := range strings.Lines(list) {
		words := strings.Fields(line)
		lines = append(lines, strings.Join(words[min(1, len(words)-1):], " "))
	}
	return lines
}

func TestMissedCallsAreListedAndResolvedByHand(t *testing.T) {
	environ := called(t,
		arimock.Caller{Number: "89161234567", Name: "Анна", Args: "sales"}, arimock.Caller{Number: "205", Name: "a\tb", Args: "support"},
		arimock.Caller{Number: "+7 916 123-45-67", Name: "Анна", Args: "support"}, arimock.Caller{Args: "sales"},
	)
	list := listed(t, environ)
	assert.Equal(t, []string{
		"LAST MISSED CALLS QUEUE CALLER REASON",
		"TIME 1 sales number withheld abandoned",
		"TIME 2 support +79161234567 (Анна) abandoned",
		"TIME 1 support 205 (ab) abandoned",
	}, columns(list))
	assert.Len(t, columns(listed(t, environ, "--queue", "support")), 3)
	assert.Contains(t, listed(t, environ, "--number", "8 916 123 45 67"), "support  +79161234567")
	assert.Contains(t, listed(t, environ, "--limit", "1"), "there are more: --limit 2\n")

	var objects []queueflow.Episode
	for line := range strings.Lines(says(t, environ, "missed", "list", "--json")) {
		var e queueflow.Episode
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		objects = append(objects, e)
	}
	require.Len(t, objects, 3)
	assert.Equal(t, "+79161234567", objects[1].Number())
	assert.Equal(t, callevent.ReasonAbandoned, objects[1].Reason)

	me, err := user.Current()
	require.NoError(t, err)
	said := says(t, environ, "missed", "resolve", "8 (916) 123-45-67", "--why", "called\nback \x1b[31mby  phone")
	assert.Regexp(t, "^"+objects[1].ID+` of \+79161234567 \(Анна\) in support: resolved by `+me.Username+
		`, \d+s after the first of 2 calls at \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? MSK: called back \?\[31mby phone\n$`, said)
	said = says(t, environ, "missed", "resolve", objects[0].ID, "--why", "nobody knows")
	assert.Regexp(t, "^"+objects[0].ID+` of number withheld in sales: resolved by .*s after the call at .*: nobody knows\n$`, said)
	assert.Equal(t, []string{"LAST MISSED CALLS QUEUE CALLER REASON", "TIME 1 support 205 (ab) abandoned"}, columns(listed(t, environ)))

	code, stdout, stderr := command(environ, "missed", "resolve", objects[0].ID, "--why", "again")
	assert.Equal(t, exitFailed, code, "it ran, and there is no such call")
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "no missed call is open under \""+objects[0].ID+"\"")
	says(t, environ, "missed", "resolve", "205", "--why", "met in the kitchen")
	assert.Equal(t, "no missed call is open\n", says(t, environ, "missed", "list"))
	assert.Empty(t, says(t, environ, "missed", "list", "--json"))
}

func TestWrongUsageOfMissedIsExitCodeTwoAndChangesNothing(t *testing.T) {
	environ := served(t, fromMoscow)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":   {[]string{"forget"}, `unknown command "forget"`},
		"too much to list":  {[]string{"list", "today"}, "unknown command"},
		"no limit":          {[]string{"list", "--limit", "0"}, "--limit 0: must be 1 to 10000"},
		"a limit too high":  {[]string{"list", "--limit", "10001"}, "--limit 10001: must be 1 to 10000"},
		"unknown queue":     {[]string{"list", "--queue", "sale"}, `has no queue "sale"; it has: sales, support`},
		"no number":         {[]string{"list", "--number", "FLOWERS"}, `number "FLOWERS": it is no telephone number`},
		"nothing":           {[]string{"resolve", "--why", "x"}, "accepts 1 arg"},
		"no reason":         {[]string{"resolve", "c1"}, `say what was done: --why "called back"`},
		"a blank reason":    {[]string{"resolve", "c1", "--why", " \n"}, "say what was done"},
		"too many reasons":  {[]string{"resolve", "c1", "--why", strings.Repeat("x", 201)}, "--why: it has 201 bytes, and may have 200"},
		"a number of signs": {[]string{"resolve", "()", "--why", "x"}, `number "()": it is no telephone number`},
	} {
		code, stdout, stderr := command(environ, append([]string{"missed"}, c.args...)...)
		assert.Equal(t, exitUsage, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, c.says, name)
	}
}

func TestWithoutAProgramMissedSaysWhatToDo(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, fromMoscow), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}
	for _, args := range [][]string{{"missed", "list"}, {"missed", "resolve", "c1", "--why", "x"}} {
		code, _, stderr := command(environ, args...)
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, stderr, "start `missedcalls serve`")
	}
}
