package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/bus/bustest"
	"missedcalls/app/config"
	"missedcalls/app/journal"
)

func TestMain(m *testing.M) { bustest.Verify(m) }

// process is an app of which every part is real but Asterisk, which is not there.
type process struct {
	t      *testing.T
	dir    string
	reload chan struct{}
	end    context.CancelFunc
	ended  chan error
	url    string
	log    said
}

// said is what a process has logged.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// await waits until a process has logged something.
func (s *said) await(t *testing.T, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return strings.Contains(s.text.String(), text)
	}, 10*time.Second, 5*time.Millisecond, "never said: %s", text)
}

func write(t *testing.T, dir, yaml string) string {
	t.Helper()
	path := filepath.Join(dir, "missedcalls.yaml")
	require.NoError(t, os.WriteFile(path, []byte(yaml), 0o600))
	return path
}

func options(t *testing.T, dir string, environ ...string) app.Options {
	t.Helper()
	settings, err := config.LoadSettings(append(environ,
		"MISSEDCALLS_CONFIG="+write(t, dir, "queues: {sales: {}}"),
		"MISSEDCALLS_DATA_DIR="+filepath.Join(dir, "data"),
		"MISSEDCALLS_ARI_URL=http://"+nobody(t)+"/ari", "MISSEDCALLS_ARI_USERNAME=u", "MISSEDCALLS_ARI_PASSWORD=p",
		"MISSEDCALLS_NATS_LISTEN=off", "MISSEDCALLS_HTTP_LISTEN=127.0.0.1:0",
	))
	require.NoError(t, err)
	return app.Options{Settings: settings, Version: "1", Commit: "c", Log: zerolog.Nop()}
}

// nobody is an address at which nothing listens.
func nobody(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// start runs a process until its driver is up.
func start(t *testing.T, dir string, environ ...string) *process {
	t.Helper()
	p := run(t, dir, options(t, dir, environ...))
	require.Eventually(t, func() bool {
		_, checks := p.health("/readyz")
		return checks["driver"] == "ok"
	}, 20*time.Second, 10*time.Millisecond)
	return p
}

// run runs a process until its health is served.
func run(t *testing.T, dir string, o app.Options) *process {
	t.Helper()
	p := &process{t: t, dir: dir, reload: make(chan struct{}), ended: make(chan error, 1)}
	o.Reload, o.Log = p.reload, zerolog.New(&p.log)
	a, err := app.New(o)
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	p.end = end
	go func() { p.ended <- a.Run(ctx) }()
	addr, err := a.Addr(ctx)
	require.NoError(t, err)
	p.url = "http://" + addr.String()
	return p
}

// stop ends the process in good order.
func (p *process) stop() {
	p.end()
	require.NoError(p.t, <-p.ended)
}

// health asks a page of health.
func (p *process) health(path string) (status int, checks map[string]string) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get(p.url + path)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	var answer struct{ Checks map[string]string }
	require.NoError(p.t, json.NewDecoder(resp.Body).Decode(&answer))
	return resp.StatusCode, answer.Checks
}

func TestWithoutAsteriskTheProcessLivesIsNotReadyAndSaysWhatToCheck(t *testing.T) {
	p := start(t, t.TempDir())
	defer p.stop()
	status, checks := p.health("/readyz")
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Equal(t, "ok", checks["nats"])
	assert.Equal(t, "ok", checks["journal"])
	for part, state := range checks {
		if len(part) > 8 && part[:8] == "asterisk" {
			assert.NotEqual(t, "ok", state)
		}
	}
	status, _ = p.health("/livez")
	assert.Equal(t, http.StatusOK, status, "restarting it would not bring Asterisk back")
}

func TestABadFileAtReloadLeavesTheOldOneInForce(t *testing.T) {
	p := start(t, t.TempDir())
	defer p.stop()
	write(t, p.dir, "queues: {sales: {musik: x}}")
	p.reload <- struct{}{}
	require.Eventually(t, func() bool { return p.says("missedcalls_config_last_reload_successful 0") }, 10*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_queue_callers_waiting{queue="sales"} 0`), "the old one is in force")

	write(t, p.dir, "queues: {sales: {}, support: {}}")
	p.reload <- struct{}{}
	require.Eventually(t, func() bool { return p.says("missedcalls_config_last_reload_successful 1") }, 10*time.Second, 10*time.Millisecond)
	assert.True(t, p.says(`missedcalls_queue_callers_waiting{queue="support"} 0`))
}

// says tells whether the page of metrics has a line.
func (p *process) says(line string) bool {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get(p.url + "/metrics")
	require.NoError(p.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return strings.Contains(string(page), line+"\n")
}

func TestPromptsAreServedAndReplacedAtReload(t *testing.T) {
	dir := t.TempDir()
	own := filepath.Join(dir, "prompts", "ru")
	require.NoError(t, os.MkdirAll(own, 0o700))
	p := start(t, dir, "MISSEDCALLS_PROMPTS_DIR="+filepath.Dir(own))
	defer p.stop()
	embedded := p.tag("/prompts/ru/closed.wav")
	assert.NotEmpty(t, embedded)

	another, err := os.ReadFile(filepath.Join("prompts", "sounds", "ru", "goodbye.wav"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(own, "closed.wav"), another, 0o600))
	p.reload <- struct{}{}
	require.Eventually(t, func() bool { return p.tag("/prompts/ru/closed.wav") == p.tag("/prompts/ru/goodbye.wav") },
		10*time.Second, 10*time.Millisecond)
	assert.NotEqual(t, embedded, p.tag("/prompts/ru/closed.wav"))
}

// tag is the ETag of a page.
func (p *process) tag(path string) string {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Head(p.url + path)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	return resp.Header.Get("ETag")
}

func TestAFolderOfPromptsThatIsNotThereStartsNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := app.New(options(t, dir, "MISSEDCALLS_PROMPTS_DIR="+filepath.Join(dir, "nowhere")))
	require.ErrorContains(t, err, "MISSEDCALLS_PROMPTS_DIR")
	assert.NoDirExists(t, filepath.Join(dir, "data"))
}

func TestASecondProcessOnTheDirectoryEndsAndIsToldWhoHoldsIt(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	defer p.stop()
	second, err := app.New(options(t, dir))
	require.NoError(t, err)
	err = second.Run(context.Background())
	require.Error(t, err)
	assert.Contains(t, err.Error(), strconv.Itoa(os.Getpid()))
}

func TestAProcessMayBeStartedAgainOnItsDirectory(t *testing.T) {
	dir := t.TempDir()
	for range 3 {
		p := start(t, dir)
		p.stop()
	}
}

func TestASavedStateOfAnotherStreamIsNotBelieved(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	require.NoError(t, os.Mkdir(data, 0o700))
	require.NoError(t, journal.SaveCheckpoint(data, journal.Checkpoint{Seq: 1_000_000, State: []byte(`{}`), SavedAt: time.Now()}))
	start(t, dir).stop()
	saved, ok, err := journal.LoadCheckpoint(data)
	require.NoError(t, err)
	require.True(t, ok)
	assert.Zero(t, saved.Seq, "a number that the stream has not reached would hide its events from every later start")
}

func TestABadConfigurationStartsNothing(t *testing.T) {
	dir := t.TempDir()
	o := options(t, dir)
	write(t, dir, "queues: {sales: {answer: later}}")
	_, err := app.New(o)
	require.ErrorAs(t, err, new(config.Problems))
	assert.NoDirExists(t, filepath.Join(dir, "data"))
}
