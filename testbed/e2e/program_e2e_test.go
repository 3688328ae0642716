//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/testbed"
)

// binary is the program under test, built once by TestMain.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "missedcalls-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "missedcalls")
	build := exec.Command("go", "build", "-o", binary, "missedcalls/cmd/missedcalls")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "build the program:", err)
		return 1
	}
	return m.Run()
}

// configuration is what the tests run with unless they say otherwise.
const configuration = `
region: RU
dids: {"74951234567": sales, "7800*": support, "74950000000": short}
queues:
  sales: {name: "Отдел продаж", max_callers: 2000}
  support: {name: Support, keys: {"*": {exit: "exit,700,1"}, "9": {queue: sales}}}
  short: {max_wait: 3s, on_timeout: {exit: "exit,s,1"}}
  full: {max_callers: 1}
  missing: {max_wait: 1s, on_timeout: {exit: "nowhere,s,1"}}
`

// program is one installation: a data directory, a configuration and the process that uses them, if it runs.
type program struct {
	t       *testing.T
	dir     string
	natsURL string
	httpURL string
	env     []string

	mu   sync.Mutex
	log  bytes.Buffer
	cmd  *exec.Cmd
	done chan struct{}
}

// install makes an installation for an Asterisk; set changes or adds settings, as NAME=value without the prefix.
func install(t *testing.T, asterisk *testbed.Asterisk, set ...string) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir()}
	nats, web := freeAddress(t), freeAddress(t)
	p.natsURL, p.httpURL = "nats://"+nats, "http://"+web
	p.configure(configuration)
	p.env = os.Environ()
	for _, s := range append([]string{
		"CONFIG=" + filepath.Join(p.dir, "missedcalls.yaml"), "DATA_DIR=" + filepath.Join(p.dir, "data"),
		"ARI_URL=" + asterisk.ARIURL(), "ARI_USERNAME=" + asterisk.Username, "ARI_PASSWORD=" + asterisk.Password,
		"ARI_APP=" + asterisk.App, "NATS_LISTEN=" + nats, "HTTP_LISTEN=" + web, "LOG_FORMAT=json",
	}, set...) {
		p.env = append(p.env, "MISSEDCALLS_"+s)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program's log:\n%s", tail(p.logged(), 60))
		}
	})
	return p
}

func (p *program) configure(yaml string) {
	require.NoError(p.t, os.WriteFile(filepath.Join(p.dir, "missedcalls.yaml"), []byte(yaml), 0o600))
}

// start runs the program and returns at once.
func (p *program) start() {
	p.t.Helper()
	cmd := exec.Command(binary, "serve")
	cmd.Env = p.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stdout, cmd.Stderr = p, p
	require.NoError(p.t, cmd.Start())
	p.cmd, p.done = cmd, make(chan struct{})
	go func() {
		defer close(p.done)
		_ = cmd.Wait() // its exit code is read from ProcessState
	}()
}

// serve runs the program and waits until it is ready.
func (p *program) serve() {
	p.t.Helper()
	p.start()
	p.awaitReady()
}

func (p *program) awaitReady() {
	p.t.Helper()
	require.Eventually(p.t, func() bool { ok, _ := p.ready(); return ok }, 20*time.Second, 20*time.Millisecond, "not ready")
}

// ready asks /readyz; why names the parts that are not well.
func (p *program) ready() (ok bool, why map[string]string) {
	resp, err := http.Get(p.httpURL + "/readyz")
	if err != nil {
		return false, map[string]string{"http": err.Error()}
	}
	defer resp.Body.Close()
	var answer struct {
		OK     bool
		Checks map[string]string
	}
	if json.NewDecoder(resp.Body).Decode(&answer) != nil {
		return false, nil
	}
	return answer.OK && resp.StatusCode == http.StatusOK, answer.Checks
}

// Write takes what the process prints.
func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *program) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// awaitLog waits until the program has said something.
func (p *program) awaitLog(text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return strings.Contains(p.logged(), text) }, 20*time.Second, 10*time.Millisecond,
		"the program never said %q", text)
}

// kill ends the process as a power failure would. It may be called when nothing runs.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
	p.cmd = nil
}

// terminate ends the process in good order and gives its exit code.
func (p *program) terminate() int {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	return p.exit()
}

// exit waits for the process to end and gives its exit code.
func (p *program) exit() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		require.Fail(p.t, "the program does not end")
	}
	code := p.cmd.ProcessState.ExitCode()
	p.cmd = nil
	return code
}

// cpu is what the process has used so far.
func (p *program) cpu() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	require.NoError(p.t, err)
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	var user, system int64
	_, err = fmt.Sscan(fields[11]+" "+fields[12], &user, &system)
	require.NoError(p.t, err)
	const tick = 10 * time.Millisecond // USER_HZ is 100 on Linux
	return time.Duration(user+system) * tick
}

// metrics gives the page of metrics.
func (p *program) metrics() string {
	resp, err := http.Get(p.httpURL + "/metrics")
	require.NoError(p.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return string(page)
}

// metric is the sum of a metric over its labels.
func (p *program) metric(name string) float64 {
	sum := 0.0
	for line := range strings.Lines(p.metrics()) {
		if !strings.HasPrefix(line, name+"{") && !strings.HasPrefix(line, name+" ") {
			continue
		}
		fields := strings.Fields(line)
		value, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		require.NoError(p.t, err)
		sum += value
	}
	return sum
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// within gives a context for one wait of a test.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// containsHold tells whether Asterisk lists a holding bridge of ours.
func containsHold(out string) bool { return strings.Contains(out, "-hold-") }
