package testbed

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"missedcalls/testbed/hearing"
)

// progressEvery is how often a run tells the test's log how far it is.
const progressEvery = 5 * time.Second

// CallerRun is a plan being carried out.
type CallerRun struct {
	t    testing.TB
	plan CallerPlan
	sipp *sipp
	// recorders are those of the callers who are recorded, by the caller's place in the plan.
	recorders map[int]*recorder
	overdue   bool
	// finished is closed by watch, which alone writes overdue before.
	finished chan struct{}
}

// Callers starts the calls of a plan and returns at once. The run ends when every call has; at the end of the test it is stopped.
func (a *Asterisk) Callers(t testing.TB, plan CallerPlan) *CallerRun {
	t.Helper()
	plan = plan.withDefaults()
	if err := plan.check(); err != nil {
		t.Fatalf("testbed: %v", err)
	}
	s, err := newSIPP(a.Folder)
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	r := &CallerRun{t: t, plan: plan, sipp: s, recorders: map[int]*recorder{}, finished: make(chan struct{})}
	if err := r.start(a.SIPAddr()); err != nil {
		r.hangUp()
		t.Fatalf("testbed: %v", err)
	}
	go r.watch()
	t.Cleanup(r.Stop)
	return r
}

func (r *CallerRun) start(target string) error {
	scenario, err := renderCaller(r.plan.digits())
	if err != nil {
		return err
	}
	if err := r.listen(); err != nil {
		return err
	}
	if err := writeFile(r.sipp.path("callers.csv"), r.plan.injection(r.mediaPort)); err != nil {
		return err
	}
	count := strconv.Itoa(len(r.plan.Callers))
	// The rate is per ten seconds, so that it may be a fraction.
	rate := strconv.Itoa(int(math.Round(r.plan.Rate * 10)))
	return r.sipp.start(target, scenario, "-inf", "callers.csv", "-m", count, "-l", count, "-r", rate, "-rp", "10000")
}

// listen starts a recorder for each caller who is recorded.
func (r *CallerRun) listen() error {
	for i, c := range r.plan.Callers {
		if !c.Record {
			continue
		}
		ear, err := newRecorder(r.plan.RecordFor)
		if err != nil {
			return err
		}
		r.recorders[i] = ear
	}
	return nil
}

// mediaPort is where a caller gets its media: a port of its own, or the one where nobody listens.
func (r *CallerRun) mediaPort(caller int) int {
	if ear, recorded := r.recorders[caller]; recorded {
		return ear.port()
	}
	return r.sipp.mediaPort()
}

// hangUp ends SIPp and the recorders. Doing it twice is harmless.
func (r *CallerRun) hangUp() {
	r.sipp.stop()
	for _, ear := range r.recorders {
		ear.stop()
	}
}

// watch is the goroutine that tells how far the run is, ends it at its limit, and ends itself and the recorders with SIPp.
func (r *CallerRun) watch() {
	defer close(r.finished)
	defer r.hangUp()
	limit := time.NewTimer(r.plan.Limit)
	defer limit.Stop()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.sipp.done:
			return
		case <-tick.C:
			r.t.Logf("testbed: callers: %s", summary(r.Snapshot()))
		case <-limit.C:
			r.overdue = true
			return
		}
	}
}

// Results waits until every call has ended and returns one result for each caller, in the plan's order. A run that could not be
// made, or was not over at its limit, fails the test.
func (r *CallerRun) Results() []CallResult {
	r.t.Helper()
	<-r.finished
	results := r.Snapshot()
	if r.overdue {
		r.t.Fatalf("testbed: callers were not done after %s: %s", r.plan.Limit, summary(results))
	}
	if err := r.sipp.failure(); err != nil {
		r.t.Fatalf("testbed: %v", err)
	}
	return results
}

// Snapshot returns what has happened to each caller so far, in the plan's order.
func (r *CallerRun) Snapshot() []CallResult {
	return foldCallers(r.plan.Callers, r.sipp.runID, r.sipp.messages())
}

// Provisional returns the provisional answers a caller got so far, each once, in the order they first came: 180 is ringing, 183 sound
// before the answer.
func (r *CallerRun) Provisional(caller int) []int {
	var got []int
	for _, m := range r.sipp.messages() {
		is := m.CallID == fmt.Sprintf("%d-%s", caller+1, r.sipp.runID) && !m.Sent && m.Method == "INVITE"
		if is && m.Status >= 100 && m.Status < 200 && !slices.Contains(got, m.Status) {
			got = append(got, m.Status)
		}
	}
	return got
}

// Recording returns what a caller has heard so far, all of it when the run is over. The caller is one of the plan's, counted from 0,
// with Record set.
func (r *CallerRun) Recording(caller int) hearing.Recording {
	r.t.Helper()
	ear, recorded := r.recorders[caller]
	if !recorded {
		r.t.Fatalf("testbed: caller %d is not recorded; set Record in the plan", caller)
	}
	return ear.recording()
}

// Done is closed when every call has ended, or the run was stopped.
func (r *CallerRun) Done() <-chan struct{} {
	return r.finished
}

// Stop makes the callers vanish at once, without a BYE, as when a network breaks. Stopping twice is harmless.
func (r *CallerRun) Stop() {
	r.sipp.stop()
	<-r.finished
}

// foldCallers sorts messages into the calls they belong to. SIPp numbers its calls from 1 in the order of the injection file.
func foldCallers(callers []Caller, runID string, messages []sipMessage) []CallResult {
	calls := make([]callerCall, len(callers))
	for i, c := range callers {
		calls[i].result.Number, calls[i].result.DID = c.Number, c.DID
	}
	for _, m := range messages {
		number, ok := strings.CutSuffix(m.CallID, "-"+runID)
		index, err := strconv.Atoi(number)
		if ok && err == nil && index >= 1 && index <= len(calls) {
			calls[index-1].see(m)
		}
	}
	results := make([]CallResult, len(calls))
	for i := range calls {
		results[i] = calls[i].result
	}
	return results
}

// summary counts results for a person to read.
func summary(results []CallResult) string {
	var began, answered, refused, ended int
	for _, r := range results {
		if !r.InviteAt.IsZero() {
			began++
		}
		if r.Status >= 200 && r.Status < 300 {
			answered++
		}
		if r.Status >= 300 && r.EndedBy == ByRemote {
			refused++
		}
		if r.EndedBy != "" {
			ended++
		}
	}
	return fmt.Sprintf("%d of %d began, %d answered, %d refused, %d ended", began, len(results), answered, refused, ended)
}
