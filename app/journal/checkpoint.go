package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Checkpoint is a state to begin with at the next start; see the package's comment on labelling it.
type Checkpoint struct {
	// Seq is the place in CALLS up to which State contains everything.
	Seq     uint64
	State   json.RawMessage
	SavedAt time.Time
}

const (
	checkpointFile    = "checkpoint"
	checkpointVersion = 1
)

// checkpointHeader is the first line of the file; the state follows.
type checkpointHeader struct {
	Version int       `json:"version"`
	Seq     uint64    `json:"seq"`
	SavedAt time.Time `json:"saved_at"`
	Size    int       `json:"size"`
	CRC32C  uint32    `json:"crc32c"`
}

// SaveCheckpoint replaces the checkpoint in a directory. After a crash there is the new one or the one before, whole; an
// error leaves the one before.
func SaveCheckpoint(dir string, c Checkpoint) error {
	header, err := json.Marshal(checkpointHeader{
		Version: checkpointVersion, Seq: c.Seq, SavedAt: c.SavedAt.UTC(),
		Size: len(c.State), CRC32C: crc32.Checksum(c.State, castagnoli),
	})
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	name := filepath.Join(dir, checkpointFile)
	if err := writeThrough(name+".new", append(header, '\n'), c.State); err != nil {
		return fmt.Errorf("save checkpoint: %w", errors.Join(err, os.Remove(name+".new")))
	}
	if err := errors.Join(os.Rename(name+".new", name), syncDir(dir)); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	return nil
}

func writeThrough(name string, parts ...[]byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err == nil {
			_, err = f.Write(p)
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// LoadCheckpoint reads the checkpoint in a directory. ok is false when there is none that can be used, and then the
// error says why not, nil when there is simply none. To start without one only takes longer.
func LoadCheckpoint(dir string) (c Checkpoint, ok bool, err error) {
	b, err := os.ReadFile(filepath.Join(dir, checkpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Checkpoint{}, false, nil
	}
	if err != nil {
		return Checkpoint{}, false, fmt.Errorf("load checkpoint: %w", err)
	}
	line, state, _ := bytes.Cut(b, []byte("\n"))
	var h checkpointHeader
	if err := json.Unmarshal(line, &h); err != nil {
		return Checkpoint{}, false, fmt.Errorf("load checkpoint: damaged header: %w", err)
	}
	if err := h.check(state); err != nil {
		return Checkpoint{}, false, fmt.Errorf("load checkpoint: %w", err)
	}
	return Checkpoint{Seq: h.Seq, State: state, SavedAt: h.SavedAt}, true, nil
}

func (h checkpointHeader) check(state []byte) error {
	switch {
	case h.Version != checkpointVersion:
		return fmt.Errorf("version %d of another release, this one has %d", h.Version, checkpointVersion)
	case h.Size != len(state):
		return fmt.Errorf("%d of %d bytes", len(state), h.Size)
	case h.CRC32C != crc32.Checksum(state, castagnoli):
		return errors.New("wrong checksum")
	}
	return nil
}
