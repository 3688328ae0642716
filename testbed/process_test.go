package testbed

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProcessStateIsReadWhateverTheProcessIsCalled(t *testing.T) {
	stat, err := parseStat("42 (a) strange (name) S 7 42 42 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 1 0 100 0 0")
	require.NoError(t, err)
	assert.Equal(t, procStat{name: "a) strange (name", parent: 7, cpu: 1750 * time.Millisecond}, stat)

	for _, broken := range []string{"", "42 S 7", "42 (x) S 7 1", ") (", "42 (x) S y 1 1 1 1 1 1 1 1 1 a b c"} {
		_, err := parseStat(broken)
		assert.Error(t, err, broken)
	}
}

func TestThisProcessIsFoundAmongItsParentsChildren(t *testing.T) {
	self, err := readStat(os.Getpid())
	require.NoError(t, err)
	assert.Equal(t, os.Getppid(), self.parent)
	pid, ok := childNamed(os.Getppid(), self.name)
	assert.True(t, ok)
	assert.Positive(t, pid)
	_, ok = childNamed(os.Getpid(), "no such child")
	assert.False(t, ok)
}

func TestABoundCommandIsWaitedFor(t *testing.T) {
	cmd := exec.Command("true")
	done, err := startBound(cmd)
	require.NoError(t, err)
	<-done
	assert.True(t, cmd.ProcessState.Success())

	cmd = exec.Command("sleep", "600")
	done, err = startBound(cmd)
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Kill())
	<-done

	_, err = startBound(exec.Command("/no/such/command"))
	assert.Error(t, err)
}

func TestTheShellOfASandboxTellsHowAsteriskEnded(t *testing.T) {
	for script, want := range map[string]string{
		"sh -c 'kill -ABRT $$' & wait $!": "signal 6 (aborted)",
		"sh -c 'kill -SEGV $$' & wait $!": "signal 11 (segmentation fault)",
		"sh -c 'exit 3' & wait $!":        "exit code 3",
		"true & wait $!":                  "exit code 0",
		"kill -KILL $$":                   "signal 9 (killed)",
	} {
		cmd := exec.Command("/bin/sh", "-c", "set -eu\n"+script)
		done, err := startBound(cmd)
		require.NoError(t, err)
		p := &process{sandbox: cmd, done: done}
		<-done
		assert.Equal(t, want, p.ending(), script)
	}
}

func TestAnEndThatNobodyAskedForIsADeath(t *testing.T) {
	run := func() *Asterisk {
		cmd := exec.Command("/bin/sh", "-c", "sleep 600 & wait $!")
		done, err := startBound(cmd)
		require.NoError(t, err)
		return &Asterisk{proc: &process{sandbox: cmd, done: done}}
	}
	killed := run()
	killed.Kill()
	assert.Empty(t, killed.Deaths())

	dead := run()
	require.NoError(t, dead.proc.sandbox.Process.Signal(syscall.SIGABRT))
	<-dead.proc.done
	assert.Equal(t, []string{"signal 6 (aborted)"}, dead.Deaths())
	dead.Stop()
	dead.Stop()
	assert.Equal(t, []string{"signal 6 (aborted)"}, dead.Deaths(), "it is told once")
}

func TestAStoppedAsteriskRefusesWhatNeedsIt(t *testing.T) {
	a := &Asterisk{Folder: t.TempDir()}
	_, err := a.CLI(t.Context(), "core show uptime")
	assert.ErrorContains(t, err, "it is stopped")
	assert.ErrorContains(t, a.Pause(), "it is stopped")
	assert.Zero(t, a.CPU())
	assert.Zero(t, a.PID())
	assert.False(t, a.Alive())
	assert.Empty(t, a.LogTail(10))
	assert.Empty(t, a.Deaths())
	a.Stop()
	a.Kill()
}

func TestATailIsTheLastLines(t *testing.T) {
	assert.Equal(t, "b\nc\n", tail("a\nb\nc\n", 2))
	assert.Equal(t, "b\nc", tail("a\nb\nc", 2))
	assert.Equal(t, "a\n", tail("a\n", 2))
	assert.Empty(t, tail("", 2))
}
