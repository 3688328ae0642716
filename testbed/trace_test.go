package testbed

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// logged renders a message as SIPp logs it, at a number of milliseconds.
func logged(ms int, direction string, lines ...string) string {
	heading := fmt.Sprintf("UDP message %s (9 bytes):", direction)
	if direction == "received" {
		heading = "UDP message received [9] bytes :"
	}
	at := time.Date(2026, 11, 21, 8, 0, 0, ms*1e6+345000, time.UTC).Format("2006-01-02 15:04:05.000000")
	return sectionLine + " " + at + "\n" + heading + "\n\n" + strings.Join(lines, "\r\n") + "\r\n\r\n\n"
}

func at(ms int) time.Time {
	return time.Date(2026, 11, 21, 8, 0, 0, ms*1e6+345000, time.UTC)
}

// conversation renders lines such as "10 > INVITE", "20 < 200 INVITE" for one call.
func conversation(callID string, lines ...string) string {
	var text strings.Builder
	for _, line := range lines {
		var ms int
		var way, what string
		_, err := fmt.Sscan(line, &ms, &way, &what)
		if err != nil {
			panic(err)
		}
		direction := map[string]string{">": "sent", "<": "received"}[way]
		rest := strings.TrimSpace(line[strings.Index(line, what):])
		start, method := rest+" sip:x@127.0.0.1 SIP/2.0", what
		if code, of, isAnswer := strings.Cut(rest, " "); isAnswer {
			start, method = "SIP/2.0 "+code+" Something", of
		}
		text.WriteString(logged(ms, direction, start, "Call-ID: "+callID, `From: "A" <sip:79990000001@127.0.0.1>;tag=1`,
			"CSeq: 1 "+method, "Reason: Q.850;cause=34"))
	}
	return text.String()
}

func foldOne(t *testing.T, lines ...string) CallResult {
	t.Helper()
	results := foldCallers([]Caller{{Number: "79990000001", DID: "7495"}}, "run", parseTrace(conversation("1-run", lines...)))
	require.Len(t, results, 1)
	return results[0]
}

func TestATraceTellsTimesToTheMicrosecond(t *testing.T) {
	messages := parseTrace(logged(122, "sent", "INVITE sip:7495@127.0.0.1:5060 SIP/2.0", "Call-ID: 1-run", "CSeq: 7 INVITE",
		`From: "Анна" <sip:+79990000001@127.0.0.1>;tag=1`) +
		logged(123, "received", "SIP/2.0 503 Service Unavailable", "CALL-ID: 1-run", "CSeq: 7 INVITE", "Reason: q.850 ;cause=34"))
	require.Equal(t, []sipMessage{
		{At: at(122), Sent: true, Method: "INVITE", CSeq: 7, CallID: "1-run", From: "+79990000001", FromName: "Анна"},
		{At: at(123), Status: 503, Method: "INVITE", CSeq: 7, CallID: "1-run", Cause: 34, Reasons: []string{"q.850 ;cause=34"}},
	}, messages)
}

func TestATraceWithoutItsEndOrWithStrangeSectionsIsReadAsFarAsItGoes(t *testing.T) {
	whole := conversation("1-run", "1 > INVITE", "2 < 200 INVITE")
	repeated := sectionLine + "\nUnexpected UDP message received:\n\nSIP/2.0 100 Trying\r\nCall-ID: 1-run\r\nCSeq: 1 INVITE\r\n\r\n"
	assert.Len(t, parseTrace(whole+repeated), 2)
	assert.Empty(t, parseTrace(""))
	assert.Empty(t, parseTrace("no log at all"))
	for cut := range len(whole) {
		for _, m := range parseTrace(whole[:cut]) {
			assert.Equal(t, "1-run", m.CallID)
			assert.Equal(t, "INVITE", m.Method)
		}
	}
}

func TestACallerWhoHangsUpEndedTheCall(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "11 < 100 INVITE", "12 < 180 INVITE", "13 < 183 INVITE", "20 < 200 INVITE", "21 > ACK",
		"50 > BYE", "51 < 200 BYE")
	assert.Equal(t, CallResult{
		Number: "79990000001", DID: "7495", InviteAt: at(10), RangAt: at(12), AnsweredAt: at(20), ByeAt: at(50), EndedAt: at(50),
		EndedBy: ByCaller, Status: 200, Cause: 34,
	}, r)
	assert.Equal(t, 40*time.Millisecond, r.Stayed())
}

func TestTheOtherSidesByeEndsTheCall(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "20 < 200 INVITE", "50 < BYE", "51 > 200 BYE")
	assert.Equal(t, ByRemote, r.EndedBy)
	assert.Equal(t, at(50), r.ByeAt)
}

func TestOfTwoByesThatCrossTheFirstCounts(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "20 < 200 INVITE", "50 > BYE", "51 < BYE", "60 > BYE")
	assert.Equal(t, ByCaller, r.EndedBy)
	assert.Equal(t, at(50), r.EndedAt)
}

func TestACallerWhoCancelsEndedTheCallWhenHeCancelled(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "12 < 180 INVITE", "50 > CANCEL", "51 < 200 CANCEL", "52 < 487 INVITE", "53 > ACK")
	assert.Equal(t, 487, r.Status)
	assert.Equal(t, ByCaller, r.EndedBy)
	assert.Equal(t, at(50), r.ByeAt)
	assert.Equal(t, at(50), r.EndedAt)
	assert.True(t, r.AnsweredAt.IsZero())
}

func TestAnAnswerThatCrossesACancelCounts(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "50 > CANCEL", "51 < 200 INVITE", "52 > ACK", "53 > BYE")
	assert.Equal(t, 200, r.Status)
	assert.Equal(t, ByCaller, r.EndedBy)
	assert.Equal(t, at(50), r.EndedAt)
}

func TestARefusalEndsTheCall(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "12 < 503 INVITE", "13 > ACK")
	assert.Equal(t, 503, r.Status)
	assert.Equal(t, ByRemote, r.EndedBy)
	assert.Equal(t, 34, r.Cause)
	assert.Equal(t, at(12), r.EndedAt)
	assert.True(t, r.ByeAt.IsZero())
}

func TestACallInProgressHasNoEnd(t *testing.T) {
	r := foldOne(t, "10 > INVITE", "11 > INVITE", "20 < 200 INVITE", "21 < 200 INVITE")
	assert.Empty(t, r.EndedBy)
	assert.Zero(t, r.Stayed())
	assert.Equal(t, at(10), r.InviteAt, "a repeated request does not move the start")
	assert.Equal(t, at(20), r.AnsweredAt)
}

func TestARepeatedKeyPressCountsOnce(t *testing.T) {
	calls := foldCallers(make([]Caller, 1), "run", []sipMessage{
		{At: at(1), Sent: true, Method: "INFO", CSeq: 2, CallID: "1-run"},
		{At: at(2), Sent: true, Method: "INFO", CSeq: 2, CallID: "1-run"},
		{At: at(3), Sent: true, Method: "INFO", CSeq: 3, CallID: "1-run"},
	})
	assert.Equal(t, []time.Time{at(1), at(3)}, calls[0].DigitsAt)
}

func TestMessagesOfAnotherRunOrOfNobodyAreLeftOut(t *testing.T) {
	log := conversation("1-other", "1 > INVITE") + conversation("0-run", "1 > INVITE") + conversation("3-run", "1 > INVITE") +
		conversation("x-run", "1 > INVITE") + conversation("2-run", "2 > INVITE")
	results := foldCallers(make([]Caller, 2), "run", parseTrace(log))
	assert.True(t, results[0].InviteAt.IsZero())
	assert.Equal(t, at(2), results[1].InviteAt)
}

func TestMessagesAreTakenInTheOrderOfTime(t *testing.T) {
	messages := inOrder(parseTrace(conversation("1-run", "5 > BYE", "1 > INVITE", "1 > CANCEL")))
	assert.Equal(t, []string{"INVITE", "CANCEL", "BYE"}, []string{messages[0].Method, messages[1].Method, messages[2].Method})
}
