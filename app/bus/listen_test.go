package bus

import (
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func connect(t *testing.T, b *Bus, options ...nats.Option) (*nats.Conn, error) {
	t.Helper()
	nc, err := nats.Connect("nats://"+b.Addr(), append(options, nats.MaxReconnects(0))...)
	if err == nil {
		t.Cleanup(nc.Close)
	}
	return nc, err
}

func TestWithoutAListenerNobodyIsLetIn(t *testing.T) {
	for _, listen := range []string{"", "off"} {
		assert.Empty(t, open(t, Settings{Listen: listen}).Addr())
	}
}

func TestAProgramOnTheSameMachineMayListenToCallsButNotForgeThem(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	refused := make(chan error, 10)
	nc, err := connect(t, b, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	require.NoError(t, err)
	news, err := nc.SubscribeSync("calls.*.missed")
	require.NoError(t, err)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	crm, err := js.CreateOrUpdateConsumer(t.Context(), Stream, jetstream.ConsumerConfig{
		Durable: "crm", FilterSubject: "calls.*.missed", AckPolicy: jetstream.AckExplicitPolicy,
	})
	require.NoError(t, err)

	publish(t, b, messages(t, 1, 1))
	msg, err := news.NextMsg(5 * time.Second)
	require.NoError(t, err)
	assert.Equal(t, "c00001.end", msg.Header.Get("Nats-Msg-Id"))
	next, err := crm.Next(jetstream.FetchMaxWait(5 * time.Second))
	require.NoError(t, err)
	require.NoError(t, next.DoubleAck(t.Context()))

	for _, subject := range []string{
		"calls.sales.missed", "$JS.API.STREAM.DELETE.CALLS", "$JS.API.STREAM.PURGE.CALLS", "$KV.missedcalls.epoch.missedcalls",
		"missedcalls.api.missed.list", "$SRV.PING",
	} {
		require.NoError(t, nc.Publish(subject, nil))
		select {
		case err := <-refused:
			assert.ErrorIs(t, err, nats.ErrPermissionViolation, subject)
		case <-time.After(5 * time.Second):
			assert.Fail(t, "not refused", subject)
		}
	}
	ids, _ := folded(t, b, 1)
	assert.Len(t, ids, 1)
}

func TestCredentialsOfTheListenerAreAskedForAndLetDoEverything(t *testing.T) {
	for what, c := range map[string]struct {
		s     Settings
		good  nats.Option
		wrong []nats.Option
	}{
		"a user": {
			Settings{Username: "crm", Password: "secret"}, nats.UserInfo("crm", "secret"),
			[]nats.Option{nats.Name("nobody"), nats.UserInfo("crm", "guess"), nats.UserInfo("crm", ""), nats.Token("secret")},
		},
		"a token": {
			Settings{Token: "secret"}, nats.Token("secret"),
			[]nats.Option{nats.Name("nobody"), nats.Token("guess"), nats.UserInfo("secret", "secret"), nats.UserInfo("", "")},
		},
	} {
		t.Run(what, func(t *testing.T) {
			c.s.Listen = "127.0.0.1:0"
			b := open(t, c.s)
			for _, wrong := range append(c.wrong, nats.UserInfo(internalUser, ""), nats.UserInfo(internalUser, "secret")) {
				_, err := connect(t, b, wrong)
				assert.ErrorIs(t, err, nats.ErrAuthorization)
			}
			nc, err := connect(t, b, c.good)
			require.NoError(t, err)
			js, err := jetstream.New(nc)
			require.NoError(t, err)
			_, err = js.Publish(t.Context(), "calls.sales.missed", []byte("{}"))
			assert.NoError(t, err)
		})
	}
}

func TestWhereNobodyNeedsCredentialsTheInternalUserStillDoes(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	_, err := connect(t, b, nats.UserInfo(internalUser, "guess"))
	assert.ErrorIs(t, err, nats.ErrAuthorization)
}

func TestAPortThatIsTakenIsNamedWithItsSetting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, err = Open(t.Context(), Settings{Dir: t.TempDir(), Listen: taken.Addr().String()}, b0())
	require.Error(t, err)
	assert.ErrorContains(t, err, taken.Addr().String())
	assert.ErrorContains(t, err, "address already in use")
	assert.ErrorContains(t, err, "MISSEDCALLS_NATS_LISTEN")
}
