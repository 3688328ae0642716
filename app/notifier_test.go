package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
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

// next is what it is told next.
func (c *crm) next(t *testing.T) heard {
	t.Helper()
	select {
	case h := <-c.told:
		return h
	case <-time.After(20 * time.Second):
		require.FailNow(t, "nobody told the CRM")
		return heard{}
	}
}

// telling is a configuration with webhooks, by the names of their targets, all of which are told everything.
func telling(more string, hooks map[string]*crm) string {
	var targets, names []string
	for name, c := range hooks {
		targets = append(targets, fmt.Sprintf("%s: {webhook: {url: %q}}", name, c.URL))
		names = append(names, name)
	}
	return "queues: {sales: {name: Sales}}\nnotifications:\n  targets: {" + strings.Join(targets, ", ") + "}\n  default: [" +
		strings.Join(names, ", ") + "]\n" + more
}

// exchange is a stand-in Asterisk on a port.
type exchange struct {
	*arimock.Server
	t      *testing.T
	url    string
	served chan error
}

func startExchange(t *testing.T) *exchange {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	x := &exchange{
		Server: arimock.New(arimock.Options{Username: "u", Password: "p", Dialplan: arimock.Dialplan{App: "missedcalls"}}),
		t:      t, url: "http://" + l.Addr().String() + "/ari", served: make(chan error, 1),
	}
	go func() { x.served <- x.Serve(l) }()
	return x
}

func (x *exchange) stop() {
	x.Close()
	require.NoError(x.t, <-x.served)
}

// missed is a caller who hangs up in the queue. It gives the call's id, which the program makes.
func (x *exchange) missed(p *process) {
	x.t.Helper()
	require.Eventually(x.t, func() bool {
		status, _ := p.health("/readyz")
		return status == http.StatusOK
	}, 20*time.Second, 10*time.Millisecond)
	call := x.Call(arimock.Caller{Number: "89161234567", DID: "74951234567", Args: "sales"})
	require.Eventually(x.t, func() bool { return p.says(`missedcalls_queue_callers_waiting{queue="sales"} 1`) }, 20*time.Second, 10*time.Millisecond)
	call.HangUp()
	<-call.Ended()
}

// serving runs a process on an exchange with a configuration.
func serving(t *testing.T, x *exchange, yaml string, environ ...string) *process {
	t.Helper()
	dir := t.TempDir()
	o := options(t, dir, append(environ, "MISSEDCALLS_ARI_URL="+x.url)...)
	write(t, dir, yaml)
	return run(t, dir, o)
}

func TestWhoeverHangsUpIsToldOfOnce(t *testing.T) {
	hook, x := startCRM(t), startExchange(t)
	defer x.stop()
	p := serving(t, x, telling("", map[string]*crm{"crm": hook}))
	defer p.stop()
	x.missed(p)
	first := hook.next(t)
	assert.Contains(t, first.body, `"reason":"abandoned"`)
	x.missed(p)
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
	old, added, x := startCRM(t), startCRM(t), startExchange(t)
	defer x.stop()
	p := serving(t, x, telling("", map[string]*crm{"old": old}))
	defer p.stop()
	x.missed(p)
	old.next(t)

	write(t, p.dir, telling("", map[string]*crm{"old": old, "new": added}))
	p.reload <- struct{}{}
	p.log.await(t, `"targets":2`)
	x.missed(p)
	assert.Equal(t, old.next(t).call, added.next(t).call)

	secret := filepath.Join(p.dir, "secret")
	write(t, p.dir, "queues: {sales: {}, support: {}}\nnotifications: {targets: {old: {webhook: {url: "+old.URL+", secret_file: "+secret+"}}}, default: [old]}")
	p.reload <- struct{}{}
	p.log.await(t, "configuration not reloaded")
	assert.True(t, p.says("missedcalls_config_last_reload_successful 0"))
	assert.False(t, p.says(`missedcalls_queue_callers_waiting{queue="support"} 0`), "its queues hold no more than its targets")
	x.missed(p)
	assert.Equal(t, old.next(t).call, added.next(t).call)
}

func TestASecretThatIsNotThereKeepsNoCallerAndNoOtherTarget(t *testing.T) {
	signed, open, x := startCRM(t), startCRM(t), startExchange(t)
	defer x.stop()
	p := serving(t, x, "queues: {sales: {}}\nnotifications: {targets: {signed: {webhook: {url: "+signed.URL+", secret_file: secret}}, open: {webhook: {url: "+
		open.URL+"}}}, default: [signed, open]}")
	defer p.stop()
	x.missed(p)
	open.next(t)
	p.log.await(t, "the target cannot be opened; its messages wait until it can")
	require.Eventually(t, func() bool {
		return p.says(`missedcalls_notification_target_up{target="signed"} 0`) && p.says(`missedcalls_notification_target_up{target="open"} 1`)
	}, 10*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_notification_backlog{target="signed"} 1`))
	assert.Empty(t, signed.told)
}

func TestANotifierOnAnotherMachineTellsOfWhatItMissed(t *testing.T) {
	hook, x, address := startCRM(t), startExchange(t), nobody(t)
	defer x.stop()
	dir := t.TempDir()
	o := options(t, dir, append(withToken(address), "MISSEDCALLS_ARI_URL="+x.url)...)
	o.Roles = config.Roles{config.RoleApp}
	calls := run(t, dir, o)
	defer calls.stop()
	x.missed(calls)

	elsewhere := t.TempDir()
	tells := func() *process {
		p := options(t, elsewhere, "MISSEDCALLS_NATS_URL=nats://"+address, "MISSEDCALLS_NATS_TOKEN=secret")
		write(t, elsewhere, telling("", map[string]*crm{"crm": hook}))
		p.Roles = config.Roles{config.RoleNotifier}
		return run(t, elsewhere, p)
	}
	first := tells()
	told := hook.next(t)
	first.stop()

	x.missed(calls)
	second := tells()
	assert.NotEqual(t, told.call, hook.next(t).call, "what was told before it ended is not told again")
	second.stop()
	assert.Empty(t, hook.told)
}

func TestAStopLeavesNothingUntold(t *testing.T) {
	hook, x := startCRM(t), startExchange(t)
	defer x.stop()
	dir := t.TempDir()
	start := func() *process {
		o := options(t, dir, "MISSEDCALLS_ARI_URL="+x.url)
		write(t, dir, telling("", map[string]*crm{"crm": hook}))
		return run(t, dir, o)
	}
	p := start()
	x.missed(p)
	p.stop()
	again := start()
	defer again.stop()
	hook.next(t)
	x.missed(again)
	hook.next(t)
	assert.Empty(t, hook.told, "each once, whichever process told it")
}

func TestATargetIsTriedByACommandAndNothingRuns(t *testing.T) {
	hook := startCRM(t)
	file, err := config.Parse("q.yaml", []byte(telling("", map[string]*crm{"crm": hook})))
	require.NoError(t, err)
	verdict, err := app.TryTarget(context.Background(), commanding(t, t.TempDir()), file, file.Notifications.Targets["crm"])
	require.NoError(t, err)
	assert.NoError(t, verdict.Err)
	told := hook.next(t)
	assert.True(t, strings.HasPrefix(told.call, "notify-test-"))
	assert.Contains(t, told.body, `"queue_name":"Sales"`)
}
