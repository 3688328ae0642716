//go:build e2e

package testbed

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// phonesDialplan calls the phone a caller dials ("ring" cannot stand in a pattern, where n is a class); confirmed reads a key of the phone before it connects the two.
const phonesDialplan = `
[from-trunk](+)
exten => _call[12]XX,1,Set(CALLERID(name)=Sales)
 same => n,Dial(PJSIP/${EXTEN:4},20,b(header^1^1))
 same => n,Hangup()
exten => short103,1,Dial(PJSIP/103,1)
 same => n,Hangup(19)
exten => _call2XXX,1,Dial(PJSIP/${EXTEN:4},20)
 same => n,Hangup()
exten => confirmed,1,Dial(PJSIP/101,20,U(confirm))
 same => n,Hangup()
[confirm]
exten => s,1,Read(KEYS,,2,,,5)
 same => n,Set(DB(testbed/keys)=${KEYS})
 same => n,Return()
[header]
exten => 1,1,Set(PJSIP_HEADER(add,X-Queue)=sales)
 same => n,Return()
`

// ended waits until a phone's calls are over, and returns them.
func ended(t *testing.T, r *AgentRun, n int) []CallResult {
	t.Helper()
	require.Eventually(t, func() bool {
		calls := r.Calls()
		for _, call := range calls {
			if call.EndedBy == "" {
				return false
			}
		}
		return len(calls) >= n
	}, 15*time.Second, 20*time.Millisecond, "%+v", r.Calls())
	return r.Calls()
}

func oneCaller(t *testing.T, a *Asterisk, did string, stays time.Duration) *CallerRun {
	t.Helper()
	return a.Callers(t, CallerPlan{Callers: []Caller{{Number: "79990000001", DID: did, GiveUpAfter: stays}}})
}

func TestAPhoneShowsWhoCallsAndTheHeadersOfTheCall(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	agent := a.Agent(t, "101", Answers(10*time.Millisecond, 300*time.Millisecond))
	oneCaller(t, a, "call101", 10*time.Second).Results()
	call := ended(t, agent, 1)[0]
	assert.Equal(t, "79990000001", call.Number)
	assert.Equal(t, "Sales", call.CallerName)
	assert.Equal(t, "sales", call.Header("x-queue"))
}

func TestAPhonePressesKeysThatAsteriskReads(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	agent := a.Agent(t, "101", Answers(10*time.Millisecond, 2*time.Second).Then(Press("1", 500*time.Millisecond), Press("*", 900*time.Millisecond)))
	oneCaller(t, a, "confirmed", 15*time.Second).Results()
	call := ended(t, agent, 1)[0]
	assert.Len(t, call.DigitsAt, 2)
	assertAfter(t, 500*time.Millisecond, call.DigitsAt[0].Sub(call.AnsweredAt))
	out, err := a.CLI(t.Context(), "database get testbed keys")
	require.NoError(t, err)
	assert.Contains(t, out, "1*")
}

func TestAPhoneHoldsAndTransfersBlindly(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	first := a.Agent(t, "101", Answers(10*time.Millisecond, 0).Then(
		Hold(300*time.Millisecond), Unhold(600*time.Millisecond), BlindTransfer("102", 900*time.Millisecond)))
	second := a.Agent(t, "102", Answers(200*time.Millisecond, 500*time.Millisecond))
	oneCaller(t, a, "call101", 20*time.Second).Results()
	call := ended(t, first, 1)[0]
	assert.Len(t, call.StepsAt, 3)
	assert.Equal(t, 200, call.TransferStatus)
	assert.Equal(t, ByAgent, call.EndedBy, "Asterisk does not let the phone go once the transfer is made")
	assert.Equal(t, "79990000001", ended(t, second, 1)[0].Number)
}

func TestAPhoneConsultsAndTransfers(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	first := a.Agent(t, "101", Answers(10*time.Millisecond, 0).Then(
		Hold(300*time.Millisecond), AttendedTransfer("102", 500*time.Millisecond, 700*time.Millisecond)))
	second := a.Agent(t, "102", Answers(200*time.Millisecond, 3*time.Second))
	result := oneCaller(t, a, "call101", 20*time.Second).Results()[0]
	call := ended(t, first, 1)[0]
	assert.Len(t, call.StepsAt, 2)
	assert.Equal(t, 200, call.TransferStatus)
	require.NotNil(t, call.Consultation)
	assert.Equal(t, "102", call.Consultation.DID)
	assert.Equal(t, 200, call.Consultation.Status)
	assert.Equal(t, ByRemote, call.Consultation.EndedBy, "Asterisk ends the consultation itself")
	talked := ended(t, second, 1)[0]
	assert.Equal(t, "101", talked.Number, "the agent called")
	assert.Equal(t, ByAgent, talked.EndedBy)
	assert.Greater(t, result.EndedAt.Sub(talked.EndedAt), -100*time.Millisecond, "the caller stayed with the second phone")
}

func TestAPhoneRefusesForwardsAndAnswersAtTheCancel(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	a.Agent(t, "101", Forwards("102"))
	target := a.Agent(t, "102", Refuses(603))
	late := a.Agent(t, "103", AnswersAtCancel())
	a.Callers(t, CallerPlan{Callers: []Caller{
		{Number: "79990000001", DID: "call101"}, {Number: "79990000002", DID: "short103"},
	}}).Results()
	require.Len(t, ended(t, target, 1), 1, "Dial follows a forward")
	assert.Equal(t, 603, target.Calls()[0].Status)
	call := ended(t, late, 1)[0]
	assert.Equal(t, 200, call.Status)
	assert.Equal(t, ByRemote, call.EndedBy)
}

func TestAPhoneThatIsNotRegisteredIsUnavailable(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan))
	state := func(text string) func() bool {
		return func() bool {
			out, err := a.CLI(t.Context(), "pjsip show endpoint 121")
			return assert.NoError(t, err) && strings.Contains(out, text)
		}
	}
	require.Eventually(t, state("Unavailable"), 5*time.Second, 20*time.Millisecond)
	agent := a.Agent(t, "121", Answers(10*time.Millisecond, 200*time.Millisecond))
	a.Register(t, "121", time.Minute)
	require.Eventually(t, state("Not in use"), 5*time.Second, 20*time.Millisecond)
	assert.Equal(t, 200, oneCaller(t, a, "call121", 10*time.Second).Results()[0].Status)
	assert.Len(t, ended(t, agent, 1), 1)
	a.Unregister(t, "121")
	require.Eventually(t, state("Unavailable"), 5*time.Second, 20*time.Millisecond)
	a.Register(t, "121", time.Second)
	require.Eventually(t, state("Not in use"), 5*time.Second, 20*time.Millisecond)
	require.Eventually(t, state("Unavailable"), 20*time.Second, 100*time.Millisecond, "a registration runs out")
}

func TestACrowdOfPhonesTakesCalls(t *testing.T) {
	a := Start(t, WithDialplan(phonesDialplan), WithCrowd(20))
	crowd := a.Crowd(t, Answers(50*time.Millisecond, 500*time.Millisecond))
	var plan CallerPlan
	for i := range 20 {
		plan.Callers = append(plan.Callers, Caller{Number: fmt.Sprintf("7999000%04d", i), DID: fmt.Sprintf("call%d", 2001+i)})
	}
	a.Callers(t, plan).Results()
	called := map[string]bool{}
	for _, call := range ended(t, crowd, 20) {
		called[call.DID] = true
	}
	assert.Len(t, called, 20)
}

func TestAppQueueRingsItsMembersInOrderAndOnRecordedPhones(t *testing.T) {
	a := Start(t, WithQueueMembers("102", "101"))
	second := a.Agent(t, "102", Busy())
	first := a.Agent(t, "101", Answers(10*time.Millisecond, time.Second).Recorded())
	oneCaller(t, a, DIDLinear, 20*time.Second).Results()
	assert.Len(t, ended(t, first, 1), 1)
	require.Len(t, second.Calls(), 1)
	assert.True(t, second.Calls()[0].InviteAt.Before(first.Calls()[0].InviteAt))
}
