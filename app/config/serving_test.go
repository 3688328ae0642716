package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
	"missedcalls/queueflow"
)

func ptr[T any](v T) *T { return &v }

// contractServing is what the example of the contract says of the agents of sales.
func contractServing() queueflow.Serving {
	s := usualServing()
	s.Strategy, s.WrapUp = queueflow.RRMemory, 10*time.Second
	s.Members = []queueflow.Member{
		{Endpoint: "PJSIP/101", Name: "Анна", WrapUp: ptr(20 * time.Second)},
		{Endpoint: "Local/205@agents", Name: "Пётр", Penalty: 1, StateInterface: "PJSIP/205", Confirm: true},
	}
	s.Autopause = queueflow.Autopause{NoAnswer: 2, Unavailable: 1}
	s.Escalation = []queueflow.EscalationStep{{After: time.Minute, Penalties: queueflow.Penalties{Max: ptr(2)}}}
	s.RefuseWhenAll = queueflow.FactorPaused | queueflow.FactorUnavailable | queueflow.FactorInvalid
	s.LeaveWhenAll = queueflow.FactorUnavailable | queueflow.FactorInvalid
	s.Whisper = []string{"sound:custom/sales"}
	return s
}

func TestEveryKeyOfServingAgentsIsReadIntoThePolicy(t *testing.T) {
	t.Parallel()
	f, err := config.Load("testdata/good/agents.yaml")
	require.NoError(t, err)
	every := queueflow.FactorPaused | queueflow.FactorPenalty | queueflow.FactorInUse | queueflow.FactorRinging |
		queueflow.FactorUnavailable | queueflow.FactorInvalid | queueflow.FactorUnknown | queueflow.FactorWrapUp
	assert.Equal(t, queueflow.Serving{
		Members: []queueflow.Member{
			{
				Endpoint: "PJSIP/101", Name: "Anna", Penalty: 1, WrapUp: ptr(time.Duration(0)), RingInUse: ptr(true),
				Skills: []string{"english", "german"},
			},
			{
				Endpoint: "Local/205@agents/n", Name: "Boris", Penalty: 2, StateInterface: "Custom:boris", Confirm: true,
				Skills: []string{"english", "billing"},
			},
			{Endpoint: "PJSIP/+4915112345678@trunk", Name: "Cleo", Penalty: 5, Paused: true, Skills: []string{"по-русски", "english"}},
		},
		Strategy: queueflow.LeastRecent, RingTimeout: 15 * time.Second, Rounds: 3, ServiceLevel: 20 * time.Second,
		Autopause: queueflow.Autopause{NoAnswer: 2, Busy: 3, Unavailable: 1, Grace: 30 * time.Second, AllQueues: true},
		Penalties: queueflow.Penalties{Min: ptr(1), Max: ptr(1), Raise: ptr(1)},
		Escalation: []queueflow.EscalationStep{
			{Penalties: queueflow.Penalties{Max: ptr(2)}},
			{After: time.Minute, Penalties: queueflow.Penalties{Min: ptr(0), Max: ptr(5), Raise: ptr(2), RaiseRespectsMin: true}},
			{After: 90 * time.Second, Penalties: queueflow.Penalties{Raise: ptr(0)}},
		},
		PenaltyMembersLimit: 2, WidenOnTimeout: true, Skills: queueflow.Skills{Required: []string{"english"}},
		RefuseWhenAll: every, LeaveWhenAll: queueflow.FactorPaused | queueflow.FactorWrapUp,
		RefuseEstimateOver: 15 * time.Minute, MaxCallersPerAgent: 4,
		Whisper: []string{"sound:custom/sales", "sound:beep"}, ReportWait: true, CallerAnnounce: []string{"sound:custom/recorded"},
		ConfirmWithin: 8 * time.Second, ConfirmPrompt: []string{"sound:custom/press-one"}, MusicWhileRinging: "@ringing",
		AgentLeg: queueflow.AgentLeg{
			CallerName: "{queue_name}: {name}", CallerNumber: "{e164}", ShowMissed: true,
			Headers:   []queueflow.Variable{{Name: "X-Queue", Value: "{queue}"}, {Name: "X-Call", Value: "{call_id}"}, {Name: "X-Skill", Value: "5"}},
			Variables: []queueflow.Variable{{Name: "DID", Value: "{did}"}, {Name: "_WAITED", Value: "{waited}"}},
		},
		Recording:     queueflow.Recording{Mode: queueflow.RecordByKey, Format: "wav49", Key: "*2"},
		OnAgentHangup: queueflow.Exit{Dialplan: queueflow.Target{Context: "survey", Extension: "s", Priority: 1}},
		Expected:      queueflow.Expected{Handling: 3 * time.Minute, Patience: 90 * time.Second},
	}, f.Policies.Queues["sales"].Serving)
	assert.Equal(t, queueflow.EstimateTold, f.Policies.Queues["sales"].Announce.EstimatedWait)
	assert.Equal(t, 15*time.Second, f.Policies.Queues["sales"].Announce.Round)
}

func TestWhatIsEmptyHasEveryDefault(t *testing.T) {
	t.Parallel()
	f, err := config.Load("testdata/good/agents.yaml")
	require.NoError(t, err)
	want := usualServing()
	want.Strategy = queueflow.RingProgressively
	want.Skills = queueflow.Skills{Required: []string{"billing"}, Any: []string{"english", "german"}}
	want.Recording.Mode = queueflow.RecordAlways
	assert.Equal(t, want, f.Policies.Queues["support"].Serving)
	assert.Equal(t, "11", f.Policies.Queues["night"].Serving.Recording.Key, "bare digits are a key")
}

func TestEveryStrategyAndEveryStateHasItsName(t *testing.T) {
	t.Parallel()
	for i, name := range []string{
		"ringall", "leastrecent", "fewestcalls", "random", "rrmemory", "rrordered", "linear", "wrandom", "ringprogressively",
	} {
		f, err := config.Parse("q.yaml", []byte("queues: {sales: {strategy: "+name+"}}"))
		require.NoError(t, err)
		assert.Equal(t, queueflow.Strategy(i), f.Policies.Queues["sales"].Serving.Strategy, name)
	}
	for i, name := range []string{"paused", "penalty", "in_use", "ringing", "unavailable", "invalid", "unknown", "wrap_up"} {
		f, err := config.Parse("q.yaml", []byte(fmt.Sprintf("queues: {sales: {refuse_when_all: [%s, %s]}}", name, name)))
		require.NoError(t, err)
		assert.Equal(t, queueflow.Factors(1)<<i, f.Policies.Queues["sales"].Serving.RefuseWhenAll, name)
	}
}

func TestTheEstimateIsToldAlwaysOnceOrNever(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]queueflow.EstimatePolicy{
		"true": queueflow.EstimateTold, "once": queueflow.EstimateOnce, "false": queueflow.EstimateSilent,
	} {
		f, err := config.Parse("q.yaml", []byte("queues: {sales: {announce: {estimated_wait: "+text+"}}}"))
		require.NoError(t, err)
		assert.Equal(t, want, f.Policies.Queues["sales"].Announce.EstimatedWait, text)
		assert.Equal(t, 30*time.Second, f.Policies.Queues["sales"].Announce.Round)
	}
}

func TestAnAgentIsTheSameOneInAllQueues(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("q.yaml", []byte(`
queues:
  sales: {members: [{endpoint: PJSIP/101, name: Anna}]}
  support: {members: [{endpoint: PJSIP/101, penalty: 2}]}
  night: {members: [{endpoint: PJSIP/101, name: Anne}]}
`))
	assert.EqualError(t, err, `q.yaml:5:49: queues.night.members.0.name: "Anne": the agent has another name, "Anna", on line 3; he is the same one in all queues`)
}

func TestWhatAPhoneIsToldFitsIntoARequest(t *testing.T) {
	t.Parallel()
	file := func(length int) []byte {
		var headers strings.Builder
		for i := range 40 {
			fmt.Fprintf(&headers, "X%02d: %s, ", i, strings.Repeat("x", length))
		}
		return []byte("queues: {sales: {agent_call: {headers: {" + headers.String() + "}}}}")
	}
	_, err := config.Parse("q.yaml", file(97))
	require.NoError(t, err)
	_, err = config.Parse("q.yaml", file(98))
	assert.EqualError(t, err, "q.yaml:1:30: queues.sales.agent_call: headers and variables have 4040 bytes together; at most 4000 fit")
}
