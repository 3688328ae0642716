//go:build e2e

package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// smallDisk is a disk of a few MiB of its own. It needs root.
func smallDisk(t *testing.T, mib string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+mib+"m"), "mounting a small disk needs root")
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}

// ballast takes all the room of a disk but about as many bytes as asked, until the file is removed.
func ballast(t *testing.T, dir string, leave int64) (file string) {
	t.Helper()
	var st unix.Statfs_t
	require.NoError(t, unix.Statfs(dir, &st))
	file = filepath.Join(dir, "ballast")
	f, err := os.Create(file)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, unix.Fallocate(int(f.Fd()), 0, 0, int64(st.Bavail)*st.Bsize-leave))
	return file
}

// fillAndFree records events of some size while a disk is full and after room was made, and requires every event in
// CALLS in order.
func fillAndFree(t *testing.T, minFree uint64, size int) bus.Stats {
	t.Helper()
	dir := smallDisk(t, "16")
	b := openBus(t, bus.Settings{Dir: filepath.Join(dir, "nats"), MinFree: minFree, AckWait: 200 * time.Millisecond})
	j := openJournal(t, Settings{Dir: dir}, b)
	n := 0
	record := func() (done <-chan uint64) {
		n++
		durable := make(chan uint64, 1)
		e := entered(call(1), n)
		p := e.Payload.(callevent.Entered)
		p.QueueName = strings.Repeat("x", size)
		e.Payload = p
		j.Record([]callevent.Event{e}, func(seq uint64) { durable <- seq })
		return durable
	}
	for range 10 {
		record()
	}
	flush(t, j)
	full := ballast(t, dir, 64<<10)
	for j.Healthy() == nil {
		<-record()
	}
	assert.ErrorIs(t, j.Healthy(), bus.ErrStorage)
	for range 50 {
		<-record() // calls go on
	}
	require.NoError(t, os.Remove(full))
	reach(t, j, Writing)
	record()
	flush(t, j)
	requireOrderPerCall(t, inCalls(t, b), 1, n)
	assert.Zero(t, j.Status().Lost)
	return b.Stats()
}

func TestAFullDiskIsNoticedBeforeTheServerBreaks(t *testing.T) {
	assert.Zero(t, fillAndFree(t, 1<<20, 100).Restarts)
}

func TestAServerThatAFullDiskBrokeIsStartedAnew(t *testing.T) {
	assert.NotZero(t, fillAndFree(t, 1, 100_000).Restarts)
}
