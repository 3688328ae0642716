package bus

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryApplicationIsAskedOnSubjectsOfItsOwn(t *testing.T) {
	for application, subject := range map[string]string{
		"":            "missedcalls.api",
		"missedcalls": "missedcalls.api",
		"desk":        "missedcalls.api.desk",
		"front desk":  "missedcalls.api.=66726f6e74206465736b",
		"a.*.>":       "missedcalls.api.=612e2a2e3e",
	} {
		assert.Equal(t, subject, Requests(application))
	}
}

func TestTheOperatorMayAskTheProgramAndAProgramOnTheSameMachineMayNotAnswerForIt(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	intruder, err := connect(t, b)
	require.NoError(t, err)
	stolen := make(chan *nats.Msg, 10)
	for _, subject := range []string{">", "missedcalls.>"} {
		_, err = intruder.ChanSubscribe(subject, stolen)
		require.NoError(t, err)
	}
	require.NoError(t, intruder.Flush())
	_, err = b.Conn().Subscribe(Requests("desk")+".missed.list", func(m *nats.Msg) { assert.NoError(t, m.Respond([]byte("yours"))) })
	require.NoError(t, err)
	require.NoError(t, b.Conn().Flush())

	nc, err := Reach(Settings{Dir: b.settings.Dir})
	require.NoError(t, err)
	defer nc.Close()
	answer, err := nc.Request(Requests("desk")+".missed.list", []byte("mine"), 5*time.Second)
	require.NoError(t, err)
	assert.Equal(t, "yours", string(answer.Data))
	require.NoError(t, intruder.Flush())
	for len(stolen) > 0 {
		assert.NotEqual(t, "mine", string((<-stolen).Data))
	}
}

func TestAProgramOnTheSameMachineMayNotSubscribeToRequests(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	refused := make(chan error, 10)
	nc, err := connect(t, b, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	require.NoError(t, err)
	_, err = nc.QueueSubscribeSync("missedcalls.api.missed.resolve", "q")
	require.NoError(t, err)
	select {
	case err := <-refused:
		assert.ErrorIs(t, err, nats.ErrPermissionViolation)
	case <-time.After(5 * time.Second):
		assert.Fail(t, "not refused")
	}
}
