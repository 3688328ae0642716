package queueflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func TestTheDialplanIsToldWhyInQueuesWords(t *testing.T) {
	words := map[callevent.Reason]status{
		callevent.ReasonMaxWait: "TIMEOUT", callevent.ReasonQueueFull: "FULL", callevent.ReasonNoAgents: "JOINEMPTY",
		callevent.ReasonExitKey: "CONTINUE", callevent.ReasonUnknownDID: "DECLINED", callevent.ReasonDeclined: "DECLINED",
		callevent.ReasonError: "DECLINED",
	}
	for reason, word := range words {
		require.Equal(t, word, statusOf(reason), reason)
	}
	for _, reason := range callevent.Reasons() {
		require.NotEmpty(t, statusOf(reason), reason)
	}
}

func TestTheWaitIsToldInWholeSeconds(t *testing.T) {
	require.Equal(t, []Variable{{"QUEUESTATUS", "TIMEOUT"}, {"QUEUEPOSITION", "3"}, {"QUEUEWAIT", "59"}},
		departureVariables(callevent.ReasonMaxWait, 3, time.Minute-time.Nanosecond))
}

func TestTheDialplanIsToldWhoServedWithoutControlCharacters(t *testing.T) {
	require.Equal(t, []Variable{{"MEMBERINTERFACE", "PJSIP/101"}, {"MEMBERNAME", "Анна, ${EXTEN}??x"}},
		agentVariables(callevent.Agent{Endpoint: "PJSIP/101", Name: "Анна, ${EXTEN}\r\nx"}))
}

func TestACauseIsToldInAsterisksWords(t *testing.T) {
	for cause, want := range map[int]callevent.Hangup{
		0:   {Cause: 16, Text: "Normal Clearing", By: callevent.ByCaller},
		16:  {Cause: 16, Text: "Normal Clearing", By: callevent.ByCaller},
		17:  {Cause: 17, Text: "User busy", By: callevent.ByCaller},
		127: {Cause: 127, Text: "Interworking, unspecified", By: callevent.ByCaller},
		999: {Cause: 999, Text: "Unknown", By: callevent.ByCaller},
		-1:  {Cause: -1, Text: "Unknown", By: callevent.ByCaller},
	} {
		require.Equal(t, &want, hangupOf(cause, callevent.ByCaller))
	}
	require.Equal(t, 16, ourHangup(true).Cause)
	require.Equal(t, 19, ourHangup(false).Cause)
}

func TestAPlaceInTheDialplanIsReadAsItIsWritten(t *testing.T) {
	for _, target := range []Target{{}, {Context: "voicemail", Extension: "s", Priority: 1}, {Context: "a", Extension: "+7*#", Priority: 12}} {
		require.Equal(t, target, parseTarget(target.String()))
	}
	for _, s := range []string{"", "a", "a,b", "a,b,c", "a,b,1,d", "a,b,"} {
		require.Equal(t, Target{}, parseTarget(s), s)
	}
}

func TestEventsNameAsterisksWithoutTheirPasswords(t *testing.T) {
	m := New(Settings{Application: "missedcalls"}, Policies{})
	for node, source := range map[string]string{
		"http://pbx.example:8088/ari":         "/missedcalls/missedcalls/pbx.example:8088",
		"https://user:secret@pbx.example/ari": "/missedcalls/missedcalls/pbx.example",
		"http://[::1]:8088/ari":               "/missedcalls/missedcalls/[::1]:8088",
		"pbx":                                 "/missedcalls/missedcalls/pbx",
		"http://%zz":                          "/missedcalls/missedcalls/http:__%zz",
	} {
		require.Equal(t, source, m.source(node))
	}
}

func TestTextOfTheDialplanIsFitForALogLine(t *testing.T) {
	require.Equal(t, `"a?b"`, clip("a\nb"))
	require.Equal(t, `"отдел"`, clip("отдел"))
	require.LessOrEqual(t, len(clip(string(make([]byte, 1000)))), 66)
	require.Equal(t, "\"a\ufffd\"", clip("a\xff"))
}
