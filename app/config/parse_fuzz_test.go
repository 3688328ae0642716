package config

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow"
)

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/bad/*.yaml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			f.Add(read(f, file))
		}
	}
	f.Add([]byte("queues: &q {sales: {<<: *q, on_full: {queue: sales}}}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse("q.yaml", b)
		again, errAgain := Parse("q.yaml", b)
		assert.Equal(t, file, again)
		assert.Equal(t, err, errAgain)
		if err == nil {
			checkReferences(t, file.Policies)
			checkTargets(t, file.Notifications)
			return
		}
		var problems Problems
		require.ErrorAs(t, err, &problems)
		require.NotEmpty(t, problems)
		for _, p := range problems {
			checkPlace(t, b, p)
		}
	})
}

// checkReferences holds what queueflow relies on: every queue that is named is there.
func checkReferences(t *testing.T, p queueflow.Policies) {
	t.Helper()
	require.NotEmpty(t, p.Queues)
	if p.DefaultQueue != "" {
		assert.Contains(t, p.Queues, p.DefaultQueue)
	}
	for id, q := range p.Queues {
		assert.Equal(t, id, q.ID)
		assert.NotEmpty(t, q.Name)
		assert.NotEmpty(t, q.Music)
		assert.GreaterOrEqual(t, q.MaxCallers, 0)
		assert.GreaterOrEqual(t, q.MaxWait, 0*q.MaxWait)
		checkServing(t, q.Serving)
		exits := []queueflow.Exit{q.OnTimeout, q.OnFull, q.OnEmpty, q.OnClosed, q.Serving.OnAgentHangup}
		for key, exit := range q.Keys {
			assert.Regexp(t, `^[0-9*#A-D]{1,8}$`, key)
			exits = append(exits, exit)
		}
		for _, exit := range exits {
			if exit.Queue != "" {
				assert.Contains(t, p.Queues, exit.Queue)
				assert.Zero(t, exit.Dialplan)
			}
			if exit.Dialplan != (queueflow.Target{}) {
				assert.Positive(t, exit.Dialplan.Priority)
			}
		}
	}
}

// checkServing holds what queueflow relies on: waits have bounds, endpoints are one each, steps come in order.
func checkServing(t *testing.T, s queueflow.Serving) {
	t.Helper()
	assert.True(t, s.RingTimeout >= leastRing && s.RingTimeout <= mostRing)
	assert.True(t, s.ConfirmWithin >= leastConfirm && s.ConfirmWithin <= mostConfirm)
	assert.Positive(t, s.Expected.Handling)
	assert.Positive(t, s.Expected.Patience)
	assert.Empty(t, s.OnAgentHangup.Queue)
	seen := make(map[string]bool)
	for _, m := range s.Members {
		assert.Regexp(t, `^[A-Za-z0-9_]+/[!-~]+$`, m.Endpoint)
		assert.NotContains(t, m.Endpoint, "&")
		assert.False(t, seen[m.Endpoint])
		assert.GreaterOrEqual(t, m.Penalty, 0)
		seen[m.Endpoint] = true
	}
	last := -time.Nanosecond
	for _, step := range s.Escalation {
		assert.Greater(t, step.After, last)
		last = step.After
	}
	for _, v := range slices.Concat(s.AgentLeg.Headers, s.AgentLeg.Variables) {
		assert.Regexp(t, `^[A-Za-z_][A-Za-z0-9_-]*$`, v.Name)
		assert.NotContains(t, v.Value, "\n")
		assert.NotContains(t, v.Value, "\r")
	}
}

// checkTargets holds what the notifier relies on: every target that is named is there, has one channel and lies within the
// bounds, and no fallback leads back.
func checkTargets(t *testing.T, p policy.Policy) {
	t.Helper()
	names := slices.Concat(p.Default, p.CopyAll)
	for _, r := range p.Routes {
		names = append(names, r.To...)
		assert.GreaterOrEqual(t, r.Hold, 0*r.Hold)
	}
	for name, target := range p.Targets {
		assert.Equal(t, name, target.Name)
		assert.NotNil(t, target.Zone)
		assert.True(t, target.Workers >= 1 && target.Workers <= 32)
		assert.True(t, target.MaxAge >= leastMaxAge && target.MaxAge <= mostMaxAge)
		assert.Equal(t, target.Rate > 0, target.Per > 0)
		assert.GreaterOrEqual(t, target.DigestOver, 0)
		for steps, next := 0, target.Fallback; next != ""; next = p.Targets[next].Fallback {
			assert.Contains(t, p.Targets, next)
			steps++
			require.LessOrEqual(t, steps, len(p.Targets))
		}
		n := 0
		for _, has := range []bool{target.Telegram != nil, target.Slack != nil, target.Email != nil, target.Webhook != nil, target.NATS != nil} {
			if has {
				n++
			}
		}
		assert.Equal(t, 1, n)
	}
	for _, name := range names {
		assert.Contains(t, p.Targets, name)
	}
}

// checkPlace holds that an editor can go there. YAML ends lines at more than a newline.
func checkPlace(t *testing.T, b []byte, p Problem) {
	t.Helper()
	assert.Equal(t, "q.yaml", p.Path)
	assert.NotEmpty(t, p.Rule)
	assert.True(t, utf8.ValidString(p.Error()) || !utf8.Valid(b))
	assert.NotContains(t, p.Rule, "\n")
	breaks := 1
	for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		breaks += strings.Count(string(b), end)
	}
	assert.GreaterOrEqual(t, p.Line, 1)
	assert.LessOrEqual(t, p.Line, breaks)
	assert.GreaterOrEqual(t, p.Column, 1)
	assert.LessOrEqual(t, p.Column, utf8.RuneCount(b)+1)
}
