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

func TestSomebodyElseTakesOrEndsAWaitingCall(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	const redirected, ended = "89160000001", "89160000002"
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: redirected, DID: "74951234567", HangupAfter: 12 * time.Second},
		{Number: ended, DID: "74951234567", HangupAfter: 30 * time.Second},
		{Number: "89160000003", DID: "74951234567", HangupAfter: 12 * time.Second},
	}})
	awaitAnswers(t, run, 3)
	events.await(callevent.KindEntered, 3)
	channel := map[string]string{}
	for _, h := range events.all() {
		if e, ok := h.Payload.(callevent.Entered); ok {
			channel[e.Caller.Raw] = e.Asterisk.Channel
		}
	}
	tell := func(command string) {
		_, err := asterisk.CLI(within(t, 5*time.Second), command)
		require.NoError(t, err)
	}
	tell("channel redirect " + channel[redirected] + " exit,wait,1")
	tell("channel request hangup " + channel[ended])
	events.await(callevent.KindMissed, 2)

	missed := events.missed()
	assert.Equal(t, callevent.ReasonTaken, missed[redirected][0].Reason)
	assert.Nil(t, missed[redirected][0].Hangup, "he goes on elsewhere")
	assert.Equal(t, callevent.ReasonAbandoned, missed[ended][0].Reason)
	assert.Equal(t, callevent.ByAsterisk, missed[ended][0].Hangup.By)
	run.Results()
	events.await(callevent.KindMissed, 3)
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestACallerIsNotAnsweredUntilAnAgentIs(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
queues:
  ring: {answer: agent, max_wait: 4s}
`)
	p.serve()
	events := subscribe(t, p)
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", DID: "74951234567", Args: "ring", GiveUpAfter: 2 * time.Second},
		{Number: "89160000002", DID: "74951234567", Args: "ring", GiveUpAfter: 10 * time.Second},
	}}).Results()
	events.await(callevent.KindMissed, 2)
	missed := events.missed()
	for _, r := range results {
		assert.True(t, r.AnsweredAt.IsZero(), "nothing is billed")
		assert.False(t, r.RangAt.IsZero(), "he hears ringing")
	}
	assert.Equal(t, callevent.ReasonAbandoned, missed["89160000001"][0].Reason)
	assert.Equal(t, 127, missed["89160000001"][0].Hangup.Cause, "what Asterisk says of a CANCEL")
	assert.Equal(t, callevent.ReasonMaxWait, missed["89160000002"][0].Reason)
	assert.Equal(t, 480, results[1].Status)
	assertQuiet(t, asterisk)
}
