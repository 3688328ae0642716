package bus

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// command reaches the records of a bus as a command of another process would.
func command(t *testing.T, s Settings) Records {
	t.Helper()
	r, done, err := OpenRecords(t.Context(), s, "queue")
	require.NoError(t, err)
	t.Cleanup(done)
	return r
}

func TestACommandOfTheSameUserWritesRecordsThroughTheDataDirectory(t *testing.T) {
	for what, s := range map[string]Settings{
		"where nobody needs credentials": {},
		"where credentials are needed":   {Username: "crm", Password: "secret"},
		"where a token is needed":        {Token: "secret"},
		"listening on every address":     {Token: "secret", Listen: "0.0.0.0:0"},
	} {
		t.Run(what, func(t *testing.T) {
			s.Dir, s.Listen = t.TempDir(), or(s.Listen, "127.0.0.1:0")
			b := open(t, s)
			info, err := os.Stat(filepath.Join(s.Dir, "operator.json"))
			require.NoError(t, err)
			assert.Equal(t, fs.FileMode(0o600), info.Mode(), "nobody else may read it")

			r := command(t, Settings{Dir: s.Dir})
			put(t, r, "sales", "closed")
			assert.Equal(t, []string{"closed"}, all(t, r))
			assert.Equal(t, []string{"closed"}, all(t, b.Records("queue")))
		})
	}
}

func TestACommandWritesRecordsThroughACluster(t *testing.T) {
	server := open(t, Settings{Listen: "127.0.0.1:0", Username: "app", Password: "secret"})
	b := open(t, client(server.Addr()))
	f, _ := follow(t, b.Records("queue"))
	put(t, command(t, client(server.Addr())), "sales", "closed")
	f.await(t, "closed")
}

func TestTheOperatorMayWriteRecordsAndNothingElse(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	w, err := readWayIn(b.settings.Dir)
	require.NoError(t, err)
	assertRefused(t, b, nats.UserInfo(w.Username, w.Password),
		"calls.sales.missed", "$JS.API.STREAM.DELETE.CALLS", "$JS.API.STREAM.PURGE.KV_missedcalls", "$KV.missedcalls.epoch.missedcalls")
}

func TestAProgramOnTheSameMachineMayNotWriteRecords(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	assertRefused(t, b, nats.Name("anybody"), "$KV.missedcalls.queue.missedcalls.sales")
}

// assertRefused holds that somebody may publish to none of the subjects.
func assertRefused(t *testing.T, b *Bus, who nats.Option, subjects ...string) {
	t.Helper()
	refused := make(chan error, 10)
	nc, err := connect(t, b, who, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	require.NoError(t, err)
	for _, subject := range subjects {
		require.NoError(t, nc.Publish(subject, []byte("{}")))
		select {
		case err := <-refused:
			assert.ErrorIs(t, err, nats.ErrPermissionViolation, subject)
		case <-time.After(5 * time.Second):
			assert.Fail(t, "not refused", subject)
		}
	}
}

func TestTheOperatorsPasswordCannotBeGuessedOrLeftOut(t *testing.T) {
	b := open(t, Settings{Listen: "127.0.0.1:0"})
	for _, password := range []string{"", "guess"} {
		_, err := connect(t, b, nats.UserInfo(operatorUser, password))
		assert.ErrorIs(t, err, nats.ErrAuthorization)
	}
}

func TestACommandIsToldWhatToDoWhenTheProgramCannotBeReached(t *testing.T) {
	says := func(s Settings, texts ...string) {
		t.Helper()
		_, _, err := OpenRecords(t.Context(), s, "queue")
		for _, text := range texts {
			assert.ErrorContains(t, err, text)
		}
	}
	dir := t.TempDir()
	says(Settings{Dir: dir}, "operator.json", "start `missedcalls serve`", "the same MISSEDCALLS_DATA_DIR", "MISSEDCALLS_NATS_LISTEN=off")

	b := open(t, Settings{Dir: t.TempDir(), Listen: "127.0.0.1:0"})
	write := func(text string) {
		require.NoError(t, os.WriteFile(wayInFile(dir), []byte(text), 0o600))
	}
	write(`{"url":"nats://` + b.Addr() + `","username":"missedcalls-operator","password":"old"}`)
	says(Settings{Dir: dir}, "nats://"+b.Addr(), "Authorization", "another program listens there", "MISSEDCALLS_DATA_DIR")
	write(`{"url":"nats://` + freePort(t) + `","username":"missedcalls-operator","password":"old"}`)
	says(Settings{Dir: dir}, "is `missedcalls serve` running, with this MISSEDCALLS_DATA_DIR?")
	write(`{"url":`)
	says(Settings{Dir: dir}, "operator.json", "restart `missedcalls serve`")
	says(Settings{URL: "nats://" + freePort(t)}, "check MISSEDCALLS_NATS_URL")

	server := open(t, Settings{Listen: "127.0.0.1:0", Username: "app", Password: "secret"})
	s := client(server.Addr())
	s.Password = "guess"
	says(s, "check MISSEDCALLS_NATS_USERNAME")
	require.NoError(t, server.js.DeleteKeyValue(t.Context(), Bucket))
	says(client(server.Addr()), jetstream.ErrBucketNotFound.Error(), "has not run with this MISSEDCALLS_NATS_URL yet")
}

func TestACommandReachesAServerThatWasStartedAnewWithItsOldFileOrItsNewOne(t *testing.T) {
	b := open(t, Settings{Listen: freePort(t)})
	before, err := os.ReadFile(wayInFile(b.settings.Dir))
	require.NoError(t, err)
	b.embedded.stop()
	require.NoError(t, b.embedded.start(t.Context()))
	after, err := os.ReadFile(wayInFile(b.settings.Dir))
	require.NoError(t, err)
	assert.Equal(t, string(before), string(after))
	put(t, command(t, Settings{Dir: b.settings.Dir}), "sales", "closed")
}

func TestThereIsNoWayInWithoutAListenerOrAProgram(t *testing.T) {
	dir := t.TempDir()
	b, err := Open(t.Context(), Settings{Dir: dir, Listen: "127.0.0.1:0"}, b0())
	require.NoError(t, err)
	left, err := os.ReadFile(wayInFile(dir))
	require.NoError(t, err)
	closeBus(t, b)
	assert.NoFileExists(t, wayInFile(dir))

	require.NoError(t, os.WriteFile(wayInFile(dir), left, 0o600)) // as after kill -9
	open(t, Settings{Dir: dir, Listen: "off"})
	assert.NoFileExists(t, wayInFile(dir))
}
