package main

import (
	"context"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/config"
)

const twoQueues = `
timezone: Europe/Moscow
queues:
  sales: {hours: {closed: ["2020-01-01/2099-12-31"]}}
  support: {}
`

// served is the environment of commands for a program that runs until the test ends, without an Asterisk unless more says
// where there is one.
func served(t *testing.T, yaml string, more ...string) []string {
	t.Helper()
	environ := append([]string{
		"MISSEDCALLS_CONFIG=" + file(t, yaml), "MISSEDCALLS_DATA_DIR=" + filepath.Join(t.TempDir(), "data"),
		"MISSEDCALLS_NATS_LISTEN=127.0.0.1:0",
	}, more...)
	settings, err := config.LoadSettings(slices.Concat(environ, []string{
		"MISSEDCALLS_ARI_URL=http://127.0.0.1:1/ari", "MISSEDCALLS_ARI_USERNAME=missedcalls", "MISSEDCALLS_ARI_PASSWORD=secret",
		"MISSEDCALLS_HTTP_LISTEN=off",
	}))
	require.NoError(t, err)
	a, err := app.New(app.Options{Settings: settings, Log: zerolog.Nop()})
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		end()
		assert.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool {
		code, _, _ := command(environ, "missed", "list")
		return code == exitOK
	}, 20*time.Second, 20*time.Millisecond, "the program does not start")
	return environ
}

// says runs a command that must succeed.
func says(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(environ, args...)
	require.Equal(t, exitOK, code, stderr)
	assert.Empty(t, stderr)
	return stdout
}

func TestAQueueIsClosedOpenedAndGivenBackByHand(t *testing.T) {
	environ := served(t, twoQueues)
	me, err := user.Current()
	require.NoError(t, err)
	assert.Equal(t, "sales: closed by its hours\nsupport: open by its hours\n", says(t, environ, "queues", "list"))

	closed := "support: closed by " + me.Username + " until 2098-12-24 18:00 MSK: inventory in the warehouse\n"
	assert.Equal(t, closed, says(t, environ, "queues", "close", "support", "--until", "2098-12-24 18:00", "--why", "inventory\nin the  warehouse"))
	assert.Equal(t, "sales: open by "+me.Username+"\n", says(t, environ, "queues", "open", "sales"))
	assert.Equal(t, "sales: open by "+me.Username+"\n"+closed, says(t, environ, "queues", "list"))

	assert.Equal(t, closed, says(t, environ, "queues", "close", "support", "--until", "2098-12-24T15:00:00Z", "--why", "inventory in the warehouse"))
	assert.Equal(t, "sales: closed by "+me.Username+": ?[31mИнвентаризация\n", says(t, environ, "queues", "close", "sales", "--why", "\x1b[31mИнвентаризация"))
	assert.Equal(t, "support: open by its hours\n", says(t, environ, "queues", "auto", "support"))
	assert.Equal(t, "sales: closed by its hours\n", says(t, environ, "queues", "auto", "sales"))
	assert.Equal(t, "sales: closed by its hours\nsupport: open by its hours\n", says(t, environ, "queues", "list"))
}

func TestAQueueIsClosedForAWhile(t *testing.T) {
	environ := served(t, twoQueues)
	before := time.Now()
	said := says(t, environ, "queues", "close", "support", "--for", "90m")
	_, until, found := strings.Cut(strings.TrimSpace(said), " until ")
	require.True(t, found, said)
	zone, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	at, err := time.ParseInLocation("2006-01-02 15:04:05 MST", until, zone)
	require.NoError(t, err)
	assert.WithinDuration(t, before.Add(90*time.Minute), at, 10*time.Second)
	assert.Contains(t, says(t, environ, "queues", "list"), said)
}

func TestWrongUsageOfQueuesIsExitCodeTwoAndChangesNothing(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, twoQueues), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}
	for name, c := range map[string]struct {
		args    []string
		environ []string
		says    string
	}{
		"unknown command":        {args: []string{"shut"}, says: `unknown command "shut"`},
		"no queue":               {args: []string{"close"}, says: "accepts 1 arg"},
		"unknown queue":          {args: []string{"close", "sale"}, says: `has no queue "sale"; it has: sales, support`},
		"both ends":              {args: []string{"close", "sales", "--for", "1h", "--until", "2098-12-24 18:00"}, says: "use one of them"},
		"an end for auto":        {args: []string{"auto", "sales", "--for", "1h"}, says: "unknown flag: --for"},
		"no time":                {args: []string{"open", "sales", "--for", "0s"}, says: "--for 0s: must be above zero"},
		"no duration":            {args: []string{"open", "sales", "--for", "2"}, says: `invalid argument "2" for "--for"`},
		"over already":           {args: []string{"close", "sales", "--until", "2020-12-24 18:00"}, says: "--until 2020-12-24 18:00: is over already; it is 20"},
		"no moment":              {args: []string{"close", "sales", "--until", "tomorrow"}, says: `--until "tomorrow": must be a time such as "2026-12-24 18:00" by the clock of Europe/Moscow`},
		"an empty moment":        {args: []string{"close", "sales", "--until", ""}, says: `--until "": must be a time`},
		"too many reasons":       {args: []string{"close", "sales", "--why", strings.Repeat("x", 201)}, says: "--why: it has 201 bytes, and may have 200"},
		"no configuration":       {args: []string{"list"}, environ: []string{"MISSEDCALLS_CONFIG=/nonexistent/x.yaml"}, says: "/nonexistent/x.yaml"},
		"misspelt setting":       {args: []string{"list"}, environ: []string{"MISSEDCALLS_DATADIR=x"}, says: "MISSEDCALLS_DATA_DIR"},
		"a broken configuration": {args: []string{"list"}, environ: []string{"MISSEDCALLS_CONFIG=" + file(t, "queues: {sales: {musik: x}}")}, says: "musik"},
	} {
		env := environ
		if c.environ != nil {
			env = c.environ
		}
		code, stdout, stderr := command(env, append([]string{"queues"}, c.args...)...)
		assert.Equal(t, exitUsage, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, c.says, name)
	}
}

func TestWithoutARunningProgramQueuesFailsAndSaysWhatToDo(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, twoQueues), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}
	for _, args := range [][]string{{"queues", "list"}, {"queues", "close", "sales"}, {"queues", "auto", "sales"}} {
		code, stdout, stderr := command(environ, args...)
		assert.Equal(t, exitFailed, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "reach the running program")
		assert.Contains(t, stderr, "the same MISSEDCALLS_DATA_DIR")
	}
}
