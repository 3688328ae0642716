package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/app/config"
)

// transcript is what a demo prints, for a test that reads while it runs.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// running is a demo under way.
type running struct {
	t        *testing.T
	out, err *transcript
	end      context.CancelFunc
	ended    chan error
}

func options(environ ...string) Options {
	return Options{
		Environ: append([]string{"MISSEDCALLS_NATS_LISTEN=127.0.0.1:0", "MISSEDCALLS_HTTP_LISTEN=127.0.0.1:0"}, environ...),
		Seed:    1, Speed: 50, Version: "1", Commit: "c", Stdout: io.Discard, Stderr: io.Discard,
		Log: func(s config.LogSettings, w io.Writer) zerolog.Logger {
			level, err := zerolog.ParseLevel(s.Level)
			if err != nil {
				level = zerolog.Disabled
			}
			return zerolog.New(w).Level(level)
		},
	}
}

// begin runs a demo in a temporary folder of the test's.
func begin(t *testing.T, o Options) *running {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	r := &running{t: t, out: &transcript{}, err: &transcript{}, ended: make(chan error, 1)}
	o.Stdout, o.Stderr = r.out, r.err
	d, err := New(o)
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	r.end = end
	go func() { r.ended <- d.Run(ctx) }()
	return r
}

// sign waits until the demo has said something that a pattern finds, and gives what its group found.
func (r *running) sign(pattern string) string {
	r.t.Helper()
	var found []string
	require.Eventually(r.t, func() bool {
		found = regexp.MustCompile(pattern).FindStringSubmatch(r.out.String())
		return found != nil || len(r.ended) > 0
	}, 20*time.Second, 10*time.Millisecond)
	require.NotEmpty(r.t, found, "%s\n%s", r.out, r.err)
	return found[1]
}

// finish interrupts the demo and gives its error.
func (r *running) finish() error {
	r.end()
	err := <-r.ended
	assert.Empty(r.t, r.err.String(), "nothing was worth a warning")
	left, globErr := filepath.Glob(filepath.Join(os.TempDir(), "missedcalls-demo-*"))
	require.NoError(r.t, globErr)
	assert.Empty(r.t, left, "the temporary folder is gone")
	return err
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := client.Get(url)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(text)
}

// missed follows a demo as its sign says, until so many calls were missed.
func (r *running) missed(n int) {
	nc, err := nats.Connect(r.sign(`nats sub -s (\S+) 'calls\.\*\.missed'`))
	require.NoError(r.t, err)
	defer nc.Close()
	events, err := nc.SubscribeSync("calls.*.missed")
	require.NoError(r.t, err)
	for range n {
		_, err := events.NextMsg(20 * time.Second)
		require.NoError(r.t, err)
	}
}

func TestANewcomerSeesCallsComeAndGoAndTheSumIsRight(t *testing.T) {
	r := begin(t, options())
	r.missed(20)
	for _, seen := range []string{
		`(team-chat changed: )`, ` (talks with (Анна|Борис|Clara|Emma) after)`, `(Dan did not answer)`, `(Вера declined)`,
		`(was transferred to 299)`, `(Борис takes no calls for now \(by demo\): lunch)`, `(Борис takes calls again \(by demo\))`,
		`(Dan takes no calls for now \(by queue\): no_answer)`, `(takes calls again \(by demo\): called to order)`,
		`: (got through to \S+ after)`, `(team-chat changed: ✅ (Got through|Звонивший дозвонился))`,
	} {
		r.sign(seen)
	}
	health := r.sign(`curl (http://\S+/readyz)`)
	status, body := get(t, health)
	assert.Equal(t, http.StatusOK, status, body)
	_, metrics := get(t, strings.Replace(health, "readyz", "metrics", 1))
	assert.Contains(t, metrics, `missedcalls_queue_callers_waiting{queue="sales"}`)
	require.NoError(t, r.finish())

	text := r.out.String()
	assert.Contains(t, text, "missedcalls demo   --seed 1 --speed 50\n")
	assert.Equal(t, 1, strings.Count(text, "nats sub"), "the signs stand there once")
	assert.Regexp(t, `\n\d\d:\d\d:\d\d (sales|support|delivery): .* came in, 1st in line\n`, text)
	assert.Regexp(t, ` hung up after \d`, text)
	assert.Regexp(t, `\n\d\d:\d\d:\d\d team-chat told: 📵 Missed call: Support · `, text)
	assert.Regexp(t, `\n\d\d:\d\d:\d\d team-chat told: 📵 Пропущенный звонок: Отдел продаж · `, text)
	assert.Regexp(t, `\n\d\d:\d\d:\d\d team-chat changed: ✅ (Resolved by demo|Закрыто)`, text)
	assert.Regexp(t, `\nagents were rung \d+: answered \d+, no answer \d+, declined \d+`, text)
	assert.Regexp(t, `\nanswered [1-9]\d*, transferred [1-9]\d* of them\n`, text)
	assert.Regexp(t, `\nresolved [1-9]\d*, the missed calls of one number once; of [1-9]\d* the caller got through\n`, text)
	assert.Regexp(t, `\nteam-chat: [1-9]\d* missed calls, [1-9]\d* messages, [1-9]\d* of them changed .*: good\n`, text)
	assert.Regexp(t, `\nhanding over: .*\n`, text)
	assert.Regexp(t, `\ncallers called \d+, entered a queue \d+, moved to another \d+\n`, text)
	assert.Regexp(t, `\nmissed \d\d+: hung up `, text)
	assert.Regexp(t, `\nserved by the dialplan's fallback \d+\n`, text)
	assert.Regexp(t, `\ncheck: of \d+ calls that entered the application [1-9]\d* were answered once.*, [1-9]\d* were missed once and \d+ still waited.*; `+
		`phones rang [1-9]\d* times, none twice at once: good\n$`, text)
}

func TestMissedCallsAreSettledFromAnotherTerminalAsTheSignSays(t *testing.T) {
	o := options("MISSEDCALLS_ARI_APP=desk", "MISSEDCALLS_DATA_DIR="+filepath.Join(t.TempDir(), "it's kept"))
	o.Program = "bin/missedcalls"
	r := begin(t, o)
	r.sign(`(bin/missedcalls missed list   then   bin/missedcalls missed resolve NUMBER --why 'called back')`)
	shell, err := exec.Command("sh", "-c", ". "+r.sign(`settle   \. (\S+/env); `)+"; env").Output()
	require.NoError(t, err)
	settings, err := config.LoadSettings(slices.DeleteFunc(strings.Split(string(shell), "\n"), func(v string) bool {
		return !strings.HasPrefix(v, "MISSEDCALLS_")
	}))
	require.NoError(t, err)
	_, err = config.Load(settings.Config)
	require.NoError(t, err)
	assert.Equal(t, "desk", settings.ARI.App)
	require.Eventually(t, func() bool {
		open, _, err := app.ListMissed(t.Context(), settings, api.ListRequest{Queue: "support"}, 1)
		if err != nil || len(open) == 0 {
			return false
		}
		_, err = app.ResolveMissed(t.Context(), settings, api.ResolveRequest{Episode: open[0].ID, By: "anna", Why: "written to"})
		return err == nil // else the demo's own colleague was faster
	}, 20*time.Second, 50*time.Millisecond)
	r.sign(`(team-chat changed: ✅ Resolved by anna after .*: written to)`)
	require.NoError(t, r.finish())
}

func TestNobodyIsToldOfInventedCallsByTheTargetsOfAUsersFile(t *testing.T) {
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("somebody real was told") }))
	defer hook.Close()
	path := filepath.Join(t.TempDir(), "queues.yaml")
	text := "dids: {\"7*\": only}\nqueues: {only: {max_wait: 300ms}}\nnotifications: {targets: {boss: {webhook: {url: \"" + hook.URL + "\"}}}, default: [boss]}\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	r := begin(t, options("MISSEDCALLS_CONFIG="+path))
	r.sign(`(nobody   is told: the targets of \S+queues.yaml are real, and these calls are not)`)
	r.missed(5)
	require.NoError(t, r.finish())
	assert.NotContains(t, r.out.String(), teamChat)
	assert.Contains(t, r.out.String(), "were missed once and")
}

func TestSomebodyMayCallInAndIsSeen(t *testing.T) {
	o := options()
	o.Speed = 1
	r := begin(t, o)
	parts := regexp.MustCompile(`-d '(.*)' (http://\S+)`).FindStringSubmatch(r.sign(`curl (-d '.*' http://\S+/mock/calls)`))
	require.Len(t, parts, 3)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	response, err := client.Post(parts[2], "application/json", strings.NewReader(parts[1]))
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, http.StatusCreated, response.StatusCode)
	r.sign(`(\+7 999 000-12-34 came in)`)
	require.NoError(t, r.finish())
}

func TestWithTheListenersOffTheCallsAreSummedUpAllTheSame(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "queues.yaml")
	require.NoError(t, os.WriteFile(path, []byte("dids: {\"7*\": only}\nqueues: {only: {max_wait: 300ms}}\n"), 0o600))
	data := filepath.Join(dir, "data")
	o := options("MISSEDCALLS_CONFIG="+path, "MISSEDCALLS_DATA_DIR="+data)
	o.Environ = append(o.Environ[2:], "MISSEDCALLS_NATS_LISTEN=off", "MISSEDCALLS_HTTP_LISTEN=off")
	r := begin(t, o)
	r.sign(`(MISSEDCALLS_NATS_LISTEN is off)`)
	calls := r.sign(`curl -d '.*' (http://\S+/mock/calls)`)
	require.Eventually(t, func() bool {
		_, body := get(t, calls)
		var there []struct{ State string }
		require.NoError(t, json.Unmarshal([]byte(body), &there))
		return len(there) > 3
	}, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, r.finish())
	assert.Regexp(t, `check: of \d+ calls that entered the application 0 were answered once, [1-9]\d* were missed once`, r.out.String())
	assert.DirExists(t, filepath.Join(data, "nats"), "a folder that was asked for stays")
}

func TestAPortThatWasAskedForAndIsTakenIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	for _, name := range []string{"NATS", "HTTP"} {
		o := options()
		o.Environ = append([]string{"MISSEDCALLS_" + name + "_LISTEN=" + l.Addr().String()}, o.Environ...)
		r := begin(t, o)
		err := <-r.ended
		require.ErrorContains(t, err, "set MISSEDCALLS_"+name+"_LISTEN", name)
		assert.NotContains(t, err.Error(), "\n", "it is said once")
		assert.NotContains(t, r.out.String(), "demo", "nothing was shown")
		r.end()
	}
}

func TestADemoThatIsInterruptedBeforeItIsUpEndsInPeace(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	d, err := New(options())
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	end()
	assert.NoError(t, d.Run(ctx))
}

func TestACallWithoutItsEventIsAFailureAndTheFilesAreLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	out := &transcript{}
	o := options()
	o.Stdout = out
	d, err := New(o)
	require.NoError(t, err)
	h, err := openHome(d.settings, false)
	require.NoError(t, err)
	p := &program{settings: d.settings, log: zerolog.Nop()}
	p.settings.DataDir = h.data
	calls := map[string]entry{"1700000000.1": {over: true, endedAt: time.Now().Add(-time.Minute)}}
	err = d.judge(stage{home: h}, p, newAudit(here, calls, time.Now()), 0)
	require.ErrorIs(t, err, ErrCheck)
	assert.ErrorContains(t, err, "call 1700000000.1 ended at")
	assert.Contains(t, out.String(), "check: FAILED for 1 of 1 calls")
	require.NoError(t, h.remove())
	assert.DirExists(t, h.data)
}

func TestWrongOptionsStartNothing(t *testing.T) {
	for _, speed := range []float64{0, 0.09, -1, 100.5, math.NaN(), math.Inf(1)} {
		o := options()
		o.Speed = speed
		_, err := New(o)
		assert.ErrorContains(t, err, "must be a number from 0.1 to 100")
	}
	_, err := New(options("MISSEDCALLS_NATS_LISTN=off"))
	assert.ErrorAs(t, err, new(config.Problems))
	_, err = New(options("MISSEDCALLS_CONFIG=/nonexistent/x.yaml"))
	assert.ErrorContains(t, err, "unset MISSEDCALLS_CONFIG")
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	require.NoError(t, os.WriteFile(bad, []byte("queues: {a: {musik: x}}"), 0o600))
	_, err = New(options("MISSEDCALLS_CONFIG=" + bad))
	assert.ErrorAs(t, err, new(config.Problems))
	_, err = New(options("MISSEDCALLS_CONFIG= ", "MISSEDCALLS_ARI_PASSWORD="))
	assert.NoError(t, err, "set to nothing is not set, and no credentials are needed")
}

func TestInAClusterWhereOthersMayNotifyTheDemoTellsNobody(t *testing.T) {
	d, err := New(options("MISSEDCALLS_NATS_URL=nats://nats.example.org:4222"))
	require.NoError(t, err)
	c, err := d.chat(nil)
	require.NoError(t, err)
	assert.Nil(t, c)
	on := stage{chat: c}
	assert.Equal(t, config.Roles{config.RoleApp}, on.roles())
	assert.Nil(t, on.telling())
	assert.NotContains(t, string(ownConfiguration(1, c)), "notifications")
}
