//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
	"missedcalls/testbed"
)

func TestCallersAndArgumentsOfEveryKindAreHandled(t *testing.T) {
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	stay := 2 * time.Second
	long := strings.Repeat("9", 200)
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", Name: `<script>alert("x")</script> & O'Neil`, DID: "74951234567", HangupAfter: stay},
		{Number: long, Name: strings.Repeat("Ы", 200), DID: "74951234567", HangupAfter: stay},
		{Number: "89160000003", Withheld: true, DID: "74951234567", HangupAfter: stay},
		{Withheld: true, DID: "74951234567", HangupAfter: stay},
		{Number: "89160000005", DID: "74951234567", Args: `отдел продаж,music="a,b",priority=5,,цвет=красный`, HangupAfter: stay},
		{Number: "89160000006", DID: "74951234567", Args: "nosuchqueue", HangupAfter: stay},
		{Number: "89160000007", DID: "12345", GiveUpAfter: 10 * time.Second},
		{Number: "89160000008", DID: "74951234567", Args: "@agent,dance,sales", GiveUpAfter: 10 * time.Second},
		{Number: "89160000009", DID: "74951234567", Args: "support,max_wait=1", GiveUpAfter: 10 * time.Second},
		{Number: "102x", DID: "74951234567", HangupAfter: stay},
	}, Rate: 5}).Results()
	events.await(callevent.KindMissed, 9)

	missed := events.missed()
	html := missed["89160000001"][0]
	assert.Contains(t, html.Caller.Name, "<script>", "it is kept as text; whoever shows it escapes it")
	for _, m := range missed[""] {
		assert.True(t, m.Caller.Withheld)
		assert.Empty(t, m.Caller.E164+m.Caller.Name, "a withheld number is nowhere")
	}
	assert.Len(t, missed[""], 2)
	args := missed["89160000005"][0]
	assert.Equal(t, "sales", args.Queue, "the dialled number decides when the queue is not known")
	assert.Equal(t, 5, args.Priority)
	assert.Equal(t, "sales", missed["89160000006"][0].Queue)
	unknown := missed["89160000007"][0]
	assert.Equal(t, callevent.ReasonUnknownDID, unknown.Reason)
	assert.Empty(t, unknown.Queue)
	assert.Equal(t, callevent.ReasonMaxWait, missed["89160000009"][0].Reason)
	for number, all := range missed {
		assert.LessOrEqual(t, len(number), 256)
		if number != "" {
			assert.Len(t, all, 1, number)
		}
	}

	fallbacks, err := asterisk.Fallbacks(within(t, 10*time.Second))
	require.NoError(t, err)
	status := map[string]string{}
	for _, f := range fallbacks {
		status[f.Number] = f.QueueStatus
	}
	assert.Equal(t, map[string]string{"89160000007": "DECLINED", "89160000008": "DECLINED"}, status)
	assert.Equal(t, testbed.ByCaller, results[0].EndedBy)
	for _, h := range events.all() {
		assert.Equal(t, 2, strings.Count(h.subject, "."), h.subject)
	}
	assert.NotContains(t, p.logged(), "8916000", "no caller's number is in the log")
	assertQuiet(t, asterisk)
}

func TestAFullQueueTellsTheNextCallerSo(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	results := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89160000001", DID: "74951234567", Args: "full", HangupAfter: 4 * time.Second},
		{Number: "89160000002", DID: "74951234567", Args: "full", After: time.Second, GiveUpAfter: 10 * time.Second},
	}}).Results()
	events.await(callevent.KindMissed, 2)
	assert.Equal(t, callevent.ReasonQueueFull, events.missed()["89160000002"][0].Reason)
	assert.Equal(t, 480, results[1].Status, "an unanswered caller who is refused hears 480")
}

func TestWhileAsteriskAnswersNonsenseNobodyIsLost(t *testing.T) {
	asterisk := testbed.Start(t)
	between := interpose(t, fmt.Sprintf("127.0.0.1:%d", asterisk.HTTPPort))
	p := install(t, asterisk, "ARI_URL="+between.url())
	p.serve()
	events := subscribe(t, p)
	faults := newFaults()
	between.tampering(faults.tamper)

	const n = 40
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(n, 20*time.Second, 25*time.Second), Rate: 4})
	awaitCalls(t, run, n)
	faults.end()
	between.halfFrames(5000)
	between.cut()
	between.mend()
	require.Eventually(t, func() bool { return p.metric("missedcalls_ari_gaps_total") >= 3 }, 20*time.Second, 50*time.Millisecond)
	between.halfFrames(0)
	p.awaitReady()
	run.Results()
	fallbacks, err := asterisk.Fallbacks(within(t, 10*time.Second))
	require.NoError(t, err)
	events.await(callevent.KindMissed, n-len(fallbacks))
	for number, all := range events.missed() {
		assert.Len(t, all, 1, number)
	}
	t.Logf("%d of %d callers, %d faults, %d fallbacks", events.count(callevent.KindMissed), n, faults.count(), len(fallbacks))
	assert.Positive(t, faults.count())
	assert.Empty(t, events.twice())
	assertQuiet(t, asterisk)
}

// faults answers every third request in Asterisk's place: by turns with 500, and never.
type faults struct {
	mu          sync.Mutex
	seen, taken int
	over        bool
}

func newFaults() *faults { return &faults{} }

func (f *faults) tamper(request string) ([]byte, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over || !strings.Contains(request, "/channels/") {
		return nil, false
	}
	if f.seen++; f.seen%3 != 0 {
		return nil, false
	}
	f.taken++
	if f.taken%2 == 0 {
		return nil, true
	}
	return []byte("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\nConnection: close\r\n\r\noops!"), true
}

func (f *faults) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
}

func (f *faults) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.taken
}

func TestAWrongPasswordAndAnAbsentAsteriskAreToldAndWaitedFor(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	wrong := install(t, asterisk, "ARI_PASSWORD=not-the-password")
	wrong.start()
	wrong.awaitLog("ari.conf")
	_, why := wrong.ready()
	assert.Contains(t, fmt.Sprint(why), "401")
	assert.NotContains(t, wrong.logged()+fmt.Sprint(why), "not-the-password")
	assert.Equal(t, 0, wrong.terminate())

	asterisk.Kill()
	p := install(t, asterisk)
	p.start()
	p.awaitLog("no connection to asterisk's events")
	ok, why := p.ready()
	assert.False(t, ok)
	assert.Contains(t, fmt.Sprint(why), "connection refused")
	require.NoError(t, asterisk.Restart(within(t, time.Minute)))
	p.awaitReady()
	events := subscribe(t, p)
	asterisk.Callers(t, testbed.CallerPlan{Callers: patience(3, time.Second, 2*time.Second)}).Results()
	events.await(callevent.KindMissed, 3)
}

func TestTheSecondProcessOnADataDirectoryIsToldWhoHoldsIt(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	first := install(t, asterisk)
	first.serve()
	second := install(t, asterisk, "DATA_DIR="+filepath.Join(first.dir, "data"))
	second.start()
	assert.Equal(t, 1, second.exit())
	assert.Contains(t, second.logged(), fmt.Sprint(first.cmd.Process.Pid))
	ok, _ := first.ready()
	assert.True(t, ok, "the first one goes on")
}

func TestAnotherProgramWithTheSameApplicationFencesThisOne(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	first := install(t, asterisk)
	first.serve()
	second := install(t, asterisk)
	second.serve()
	assert.Equal(t, 1, first.exit())
	assert.Contains(t, first.logged(), "another program has registered the Stasis application")
	ok, _ := second.ready()
	assert.True(t, ok)
}

func TestOnAFullDiskCallersInLineGoOnAndNewOnesFallBack(t *testing.T) {
	asterisk := testbed.Start(t)
	disk := smallDisk(t, "192m")
	p := install(t, asterisk, "DATA_DIR="+disk)
	p.serve()
	events := subscribe(t, p)
	waiting := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(10, 15*time.Second, 20*time.Second), Rate: 20})
	awaitAnswers(t, waiting, 10)

	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{{Number: "89990000000", DID: "74951234567", HangupAfter: time.Second}}}).Results()
	require.Eventually(t, func() bool {
		ok, why := p.ready()
		return !ok && why["journal"] != "ok"
	}, 10*time.Second, 50*time.Millisecond, "the full disk is not told by /readyz")
	declined := asterisk.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{
		{Number: "89990000001", DID: "74951234567", GiveUpAfter: 10 * time.Second},
	}}).Results()
	assert.Equal(t, 503, declined[0].Status, "the dialplan's fallback has him")
	results := waiting.Results()
	require.NoError(t, os.Remove(filler))

	p.awaitReady()
	events.await(callevent.KindMissed, 12)
	missed := events.missed()
	assert.Equal(t, callevent.ReasonDeclined, missed["89990000001"][0].Reason)
	for i, r := range results {
		raw, _ := external(i)
		require.Len(t, missed[raw], 1)
		assertWaited(t, r, missed[raw][0])
	}
	assert.Empty(t, events.twice())
}

// smallDisk is a file system of its own that can be filled.
func smallDisk(t *testing.T, size string) string {
	dir := t.TempDir()
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size), "a small disk needs root")
	t.Cleanup(func() { assert.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

// fill writes a file until the disk is full.
func fill(t *testing.T, name string) {
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
}

func TestReloadAndHandOver(t *testing.T) {
	t.Parallel()
	asterisk := testbed.Start(t)
	p := install(t, asterisk)
	p.serve()
	events := subscribe(t, p)
	run := asterisk.Callers(t, testbed.CallerPlan{Callers: patience(5, 12*time.Second, 15*time.Second)})
	awaitAnswers(t, run, 5)

	p.configure("queues: {sales: {musik: x}}")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	p.awaitLog("the old one stays in force")
	assert.Contains(t, p.logged(), "missedcalls.yaml:1:")
	p.configure(configuration)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	p.awaitReady()

	assert.Equal(t, 0, p.terminate(), "SIGTERM hands over")
	channels, err := asterisk.ActiveChannels(within(t, 5*time.Second))
	require.NoError(t, err)
	assert.Equal(t, 5, channels, "the callers stay on Asterisk")
	p.serve()
	results := run.Results()
	events.await(callevent.KindMissed, 5)
	for i, r := range results {
		raw, _ := external(i)
		assertWaited(t, r, events.missed()[raw][0])
	}
	assert.Contains(t, p.metrics(), `missedcalls_missed_calls_total{queue="sales",reason="abandoned"}`)
}
