package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// DirLock is the sole use of a data directory. The kernel lets go of it when the process ends, however it ends.
type DirLock struct {
	file *os.File
}

// Holder says who has a data directory.
type Holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// LockedError says who holds a directory; it wraps ErrLocked. The holder is zero when it has not said who it is.
type LockedError struct {
	Dir    string
	Holder Holder
}

// Error implements error.
func (e *LockedError) Error() string {
	who := "another process"
	if e.Holder.PID != 0 {
		who = fmt.Sprintf("process %d on %s, since %s", e.Holder.PID, e.Holder.Host, e.Holder.Since.Format(time.RFC3339))
	}
	return fmt.Sprintf("lock %s: %v: held by %s; stop it, or set MISSEDCALLS_DATA_DIR to another directory", e.Dir, ErrLocked, who)
}

// Unwrap implements errors.Unwrap.
func (e *LockedError) Unwrap() error { return ErrLocked }

// LockDir makes a directory if it is not there and takes it for this process. When another process has it, the error is
// a *LockedError.
func LockDir(dir string) (*DirLock, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "LOCK"), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		err = sign(f)
	}
	if err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, Holder: readHolder(f)}
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return &DirLock{file: f}, nil
}

// sign writes who holds the lock. A disk that is full must not keep the application from starting, so that only the
// reader of the message loses.
func sign(f *os.File) error {
	host, _ := os.Hostname()
	b, err := json.Marshal(Holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC()})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(b, '\n'), 0); err != nil && !errors.Is(err, unix.ENOSPC) {
		return err
	}
	return nil
}

func readHolder(f *os.File) Holder {
	var h Holder
	b, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil || json.Unmarshal(b, &h) != nil {
		return Holder{}
	}
	return h
}

// Close gives the directory back.
func (l *DirLock) Close() error {
	_ = l.file.Truncate(0) // the next reader must not see a holder of the past; nothing depends on it
	return l.file.Close()
}
