package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/app/config"
	arimock "missedcalls/ari-mock"
)

// crm is a web server that is told of calls.
type crm struct {
	*httptest.Server
	told chan heard
}

// heard is one request.
type heard struct{ id, call, body string }

func startCRM(t *testing.T) *crm {
	t.Helper()
	c := &crm{told: make(chan heard, 1000)}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		var event struct{ Subject string }
		_ = json.Unmarshal(body, &event) // a body of the operator's own is no event
		c.told <- heard{r.Header.Get("webhook-id"), event.Subject, string(body)}
	}))
	t.Cleanup(c.Close)
	return c
}

// next is what it is told next. What the server had given to a process in the moment of its end is given to the next one
// after half a minute.
func (c *crm) next(t *testing.T) heard {
	t.Helper()
	select {
	case h := <-c.told:
		return h
	case <-time.After(45 * time.Second):
		require.FailNow(t, "nobody told the CRM")
		return heard{}
	}
}

// telling is a configuration with webhooks, by the names of their targets, all of which are told everything.
func telling(hooks map[string]*crm) string {
	var targets, names []string
	for name, c := range hooks {
		targets = append(targets, fmt.Sprintf("%s: {webhook: {url: %q}}", name, c.URL))
		names = append(names, name)
	}
	return "queues: {sales: {name: Sales}}\nnotifications:\n  targets: {" + strings.Join(targets, ", ") + "}\n  default: [" +
		strings.Join(names, ", ") + "]\n"
}

// misses lets somebody hang up in the queue sales.
func (p *process) misses(asterisk *arimock.Server) {
	p.t.Helper()
	misses(p.t, asterisk, "89161234567")
}

// serving runs a process with a configuration until it serves calls.
func serving(t *testing.T, environ []string, yaml string) *process {
	t.Helper()
	dir := t.TempDir()
	o := options(t, dir, environ...)
	write(t, dir, yaml)
	return run(t, dir, o).ready()
}

func TestWhoeverHangsUpIsToldOfOnce(t *testing.T) {
	hook := startCRM(t)
	asterisk, environ := standIn(t)
	p := serving(t, environ, telling(map[string]*crm{"crm": hook}))
	defer p.stop()
	p.misses(asterisk)
	first := hook.next(t)
	assert.Contains(t, first.body, `"reason":"abandoned"`)
	p.misses(asterisk)
	second := hook.next(t)
	assert.NotEqual(t, first.call, second.call)
	assert.NotEqual(t, first.id, second.id)
	require.Eventually(t, func() bool {
		return p.says(`missedcalls_notifications_total{channel="webhook",outcome="sent",target="crm"} 2`) &&
			p.says(`missedcalls_notification_backlog{target="crm"} 0`)
	}, 10*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_notification_delivery_seconds_count{target="crm"} 2`))
	assert.True(t, p.says(`missedcalls_notification_target_up{target="crm"} 1`))
	assert.Empty(t, hook.told)
}

func TestAReloadAddsATargetAndABadOneChangesNothing(t *testing.T) {
	old, added := startCRM(t), startCRM(t)
	asterisk, environ := standIn(t)
	p := serving(t, environ, telling(map[string]*crm{"old": old}))
	defer p.stop()
	p.misses(asterisk)
	old.next(t)

	write(t, p.dir, telling(map[string]*crm{"old": old, "new": added}))
	p.reload <- struct{}{}
	p.log.await(t, `"targets":2`)
	p.misses(asterisk)
	assert.Equal(t, old.next(t).call, added.next(t).call)

	secret := filepath.Join(p.dir, "secret")
	write(t, p.dir, "queues: {sales: {}, support: {}}\nnotifications: {targets: {old: {webhook: {url: "+old.URL+", secret_file: "+secret+"}}}, default: [old]}")
	p.reload <- struct{}{}
	p.log.await(t, "configuration not reloaded")
	assert.True(t, p.says("missedcalls_config_last_reload_successful 0"))
	assert.False(t, p.says(`missedcalls_queue_callers_waiting{queue="support"} 0`), "its queues hold no more than its targets")
	p.misses(asterisk)
	assert.Equal(t, old.next(t).call, added.next(t).call)
}

func TestASecretThatIsNotThereKeepsNoCallerAndNoOtherTarget(t *testing.T) {
	signed, open := startCRM(t), startCRM(t)
	asterisk, environ := standIn(t)
	p := serving(t, environ, "queues: {sales: {}}\nnotifications: {targets: {signed: {webhook: {url: "+signed.URL+", secret_file: secret}}, open: {webhook: {url: "+
		open.URL+"}}}, default: [signed, open]}")
	defer p.stop()
	p.misses(asterisk)
	open.next(t)
	p.log.await(t, "the target cannot be opened; its messages wait until it can")
	require.Eventually(t, func() bool {
		return p.says(`missedcalls_notification_target_up{target="signed"} 0`) && p.says(`missedcalls_notification_target_up{target="open"} 1`)
	}, 10*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_notification_backlog{target="signed"} 1`))
	assert.Empty(t, signed.told)
}

func TestANotifierOnAnotherMachineTellsOfWhatItMissed(t *testing.T) {
	hook, address := startCRM(t), nobody(t)
	asterisk, environ := standIn(t)
	dir := t.TempDir()
	o := options(t, dir, append(withToken(address), environ...)...) // the first counts
	o.Roles = config.Roles{config.RoleApp}
	calls := run(t, dir, o).ready()
	defer calls.stop()
	calls.misses(asterisk)

	elsewhere := t.TempDir()
	tells := func() *process {
		p := options(t, elsewhere, "MISSEDCALLS_NATS_URL=nats://"+address, "MISSEDCALLS_NATS_TOKEN=secret")
		write(t, elsewhere, telling(map[string]*crm{"crm": hook}))
		p.Roles = config.Roles{config.RoleNotifier}
		return run(t, elsewhere, p)
	}
	first := tells()
	told := hook.next(t)
	first.stop()

	calls.misses(asterisk)
	second := tells()
	assert.NotEqual(t, told.call, hook.next(t).call, "what was told before it ended is not told again")
	second.stop()
	assert.Empty(t, hook.told)
}

func TestAStopLeavesNothingUntold(t *testing.T) {
	hook := startCRM(t)
	asterisk, environ := standIn(t)
	dir := t.TempDir()
	start := func() *process {
		o := options(t, dir, environ...)
		write(t, dir, telling(map[string]*crm{"crm": hook}))
		return run(t, dir, o).ready()
	}
	p := start()
	p.misses(asterisk)
	p.stop()
	again := start()
	defer again.stop()
	hook.next(t)
	again.misses(asterisk)
	hook.next(t)
	assert.Empty(t, hook.told, "each once, whichever process told it")
}

func TestWhoWasToldOfAMissedCallIsToldThatItIsResolved(t *testing.T) {
	hook, other := startCRM(t), startCRM(t)
	asterisk, environ := standIn(t)
	p := serving(t, environ, "region: RU\nqueues: {sales: {}, support: {}}\nnotifications: {targets: {crm: {webhook: {url: "+hook.URL+"}}, other: {webhook: {url: "+
		other.URL+"}}}, routes: [{match: {queue: sales}, to: [crm]}, {match: {queue: support}, to: [other]}], default: [other]}")
	defer p.stop()
	p.misses(asterisk)
	missed := hook.next(t)
	_, err := app.ResolveMissed(t.Context(), commanding(t, p.dir), api.ResolveRequest{Number: "89161234567", By: "anna", Why: "called back"})
	require.NoError(t, err)
	resolved := hook.next(t)
	assert.Equal(t, missed.call, resolved.call)
	assert.Contains(t, resolved.body, `"how":"by_hand"`)
	assert.Empty(t, other.told, "who knew nothing of it learns nothing")
}

func TestAMissedCallThatIsHeldAndResolvedIsToldToNobody(t *testing.T) {
	hook, copied := startCRM(t), startCRM(t)
	asterisk, environ := standIn(t)
	p := serving(t, environ, "region: RU\nqueues: {sales: {}}\nnotifications: {targets: {crm: {webhook: {url: "+hook.URL+"}}, copy: {webhook: {url: "+
		copied.URL+"}}}, routes: [{match: {queue: sales}, to: [crm], hold: 3s, continue: true}, {to: [copy]}], default: [copy]}")
	defer p.stop()
	p.misses(asterisk)
	copied.next(t)
	_, err := app.ResolveMissed(t.Context(), commanding(t, p.dir), api.ResolveRequest{Number: "89161234567", By: "anna", Why: "called back"})
	require.NoError(t, err)
	assert.Contains(t, copied.next(t).body, `"how":"by_hand"`)
	require.Eventually(t, func() bool { return p.says(`missedcalls_notification_backlog{target="crm"} 0`) }, 10*time.Second, 10*time.Millisecond)
	assert.Empty(t, hook.told)
}

func TestATargetIsTriedByACommandAndNothingRuns(t *testing.T) {
	hook := startCRM(t)
	file, err := config.Parse("q.yaml", []byte(telling(map[string]*crm{"crm": hook})))
	require.NoError(t, err)
	verdict, err := app.TryTarget(context.Background(), commanding(t, t.TempDir()), file, file.Notifications.Targets["crm"])
	require.NoError(t, err)
	assert.NoError(t, verdict.Err)
	told := hook.next(t)
	assert.True(t, strings.HasPrefix(told.call, "notify-test-"))
	assert.Contains(t, told.body, `"queue_name":"Sales"`)
}
