package bus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// space watches the free space of a disk. It is safe for concurrent use.
type space struct {
	dir string
	min uint64
	// short is set once less than min is free, until a quarter more than min is, so that readiness does not flicker.
	short atomic.Bool
	free  atomic.Uint64
}

// check says by an error that wraps ErrStorage that too little is free. It costs a system call of about a microsecond.
func (s *space) check() error {
	free, err := freeBytes(s.dir)
	if err != nil {
		return fmt.Errorf("free space of %s: %w: %w", s.dir, ErrStorage, err)
	}
	s.free.Store(free)
	need := s.min
	if s.short.Load() {
		need += need / 4
	}
	s.short.Store(free < need)
	if free < need {
		return fmt.Errorf("%w: %d MiB are free under %s and %d MiB are needed: make room on the disk", ErrStorage, free>>20, s.dir, need>>20)
	}
	return nil
}

// probeSize is what the disk must take before it is trusted again.
const probeSize = 1 << 20

// probe says by an error that wraps ErrStorage that a file cannot be written and synced, for whatever reason: a quota,
// a broken disk, one that was mounted read-only.
func (s *space) probe() error {
	if err := writeFile(filepath.Join(s.dir, ".probe"), make([]byte, probeSize)); err != nil {
		return fmt.Errorf("%w: %w", ErrStorage, err)
	}
	return nil
}

// writeFile writes a file through to the disk and takes it away again.
func writeFile(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(name))
}

// freeBytes is what an ordinary user may still write.
func freeBytes(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return st.Bavail * uint64(st.Bsize), nil
}
