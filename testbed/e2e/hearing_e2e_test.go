//go:build e2e

package e2e

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

// announced gives what a caller was told, in order.
func (s *subscriber) announced(raw string) []callevent.Announced {
	var found []callevent.Announced
	for _, h := range s.all() {
		if a, ok := h.Payload.(callevent.Announced); ok && a.Caller.Raw == raw {
			found = append(found, a)
		}
	}
	return found
}

func TestCallersAreToldTheirPlaceAndThatItHasChanged(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
dids: {"74951234567": told, "78001111111": {queue: told, language: ru}}
queues:
  told: {announce: {position: true, first_after: 2s, every: 60s, min_gap: 1s, thank_you: true}}
`)
	p.serve()
	events := subscribe(t, p)
	const first, second, third = "89160000001", "89160000002", "89160000003"
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: first, DID: "74951234567", HangupAfter: 8 * time.Second},
		{Number: second, DID: "78001111111", After: time.Second, HangupAfter: 22 * time.Second},
		{Number: third, DID: "74951234567", After: 2 * time.Second, HangupAfter: time.Second},
	}})
	events.await(callevent.KindAnnounced, 3)
	run.Results()
	events.await(callevent.KindMissed, 3)

	one, two := events.announced(first), events.announced(second)
	require.Len(t, one, 1)
	require.Len(t, two, 2)
	assert.Empty(t, events.announced(third), "he left before")
	assert.Equal(t, []int{1, 2, 1}, []int{*one[0].PositionTold, *two[0].PositionTold, *two[1].PositionTold})
	assert.Equal(t, []string{"sound:queue-youarenext", "sound:queue-thankyou"}, one[0].Media)
	assert.Equal(t, []string{"sound:queue-thereare", "sound:digits/2", "sound:queue-callswaiting", "sound:queue-thankyou"}, two[0].Media)
	assert.Equal(t, "ru", two[0].Language)
	for _, told := range []callevent.Announced{one[0], two[0]} {
		assert.InDelta(t, 2000, told.WaitedMS, float64(busy.Milliseconds()), "when the playback began")
	}
	left := events.missed()[first][0].LeftAt
	assert.WithinRange(t, two[1].AnnouncedAt, left, left.Add(7*time.Second), "a new place is told within five seconds")
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestAsteriskFetchesWhatItsSoundsLackFromUs(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
default_queue: told
queues:
  told: {announce: {position: {more_than: 1}, first_after: 1s, every: 0s}}
`)
	p.serve()
	events := subscribe(t, p)
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(2, 12*time.Second, 13*time.Second)})
	events.await(callevent.KindAnnounced, 2)
	raw, _ := external(1)
	told := events.announced(raw)[0]
	assert.True(t, told.MoreThan)
	assert.Equal(t, 1, *told.PositionTold)
	assert.Equal(t, []string{"sound:mc/word-more-than-one"}, told.Media)
	cached, err := asterisk.CLI(within(t, 5*time.Second), "media cache show all")
	require.NoError(t, err)
	assert.Contains(t, cached, "/en/word-more-than-one.wav")
	assert.NotContains(t, asterisk.LogTail(200), "word-more-than-one.wav does not exist")
	run.Results()
	events.await(callevent.KindMissed, 2)
	assertQuiet(t, asterisk)
}

func TestPromptsComeFromTimeToTimeAndAKeyCutsThemOff(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.configure(`
default_queue: prompted
queues:
  prompted:
    prompts: {periodic: {media: "sound:tt-monkeys", first_after: 1s, every: 60s}, unknown_key: "sound:invalid"}
    key_timeout: 2s
    keys: {"1": {exit: "exit,s,1"}, "12": {exit: "exit,700,1"}}
`)
	p.serve()
	events := subscribe(t, p)
	const short, long, unknown = "89160000001", "89160000002", "89160000003"
	key := func(key string, after time.Duration) testbed.Digit { return testbed.Digit{Key: key, After: after} }
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: short, DID: "74951234567", HangupAfter: 20 * time.Second, Digits: []testbed.Digit{key("1", 3*time.Second)}},
		{Number: long, DID: "74951234567", HangupAfter: 20 * time.Second, Digits: []testbed.Digit{key("1", 3*time.Second), key("2", 4*time.Second)}},
		{Number: unknown, DID: "74951234567", HangupAfter: 6 * time.Second, Digits: []testbed.Digit{key("5", 3*time.Second)}},
	}})
	events.await(callevent.KindMissed, 3)
	run.Results()
	missed := events.missed()

	assert.Equal(t, "exit,s,1", missed[short][0].SentTo)
	assert.InDelta(t, 5000, missed[short][0].WaitedMS, float64(busy.Milliseconds()), "two seconds for another digit; the monkeys, 16 s long, are cut off")
	assert.Equal(t, "exit,700,1", missed[long][0].SentTo)
	assert.Equal(t, "12", missed[long][0].Keys)
	assert.InDelta(t, 4000, missed[long][0].WaitedMS, float64(busy.Milliseconds()), "nothing longer begins with 12")
	assert.Equal(t, callevent.ReasonAbandoned, missed[unknown][0].Reason)
	assert.Equal(t, "5", missed[unknown][0].Keys)
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

func TestAQueueClosesAtTheDoorAndForThoseInLine(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	const open = `
dids: {"74951234567": sales, "78001111111": support}
queues:
  sales: {at_closing: exit, on_closed: {exit: "exit,s,1"}}
  support: {on_closed: {queue: sales}}
`
	p.configure(open)
	p.serve()
	events := subscribe(t, p)
	const leaves, stays, late = "89160000001", "89160000002", "89160000003"
	inLine := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: leaves, DID: "74951234567", HangupAfter: 30 * time.Second},
		{Number: stays, DID: "78001111111", HangupAfter: 10 * time.Second},
	}})
	awaitAnswers(t, inLine, 2)
	events.await(callevent.KindEntered, 2)

	p.configure(`
dids: {"74951234567": sales, "78001111111": support}
queues:
  sales: {at_closing: exit, on_closed: {exit: "exit,s,1"}, hours: {closed: ["2026-01-01/2099-12-31"]}}
  support: {on_closed: {queue: sales}, hours: {closed: ["2026-01-01/2099-12-31"]}}
`)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	events.await(callevent.KindMissed, 1)
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{{Number: late, DID: "78001111111", GiveUpAfter: 20 * time.Second}}})
	events.await(callevent.KindMissed, 3)
	inLine.Results()

	missed := events.missed()
	assert.Equal(t, callevent.ReasonClosed, missed[leaves][0].Reason)
	assert.Equal(t, "exit,s,1", missed[leaves][0].SentTo)
	assert.Equal(t, callevent.ReasonAbandoned, missed[stays][0].Reason, "at_closing: stay")
	assert.Equal(t, callevent.ReasonClosed, missed[late][0].Reason)
	require.Len(t, missed[late][0].RefusedBy, 2)
	assert.Equal(t, []string{"support", "sales"}, []string{missed[late][0].RefusedBy[0].Queue, missed[late][0].RefusedBy[1].Queue})
	exits, err := asterisk.Exits(within(t, 10*time.Second))
	require.NoError(t, err)
	for _, e := range exits {
		assert.Equal(t, "CLOSED", e.QueueStatus, e.Number)
	}
	assert.Len(t, exits, 2)
	assertQuiet(t, asterisk)
}
