//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

func TestTwoMissedCallsOfOneNumberAreResolvedOnceThroughAKill(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
region: RU
timezone: Europe/Moscow
dids: {"74951234567": sales, "78001111111": support}
queues: {sales: {}, support: {}}
`)
	p.serve()
	events := subscribe(t, p)
	calls := func(number, did string) {
		asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
			{Number: number, DID: did, HangupAfter: time.Second, GiveUpAfter: 20 * time.Second},
		}}).Results()
	}
	const number, other, again = "89160000001", "89160000002", "79160000001"
	calls(number, "74951234567")
	events.await(callevent.KindMissed, 1)
	calls(other, "74951234567")
	events.await(callevent.KindMissed, 2)
	p.kill() // at once: what is open is in the events
	p.serve()
	calls(again, "78001111111") // the same number, written otherwise, to another queue
	events.await(callevent.KindMissed, 3)
	missed := events.missed()
	episode := missed[number][0].CallID
	assert.Equal(t, episode, missed[number][0].Episode)
	assert.Equal(t, episode, missed[again][0].Episode)
	assert.Equal(t, 2, missed[again][0].EpisodeCalls)
	assert.Equal(t, missed[other][0].CallID, missed[other][0].Episode)

	p.kill()
	p.serve()
	list, err := p.command("missed", "list")
	require.NoError(t, err, list)
	lines := strings.Split(strings.TrimSpace(list), "\n")
	require.Len(t, lines, 3, list)
	assert.Regexp(t, "^"+episode+` +20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)? MSK +2 +support +\+79160000001 .*abandoned$`, lines[1], "the newest first")
	list, err = p.command("missed", "list", "--queue", "sales", "--number", "8 916 000 00 02")
	require.NoError(t, err, list)
	assert.Contains(t, list, missed[other][0].CallID)
	assert.NotContains(t, list, episode)

	said, err := p.command("missed", "resolve", "8 (916) 000-00-01", "--why", "called back")
	require.NoError(t, err, said)
	assert.Regexp(t, "^"+episode+` of \+79160000001 .*in support: resolved by \S+, \d+s after the first of 2 calls at .* MSK: called back\n$`, said)
	p.kill() // it was said to be durable
	p.serve()
	said, err = p.command("missed", "resolve", episode, "--why", "again")
	require.Error(t, err, said)
	assert.Contains(t, said, "no missed call is open under")
	list, err = p.command("missed", "list")
	require.NoError(t, err, list)
	assert.NotContains(t, list, episode)
	assert.Contains(t, list, missed[other][0].CallID)

	events.await(callevent.KindResolved, 1)
	assert.Equal(t, 1, events.count(callevent.KindResolved))
	for _, h := range events.all() {
		if r, is := h.Payload.(callevent.Resolved); is {
			assert.Equal(t, "calls.support.resolved", h.subject)
			assert.Equal(t, episode, r.Episode)
			assert.Equal(t, 2, r.Calls)
			assert.Equal(t, callevent.ResolvedByHand, r.How)
			assert.Equal(t, "called back", r.Why)
		}
	}
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}
