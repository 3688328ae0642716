package bus

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lockChild takes the directory, or says who has it.
func lockChild() int {
	_, err := LockDir(os.Getenv("BUS_TEST_DIR"))
	var locked *LockedError
	if errors.As(err, &locked) {
		fmt.Print(locked.Holder.PID)
		return 3
	}
	if err != nil {
		return 1
	}
	return 0
}

func lockInAnotherProcess(t *testing.T, dir string) (code int, said string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BUS_TEST_CHILD=lock", "BUS_TEST_DIR="+dir)
	out, _ := cmd.Output()
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestASecondProcessIsToldWhoHoldsTheDataDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	lock, err := LockDir(dir)
	require.NoError(t, err)
	code, said := lockInAnotherProcess(t, dir)
	assert.Equal(t, 3, code)
	assert.Equal(t, fmt.Sprint(os.Getpid()), said)
	require.NoError(t, lock.Close())
	code, _ = lockInAnotherProcess(t, dir)
	assert.Zero(t, code)
	lock, err = LockDir(dir)
	require.NoError(t, err, "a process that ended holds nothing")
	require.NoError(t, lock.Close())
}

func TestTheErrorOfASecondHolderNamesTheFirst(t *testing.T) {
	dir := t.TempDir()
	lock, err := LockDir(dir)
	require.NoError(t, err)
	defer lock.Close()
	_, err = LockDir(dir)
	var locked *LockedError
	require.ErrorAs(t, err, &locked)
	assert.ErrorIs(t, err, ErrLocked)
	assert.Equal(t, os.Getpid(), locked.Holder.PID)
	assert.WithinDuration(t, time.Now(), locked.Holder.Since, time.Minute)
	assert.ErrorContains(t, err, fmt.Sprintf("process %d on ", os.Getpid()))
	assert.ErrorContains(t, err, "MISSEDCALLS_DATA_DIR")
}

func TestAHolderThatHasNotSaidWhoItIsIsAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	lock, err := LockDir(dir)
	require.NoError(t, err)
	defer lock.Close()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "LOCK"), []byte("half a"), 0o600))
	_, err = LockDir(dir)
	assert.ErrorContains(t, err, "held by another process")
}

func TestADirectoryThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := LockDir(filepath.Join(file, "data"))
	assert.Error(t, err)
	assert.NotErrorIs(t, err, ErrLocked)
}
