package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal opens a terminal of a size: what is written to the second file is read from the first.
func terminal(t *testing.T, width, height uint16) (seen, shown *os.File) {
	t.Helper()
	seen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetPointerInt(int(seen.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(seen.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	shown, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(shown.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height}))
	return seen, shown
}

func TestOnATerminalTheBoardIsDrawnAndTheLogStaysOutOfIt(t *testing.T) {
	seen, shown := terminal(t, 100, 40)
	width, height := sizeOf(shown)
	assert.Equal(t, [2]int{100, 40}, [2]int{width, height})
	picture, read := &transcript{}, make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(picture, seen) // ends with an error when the terminal is closed
	}()
	data := filepath.Join(t.TempDir(), "data")
	o := options("MISSEDCALLS_DATA_DIR="+data, "TERM=xterm", "NO_COLOR=1")
	o.Stdout = shown
	t.Setenv("TMPDIR", t.TempDir())
	d, err := New(o)
	require.NoError(t, err)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	require.Eventually(t, func() bool {
		seen := picture.String()
		return strings.Contains(seen, "wait too long") && strings.Contains(seen, "  Анна     ") || len(ended) > 0
	}, 20*time.Second, 20*time.Millisecond)
	end()
	require.NoError(t, <-ended)
	require.NoError(t, shown.Close())
	<-read
	require.NoError(t, seen.Close())

	before, after, found := strings.Cut(picture.String(), leaveScreen)
	require.True(t, found, "the terminal is left as it was")
	assert.True(t, strings.HasPrefix(before, enterScreen))
	assert.Regexp(t, `Отдел продаж \(sales\) .*  Анна     (ready|ringing|talking|wrap-up|paused) `, before)
	assert.Contains(t, before, "demo.log")
	assert.NotContains(t, before, `"level"`)
	assert.NotContains(t, before, "\x1b[1m", "NO_COLOR is heeded")
	assert.True(t, strings.HasPrefix(after, "handing over"))
	assert.Contains(t, after, ": good")
	log, err := os.ReadFile(filepath.Join(data, "demo.log"))
	require.NoError(t, err)
	assert.Contains(t, string(log), `"level":"info"`, "the whole log is in the file")
}
