package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWrongUsageOfTheDemoAndOfTheStandInStartsNothing(t *testing.T) {
	scenario := filepath.Join(t.TempDir(), "scenario.yaml")
	require.NoError(t, os.WriteFile(scenario, []byte("callers:\n  - {number: 1}\npasword: x\n"), 0o600))
	for name, c := range map[string]struct {
		args    []string
		environ []string
		says    string
	}{
		"too fast":            {args: []string{"demo", "--speed", "101"}, says: "--speed 101: must be a number from 0.1 to 100"},
		"no number":           {args: []string{"demo", "--speed", "fast"}, says: "invalid argument"},
		"no seed":             {args: []string{"demo", "--seed", "-1"}, says: "invalid argument"},
		"argument":            {args: []string{"demo", "now"}, says: "unknown command"},
		"misspelt setting":    {args: []string{"demo"}, environ: []string{"MISSEDCALLS_NATS_LISTN=off"}, says: `did you mean "MISSEDCALLS_NATS_LISTEN"?`},
		"absent file":         {args: []string{"demo"}, environ: []string{"MISSEDCALLS_CONFIG=/nonexistent/x.yaml"}, says: "/nonexistent/x.yaml"},
		"scenario":            {args: []string{"ari-mock", scenario}, says: scenario + ":2:5: callers[0].did: is missing"},
		"all of the scenario": {args: []string{"ari-mock", scenario}, says: scenario + ":3:10: pasword: there is no such key"},
		"absent scenario":     {args: []string{"ari-mock", "/nonexistent/x.yaml"}, says: "/nonexistent/x.yaml"},
		"two scenarios":       {args: []string{"ari-mock", scenario, scenario}, says: "accepts at most 1 arg"},
		"everybody":           {args: []string{"ari-mock", "--listen", ":8088"}, says: "add --anywhere"},
		"another machine":     {args: []string{"ari-mock", "--listen", "192.0.2.1:8088"}, says: "add --anywhere"},
		"no address":          {args: []string{"ari-mock", "--listen", "8088"}, says: "must be host:port"},
	} {
		code, stdout, stderr := command(c.environ, c.args...)
		assert.Equal(t, exitUsage, code, name)
		assert.Contains(t, stderr, c.says, name)
		assert.Empty(t, stdout, name)
	}
}

func TestTheStandInListensBeyondThisMachineWhereThatIsAskedFor(t *testing.T) {
	assert.NoError(t, checkListen("127.0.0.1:0", false))
	assert.NoError(t, checkListen("[::1]:0", false))
	assert.NoError(t, checkListen("localhost:0", false))
	assert.NoError(t, checkListen("0.0.0.0:0", true))
	assert.Error(t, checkListen("0.0.0.0:0", false))
}

func TestThePagesOfHelpNameTheFlags(t *testing.T) {
	for name, flags := range map[string]string{"demo": "--seed --speed", "ari-mock": "--listen --anywhere"} {
		code, stdout, _ := command(nil, name, "--help")
		assert.Equal(t, exitOK, code)
		for _, flag := range strings.Fields(flags) {
			assert.Contains(t, stdout, flag)
		}
	}
}
