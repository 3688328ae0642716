package testbed

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPhonesCallsAreToldInTheOrderTheyCame(t *testing.T) {
	log := conversation("b@asterisk", "10 < INVITE", "11 > 180 INVITE", "20 > 200 INVITE", "21 < ACK", "50 > BYE", "51 < 200 BYE") +
		conversation("a@asterisk", "60 < INVITE", "61 > 180 INVITE", "70 < CANCEL", "71 > 200 CANCEL", "72 > 487 INVITE", "73 < ACK") +
		conversation("c@asterisk", "80 < INVITE", "81 > 180 INVITE", "82 > 486 INVITE") +
		conversation("d@asterisk", "90 < INVITE", "91 > 180 INVITE", "92 > 200 INVITE", "95 < BYE")
	calls := foldAgent("101", parseTrace(log))
	require.Len(t, calls, 4)

	assert.Equal(t, CallResult{
		Number: "79990000001", DID: "101", InviteAt: at(10), RangAt: at(11), AnsweredAt: at(20), ByeAt: at(50), EndedAt: at(50),
		EndedBy: ByAgent, Status: 200, Cause: 34, Reasons: []string{"Q.850;cause=34"}, CallerName: "A", header: calls[0].header,
	}, calls[0])
	assert.Equal(t, "Q.850;cause=34", calls[0].Header("Reason"))
	assert.Empty(t, calls[0].Header("X-Queue"))
	assert.Equal(t, 487, calls[1].Status)
	assert.Equal(t, ByRemote, calls[1].EndedBy)
	assert.Equal(t, at(70), calls[1].EndedAt)
	assert.Equal(t, 486, calls[2].Status)
	assert.Equal(t, ByAgent, calls[2].EndedBy)
	assert.Equal(t, at(82), calls[2].EndedAt)
	assert.Equal(t, ByRemote, calls[3].EndedBy)
}

func TestABehaviourBecomesAScenario(t *testing.T) {
	answers, err := renderAgent("101", Answers(1500*time.Millisecond, 2*time.Second), 25000)
	require.NoError(t, err)
	assertXML(t, answers)
	assert.Contains(t, answers, `timeout="1500"`)
	assert.Contains(t, answers, `timeout="2000"`)
	assert.Contains(t, answers, "m=audio 25000 RTP/AVP 0")

	busy, err := renderAgent("101", Busy(), 25000)
	require.NoError(t, err)
	assertXML(t, busy)
	assert.Contains(t, busy, "SIP/2.0 486")
	assert.NotContains(t, busy, "m=audio")

	silent, err := renderAgent("101", NeverAnswers(), 25000)
	require.NoError(t, err)
	assertXML(t, silent)
	assert.NotContains(t, silent, "timeout=")

	for _, status := range []int{1, 199, 700} {
		_, err = renderAgent("101", Behaviour{Status: status}, 25000)
		assert.ErrorContains(t, err, "not a final answer")
	}
}

func TestAPhonesStepsAreToldWithTheirTimesAndWhatBecameOfATransfer(t *testing.T) {
	refer := func(ms int, direction, callID, start, cseq string, more ...string) string {
		return logged(ms, direction, append([]string{start, "Call-ID: " + callID, "CSeq: " + cseq, "To: <sip:102@127.0.0.1>",
			"From: <sip:101@127.0.0.1>;tag=1"}, more...)...)
	}
	const request = " sip:127.0.0.1 SIP/2.0"
	log := conversation("a@asterisk", "10 < INVITE", "11 > 180 INVITE", "20 > 200 INVITE") +
		refer(30, "sent", "a@asterisk", "INFO"+request, "1 INFO") + refer(31, "sent", "a@asterisk", "INFO"+request, "1 INFO") +
		refer(40, "sent", "a@asterisk", "INVITE"+request, "2 INVITE") +
		refer(50, "sent", "consult///a@asterisk", "INVITE"+request, "1 INVITE") +
		refer(60, "received", "consult///a@asterisk", "SIP/2.0 200 OK", "1 INVITE") +
		refer(70, "sent", "a@asterisk", "REFER"+request, "3 REFER") +
		refer(80, "received", "a@asterisk", "NOTIFY"+request, "9 NOTIFY", "", "SIP/2.0 100 Trying") +
		refer(90, "received", "a@asterisk", "NOTIFY"+request, "10 NOTIFY", "", "SIP/2.0 200 OK") +
		refer(95, "received", "consult///a@asterisk", "BYE"+request, "7 BYE")
	calls := foldAgent("101", parseTrace(log))
	require.Len(t, calls, 1)
	assert.Equal(t, []time.Time{at(30), at(40), at(70)}, calls[0].StepsAt)
	assert.Equal(t, []time.Time{at(30)}, calls[0].DigitsAt, "a repeated request is the same key press")
	assert.Equal(t, 200, calls[0].TransferStatus)
	assert.Empty(t, calls[0].EndedBy)
	require.NotNil(t, calls[0].Consultation)
	assert.Equal(t, CallResult{
		Number: "101", DID: "102", InviteAt: at(50), AnsweredAt: at(60), ByeAt: at(95), EndedAt: at(95), EndedBy: ByRemote, Status: 200,
	}, *calls[0].Consultation)
}

func TestAPhoneOfACrowdIsNamedByTheNumberThatWasCalled(t *testing.T) {
	calls := foldAgent("", parseTrace(logged(1, "received", "INVITE sip:2007@127.0.0.1 SIP/2.0", "Call-ID: a", "CSeq: 1 INVITE",
		"To: <sip:2007@127.0.0.1>", `From: "Sales \"A\"" <sip:7999@127.0.0.1>;tag=1`)))
	require.Len(t, calls, 1)
	assert.Equal(t, "2007", calls[0].DID)
	assert.Equal(t, `Sales \"A\"`, calls[0].CallerName)
}

func TestStepsBecomeAScenario(t *testing.T) {
	steps := Answers(time.Millisecond, 4*time.Second).Then(Press("1", time.Second), Hold(1500*time.Millisecond), Unhold(2*time.Second))
	for name, behaviour := range map[string]Behaviour{
		"steps":    steps,
		"blind":    steps.Then(BlindTransfer("102", 3*time.Second)),
		"attended": steps.Then(AttendedTransfer("102", 3*time.Second, 250*time.Millisecond)),
		"forward":  Forwards("102"),
		"crossing": AnswersAtCancel(),
	} {
		text, err := renderAgent("101", behaviour, 25000)
		require.NoError(t, err, name)
		assertXML(t, text)
		assert.NotContains(t, text, "<no value>", name)
	}
	text, err := renderAgent("101", steps.Then(AttendedTransfer("102", 3*time.Second, 250*time.Millisecond)), 25000)
	require.NoError(t, err)
	assert.Contains(t, text, "Signal=1\n")
	assert.Contains(t, text, `timeout="500" ontimeout="step1"`, "from the step before")
	assert.Contains(t, text, "a=sendonly")
	assert.Contains(t, text, "INVITE sip:102@")
	assert.Contains(t, text, "?Replaces=consult///[call_id]%3Bto-tag%3D[$consulted]")
	assert.Contains(t, text, `timeout="1000" ontimeout="hang_up"`, "what is left of the talk")

	assert.Len(t, steps.Steps, 3, "a behaviour is a value")
	for problem, behaviour := range map[string]Behaviour{
		"is not a key":          Answers(1, 0).Then(Press("12", 0)),
		"a step does nothing":   Answers(1, 0).Then(Step{}),
		"before the one":        Answers(1, 0).Then(Press("1", 2), Press("1", 1)),
		"last step":             Answers(1, 0).Then(BlindTransfer("102", 1), Press("1", 2)),
		"after hanging up":      Answers(1, time.Second).Then(Press("1", 2*time.Second)),
		"with no other":         {Status: 486, ForwardTo: "102"},
		"goes with status 302,": {Status: 302},
	} {
		_, err := renderAgent("101", behaviour, 25000)
		assert.ErrorContains(t, err, problem)
	}
}

func TestARegistrationTellsWhereAPhoneIs(t *testing.T) {
	text := registration("121", 25001, 60, "127.0.0.1:40000")
	assert.Contains(t, text, "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:40000;")
	assert.Contains(t, text, "Contact: <sip:121@127.0.0.1:25001>;expires=60\r\n")
	assert.NoError(t, accepted("SIP/2.0 200 OK\r\n"))
	assert.ErrorContains(t, accepted("SIP/2.0 403 Forbidden\r\nX: 1"), "403 Forbidden")
}
