//go:build e2e

package e2e

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// command runs a command of the program in the installation, and gives what it prints.
func (p *program) command(args ...string) (out string, err error) {
	p.t.Helper()
	cmd := exec.CommandContext(within(p.t, 20*time.Second), binary, args...)
	cmd.Env = p.env
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// queues runs a command of `missedcalls queues`.
func (p *program) queues(args ...string) string {
	p.t.Helper()
	out, err := p.command(append([]string{"queues"}, args...)...)
	require.NoError(p.t, err, out)
	return out
}

func TestAQueueIsClosedByHandThroughAKillAndOpensAgain(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": sales, "78001111111": support}
queues:
  sales: {at_closing: exit, on_closed: {exit: "exit,s,1"}}
  support: {on_closed: {exit: "exit,s,1"}}
`)
	p.serve()
	events := subscribe(t, p)
	const leaves, stays, refused, late, welcome = "89160000001", "89160000002", "89160000003", "89160000004", "89160000005"
	inLine := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: leaves, DID: "74951234567", HangupAfter: 40 * time.Second},
		{Number: stays, DID: "78001111111", HangupAfter: 20 * time.Second},
	}})
	awaitAnswers(t, inLine, 2)
	events.await(callevent.KindEntered, 2)
	comes := func(number, did string) *testbed.CallerRun {
		return asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
			{Number: number, DID: did, HangupAfter: 2 * time.Second, GiveUpAfter: 20 * time.Second},
		}})
	}

	assert.Regexp(t, `^sales: closed by \S+ until 20\d\d-.* UTC: inventory\n$`, p.queues("close", "sales", "--for", "1h", "--why", "inventory"))
	comes(refused, "74951234567")
	events.await(callevent.KindMissed, 2)

	p.queues("close", "support")
	p.kill() // at once: only the decision itself is stored
	p.serve()
	assert.Regexp(t, `^sales: closed by \S+ until .* UTC: inventory\nsupport: closed by \S+\n$`, p.queues("list"))
	comes(late, "78001111111")
	events.await(callevent.KindMissed, 3)

	assert.Equal(t, "sales: open by its hours\n", p.queues("auto", "sales"))
	p.awaitLog("queue is given back to its hours")
	comes(welcome, "74951234567").Results()
	events.await(callevent.KindMissed, 5)
	inLine.Results()

	missed := events.missed()
	for _, number := range []string{leaves, refused, late} {
		require.Len(t, missed[number], 1, number)
		assert.Equal(t, callevent.ReasonClosed, missed[number][0].Reason, number)
		assert.Equal(t, "exit,s,1", missed[number][0].SentTo, number)
	}
	assert.Equal(t, callevent.ReasonAbandoned, missed[stays][0].Reason, "at_closing: stay")
	assert.Equal(t, callevent.ReasonAbandoned, missed[welcome][0].Reason, "he was let in")
	exits, err := asterisk.Exits(within(t, 10*time.Second))
	require.NoError(t, err)
	assert.Len(t, exits, 3)
	for _, e := range exits {
		assert.Equal(t, "CLOSED", e.QueueStatus, e.Number)
	}
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}
