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
		EndedBy: ByAgent, Status: 200, Cause: 34,
	}, calls[0])
	assert.Equal(t, 487, calls[1].Status)
	assert.Equal(t, ByRemote, calls[1].EndedBy)
	assert.Equal(t, at(70), calls[1].EndedAt)
	assert.Equal(t, 486, calls[2].Status)
	assert.Equal(t, ByAgent, calls[2].EndedBy)
	assert.Equal(t, at(82), calls[2].EndedAt)
	assert.Equal(t, ByRemote, calls[3].EndedBy)
}

func TestABehaviourBecomesAScenario(t *testing.T) {
	answers, err := renderAgent(Answers(1500*time.Millisecond, 2*time.Second), 25000)
	require.NoError(t, err)
	assertXML(t, answers)
	assert.Contains(t, answers, `timeout="1500"`)
	assert.Contains(t, answers, `timeout="2000"`)
	assert.Contains(t, answers, "m=audio 25000 RTP/AVP 0")

	busy, err := renderAgent(Busy(), 25000)
	require.NoError(t, err)
	assertXML(t, busy)
	assert.Contains(t, busy, "SIP/2.0 486")
	assert.NotContains(t, busy, "m=audio")

	silent, err := renderAgent(NeverAnswers(), 25000)
	require.NoError(t, err)
	assertXML(t, silent)
	assert.NotContains(t, silent, "timeout=")

	for _, status := range []int{1, 199, 700} {
		_, err = renderAgent(Behaviour{Status: status}, 25000)
		assert.ErrorContains(t, err, "not a final answer")
	}
}
