package bus

import (
	"fmt"
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

// freeBytes is what an ordinary user may still write.
func freeBytes(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return st.Bavail * uint64(st.Bsize), nil
}
