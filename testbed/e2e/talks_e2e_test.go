//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

func TestAnAgentHoldsAndTransfersBlindAndAttended(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  held: {members: %s}
  blind: {members: %s}
  attended: {members: %s}
`, members("101"), members("102"), members("103")))
	p.serve()
	events := subscribe(t, p)
	answers := testbed.Answers(50*time.Millisecond, 4*time.Second)
	asterisk.Agent(t, "101", answers.Then(testbed.Hold(500*time.Millisecond), testbed.Unhold(2*time.Second)))
	asterisk.Agent(t, "102", testbed.Answers(50*time.Millisecond, 0).Then(testbed.BlindTransfer("105", time.Second)))
	asterisk.Agent(t, "103", testbed.Answers(50*time.Millisecond, 0).Then(testbed.AttendedTransfer("106", time.Second, time.Second)))
	targets := switchOn(t, asterisk, testbed.Answers(100*time.Millisecond, 3*time.Second), "105", "106")

	const held, blind, attended = "89160000001", "89160000002", "89160000003"
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		caller(held, "held"), caller(blind, "blind"), caller(attended, "attended"),
	}}).Results()
	events.await(callevent.KindCompleted, 3)

	completed := events.completed()
	assert.InDelta(t, 1500, completed[held].HeldMS, 500)
	assert.Equal(t, callevent.EndedByAgent, completed[held].EndedBy)
	for number, kind := range map[string]string{blind: "blind", attended: "attended"} {
		c := completed[number]
		assert.Equal(t, callevent.EndedByTransfer, c.EndedBy, kind)
		require.Len(t, c.Transfers, 1, kind)
		assert.Equal(t, kind, c.Transfers[0].Kind)
	}
	assert.Equal(t, "Agent 102", completed[blind].Transfers[0].By)
	assert.Contains(t, completed[blind].Transfers[0].Target, "105")
	assert.Equal(t, "Agent 103", completed[attended].Transfers[0].By)
	for _, number := range []string{"105", "106"} {
		rings := phones{number: targets[number]}.rungFor("")
		require.Len(t, rings, 1, "phone %s", number)
		assert.False(t, rings[0].AnsweredAt.IsZero())
	}
	for _, r := range results[1:] {
		assert.Equal(t, testbed.ByRemote, r.EndedBy, "the talk with whom he was transferred to went to its end")
		assert.Greater(t, r.Stayed(), 3500*time.Millisecond)
	}
	assert.Empty(t, events.missed(), "a transferred caller is no new call")
	assert.Equal(t, 3, events.count(callevent.KindEntered))
	assertQuiet(t, asterisk)
}

func TestWhoIsTransferredToAnotherQueueAndHangsUpThereIsMissedWithHisNumber(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
dids: {"74950000000": second}
queues:
  blind: {members: %s}
  attended: {members: %s}
  second: {members: %s}
`, members("102"), members("103"), members("104")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "102", testbed.Answers(50*time.Millisecond, 0).Then(testbed.BlindTransfer("74950000000", time.Second)))
	asterisk.Agent(t, "103", testbed.Answers(50*time.Millisecond, 0).Then(testbed.AttendedTransfer("74950000000", time.Second, time.Second)))
	asterisk.Agent(t, "104", testbed.NeverAnswers())

	const blind, attended = "89160000001", "89160000002"
	plan := testbed.CallerPlan{Callers: []testbed.Caller{caller(blind, "blind"), caller(attended, "attended")}}
	for i := range plan.Callers {
		plan.Callers[i].HangupAfter = 5 * time.Second
	}
	asterisk.Callers(t, plan).Results()
	events.await(callevent.KindMissed, 2)

	for _, number := range []string{blind, attended} {
		require.Len(t, events.missed()[number], 1, "the channel that entered said another number, or none: %v", events.missed())
		m := events.missed()[number][0]
		assert.Equal(t, "second", m.Queue)
		assert.Equal(t, callevent.ReasonAbandoned, m.Reason)
		assert.Equal(t, callevent.EndedByTransfer, events.completed()[number].EndedBy)
	}
	assertQuiet(t, asterisk)
}

func TestAKillCutsNoTalkAndWhoWasRungForIsServed(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  talks: {members: %s}
  rings: {members: %s, ring_timeout: 20s}
`, members("101"), members("102")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "101", testbed.Answers(50*time.Millisecond, 9*time.Second))
	ringing := asterisk.Agent(t, "102", testbed.Answers(4*time.Second, time.Second))
	const talks, rings = "89160000001", "89160000002"
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller(talks, "talks"), caller(rings, "rings")}})
	events.await(callevent.KindAnswered, 1)
	require.Eventually(t, func() bool { return len(ringing.Calls()) > 0 }, 10*time.Second, 10*time.Millisecond)
	p.kill()
	p.serve()
	results := run.Results()
	events.await(callevent.KindCompleted, 2)

	assert.Greater(t, results[0].Stayed(), 8*time.Second, "the talk went on")
	completed := events.completed()
	assert.Equal(t, callevent.EndedByAgent, completed[talks].EndedBy)
	assert.InDelta(t, 9000, completed[talks].TalkedMS, 1500)
	assert.Equal(t, "Agent 102", completed[rings].Agent.Name)
	assert.Empty(t, events.missed())
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestATalkIsRecordedInTheFileThatTheEventNames(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  always: {members: %s, recording: {mode: always}}
  by_key: {members: %s, recording: {mode: by_key, key: "*1"}}
  never: {members: %s, recording: {mode: by_key, key: "*1"}}
`, members("101"), members("102"), members("103")))
	p.serve()
	events := subscribe(t, p)
	answers := testbed.Answers(50*time.Millisecond, 3*time.Second)
	asterisk.Agent(t, "101", answers)
	asterisk.Agent(t, "102", answers.Then(testbed.Press("*", 500*time.Millisecond), testbed.Press("1", 800*time.Millisecond)))
	asterisk.Agent(t, "103", answers)
	const always, byKey, never = "89160000001", "89160000002", "89160000003"
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		caller(always, "always"), caller(byKey, "by_key"), caller(never, "never"),
	}}).Results()
	events.await(callevent.KindCompleted, 3)

	completed := events.completed()
	assert.Empty(t, completed[never].Recording)
	for _, number := range []string{always, byKey} {
		name := completed[number].Recording
		require.NotEmpty(t, name, "caller %s", number)
		found, err := filepath.Glob(filepath.Join(asterisk.Folder, "spool", "recording", name+"*"))
		require.NoError(t, err)
		require.Len(t, found, 1, name)
		info, err := os.Stat(found[0])
		require.NoError(t, err)
		assert.Greater(t, info.Size(), int64(10_000), "a second and more of sound")
	}
	assertQuiet(t, asterisk)
}

func TestACallerGoesOnInTheDialplanWhenTheAgentHasHungUp(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  survey: {members: %s, on_agent_hangup: {exit: "exit,s,1"}}
`, members("101")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "101", testbed.Answers(50*time.Millisecond, time.Second))
	const number = "89160000001"
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller(number, "survey")}}).Results()
	events.await(callevent.KindCompleted, 1)
	c := events.completed()[number]
	assert.Equal(t, callevent.EndedByAgent, c.EndedBy)
	assert.Equal(t, "exit,s,1", c.SentTo)
	assert.Greater(t, results[0].Stayed(), 3*time.Second, "he heard what the dialplan plays")
	exits, err := asterisk.Exits(t.Context())
	require.NoError(t, err)
	require.Len(t, exits, 1)
	exit := exits[0]
	assert.Equal(t, []string{"CONTINUE", "0", "PJSIP/101", "Agent 101"}, []string{exit.QueueStatus, exit.QueueWait, exit.MemberInterface, exit.MemberName})
	assertQuiet(t, asterisk)
}

func TestWhoGetsThroughClosesHisMissedCalls(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
region: RU
queues:
  alone: {}
  sales: {members: %s}
`, members("101")))
	p.serve()
	events := subscribe(t, p)
	asterisk.Agent(t, "101", testbed.Answers(50*time.Millisecond, 500*time.Millisecond))
	const number = "89160000001"
	first := caller(number, "alone")
	first.HangupAfter = time.Second
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{first}}).Results()
	events.await(callevent.KindMissed, 1)
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller(number, "sales")}}).Results()
	events.await(callevent.KindResolved, 1)
	for _, h := range events.all() {
		if r, is := h.Payload.(callevent.Resolved); is {
			assert.Equal(t, callevent.ResolvedAnswered, r.How)
			assert.Equal(t, "Agent 101", r.By)
			assert.Equal(t, events.answered()[number].CallID, r.ByCall)
			assert.Equal(t, events.missed()[number][0].CallID, r.Episode)
		}
	}
	assertQuiet(t, asterisk)
}
