//go:build e2e

package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// outcomes gives what came of each offer to a caller, by the agent's endpoint.
func (s *subscriber) outcomes(caller string) map[string][]callevent.Attempt {
	found := map[string][]callevent.Attempt{}
	for _, h := range s.all() {
		if o, is := h.Payload.(callevent.Offered); is && o.Caller.Raw == caller {
			found[o.Attempt.Endpoint] = append(found[o.Attempt.Endpoint], o.Attempt)
		}
	}
	return found
}

// answered gives every answered call, by the caller's raw number.
func (s *subscriber) answered() map[string]callevent.Answered {
	found := map[string]callevent.Answered{}
	for _, h := range s.all() {
		if a, is := h.Payload.(callevent.Answered); is {
			found[a.Caller.Raw] = a
		}
	}
	return found
}

// completed gives every completed call, by the caller's raw number.
func (s *subscriber) completed() map[string]callevent.Completed {
	found := map[string]callevent.Completed{}
	for _, h := range s.all() {
		if c, is := h.Payload.(callevent.Completed); is {
			found[c.Caller.Raw] = c
		}
	}
	return found
}

func TestWhoCannotTakeTheCallPassesItOnAtOnce(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  sales: {strategy: linear, ring_timeout: 1s, members: %s}
  off: {members: %s}
`, members("101", "102", "103", "104", "105", "121", "107"), members("121")))
	p.serve()
	events := subscribe(t, p)
	for number, behaviour := range map[string]testbed.Behaviour{
		"101": testbed.Refuses(603), "102": testbed.Busy(), "103": testbed.Refuses(404), "104": testbed.Forwards("106"),
		"105": testbed.NeverAnswers(),
	} {
		asterisk.Agent(t, number, behaviour)
	}
	elsewhere := asterisk.Agent(t, "106", testbed.Answers(50*time.Millisecond, 0))
	last := switchOn(t, asterisk, testbed.Answers(50*time.Millisecond, 500*time.Millisecond), "107")

	const number, vain = "89160000001", "89160000002"
	waits := caller(vain, "off")
	waits.HangupAfter = time.Second
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller(number, "sales"), waits}}).Results()
	events.await(callevent.KindCompleted, 1)
	events.await(callevent.KindMissed, 1)

	missed := events.missed()[vain]
	require.Len(t, missed, 1)
	assert.Equal(t, callevent.AgentCounts{Unavailable: 1}, missed[0].Agents, "a phone that is not registered")
	assert.Empty(t, missed[0].Attempts, "and is not rung")
	got := map[string]string{}
	for endpoint, attempts := range events.outcomes(number) {
		got[endpoint] = attempts[0].Outcome
	}
	assert.Equal(t, map[string]string{
		"PJSIP/101": "rejected", "PJSIP/102": "busy", "PJSIP/103": "unavailable", "PJSIP/104": "forwarded",
		"PJSIP/105": "no_answer", "PJSIP/107": "answered",
	}, got)
	assert.Empty(t, elsewhere.Calls(), "a forward is not followed")
	rings := last.rungFor(number)
	require.Len(t, rings, 1)
	took := rings[0].InviteAt.Sub(results[0].InviteAt)
	t.Logf("the sixth phone rang %s after the caller's INVITE, a second of which the fifth did", took)
	assert.Less(t, took, time.Second+2*busy)
	answered := events.answered()[number]
	assert.Equal(t, "Agent 107", answered.Agent.Name)
	assert.Len(t, answered.Attempts, len(events.outcomes(number)))
	assertQuiet(t, asterisk)
}

func TestAnAgentWhoHangsUpInTheWhisperEndsNothing(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  sales: {strategy: linear, members: %s, prompts: {agent_whisper: "sound:tt-monkeys"}}
  ready: {strategy: linear, members: %s, prompts: {agent_whisper: "sound:beep"}}
`, members("101"), members("102")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "101", testbed.Answers(50*time.Millisecond, 400*time.Millisecond))
	asterisk.Agent(t, "102", testbed.Answers(50*time.Millisecond, 2*time.Second))
	stays := caller("89160000001", "sales")
	stays.HangupAfter = 4 * time.Second
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{stays, caller("89160000002", "ready")}}).Results()
	events.await(callevent.KindMissed, 1)
	events.await(callevent.KindCompleted, 1)

	missed := events.missed()["89160000001"]
	require.Len(t, missed, 1)
	assert.Equal(t, callevent.ReasonAbandoned, missed[0].Reason)
	assert.Equal(t, "dropped", missed[0].Attempts[0].Outcome)
	assert.InDelta(t, 4*time.Second, results[0].Stayed(), float64(busy), "he is not hung up on")
	assert.Equal(t, callevent.EndedByAgent, events.completed()["89160000002"].EndedBy)
	assertQuiet(t, asterisk)
}

func TestAnAgentWhoAnswersAsTheCallerHangsUpIsLetGo(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf("queues:\n  sales: {members: %s}\n", members("101", "102", "103")))
	p.serve()
	events := subscribe(t, p)
	agents := switchOn(t, asterisk, testbed.AnswersAtCancel(), "101", "102", "103")
	const n = 5
	for i := range n {
		c := caller(fmt.Sprintf("8916000000%d", i), "sales")
		c.HangupAfter = time.Second
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{c}}).Results()
		events.await(callevent.KindMissed, i+1)
		require.Eventually(t, func() bool {
			for _, r := range agents.rungFor("") {
				if r.EndedAt.IsZero() {
					return false
				}
			}
			return true
		}, 10*time.Second, 20*time.Millisecond, "a phone is left in a call with nobody")
	}
	assert.Zero(t, events.count(callevent.KindAnswered))
	for number, missed := range events.missed() {
		require.Len(t, missed, 1, "caller %s", number)
		for _, attempt := range missed[0].Attempts {
			assert.Equal(t, "cancelled", attempt.Outcome)
		}
	}
	assertQuiet(t, asterisk)
}

func TestAnAgentOnAnOutsideLineConfirmsTheCall(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
queues:
  sales:
    strategy: linear
    confirm_within: 2s
    members:
      - {endpoint: PJSIP/101, name: Voicemail, confirm: true}
      - {endpoint: PJSIP/102, name: Anna, confirm: true}
`)
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "101", testbed.Answers(50*time.Millisecond, 0))
	asterisk.Agent(t, "102", testbed.Answers(50*time.Millisecond, 2*time.Second).Then(testbed.Press("1", 700*time.Millisecond)))
	const number = "89160000001"
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller(number, "sales")}}).Results()
	events.await(callevent.KindCompleted, 1)
	outcomes := events.outcomes(number)
	assert.Equal(t, "not_confirmed", outcomes["PJSIP/101"][0].Outcome)
	assert.Equal(t, "answered", outcomes["PJSIP/102"][0].Outcome)
	assert.Equal(t, "Anna", events.answered()[number].Agent.Name)
	assertQuiet(t, asterisk)
}
