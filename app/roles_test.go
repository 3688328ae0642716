package app_test

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/config"
)

// withToken is an embedded server that lets the processes of other roles in.
func withToken(address string) []string {
	return []string{"MISSEDCALLS_NATS_LISTEN=" + address, "MISSEDCALLS_NATS_TOKEN=secret"}
}

// notifierOf runs a process that only notifies of the calls of another one.
func notifierOf(t *testing.T, dir, address string) *process {
	t.Helper()
	o := options(t, dir, "MISSEDCALLS_NATS_URL=nats://"+address, "MISSEDCALLS_NATS_TOKEN=secret")
	o.Settings.ARI = config.ARISettings{URL: o.Settings.ARI.URL, App: o.Settings.ARI.App} // it needs no credentials
	o.Roles = config.Roles{config.RoleNotifier}
	return run(t, dir, o)
}

func TestAProcessThatOnlyNotifiesNeedsNoAsteriskAndNoDirectory(t *testing.T) {
	address := nobody(t)
	calls := start(t, t.TempDir(), withToken(address)...)
	defer calls.stop()
	dir := t.TempDir()
	p := notifierOf(t, dir, address)
	defer p.stop()
	require.Eventually(t, func() bool {
		status, checks := p.health("/readyz")
		return status == http.StatusOK && assert.ObjectsAreEqual(map[string]string{"nats": "ok", "notifier": "ok"}, checks)
	}, 20*time.Second, 10*time.Millisecond)
	assert.NoDirExists(t, filepath.Join(dir, "data"))
	status, _ := p.health("/livez")
	assert.Equal(t, http.StatusOK, status)
	assert.Empty(t, p.tag("/prompts/ru/closed.wav"), "nobody plays prompts of this process")
}

func TestAProcessThatOnlyTakesCallsTellsNobody(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir)
	o.Roles = config.Roles{config.RoleApp}
	p := run(t, dir, o)
	defer p.stop()
	_, checks := p.health("/readyz")
	assert.NotContains(t, checks, "notifier")
}

func TestANotifierWithoutNATSStartsNothing(t *testing.T) {
	o := options(t, t.TempDir())
	o.Roles, o.Log = config.Roles{config.RoleNotifier}, zerolog.Nop()
	_, err := app.New(o)
	require.ErrorContains(t, err, "MISSEDCALLS_NATS_URL: is not set")
}
