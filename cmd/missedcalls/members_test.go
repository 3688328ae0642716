package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
	"missedcalls/queueflow"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares what is printed with a file of testdata.
func golden(t *testing.T, name, printed string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(printed), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "`go test ./cmd/missedcalls -update` writes it")
	assert.Equal(t, string(want), printed)
}

func moscow(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Moscow")
	require.NoError(t, err)
	return zone
}

var noon = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

func someMembers() []queueflow.MemberView {
	return []queueflow.MemberView{
		{
			Queue: "sales", Endpoint: "PJSIP/101", Name: "Анна", State: "talking", Since: noon, Talks: 17, LastCall: noon.Add(-time.Hour),
			Device: "PJSIP/101", DeviceState: "INUSE", Call: "d4vq1m0s6k3c73f0a1b0",
		},
		{
			Queue: "sales", Endpoint: "Local/205@agents", Name: "Пётр", State: "paused", Since: noon.Add(90 * time.Second), Penalty: 1, Paused: true,
			Reason: "lunch\x1b[31m", By: "boris", Dynamic: true, Device: "PJSIP/205", DeviceState: "NOT_INUSE",
		},
		{Queue: "support", Endpoint: "PJSIP/101", Name: "Анна", State: "unavailable", Device: "PJSIP/101", DeviceState: "UNKNOWN"},
	}
}

func TestMembersArePrinted(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, printMembers(&out, someMembers(), false, moscow(t)))
	golden(t, "members.txt", out.String())

	out.Reset()
	require.NoError(t, printMembers(&out, someMembers()[:1], true, moscow(t)))
	assert.Contains(t, out.String(), "\nthere are more: --limit 2\n")

	out.Reset()
	require.NoError(t, printMembers(&out, nil, false, moscow(t)))
	assert.Equal(t, "there are no members\n", out.String())

	out.Reset()
	require.NoError(t, printJSON(&out, someMembers()))
	golden(t, "members.json", out.String())
}

func someQueues() []queueflow.QueueView {
	return []queueflow.QueueView{
		{
			Queue: "sales", Name: "Продажи", Waiting: 3, OldestEnteredAt: noon.Add(-83 * time.Second), Open: true,
			Agents:         queueflow.AgentsView{Ready: 1, Ringing: 2, Talking: 3, WrappingUp: 4, Paused: 5, Unavailable: 6, InUse: 7},
			Service:        queueflow.Service{Answered: 12, AnsweredInTime: 10, Abandoned: 3, AbandonedInTime: 1},
			ServiceLevelMS: 20_000, LevelOfAnswered: 0.83, LevelOfAll: 0.73,
		},
		{Queue: "support", Name: "support", ServiceLevelMS: 20_000},
	}
}

func TestQueuesArePrinted(t *testing.T) {
	file := config.File{Timezone: moscow(t), Policies: queueflow.Policies{Queues: map[string]queueflow.Policy{"sales": {}, "support": {}}}}
	closed := []queueflow.QueueOverride{{Queue: "support", State: queueflow.StateClosed, By: "anna", Why: "inventory", Until: noon.Add(time.Hour)}}
	var out bytes.Buffer
	require.NoError(t, printQueues(&out, someQueues(), true, closed, file, noon))
	golden(t, "queues.txt", out.String())

	out.Reset()
	require.NoError(t, printJSON(&out, someQueues()))
	golden(t, "queues.json", out.String())
}

func TestWrongUsageOfMembersIsExitCodeTwoAndChangesNothing(t *testing.T) {
	environ := served(t, twoQueues)
	long := strings.Repeat("x", 201)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":       {[]string{"fire"}, `unknown command "fire"`},
		"a limit too high":      {[]string{"list", "--limit", "10001"}, "--limit 10001: must be 1 to 10000"},
		"a list of no queue":    {[]string{"list", "--queue", "sale"}, `has no queue "sale"; it has: sales, support`},
		"nobody":                {[]string{"add", "sales"}, "accepts 2 arg"},
		"to no queue":           {[]string{"add", "sale", "PJSIP/101"}, `has no queue "sale"`},
		"a bare extension":      {[]string{"add", "sales", "101"}, `endpoint "101": it is a technology and a resource, such as PJSIP/101`},
		"a negative penalty":    {[]string{"add", "sales", "PJSIP/101", "--penalty", "-1"}, "penalty -1: it is 0 to 1000000"},
		"no penalty":            {[]string{"penalty", "sales", "PJSIP/101", "high"}, `"high" is no penalty`},
		"half a penalty":        {[]string{"penalty", "sales", "PJSIP/101", "1.5"}, `"1.5" is no penalty`},
		"no rest":               {[]string{"add", "sales", "PJSIP/101", "--wrap-up", "20"}, `invalid argument "20" for "--wrap-up"`},
		"too long a rest":       {[]string{"add", "sales", "PJSIP/101", "--wrap-up", "25h"}, "wrap_up_ms 90000000"},
		"two skills in one":     {[]string{"add", "sales", "PJSIP/101", "--skill", "a b"}, `skill "a b"`},
		"a pause for nothing":   {[]string{"pause", "PJSIP/101"}, "say why: --reason lunch"},
		"a pause for blanks":    {[]string{"pause", "PJSIP/101", "--reason", " \n"}, "say why"},
		"too many reasons":      {[]string{"pause", "PJSIP/101", "--reason", long}, "reason: it has at most 200 bytes"},
		"by nobody":             {[]string{"unpause", "PJSIP/101", "--by", ""}, "by: it is needed"},
		"from where":            {[]string{"remove", "PJSIP/101"}, "accepts 2 arg"},
		"from one and from all": {[]string{"remove", "--all", "sales", "PJSIP/101"}, "accepts 1 arg"},
	} {
		code, stdout, stderr := command(environ, append([]string{"members"}, c.args...)...)
		assert.Equal(t, exitUsage, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, c.says, name)
	}
}

func TestWithoutAProgramMembersSaysWhatToDo(t *testing.T) {
	environ := []string{"MISSEDCALLS_CONFIG=" + file(t, twoQueues), "MISSEDCALLS_DATA_DIR=" + t.TempDir()}
	for _, args := range [][]string{{"members", "list"}, {"members", "pause", "PJSIP/101", "--reason", "x"}, {"queues"}} {
		code, stdout, stderr := command(environ, args...)
		assert.Equal(t, exitFailed, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, "start `missedcalls serve`")
	}
}
