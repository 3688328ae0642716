//go:build e2e

package e2e

import (
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// samples is how many gaps the comparison with app_queue measures in each queue; docs/benchmarks.md tells of more.
var samples = flag.Int("samples", 6, "gaps measured in each queue of the comparison with app_queue")

// TestAnIdleAgentIsRungSoonerThanByAppQueue measures what docs/benchmarks.md tells: the time from an agent's being idle to the
// next INVITE at a phone, on one Asterisk, with the same phone, in a queue of ours and in one of app_queue's. It asserts a
// difference that no busy machine hides; the figures are printed.
func TestAnIdleAgentIsRungSoonerThanByAppQueue(t *testing.T) {
	asterisk := testbed.Start(t, testbed.WithQueueMembers("101"), testbed.WithConfig("queues.conf", `
[silent](served)
strategy = linear
timeout = 1
member => PJSIP/103
`))
	p := install(t, asterisk)
	p.configure(fmt.Sprintf(`
queues:
  quiet: {strategy: rrmemory, members: %[1]s}
  announced: {strategy: rrmemory, members: %[1]s, announce: {position: true, first_after: 0s, every: 15s}}
  silent: {strategy: linear, ring_timeout: 1s, members: %[2]s}
`, members("101"), members("101", "103")))
	p.serve()
	events := subscribe(t, p)

	answering := asterisk.Agent(t, "101", testbed.Answers(20*time.Millisecond, 700*time.Millisecond))
	afterTalk := func(dids ...testbed.Caller) []time.Duration { return gapsAfterTalks(t, asterisk, answering, dids) }
	quiet := afterTalk(line("quiet", "")...)
	plain := afterTalk(line("", testbed.DIDRRMemory)...)
	announced := afterTalk(line("announced", "")...)
	plainAnnounced := afterTalk(line("", testbed.DIDRRMemoryAnnounced)...)
	answering.Stop()

	silent := switchOn(t, asterisk, testbed.NeverAnswers(), "101")
	silent["103"] = asterisk.Agent(t, "103", testbed.Answers(20*time.Millisecond, 100*time.Millisecond))
	unanswered := gapsAfterSilence(t, asterisk, silent, caller("", "silent"), 1000)
	plainUnanswered := gapsAfterSilence(t, asterisk, silent, testbed.Caller{DID: "queuesilent"}, 2000)

	compare(t, "quiet", quiet, plain)
	compare(t, "while the callers are told their place", announced, plainAnnounced)
	compare(t, "after a ring without answer", unanswered, plainUnanswered)
	assert.Zero(t, events.count(callevent.KindMissed))
	assertQuiet(t, asterisk)
}

// line is callers who wait together for one agent, in a queue of ours or of app_queue's.
func line(queue, did string) []testbed.Caller {
	callers := make([]testbed.Caller, *samples+1)
	for i := range callers {
		raw, _ := external(i)
		callers[i] = caller(raw, queue)
		if did != "" {
			callers[i] = testbed.Caller{Number: raw, DID: did}
		}
	}
	return callers
}

// gapsAfterTalks lets one phone serve a line of callers, and gives the times from each BYE to the next INVITE. The callers come
// at times that have nothing to do with a second, in which each of app_queue's looks once whether it is his turn.
func gapsAfterTalks(t *testing.T, asterisk *testbed.Asterisk, phone *testbed.AgentRun, callers []testbed.Caller) []time.Duration {
	t.Helper()
	before := len(phone.Calls())
	asterisk.Callers(t, testbed.CallerPlan{Callers: callers, Rate: 7.3}).Results()
	calls := phone.Calls()[before:]
	require.GreaterOrEqual(t, len(calls), len(callers))
	var gaps []time.Duration
	for i := 1; i < len(calls); i++ {
		gaps = append(gaps, calls[i].InviteAt.Sub(calls[i-1].EndedAt))
	}
	return gaps
}

// gapsAfterSilence sends one caller after the other to a phone that does not answer and then to one that does, and gives the
// times from the one's CANCEL to the other's INVITE. The callers' numbers, which tell their ringings apart, begin with first.
func gapsAfterSilence(t *testing.T, asterisk *testbed.Asterisk, agents phones, c testbed.Caller, first int) []time.Duration {
	t.Helper()
	var gaps []time.Duration
	for i := range max(2, *samples/4) {
		c.Number, _ = external(first + i)
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{c}}).Results()
		rings := agents.rungFor(c.Number)
		for j := 1; j < len(rings); j++ {
			if rings[j].phone == "103" && rings[j-1].phone == "101" {
				gaps = append(gaps, rings[j].InviteAt.Sub(rings[j-1].EndedAt))
			}
		}
	}
	require.NotEmpty(t, gaps)
	return gaps
}

func compare(t *testing.T, what string, ours, theirs []time.Duration) {
	t.Helper()
	slices.Sort(ours)
	slices.Sort(theirs)
	mean := func(all []time.Duration) time.Duration {
		sum := time.Duration(0)
		for _, d := range all {
			sum += d
		}
		return sum / time.Duration(len(all))
	}
	show := func(all []time.Duration) string {
		return fmt.Sprintf("n %d, mean %s, p50 %s, p99 %s", len(all), mean(all).Round(10*time.Microsecond),
			all[len(all)/2].Round(10*time.Microsecond), all[len(all)*99/100].Round(10*time.Microsecond))
	}
	t.Logf("%s: missedcalls %s; app_queue %s; %.0f times sooner by the mean", what, show(ours), show(theirs),
		float64(mean(theirs))/float64(mean(ours)))
	assert.Less(t, 2*mean(ours), mean(theirs), what)
}

// rates are those of TestHundredsOfCallsASecond; docs/benchmarks.md tells of others.
var rates = flag.String("rates", "25,50", "calls a second, one step after the other, of the measure of many calls")

// TestHundredsOfCallsASecond measures how many calls a second go from the door through an agent's answer and a talk of a second
// to the end, while there are enough agents: at each rate, how many were served in a second and how long they waited. All
// of the default rates are served on a busy machine; the figures are printed.
func TestHundredsOfCallsASecond(t *testing.T) {
	const agents, seconds = 400, 4
	asterisk := testbed.Start(t, testbed.WithCrowd(agents))
	p := install(t, asterisk)
	var crowd []string
	for i := range agents {
		crowd = append(crowd, fmt.Sprint(2001+i))
	}
	p.configure(fmt.Sprintf("queues:\n  sales: {strategy: leastrecent, music: \"@none\", members: %s}\n", members(crowd...)))
	p.serve()
	events := subscribe(t, p)
	asterisk.Crowd(t, testbed.Answers(time.Millisecond, time.Second))
	served := 0
	for _, text := range strings.Split(*rates, ",") {
		rate, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		callers := make([]testbed.Caller, int(rate)*seconds)
		for i := range callers {
			raw, _ := external(served + i)
			callers[i] = caller(raw, "sales")
			callers[i].HangupAfter = 30 * time.Second // a phone that misses an ACK on a busy machine never says goodbye
		}
		program, server := p.cpu(), asterisk.CPU()
		asterisk.Callers(t, testbed.CallerPlan{Callers: callers, Rate: rate}).Results()
		events.await(callevent.KindCompleted, served+len(callers))
		logStep(t, rate, events.all(), served, p.cpu()-program, asterisk.CPU()-server)
		served += len(callers)
	}
	assert.Equal(t, served, events.count(callevent.KindAnswered))
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// logStep tells of the calls of one step, which are those after the ones before: how many were answered in a second, how long
// they waited, and whether the line grew, which shows in the waits of the first and the last quarter.
func logStep(t *testing.T, rate float64, all []heard, before int, program, server time.Duration) {
	t.Helper()
	var answered []callevent.Answered
	for _, h := range all {
		if a, is := h.Payload.(callevent.Answered); is {
			answered = append(answered, a)
		}
	}
	answered = answered[min(before, len(answered)):]
	slices.SortFunc(answered, func(a, b callevent.Answered) int { return a.AnsweredAt.Compare(b.AnsweredAt) })
	n := len(answered)
	require.Positive(t, n)
	took := answered[n-1].AnsweredAt.Sub(answered[0].AnsweredAt)
	slices.SortFunc(answered, func(a, b callevent.Answered) int { return a.EnteredAt.Compare(b.EnteredAt) })
	waits := func(some []callevent.Answered, share float64) int64 {
		var ms []int64
		for _, a := range some {
			ms = append(ms, a.WaitedMS)
		}
		slices.Sort(ms)
		return ms[int(share*float64(len(ms)-1))]
	}
	t.Logf("%.0f calls a second: %d answered, %.0f a second; wait p50 %d ms, p99 %d ms, p50 of the first quarter %d ms, of the last %d ms; "+
		"processor per call: the program %s, Asterisk %s", rate, n, float64(n)/took.Seconds(), waits(answered, 0.5), waits(answered, 0.99),
		waits(answered[:(n+3)/4], 0.5), waits(answered[n-(n+3)/4:], 0.5),
		(program / time.Duration(n)).Round(10*time.Microsecond), (server / time.Duration(n)).Round(10*time.Microsecond))
}
