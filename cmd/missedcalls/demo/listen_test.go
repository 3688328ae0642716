package demo

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/config"
)

func TestAUsualPortThatIsTakenIsReplacedAndAGivenOneIsNot(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	taken := config.Listen(l.Addr().String())
	got, err := free(taken, false)
	require.NoError(t, err)
	assert.NotEqual(t, taken, got)
	got, err = free(taken, true)
	require.NoError(t, err)
	assert.Equal(t, taken, got, "the user is told that it is not free")
	require.NoError(t, l.Close())
	got, err = free(taken, false)
	require.NoError(t, err)
	assert.Equal(t, taken, got)
}

func TestPortZeroBecomesOneThatCanBeTold(t *testing.T) {
	for _, given := range []bool{true, false} {
		got, err := free("127.0.0.1:0", given)
		require.NoError(t, err)
		assert.Regexp(t, `^127\.0\.0\.1:[1-9]\d*$`, string(got))
	}
	got, err := free("off", true)
	require.NoError(t, err)
	assert.True(t, got.Off())
}

func TestWhoeverIsOnThisMachineConnectsToLoopback(t *testing.T) {
	for address, want := range map[string]string{
		":4222": "127.0.0.1:4222", "0.0.0.0:1": "127.0.0.1:1", "[::]:1": "127.0.0.1:1", "127.0.0.1:1": "127.0.0.1:1",
		"[::1]:1": "[::1]:1", "localhost:1": "localhost:1", "nonsense": "nonsense",
	} {
		assert.Equal(t, want, reachable(address))
	}
}

func TestTheSignsSayWhatToTypeForEverySetting(t *testing.T) {
	for _, c := range []struct {
		asked config.Listen
		n     config.NATSSettings
		want  string
	}{
		{"127.0.0.1:4222", config.NATSSettings{Listen: "127.0.0.1:4222"}, "nats sub 'calls.*.missed'   (NATS listens at nats://127.0.0.1:4222)"},
		{"127.0.0.1:4222", config.NATSSettings{Listen: "127.0.0.1:9"}, "nats sub -s nats://127.0.0.1:9 'calls.*.missed'   (127.0.0.1:4222 is taken)"},
		{"127.0.0.1:0", config.NATSSettings{Listen: "127.0.0.1:9"}, "nats sub -s nats://127.0.0.1:9 'calls.*.missed'"},
		{"0.0.0.0:4222", config.NATSSettings{Listen: "0.0.0.0:4222", Username: "u", Password: "hunter2"},
			"nats sub 'calls.*.missed'   (NATS listens at nats://127.0.0.1:4222)   with --user and --password"},
		{"127.0.0.1:9", config.NATSSettings{Listen: "127.0.0.1:9", Token: "hunter2"}, "nats sub -s nats://127.0.0.1:9 'calls.*.missed'   with --token"},
		{"off", config.NATSSettings{Listen: "off"},
			"MISSEDCALLS_NATS_LISTEN is off: nobody can follow, this view neither; they are read and summed up at the end"},
		{"off", config.NATSSettings{Listen: "off", URL: "nats://a:4222"},
			"nats sub -s nats://a:4222 'calls.*.missed'   (these invented calls are in the stream CALLS of that cluster)"},
	} {
		assert.Equal(t, c.want, eventsSign(c.n, c.asked))
	}
	p := &program{http: "http://127.0.0.1:9", settings: config.Settings{HTTP: config.HTTPSettings{Listen: "127.0.0.1:9"}}}
	assert.Equal(t, "curl http://127.0.0.1:9/readyz   and   curl http://127.0.0.1:9/metrics   (127.0.0.1:8080 is taken)", httpSign(p, "127.0.0.1:8080"))
	assert.Equal(t, "MISSEDCALLS_HTTP_LISTEN is off", httpSign(&program{}, "off"))
}
