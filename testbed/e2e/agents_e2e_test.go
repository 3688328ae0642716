//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// phones are those of agents, by number.
type phones map[string]*testbed.AgentRun

// switchOn switches phones on, all of one behaviour.
func switchOn(t *testing.T, asterisk *testbed.Asterisk, behaviour testbed.Behaviour, numbers ...string) phones {
	t.Helper()
	on := phones{}
	for _, number := range numbers {
		on[number] = asterisk.Agent(t, number, behaviour)
	}
	return on
}

// rung is one ringing of one phone.
type rung struct {
	phone string
	testbed.CallResult
}

// rungFor gives the ringings for a caller in the order of their INVITEs, or all of them when the number is empty.
func (p phones) rungFor(caller string) []rung {
	var all []rung
	for number, phone := range p {
		for _, call := range phone.Calls() {
			if caller == "" || call.Number == caller {
				all = append(all, rung{number, call})
			}
		}
	}
	slices.SortFunc(all, func(a, b rung) int { return a.InviteAt.Compare(b.InviteAt) })
	return all
}

// served is how many calls a phone got.
func (p phones) served(number string) int { return len(p[number].Calls()) }

// order is the phones of ringings.
func order(rings []rung) string {
	var numbers []string
	for _, r := range rings {
		numbers = append(numbers, r.phone)
	}
	return strings.Join(numbers, " ")
}

// members is the list of members of a configuration.
func members(numbers ...string) string {
	var list []string
	for _, number := range numbers {
		list = append(list, fmt.Sprintf("{endpoint: PJSIP/%s, name: Agent %s}", number, number))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// caller gives a caller to a queue by its name.
func caller(number, queue string) testbed.Caller {
	return testbed.Caller{Number: number, DID: "74951234567", Args: queue}
}

func TestEveryStrategyRingsInItsOrder(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	strategies := []string{"ringall", "linear", "rrmemory", "rrordered", "random", "wrandom", "ringprogressively"}
	var queues strings.Builder
	for _, strategy := range strategies {
		fmt.Fprintf(&queues, "  %s: {strategy: %s, ring_timeout: 1s, members: %s}\n", strategy, strategy, members("101", "102", "103"))
	}
	p.configure("queues:\n" + queues.String())
	p.serve()
	events := subscribe(t, p)
	silent := switchOn(t, asterisk, testbed.NeverAnswers(), "101", "102", "103")

	rings := map[string][]rung{}
	for i, strategy := range strategies {
		number := fmt.Sprintf("8916000000%d", i)
		c := caller(number, strategy)
		c.HangupAfter = 3600 * time.Millisecond
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{c}}).Results()
		events.await(callevent.KindMissed, i+1)
		rings[strategy] = silent.rungFor(number)
		t.Logf("%s: %s", strategy, order(rings[strategy]))
	}

	for _, strategy := range []string{"linear", "ringprogressively"} {
		require.GreaterOrEqual(t, len(rings[strategy]), 3, strategy)
		assert.Equal(t, "101 102 103", order(rings[strategy][:3]), strategy)
	}
	for _, strategy := range []string{"rrmemory", "rrordered", "random", "wrandom", "linear"} {
		assertOneAfterTheOther(t, strategy, rings[strategy])
	}
	all := rings["ringall"]
	require.GreaterOrEqual(t, len(all), 6, "two rounds of all")
	assert.Less(t, all[2].InviteAt.Sub(all[0].InviteAt), 500*time.Millisecond, "all at once")
	for _, r := range rings["ringprogressively"][:3] {
		assert.Greater(t, r.EndedAt.Sub(rings["ringprogressively"][0].InviteAt), 2500*time.Millisecond,
			"those who ring already go on ringing")
	}
	for _, m := range events.missed() {
		assert.GreaterOrEqual(t, len(m[0].Attempts), 3, "the missed call tells of every ringing")
	}
	assertQuiet(t, asterisk)
}

// assertOneAfterTheOther holds that one phone rings at a time and that nobody is rung twice before the others were.
func assertOneAfterTheOther(t *testing.T, strategy string, rings []rung) {
	t.Helper()
	require.GreaterOrEqual(t, len(rings), 3, strategy)
	first := []string{rings[0].phone, rings[1].phone, rings[2].phone}
	slices.Sort(first)
	assert.Equal(t, []string{"101", "102", "103"}, first, "%s: everybody is rung before anybody is again", strategy)
	for i, r := range rings[1:] {
		assert.False(t, r.InviteAt.Before(rings[i].EndedAt), "%s: %s rings while %s does", strategy, r.phone, rings[i].phone)
	}
}

// TestAHigherPenaltyIsRungOnlyWhileNobodyLowerIsFree has phones that ring in vain: for a moment after each ringing Asterisk
// goes on saying that the phone is in use.
func TestAHigherPenaltyIsRungOnlyWhileNobodyLowerIsFree(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	const abcd = "[{endpoint: PJSIP/101, penalty: 1}, {endpoint: PJSIP/102}, {endpoint: PJSIP/103, penalty: 1}, {endpoint: PJSIP/104}]"
	p.configure(fmt.Sprintf(`
queues:
  linear: {strategy: linear, ring_timeout: 1s, members: [{endpoint: PJSIP/101}, {endpoint: PJSIP/103, penalty: 1}]}
  ringall: {strategy: ringall, ring_timeout: 1s, members: [{endpoint: PJSIP/101}, {endpoint: PJSIP/103, penalty: 1}]}
  wide: {strategy: linear, ring_timeout: 1s, widen_on_timeout: true, members: [{endpoint: PJSIP/101}, {endpoint: PJSIP/103, penalty: 1}]}
  rrmemory: {strategy: rrmemory, ring_timeout: 1s, members: %s}
  talk: {members: [{endpoint: PJSIP/102}]}
`, abcd))
	p.serve()
	events := subscribe(t, p)
	silent := switchOn(t, asterisk, testbed.NeverAnswers(), "101", "103", "104")
	switchOn(t, asterisk, testbed.Answers(50*time.Millisecond, 14*time.Second), "102")
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller("89160000009", "talk")}})
	events.await(callevent.KindAnswered, 1)

	for i, queue := range []string{"linear", "ringall", "wide", "rrmemory"} {
		number := fmt.Sprintf("8916000000%d", i)
		c := caller(number, queue)
		c.HangupAfter = 2600 * time.Millisecond
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{c}}).Results()
		events.await(callevent.KindMissed, i+1)
		rung := order(silent.rungFor(number))
		t.Logf("%s: %s", queue, rung)
		expected := map[string]string{"linear": "101 101 101", "ringall": "101 101 101", "wide": "101 103 101", "rrmemory": "104 104 104"}
		assert.Regexp(t, "^"+expected[queue], rung, "%s: those of the lower penalty stay silent", queue)
		if queue != "wide" {
			assert.NotContains(t, rung, "103", queue)
		}
	}
	require.Empty(t, events.completed(), "102 was on the telephone all the while")
	events.await(callevent.KindCompleted, 1)
	assertQuiet(t, asterisk)
}

func TestThoseWhoTalkedLeastOrLongestAgoAreRungFirst(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  leastrecent: {strategy: leastrecent, members: %s}
  fewestcalls: {strategy: fewestcalls, members: %s}
`, members("101", "102", "103"), members("104", "105", "106")))
	p.serve()
	events := subscribe(t, p)
	answering := switchOn(t, asterisk, testbed.Answers(50*time.Millisecond, 200*time.Millisecond), "101", "102", "103", "104", "105", "106")

	const n = 6
	for i := range n {
		var callers []testbed.Caller
		for _, queue := range []string{"leastrecent", "fewestcalls"} {
			number := fmt.Sprintf("8916000%s%03d", map[string]string{"leastrecent": "1", "fewestcalls": "2"}[queue], i)
			callers = append(callers, caller(number, queue))
		}
		asterisk.Callers(t, testbed.CallerPlan{Callers: callers}).Results()
		events.await(callevent.KindCompleted, 2*(i+1))
	}
	t.Logf("in the order of their ringing: %s", order(answering.rungFor("")))
	for _, numbers := range [][]string{{"101", "102", "103"}, {"104", "105", "106"}} {
		for _, number := range numbers {
			assert.Equal(t, n/len(numbers), answering.served(number), "calls of phone %s", number)
		}
	}
	assert.Empty(t, events.missed())
	assertQuiet(t, asterisk)
}

func TestThreeAgentsAndSixtyCallersEveryCallIsAnsweredOnceOrMissedOnce(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
region: RU
queues:
  sales: {strategy: rrmemory, ring_timeout: 2s, members: %s}
`, members("101", "102", "103")))
	p.serve()
	events := subscribe(t, p)
	agents := switchOn(t, asterisk, testbed.Answers(200*time.Millisecond, time.Second), "101", "102")
	agents["103"] = asterisk.Agent(t, "103", testbed.Answers(500*time.Millisecond, 700*time.Millisecond))

	const n = 60
	callers := patience(n, 2*time.Second, 30*time.Second)
	for i := range callers {
		callers[i].DID, callers[i].Args = "74951234567", "sales"
	}
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: callers, Rate: 4}).Results()
	require.Eventually(t, func() bool { return events.count(callevent.KindCompleted)+events.count(callevent.KindMissed) >= n },
		30*time.Second, 20*time.Millisecond)

	endings, answered := map[string]int{}, map[string]callevent.Answered{}
	for _, h := range events.all() {
		switch e := h.Payload.(type) {
		case callevent.Completed:
			endings[e.Caller.Raw]++
		case callevent.Missed:
			endings[e.Caller.Raw]++
		case callevent.Answered:
			_, twice := answered[e.Caller.Raw]
			assert.False(t, twice, "caller %s is answered twice", e.Caller.Raw)
			answered[e.Caller.Raw] = e
		}
	}
	for _, r := range results {
		assert.Equal(t, 1, endings[r.Number], "caller %s", r.Number)
	}
	assert.Len(t, answered, events.count(callevent.KindCompleted))
	t.Logf("%d answered, %d missed", len(answered), events.count(callevent.KindMissed))
	assert.NotEmpty(t, answered)
	assert.NotZero(t, events.count(callevent.KindMissed))
	for number := range agents {
		assertOneCallAtATime(t, number, phones{number: agents[number]}.rungFor(""))
	}
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// assertOneCallAtATime holds that a phone is never rung while it rings or talks.
func assertOneCallAtATime(t *testing.T, phone string, rings []rung) {
	t.Helper()
	const jitter = 20 * time.Millisecond
	for i := 1; i < len(rings); i++ {
		before := rings[i-1]
		require.False(t, before.EndedAt.IsZero(), "phone %s: a call that does not end", phone)
		assert.False(t, rings[i].InviteAt.Add(jitter).Before(before.EndedAt), "phone %s is rung for %s while it has %s", phone,
			rings[i].Number, before.Number)
	}
}

func TestTheWrapUpOfOneQueueHoldsInAnother(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  sales: {wrap_up: 3s, members: %s}
  support: {members: %s}
`, members("101"), members("101")))
	p.serve()
	events := subscribe(t, p)
	agent := switchOn(t, asterisk, testbed.Answers(50*time.Millisecond, time.Second), "101")
	second := caller("89160000002", "support")
	second.After = 500 * time.Millisecond
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller("89160000001", "sales"), second}}).Results()
	events.await(callevent.KindCompleted, 2)

	rings := agent.rungFor("")
	require.Len(t, rings, 2)
	rest := rings[1].InviteAt.Sub(rings[0].EndedAt)
	t.Logf("rung %s after the talk", rest)
	assert.GreaterOrEqual(t, rest, 2900*time.Millisecond)
	assert.Less(t, rest, 3*time.Second+busy)
	assertQuiet(t, asterisk)
}
