package demo

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
)

func TestEveryHabitIsThatOfAnAgentOfTheDemoOrOfWhomHeTransfersTo(t *testing.T) {
	s := ownScene(t, 10)
	for name := range habits {
		assert.Contains(t, s.phones, name)
	}
	assert.Len(t, s.phones, len(habits), "every agent of the demo has a habit of his own")
	assert.Equal(t, []string{phoneAnna, phoneBoris, phoneClara, phoneDan, phoneEmma, phoneVera}, agents(s.policies))
	assert.Equal(t, 200*time.Millisecond, s.phones[phoneAnna].RingFor)
	assert.Equal(t, 2*time.Second, s.phones[phoneAnna].TalkFor)
	assert.Zero(t, s.phones[phoneDan].RingFor, "at every speed he rings for ever")
	assert.Equal(t, declined, s.phones[phoneVera].Status)
}

func TestTheAgentsOfAUsersFileHavePhonesAndPressOneWhereTheyMust(t *testing.T) {
	s, err := readScene("x.yaml", []byte(`
dids: {"7*": sales}
queues:
  sales:
    members:
      - {endpoint: "Local/205@agents", state_interface: PJSIP/205}
      - {endpoint: PJSIP/101, confirm: true}
  support: {members: [{endpoint: PJSIP/101}]}
`), 1)
	require.NoError(t, err)
	assert.Equal(t, []string{"Local/205@agents", "PJSIP/101"}, agents(s.policies))
	assert.Len(t, s.phones, 3, "a device that tells of an agent is one, too")
	assert.Equal(t, habit, s.phones["Local/205@agents"])
	assert.Contains(t, s.phones, "PJSIP/205")
	assert.Equal(t, []arimock.Step{{After: confirmAfter, Key: "1"}}, s.phones["PJSIP/101"].Steps)
}

func TestNoCallerCallsFromThePhoneOfAnAgent(t *testing.T) {
	s := ownScene(t, 1)
	for number := 100; number < 200; number++ { // all that someone may have
		s.phones[fmt.Sprintf("PJSIP/%d", number)] = habit
	}
	for _, a := range come(newCrowd(s, 1, 1), 500) {
		assert.NotContains(t, s.phones, "PJSIP/"+a.caller.Number)
	}
}
