package bus

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAListenerBeyondThisMachineNeedsCredentials(t *testing.T) {
	for _, c := range []struct {
		s  Settings
		ok bool
	}{
		{Settings{}, true},
		{Settings{Listen: "off"}, true},
		{Settings{Listen: "127.0.0.1:4222"}, true},
		{Settings{Listen: "[::1]:4222"}, true},
		{Settings{Listen: "localhost:4222"}, true},
		{Settings{Listen: "0.0.0.0:4222"}, false},
		{Settings{Listen: ":4222"}, false},
		{Settings{Listen: "10.0.0.5:4222", Username: "crm"}, false},
		{Settings{Listen: "10.0.0.5:4222", Username: "crm", Password: "x"}, true},
		{Settings{Listen: "10.0.0.5:4222", Token: "x"}, true},
		{Settings{Listen: "localhost.evil.example:4222"}, false},
		{Settings{Listen: "4222"}, false},
		{Settings{URL: "nats://pbx:4222", Listen: "0.0.0.0:4222"}, true}, // there is no listener then
	} {
		c.s.Dir = "x"
		err := c.s.check()
		assert.Equal(t, c.ok, err == nil, "%+v: %v", c.s, err)
		if err != nil {
			assert.ErrorContains(t, err, "MISSEDCALLS_NATS_LISTEN")
		}
	}
	_, err := Open(t.Context(), Settings{Dir: t.TempDir(), Listen: "0.0.0.0:0"}, b0())
	assert.ErrorContains(t, err, "MISSEDCALLS_NATS_PASSWORD")
	assert.Error(t, Settings{}.check(), "an embedded server needs a directory")
}

func TestWhatIsNotSetHasADefault(t *testing.T) {
	own := Settings{}.withDefaults()
	assert.Equal(t, 30*24*time.Hour, own.MaxAge)
	assert.Equal(t, int64(2<<30), own.MaxBytes)
	assert.Greater(t, own.MaxStore, own.MaxBytes)
	assert.Equal(t, 2*time.Second, own.AckWait)
	assert.Equal(t, 250*time.Millisecond, Settings{URL: "nats://x"}.withDefaults().AckWait)
	assert.Equal(t, time.Second, Settings{AckWait: time.Second}.withDefaults().AckWait)
}

func TestAnAddressIsShownWithoutItsSecrets(t *testing.T) {
	assert.Equal(t, "nats://a:4222,tls://b", Settings{URL: "nats://u:secret@a:4222, tls://token@b"}.shownURL())
	assert.NotContains(t, Settings{URL: "nats://u:secret@a:42 22"}.shownURL(), "secret")
	assert.Equal(t, "the embedded server", Settings{}.shownURL())
}

func TestAServerThatIsTooOldOrTakesTooLittleIsRefused(t *testing.T) {
	for version, ok := range map[string]bool{
		"2.14.0": true, "2.15.2": true, "3.0.0": true, "v2.14.1-RC.2": true, "2.13.9": false, "1.99.0": false, "": false, "dev": false,
	} {
		err := checkServer(version, 1<<20)
		assert.Equal(t, ok, err == nil, version)
	}
	assert.ErrorContains(t, checkServer("2.12.4", 1<<20), "2.14 or later is needed")
	assert.NoError(t, checkServer("2.14.0", leastPayload))
	assert.ErrorContains(t, checkServer("2.14.0", leastPayload-1), "max_payload")
}

func TestTheStreamIsBroughtToTheSettings(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), Settings{Dir: dir}, b0())
	require.NoError(t, err)
	publish(t, b, messages(t, 1, 3))
	closeBus(t, b)
	again := open(t, Settings{Dir: dir, MaxAge: 10 * time.Minute, MaxBytes: 1 << 20})
	config := stream(t, again).CachedInfo().Config
	assert.Equal(t, 10*time.Minute, config.MaxAge)
	assert.Equal(t, int64(1<<20), config.MaxBytes)
	assert.Equal(t, 10*time.Minute, config.Duplicates, "not longer than the age")
	ids, _ := folded(t, again, 1)
	assert.Len(t, ids, 3)
}
