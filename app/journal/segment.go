package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"missedcalls/app/bus"
)

// magic begins every segment and names the version of its frames.
const magic = "MCSPOOL1"

// segmentSize is the size in bytes at which a new segment is begun. What was published of a segment is published again
// after a crash, so that it bounds repetition.
const segmentSize = 4 << 20

// segment is one file of the spool. Its frames lie between the magic and size; head is where the first unpublished one
// begins.
type segment struct {
	path   string
	size   int64
	head   int64
	frames int // unpublished
	// damaged says that bytes after size could not be read. The file is kept for a person when the rest is published.
	damaged bool
}

func segmentName(n uint64) string { return fmt.Sprintf("%012d.spool", n) }

// segmentNumber reads a file's name; ok is false for files that are no segments.
func segmentNumber(name string) (n uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, ".spool")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return n, err == nil
}

// createSegment makes an empty segment that is there after a crash.
func createSegment(dir string, n uint64) (*segment, *os.File, error) {
	s := &segment{path: filepath.Join(dir, segmentName(n)), size: int64(len(magic)), head: int64(len(magic))}
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return nil, nil, err
	}
	_, err = f.WriteString(magic)
	if err = errors.Join(err, syncDir(dir)); err != nil {
		return nil, nil, errors.Join(err, f.Close(), os.Remove(s.path))
	}
	return s, f, nil
}

// scanSegment finds out how much of a file left by an earlier process is whole.
func scanSegment(path string) (*segment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := &segment{path: path, head: int64(len(magic))}
	r := bufio.NewReaderSize(f, 1<<16)
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(r, start); err != nil || string(start) != magic {
		s.head, s.damaged = 0, info.Size() > 0
		return s, nil
	}
	s.size = s.head
	for {
		_, n, err := readFrame(r)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTorn) {
			return nil, err // the disk, not the content
		}
		if err != nil {
			s.damaged = s.size < info.Size()
			return s, nil
		}
		s.size += n
		s.frames++
	}
}

// read gives up to n messages from the head on, and the place after each of them.
func (s *segment) read(n int) (messages []bus.Message, ends []int64, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(io.NewSectionReader(f, s.head, s.size-s.head), 1<<16)
	end := s.head
	for len(messages) < n && end < s.size {
		m, size, err := readFrame(r)
		if err != nil {
			return messages, ends, err
		}
		end += size
		messages, ends = append(messages, m), append(ends, end)
	}
	return messages, ends, nil
}

// dispose removes a segment whose messages are published, or puts it aside when there is more in it.
func (s *segment) dispose() error {
	if s.damaged {
		return os.Rename(s.path, s.path+".damaged")
	}
	return os.Remove(s.path)
}

// syncDir makes names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
