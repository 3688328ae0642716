package testbed

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bootLimit bounds the wait for a started Asterisk to answer ARI; a second or two is normal.
const bootLimit = 60 * time.Second

// stopGrace is how long Asterisk may take to end by itself.
const stopGrace = 10 * time.Second

// Asterisk is one instance. Its ports stay the same over Stop, Kill and Restart. Its methods may be called from several goroutines.
type Asterisk struct {
	// Root is the folder it runs from.
	Root Root
	// Username and Password are those of ARI and of the manager interface.
	Username, Password string
	// App is the Stasis application the dialplan calls.
	App string
	// HTTPPort serves ARI, SIPPort is UDP, AMIPort the manager interface; all on 127.0.0.1.
	HTTPPort, SIPPort, AMIPort int
	// Folder holds the instance's etc, lib, log, run, spool, cache and sounds. Sound files put into sounds play as sound:custom/<name>.
	Folder string

	settings settings

	mu     sync.Mutex
	proc   *process // guarded by mu; nil while stopped
	deaths []string // guarded by mu; how runs ended that nobody had ended
}

// Start starts an instance for a test, waits until it serves ARI and stops it when the test ends. When it cannot, the test fails
// and the message says what is missing. A test during which Asterisk died of itself fails, whatever else it found, and says so.
func Start(t testing.TB, opts ...Option) *Asterisk {
	t.Helper()
	root, err := Find(t.Context())
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	began := time.Now()
	a, err := Launch(t.Context(), root, t.TempDir(), opts...)
	if err != nil {
		t.Fatalf("testbed: %v", err)
	}
	t.Cleanup(func() {
		a.Stop()
		for _, death := range a.Deaths() {
			t.Errorf("testbed: Asterisk died of itself: %s", death)
		}
		if t.Failed() {
			t.Logf("testbed: the end of Asterisk's log:\n%s", a.LogTail(40))
		}
	})
	t.Logf("testbed: Asterisk %s in %s: ARI %s, SIP %s", root.Version, time.Since(began).Round(time.Millisecond), a.ARIURL(), a.SIPAddr())
	return a
}

// Launch starts an instance in an empty folder and waits until it serves ARI. The caller has to Stop it; it dies with the calling
// program in any case.
func Launch(ctx context.Context, root Root, folder string, opts ...Option) (*Asterisk, error) {
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	hostname, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("launch asterisk: %w", err)
	}
	if err := prepare(folder, root, s, hostname); err != nil {
		return nil, err
	}
	a := &Asterisk{
		Root: root, Folder: folder, Username: s.Username, Password: s.Password, App: s.App,
		HTTPPort: s.HTTPPort, SIPPort: s.SIPPort, AMIPort: s.AMIPort, settings: s,
	}
	if err := a.boot(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// ARIURL is the base of all requests, such as http://127.0.0.1:28088/ari.
func (a *Asterisk) ARIURL() string {
	return fmt.Sprintf("http://127.0.0.1:%d/ari", a.HTTPPort)
}

// SIPAddr is where callers and agents send SIP to, over UDP.
func (a *Asterisk) SIPAddr() string {
	return fmt.Sprintf("127.0.0.1:%d", a.SIPPort)
}

// Stop ends Asterisk as its operator would, and kills it if it does not end. Calls in progress are hung up. Stopping twice is harmless.
func (a *Asterisk) Stop() {
	if p := a.take(); p != nil {
		p.stop(stopGrace)
	}
}

// Kill ends Asterisk at once, as a power cut would: nobody is told anything.
func (a *Asterisk) Kill() {
	if p := a.take(); p != nil {
		p.kill()
	}
}

// Pause freezes Asterisk: its connections stay open and nothing moves until Resume.
func (a *Asterisk) Pause() error { return a.signal(syscall.SIGSTOP) }

// Resume lets a paused Asterisk go on.
func (a *Asterisk) Resume() error { return a.signal(syscall.SIGCONT) }

// Restart stops Asterisk if it runs and starts it again, on the same ports and with the same database.
func (a *Asterisk) Restart(ctx context.Context) error {
	a.Stop()
	return a.boot(ctx)
}

// Alive tells whether Asterisk's process runs, paused or not.
func (a *Asterisk) Alive() bool {
	p := a.current()
	return p != nil && p.alive()
}

// Deaths tells how Asterisk ended each time that neither Stop, Kill nor Restart had ended it, such as "signal 6 (aborted)".
func (a *Asterisk) Deaths() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	deaths := slices.Clone(a.deaths)
	if a.proc != nil && !a.proc.alive() {
		deaths = append(deaths, a.proc.ending())
	}
	return deaths
}

// PID is the machine's number of Asterisk's process, 0 while it is stopped.
func (a *Asterisk) PID() int {
	p := a.current()
	if p == nil {
		return 0
	}
	return p.pid
}

// CPU is the processor time, user and system, that this run of Asterisk has used; zero while it is stopped.
func (a *Asterisk) CPU() time.Duration {
	p := a.current()
	if p == nil {
		return 0
	}
	stat, err := readStat(p.pid)
	if err != nil {
		return 0
	}
	return stat.cpu
}

// LogTail returns the last n lines of Asterisk's log and what it said on its console.
func (a *Asterisk) LogTail(n int) string {
	var text strings.Builder
	for _, name := range []string{"console.log", "messages.log"} {
		content, err := os.ReadFile(filepath.Join(a.Folder, "log", name))
		if err == nil {
			text.WriteString(tail(string(content), n))
		}
	}
	return text.String()
}

// boot starts a process and waits until it is ready, or kills it.
func (a *Asterisk) boot(ctx context.Context) error {
	p, err := startProcess(a.Root, a.Folder)
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.proc = p
	a.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	if err := a.waitReady(ctx, p); err != nil {
		a.Kill()
		return fmt.Errorf("start asterisk: %w; the end of its log:\n%s", err, a.LogTail(30))
	}
	return nil
}

// waitReady returns when Asterisk has booted and ARI answers a request with our credentials.
func (a *Asterisk) waitReady(ctx context.Context, p *process) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var last error
	for {
		if last = a.ping(ctx); last == nil {
			_, err := a.CLI(ctx, "core waitfullybooted")
			return err
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended while starting: %s", p.ending())
		case <-ctx.Done():
			return fmt.Errorf("ARI does not answer: %w", last)
		case <-tick.C:
		}
	}
}

// ping asks ARI for a sign of life. Until Asterisk has booted the answer is 503.
func (a *Asterisk) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.ARIURL()+"/asterisk/ping", nil)
	if err != nil {
		return err
	}
	request.SetBasicAuth(a.Username, a.Password)
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", response.Status)
	}
	return nil
}

func (a *Asterisk) current() *process {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.proc
}

// take hands the process over to the one who ends it.
func (a *Asterisk) take() *process {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.proc
	a.proc = nil
	if p != nil && !p.alive() {
		a.deaths = append(a.deaths, p.ending())
	}
	return p
}

func (a *Asterisk) signal(sig syscall.Signal) error {
	p := a.current()
	if p == nil {
		return errors.New("signal asterisk: it is stopped")
	}
	if err := p.signal(sig); err != nil {
		return fmt.Errorf("signal asterisk: %w", err)
	}
	return nil
}

// tail returns the last n lines of a text.
func tail(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
