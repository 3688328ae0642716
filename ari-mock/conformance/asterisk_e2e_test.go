//go:build e2e

package conformance

import (
	"context"
	"flag"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/testbed"
)

var record = flag.Bool("record", false, "write what the real Asterisk does into testdata")

// atOnceRunning is how many instances run at a time. They mostly wait.
const atOnceRunning = 3

func TestARealAsteriskLeavesTheTracesThatAreRecorded(t *testing.T) {
	next := make(chan Case)
	var workers sync.WaitGroup
	for range atOnceRunning {
		workers.Go(func() {
			for c := range next {
				t.Run(c.Name, func(t *testing.T) { play(t, c) })
			}
		})
	}
	for _, c := range Cases() {
		next <- c
	}
	close(next)
	workers.Wait()
}

func play(t *testing.T, c Case) {
	w := &realWorld{testbed.Start(t)}
	// What remains of the case is not worth an orderly end, which takes seconds with calls in progress.
	t.Cleanup(w.Kill)
	if !*record {
		c.Run(t, w)
		return
	}
	require.NoError(t, os.WriteFile(filepath.Join("testdata", c.File()), []byte(c.Trace(t, w)), 0o644))
}

// realWorld is a real Asterisk with SIPp's callers and phones.
type realWorld struct{ *testbed.Asterisk }

func (w *realWorld) URL() string                              { return w.ARIURL() }
func (w *realWorld) Credentials() (username, password string) { return w.Username, w.Password }
func (w *realWorld) App() string                              { return w.Asterisk.App }

func (*realWorld) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (w *realWorld) Call(t testing.TB, c Call) Caller {
	t.Helper()
	caller := testbed.Caller{
		Number: c.Number, Name: c.Name, DID: c.DID, Args: c.Args, Withheld: c.Withheld,
		HangupAfter: c.HangupAfter, GiveUpAfter: c.GiveUpAfter,
	}
	if caller.DID == "" {
		caller.DID = "74951234567"
	}
	for _, d := range c.Digits {
		caller.Digits = append(caller.Digits, testbed.Digit{Key: d.Key, After: d.After})
	}
	return &realCaller{w.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{caller}})}
}

func (w *realWorld) Phone(t testing.TB, number string, p Phone) Handset {
	t.Helper()
	behaviour := testbed.Behaviour{RingFor: p.RingFor, Status: p.Status, ForwardTo: p.ForwardTo, TalkFor: p.TalkFor}
	for _, step := range p.Steps {
		behaviour = behaviour.Then(realStep(step))
	}
	return realHandset{w.Agent(t, number, behaviour)}
}

func realStep(step Step) testbed.Step {
	switch {
	case step.Key != "":
		return testbed.Press(step.Key, step.After)
	case step.Hold:
		return testbed.Hold(step.After)
	case step.Unhold:
		return testbed.Unhold(step.After)
	case step.ConsultFor > 0:
		return testbed.AttendedTransfer(step.Transfer, step.After, step.ConsultFor)
	}
	return testbed.BlindTransfer(step.Transfer, step.After)
}

func (w *realWorld) Register(t testing.TB, number string, lasts time.Duration) {
	t.Helper()
	w.Asterisk.Register(t, number, lasts)
}

func (w *realWorld) RefuseFiles(t testing.TB) {
	t.Helper()
	folder := filepath.Join(w.Folder, "spool", "recording")
	require.NoError(t, os.Chown(folder, 0, 0))
	require.NoError(t, os.Chmod(folder, 0o555))
}

func (w *realWorld) PickUp(t testing.TB, by, ringing string) {
	t.Helper()
	w.Callers(t, testbed.CallerPlan{Callers: []testbed.Caller{{Number: by, DID: "*8" + ringing}}})
}

type realHandset struct{ run *testbed.AgentRun }

func (h realHandset) Shown(t testing.TB, header string) (number, name, value string) {
	t.Helper()
	require.Eventually(t, func() bool { return len(h.run.Calls()) > 0 }, patience, quiet)
	call := h.run.Calls()[0]
	return call.Number, call.CallerName, call.Header(header)
}

type realCaller struct{ run *testbed.CallerRun }

func (c *realCaller) Result(t testing.TB) Result {
	t.Helper()
	r := c.run.Results()[0]
	provisional := c.run.Provisional(0)
	return Result{
		Status: r.Status, Cause: r.Cause, EndedBy: r.EndedBy,
		Rang: slices.Contains(provisional, 180), Media: slices.Contains(provisional, 183),
	}
}
