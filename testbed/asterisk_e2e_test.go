//go:build e2e

package testbed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// version asks ARI which Asterisk answers.
func version(t *testing.T, a *Asterisk) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.ARIURL()+"/asterisk/info?only=system", nil)
	require.NoError(t, err)
	request.SetBasicAuth(a.Username, a.Password)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	var info struct {
		System struct {
			Version string `json:"version"`
		} `json:"system"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&info))
	return info.System.Version
}

// assertAfter checks a time SIPp was told to wait. It never acts early; how late it may be is a matter of the machine's load.
func assertAfter(t *testing.T, planned, real time.Duration) {
	t.Helper()
	assert.Greater(t, real, planned-20*time.Millisecond)
	assert.Less(t, real, planned+2*time.Second)
}

func TestARealAsteriskAnswersARI(t *testing.T) {
	a := Start(t)
	assert.Regexp(t, `^22\.10\.`, version(t, a))
	assert.NotContains(t, a.LogTail(200), "ERROR", "its configuration is complete")
	channels, err := a.ActiveChannels(t.Context())
	require.NoError(t, err)
	assert.Zero(t, channels)
}

func TestTwoAsterisksRunAtOnceAndKnowNothingOfEachOther(t *testing.T) {
	first, second := Start(t, WithApp("first")), Start(t, WithApp("second"))
	ctx := t.Context()

	_, err := first.CLI(ctx, "database put testbed who first")
	require.NoError(t, err)
	out, err := second.CLI(ctx, "database show testbed")
	require.NoError(t, err)
	assert.NotContains(t, out, "first")

	first.Kill()
	assert.False(t, first.Alive())
	assert.Regexp(t, `^22\.10\.`, version(t, second))
}

func TestAnAsteriskComesBackOnItsPortsWithItsDatabase(t *testing.T) {
	a := Start(t)
	ctx := t.Context()
	_, err := a.CLI(ctx, "database put testbed kept yes")
	require.NoError(t, err)

	url := a.ARIURL()
	require.NoError(t, a.Restart(ctx))
	assert.Equal(t, url, a.ARIURL())
	out, err := a.CLI(ctx, "database show testbed")
	require.NoError(t, err)
	assert.Contains(t, out, "/testbed/kept")
	assert.Positive(t, a.CPU())
}

func TestAnAsteriskThatDiesOfItselfIsToldWithItsSignal(t *testing.T) {
	root, err := Find(t.Context())
	require.NoError(t, err)
	a, err := Launch(t.Context(), root, t.TempDir()) // Start would fail this test
	require.NoError(t, err)
	defer a.Stop()
	require.NoError(t, a.Restart(t.Context()))
	assert.Empty(t, a.Deaths(), "a restart is none")
	require.NoError(t, syscall.Kill(a.PID(), syscall.SIGABRT))
	require.Eventually(t, func() bool { return !a.Alive() }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, a.Restart(t.Context()))
	assert.True(t, a.Alive())
	assert.Equal(t, []string{"signal 6 (aborted)"}, a.Deaths())
}

func TestAPausedAsteriskAnswersNothingUntilItIsResumed(t *testing.T) {
	a := Start(t)
	require.NoError(t, a.Pause())
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	assert.Error(t, a.ping(ctx))
	require.NoError(t, a.Resume())
	assert.NoError(t, a.ping(t.Context()))

	require.NoError(t, a.Pause())
	a.Stop()
	assert.False(t, a.Alive(), "a paused one can be stopped")
}

func TestACallerTakesTheFallbackWhenTheApplicationIsAbsent(t *testing.T) {
	a := Start(t)
	run := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "74951234567"},
		{Number: "+79990000002", DID: "+74951234567", Name: `Анна "Аня"`},
		{Number: "79990000003", DID: "74951234567", Args: `sales,music=default,skills="a,b"`},
		{Number: "79990000004", DID: "74951234567", Withheld: true},
		{DID: "74951234567"},
	}})
	for _, r := range run.Results() {
		assert.Equal(t, 503, r.Status)
		assert.Equal(t, 34, r.Cause)
		assert.Equal(t, ByRemote, r.EndedBy)
		assert.Less(t, r.Stayed(), time.Second)
	}
	fallbacks, err := a.Fallbacks(t.Context())
	require.NoError(t, err)
	require.Len(t, fallbacks, 5)
	numbers := map[string]string{}
	for _, f := range fallbacks {
		assert.Equal(t, "FAILED", f.StasisStatus)
		numbers[f.Number] = f.Extension
	}
	assert.Equal(t, map[string]string{
		"79990000001": "74951234567", "+79990000002": "+74951234567", "79990000003": "74951234567", "79990000004": "74951234567",
		"anonymous": "74951234567",
	}, numbers)
}

func TestFiftyCallersHoldEachForATimeOfTheirOwn(t *testing.T) {
	a := Start(t)
	var plan CallerPlan
	for i := range 50 {
		plan.Callers = append(plan.Callers, Caller{
			Number: fmt.Sprintf("7999000%04d", i), DID: DIDHold, HangupAfter: time.Second + time.Duration(i*37)*time.Millisecond,
		})
	}
	results := a.Callers(t, plan).Results()
	require.Len(t, results, 50)
	for i, r := range results {
		assert.Equal(t, plan.Callers[i].Number, r.Number)
		assert.Equal(t, 200, r.Status)
		assert.Equal(t, ByCaller, r.EndedBy)
		assertAfter(t, plan.Callers[i].HangupAfter, r.ByeAt.Sub(r.AnsweredAt))
	}
	channels, err := a.ActiveChannels(t.Context())
	require.NoError(t, err)
	assert.Zero(t, channels)
}

func TestACallerGivesUpWhileRinging(t *testing.T) {
	a := Start(t)
	results := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: DIDRing, GiveUpAfter: 1700 * time.Millisecond},
		{Number: "79990000002", DID: DIDHold, GiveUpAfter: 1900 * time.Millisecond},
	}}).Results()

	gaveUp, answered := results[0], results[1]
	assert.Equal(t, 487, gaveUp.Status)
	assert.Equal(t, ByCaller, gaveUp.EndedBy)
	assert.False(t, gaveUp.RangAt.IsZero())
	assertAfter(t, 700*time.Millisecond, gaveUp.Stayed())
	assert.Equal(t, 200, answered.Status, "patience counts from the INVITE, answered or not")
	assertAfter(t, 900*time.Millisecond, answered.Stayed())
}

func TestACallerPressesKeys(t *testing.T) {
	a := Start(t, WithDialplan(`
[from-trunk](+)
exten => keys,1,Answer()
 same => n,Read(DIGITS,,3,,,5)
 same => n,Set(DB(testbed/digits)=${DIGITS})
 same => n,Hangup(17)
`))
	results := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: "keys", Digits: []Digit{
		{Key: "1", After: 800 * time.Millisecond}, {Key: "*", After: 1200 * time.Millisecond}, {Key: "9", After: 1600 * time.Millisecond},
	}}}}).Results()
	assert.Len(t, results[0].DigitsAt, 3)
	assert.Equal(t, ByRemote, results[0].EndedBy)
	assert.Equal(t, 17, results[0].Cause)
	out, err := a.CLI(t.Context(), "database get testbed digits")
	require.NoError(t, err)
	assert.Contains(t, out, "1*9")
}

func TestAnAgentAnswersTalksAndHangsUp(t *testing.T) {
	a := Start(t)
	agent := a.Agent(t, "101", Answers(500*time.Millisecond, time.Second))
	caller := a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: DIDPlain, GiveUpAfter: 20 * time.Second}}}).Results()[0]
	assert.Equal(t, ByRemote, caller.EndedBy)

	calls := agent.Calls()
	require.Len(t, calls, 1)
	assert.Equal(t, "79990000001", calls[0].Number)
	assert.Equal(t, ByAgent, calls[0].EndedBy)
	assertAfter(t, 500*time.Millisecond, calls[0].AnsweredAt.Sub(calls[0].RangAt))
	assertAfter(t, time.Second, calls[0].ByeAt.Sub(calls[0].AnsweredAt))
}

func TestAgentsRefuseOrRingInAnEmptyRoom(t *testing.T) {
	a := Start(t, WithDialplan(`
[from-trunk](+)
exten => agent102,1,Dial(PJSIP/102,1)
 same => n,Hangup(17)
exten => agent103,1,Dial(PJSIP/103,1)
 same => n,Hangup(19)
`))
	busy, silent := a.Agent(t, "102", Busy()), a.Agent(t, "103", NeverAnswers())
	results := a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "agent102"}, {Number: "79990000002", DID: "agent103"},
	}}).Results()
	assert.Equal(t, 486, results[0].Status)
	assert.Equal(t, 480, results[1].Status)
	require.Len(t, busy.Calls(), 1)
	assert.Equal(t, 486, busy.Calls()[0].Status)
	require.Len(t, silent.Calls(), 1)
	assert.Equal(t, 487, silent.Calls()[0].Status)
	assert.Equal(t, ByRemote, silent.Calls()[0].EndedBy)
}

func TestAPhoneThatDoesNotExistCannotBeSwitchedOn(t *testing.T) {
	_, err := Start(t).startAgent("999", Busy())
	assert.ErrorContains(t, err, "101 to 110")
}
