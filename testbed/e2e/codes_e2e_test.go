//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

func TestAnAgentLogsInAndPausesByCodesOfTheDialplanThroughAKill(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	dials := func(args string) {
		t.Helper()
		results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
			{Number: "101", DID: "45", Args: args, GiveUpAfter: 20 * time.Second, HangupAfter: 20 * time.Second},
		}}).Results()
		require.Len(t, results, 1)
		assert.Equal(t, 200, results[0].Status, "the code is answered, so that he hears what came of it")
		assert.Equal(t, testbed.ByRemote, results[0].EndedBy, "the dialplan goes on behind it, and hangs up")
	}
	dials("@agent,login,sales")
	events.await(callevent.KindMemberAdded, 1)
	dials("@agent,pause-toggle,,lunch,PJSIP/101")
	events.await(callevent.KindMemberPaused, 1)
	p.kill()
	p.serve()
	list, err := p.command("members", "list")
	require.NoError(t, err, list)
	assert.Regexp(t, `sales +PJSIP/101 +Agent 101 +0 +paused .* added +agent: lunch\n`, list)

	out, err := p.command("members", "unpause", "PJSIP/101", "--by", "boris")
	require.NoError(t, err, out)
	events.await(callevent.KindMemberUnpaused, 1)
	dials("@agent,logout")
	events.await(callevent.KindMemberRemoved, 1)
	for _, h := range events.all() {
		assert.Equal(t, "member:PJSIP/101", h.Call, "no event tells of a call")
	}
	fallbacks, err := asterisk.Fallbacks(within(t, 10*time.Second))
	require.NoError(t, err)
	assert.Empty(t, fallbacks)
	assertQuiet(t, asterisk)
}
