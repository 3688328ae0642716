package testbed

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed sandbox.sh
var sandboxScript string

// clockTick is the unit of CPU times in /proc on every Linux architecture Go runs on.
const clockTick = 10 * time.Millisecond

// process is one run of Asterisk in its namespaces. It is never reused: a restart makes another.
type process struct {
	// sandbox is the first process of the namespaces; killing it ends everything in them. Its state may be read once done is closed.
	sandbox *exec.Cmd
	// pid is Asterisk itself, as the machine numbers it.
	pid int
	// done is closed when the namespaces are empty.
	done chan struct{}
}

// startProcess starts Asterisk from root on the instance's folder. It returns when Asterisk's process exists, which is long before
// it serves calls.
func startProcess(root Root, folder string) (*process, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("start asterisk: root rights are needed for its private namespaces; run the tests as root")
	}
	console, err := os.Create(filepath.Join(folder, "log", "console.log"))
	if err != nil {
		return nil, fmt.Errorf("start asterisk: %w", err)
	}
	defer console.Close()

	cmd := exec.Command("/bin/sh", "-c", sandboxScript, "sandbox", root.Path, folder)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.Stdout, cmd.Stderr = console, console
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	done, err := startBound(cmd)
	if err != nil {
		return nil, fmt.Errorf("start asterisk: %w", err)
	}
	p := &process{sandbox: cmd, done: done}
	if err := p.findAsterisk(10 * time.Second); err != nil {
		p.kill()
		text, _ := os.ReadFile(console.Name())
		return nil, fmt.Errorf("start asterisk: %w: %s", err, lastLine(string(text)))
	}
	return p, nil
}

// startBound starts a command that the kernel kills when this program ends in any way. The returned channel is closed once the
// command has ended and was waited for.
//
// The kernel binds the command to the thread that started it, so that thread is kept until the command is gone.
func startBound(cmd *exec.Cmd) (done chan struct{}, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	done = make(chan struct{})
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			// The exit code is in cmd.ProcessState.
			_ = cmd.Wait()
		}
	}()
	return done, <-started
}

// findAsterisk waits until the sandbox has started Asterisk and notes its process id.
func (p *process) findAsterisk(within time.Duration) error {
	deadline := time.After(within)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if pid, ok := childNamed(p.sandbox.Process.Pid, "asterisk"); ok {
			p.pid = pid
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended before it began: %s", p.ending())
		case <-deadline:
			return fmt.Errorf("no asterisk process within %s", within)
		case <-tick.C:
		}
	}
}

// stop asks Asterisk to end and kills it when it has not done so within the grace time.
func (p *process) stop(grace time.Duration) {
	if p.alive() {
		_ = syscall.Kill(p.pid, syscall.SIGTERM)
		// A paused process would never see the request.
		_ = syscall.Kill(p.pid, syscall.SIGCONT)
	}
	select {
	case <-p.done:
	case <-time.After(grace):
		p.kill()
	}
}

// kill ends everything at once, as a power cut would, and returns when it is gone.
func (p *process) kill() {
	_ = p.sandbox.Process.Kill()
	<-p.done
}

// ending says how a process that has ended did so, such as "signal 6 (aborted)".
func (p *process) ending() string {
	return endingOf(p.sandbox.ProcessState.Sys().(syscall.WaitStatus))
}

// endingOf reads how the sandbox's shell ended. For a signal that ended Asterisk, a shell exits with 128 and the signal's number.
func endingOf(shell syscall.WaitStatus) string {
	signal := shell.Signal()
	if !shell.Signaled() {
		signal = syscall.Signal(shell.ExitStatus() - 128)
	}
	if signal <= 0 {
		return fmt.Sprintf("exit code %d", shell.ExitStatus())
	}
	return fmt.Sprintf("signal %d (%s)", int(signal), signal)
}

func (p *process) signal(sig syscall.Signal) error {
	return syscall.Kill(p.pid, sig)
}

// alive tells whether the process still runs.
func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// procStat is what this package reads from /proc/<pid>/stat.
type procStat struct {
	name   string
	parent int
	cpu    time.Duration
}

// parseStat reads the text of /proc/<pid>/stat. The name stands in brackets and may hold anything, so fields count from the last one.
func parseStat(text string) (procStat, error) {
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return procStat{}, fmt.Errorf("process state %q: no name", text)
	}
	fields := strings.Fields(text[end+1:])
	if len(fields) < 13 {
		return procStat{}, fmt.Errorf("process state %q: too short", text)
	}
	parent, err := strconv.Atoi(fields[1])
	user, userErr := strconv.ParseInt(fields[11], 10, 64)
	system, systemErr := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err, userErr, systemErr); err != nil {
		return procStat{}, fmt.Errorf("process state: %w", err)
	}
	return procStat{name: text[open+1 : end], parent: parent, cpu: time.Duration(user+system) * clockTick}, nil
}

func readStat(pid int) (procStat, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return procStat{}, err
	}
	return parseStat(string(text))
}

// childNamed finds a child of a process by its name.
func childNamed(parent int, name string) (pid int, ok bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0, false
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if stat, err := readStat(pid); err == nil && stat.parent == parent && stat.name == name {
			return pid, true
		}
	}
	return 0, false
}
