package arimock_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
)

const everything = `
username: me
password: "hunter2"
app: queue
session_limit: 7
write_timeout: 250ms
exits: {"voicemail,s": 5s, "operator,s": forever}
phones:
  PJSIP/101: {ring_for: 3s, status: 486, talk_for: 1m}
  PJSIP/102: {}
  PJSIP/103: {ring_for: 1s, status: 302, forward_to: 0101}
  PJSIP/104: {steps: [{key: 1, after: 1s}, {hold: true}, {unhold: true}, {transfer: "102", consult_for: 5s, after: 9s}]}
unregistered: [PJSIP/102]
callers:
  - &anna
    number: +79990000001
    name: "Анна"
    did: 0101
    args: "sales,priority=5"
    withheld: true
    language: ru
    after: 1s
    every: 10s
    count: 3
    hangup_after: 20s
    give_up_after: 30s
    digits: [{key: 1, after: 2s}, {key: "#", after: 3s}]
  - {did: "7495"}
  - {did: "7495", every: 1m}
  - *anna
`

func TestAScenarioSaysEverythingAboutAStandIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scenario.yaml")
	require.NoError(t, os.WriteFile(path, []byte(everything), 0o600))
	s, err := arimock.LoadScenario(path)
	require.NoError(t, err)
	assert.Equal(t, arimock.Options{
		Username: "me", Password: "hunter2", SessionLimit: 7, WriteTimeout: 250 * time.Millisecond,
		Dialplan: arimock.Dialplan{App: "queue", Exits: map[string]arimock.Exit{
			"voicemail,s": {Stay: 5 * time.Second}, "operator,s": {Stay: arimock.ForEver},
		}},
	}, s.Options)
	assert.Equal(t, map[string]arimock.Phone{
		"PJSIP/101": {RingFor: 3 * time.Second, Status: 486, TalkFor: time.Minute}, "PJSIP/102": {},
		"PJSIP/103": {RingFor: time.Second, Status: 302, ForwardTo: "0101"},
		"PJSIP/104": {Steps: []arimock.Step{
			{After: time.Second, Key: "1"}, {Hold: true}, {Unhold: true}, {After: 9 * time.Second, Transfer: "102", ConsultFor: 5 * time.Second},
		}},
	}, s.Phones)
	assert.Equal(t, []string{"PJSIP/102"}, s.Unregistered)
	anna := arimock.ScenarioCaller{
		Caller: arimock.Caller{
			Number: "+79990000001", Name: "Анна", DID: "0101", Args: "sales,priority=5", Withheld: true, Language: "ru",
			HangupAfter: 20 * time.Second, GiveUpAfter: 30 * time.Second,
			Digits: []arimock.Digit{{Key: "1", After: 2 * time.Second}, {Key: "#", After: 3 * time.Second}},
		},
		After: time.Second, Every: 10 * time.Second, Count: 3,
	}
	assert.Equal(t, []arimock.ScenarioCaller{
		anna,
		{Caller: arimock.Caller{DID: "7495"}, Count: 1},
		{Caller: arimock.Caller{DID: "7495"}, Every: time.Minute},
		anna,
	}, s.Callers)
}

func TestAnEmptyScenarioIsOneInWhichNothingHappens(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "{}"} {
		s, err := arimock.ParseScenario("x.yaml", []byte(text))
		require.NoError(t, err, text)
		assert.Empty(t, s.Callers)
	}
}

func TestEveryProblemOfAScenarioIsToldWithItsPlace(t *testing.T) {
	for text, want := range map[string][]string{
		"pasword: x\nexits: {voicemail: 5s, \"a,b\": 5}\nphones: [x]\n": {
			"x.yaml:1:10: pasword: there is no such key; there are app, callers, exits, password, phones, session_limit, unregistered, username, " +
				"write_timeout",
			"x.yaml:2:20: exits.voicemail: a place is written context,extension",
			"x.yaml:2:31: exits.a,b: \"5\" must be a duration with its unit, such as 500ms, 10s or 5m",
			"x.yaml:3:9: phones: must be a mapping of keys to values",
		},
		"callers:\n  - {number: 1, after: -3s, withheld: maybe}\n  - {did: 2, count: 0, digits: [{key: 12}, {key: x}]}\n": {
			"x.yaml:2:5: callers[0].did: is missing: it is the number that is dialled",
			"x.yaml:2:24: callers[0].after: \"-3s\" must be a duration with its unit, such as 500ms, 10s or 5m",
			"x.yaml:2:39: callers[0].withheld: \"maybe\" must be true or false",
			"x.yaml:3:21: callers[1].count: \"0\" must be a number from 1 to 1000000",
			"x.yaml:3:33: callers[1].digits[0].key: \"12\" must be one of 0-9, *, # and A-D",
			"x.yaml:3:44: callers[1].digits[1].key: \"x\" must be one of 0-9, *, # and A-D",
		},
		"phones:\n  PJSIP/1: {status: 99}\n  PJSIP/1: {}\ncallers: {did: 1}\nusername: [a]\napp:\n": {
			"x.yaml:2:21: phones.PJSIP/1.status: \"99\" must be a number from 200 to 699",
			"x.yaml:3:3: phones.PJSIP/1: is there twice",
			"x.yaml:4:10: callers: must be a list",
			"x.yaml:5:11: username: must be text",
			"x.yaml:6:5: app: must be text",
		},
		"[]":                {"x.yaml:1:1: must be a mapping of keys to values"},
		"{}\n---\n{}":       {"x.yaml:2:1: a second YAML document starts here; the file holds one"},
		"callers:\n\t- x\n": nil,
		"did: *nobody":      nil,
	} {
		_, err := arimock.ParseScenario("x.yaml", []byte(text))
		var problems arimock.ScenarioProblems
		require.ErrorAs(t, err, &problems, text)
		if want == nil {
			require.Len(t, problems, 1, text)
			assert.Regexp(t, `^x\.yaml:\d+:\d+: is not YAML: `, err.Error())
			continue
		}
		assert.Equal(t, want, strings.Split(err.Error(), "\n"), text)
	}
	_, err := arimock.LoadScenario(filepath.Join(t.TempDir(), "absent.yaml"))
	assert.ErrorContains(t, err, "read scenario")
}

func TestCallersComeWhenTheScenarioSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := arimock.ParseScenario("x.yaml", []byte(`
phones: {PJSIP/101: {}}
callers:
  - {number: 1, did: 7, after: 10s}
  - {number: 2, did: 7, after: 5s, every: 20s, count: 3}
  - {number: 3, did: 7, every: 30s}
`))
		require.NoError(t, err)
		begun := time.Now()
		var mu sync.Mutex
		at := make(map[string][]time.Duration)
		s.Options.Called = func(k *arimock.Call) {
			mu.Lock()
			defer mu.Unlock()
			at[k.Caller().Number] = append(at[k.Caller().Number], time.Since(begun))
		}
		server := arimock.New(s.Options)
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 61*time.Second)
		defer cancel()
		s.Play(ctx, server)
		assert.Equal(t, 61*time.Second, time.Since(begun), "the third calls without end")
		assert.Equal(t, map[string][]time.Duration{
			"1": {10 * time.Second}, "2": {5 * time.Second, 25 * time.Second, 45 * time.Second}, "3": {0, 30 * time.Second, time.Minute},
		}, at)
	})
}

func TestAScenarioWithAnEndIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := arimock.ParseScenario("x.yaml", []byte("callers: [{did: 7}, {did: 8, after: 3s}]"))
		require.NoError(t, err)
		var calls []*arimock.Call
		s.Options.Called = func(k *arimock.Call) { calls = append(calls, k) }
		server := arimock.New(s.Options)
		defer server.Close()
		begun := time.Now()
		s.Play(t.Context(), server)
		assert.Equal(t, 3*time.Second, time.Since(begun))
		synctest.Wait()
		require.Len(t, calls, 2)
		for _, call := range calls {
			<-call.Ended() // nobody was there to take them
		}
	})
}
