//go:build e2e

package testbed

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNothingOutlivesAKilledTest(t *testing.T) {
	folder := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), victimVariable+"="+folder)
	input, err := child.StdinPipe()
	require.NoError(t, err)
	output, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	defer input.Close()

	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	var pids [3]int
	_, err = fmt.Sscan(line, &pids[0], &pids[1], &pids[2])
	require.NoError(t, err, "the child said: %s", line)
	for _, pid := range pids {
		require.True(t, exists(pid))
	}

	require.NoError(t, child.Process.Kill())
	_ = child.Wait()
	for _, pid := range pids {
		require.Eventually(t, func() bool { return !exists(pid) }, 10*time.Second, 10*time.Millisecond)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	assert.NotContains(t, string(mounts), folder)
}
