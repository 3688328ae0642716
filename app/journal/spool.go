package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
)

// errSpoolFull says that the spool has reached Settings.MaxSpool.
var errSpoolFull = errors.New("spool is full")

// spool keeps messages on disk, first in, first out, in a row of segments. It belongs to one goroutine.
type spool struct {
	dir string
	max int64
	log zerolog.Logger

	segments []*segment // oldest first; messages are appended to the last
	file     *os.File   // of the last segment, nil when the next append begins a new one
	next     uint64     // number of the next segment
	ends     []int64    // where the messages of the last read end in the oldest segment
	bytes    int64
	frames   int // messages in all segments
}

// openSpool reads what an earlier process left. The end of the newest segment may be torn by a crash while it was
// written; nothing depended on it yet, and it is cut off. Damage elsewhere is logged and put aside.
func openSpool(dir string, most int64, log zerolog.Logger) (*spool, error) {
	s := &spool{dir: dir, max: most, log: log, next: 1}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	entries, err := os.ReadDir(dir) // sorted by name, which is by number
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	for _, e := range entries {
		if n, ok := segmentNumber(e.Name()); ok {
			if err := s.adopt(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("open spool: %w", err)
			}
			s.next = n + 1
		}
	}
	if err := s.cutTail(); err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	err = s.disposePublished()
	return s, err
}

func (s *spool) adopt(path string) error {
	found, err := scanSegment(path)
	if err != nil {
		return err
	}
	s.segments = append(s.segments, found)
	s.bytes += found.size
	s.frames += found.frames
	return nil
}

// cutTail cuts the torn end off the newest segment. Nothing is appended to it any more: whether its last bytes were
// synced is not known.
func (s *spool) cutTail() error {
	for i, g := range s.segments {
		if !g.damaged {
			continue
		}
		if i < len(s.segments)-1 {
			s.log.Error().Str("file", g.path).Int64("from", g.size).Msg("the spool is damaged: events after this place cannot be read; the file is kept as .damaged")
			continue
		}
		s.log.Warn().Str("file", g.path).Int64("from", g.size).Msg("cutting a torn write off the spool; no command depended on it")
		if err := os.Truncate(g.path, g.size); err != nil {
			return err
		}
		g.damaged = false
	}
	return nil
}

func (s *spool) empty() bool { return s.frames == 0 }

// append makes messages durable at the end. After an error none of them is in the spool.
func (s *spool) append(messages []bus.Message) error {
	var b []byte
	for _, m := range messages {
		b = appendFrame(b, m)
	}
	if s.bytes+int64(len(b)) > s.max {
		return fmt.Errorf("%w: %d MiB", errSpoolFull, s.bytes>>20)
	}
	if err := s.rotate(int64(len(b))); err != nil {
		return fmt.Errorf("append to spool: %w", err)
	}
	last := s.segments[len(s.segments)-1]
	_, err := s.file.WriteAt(b, last.size)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.abandon(last)
		return fmt.Errorf("append to spool: %w", err)
	}
	last.size += int64(len(b))
	last.frames += len(messages)
	s.bytes += int64(len(b))
	s.frames += len(messages)
	return nil
}

// rotate begins a new segment when there is none to append n bytes to.
func (s *spool) rotate(n int64) error {
	if s.file != nil && s.segments[len(s.segments)-1].size+n <= segmentSize {
		return nil
	}
	if err := s.closeFile(); err != nil {
		return err
	}
	g, f, err := createSegment(s.dir, s.next)
	if err != nil {
		return err
	}
	s.next++
	s.file, s.segments = f, append(s.segments, g)
	s.bytes += g.size
	return nil
}

// abandon takes a failed write back. What the disk did with it is unknown after a failed sync, so that the segment is
// not appended to any more.
func (s *spool) abandon(last *segment) {
	if err := errors.Join(s.file.Truncate(last.size), s.closeFile()); err != nil {
		s.log.Error().Err(err).Str("file", last.path).Msg("a failed write to the spool could not be taken back; events may come twice")
	}
	if err := s.disposePublished(); err != nil {
		s.log.Error().Err(err).Msg("an empty file of the spool stays behind")
	}
}

func (s *spool) closeFile() error {
	if s.file == nil {
		return nil
	}
	f := s.file
	s.file = nil
	return f.Close()
}

// read gives up to n of the oldest messages, all of one segment. They stay until advance.
func (s *spool) read(n int) ([]bus.Message, error) {
	g := s.segments[0]
	messages, ends, err := g.read(n)
	s.ends = ends
	if err == nil || len(messages) > 0 {
		return messages, nil
	}
	if errors.Is(err, errTorn) || errors.Is(err, io.EOF) {
		s.log.Error().Err(err).Str("file", g.path).Int("events", g.frames).Msg("the spool is damaged: events cannot be read any more; the file is kept as .damaged")
		s.frames -= g.frames
		g.frames, g.damaged = 0, true
		return nil, s.disposePublished()
	}
	return nil, fmt.Errorf("read spool: %w", err)
}

// advance takes the n oldest messages off, which the last read gave.
func (s *spool) advance(n int) error {
	if n == 0 {
		return nil
	}
	g := s.segments[0]
	g.head, s.ends = s.ends[n-1], nil
	g.frames -= n
	s.frames -= n
	return s.disposePublished()
}

// disposePublished takes segments away that have nothing unpublished.
func (s *spool) disposePublished() error {
	for len(s.segments) > 0 && s.segments[0].frames == 0 {
		g := s.segments[0]
		if len(s.segments) == 1 {
			if err := s.closeFile(); err != nil {
				return err
			}
		}
		s.segments = slices.Delete(s.segments, 0, 1)
		s.bytes -= g.size
		if err := g.dispose(); err != nil {
			return fmt.Errorf("clear spool: %w", err)
		}
	}
	return nil
}

// snapshot opens what is unpublished now for reading by another goroutine, whatever happens to the spool meanwhile.
func (s *spool) snapshot() (_ *spooled, err error) {
	p := &spooled{}
	for _, g := range s.segments {
		f, err := os.Open(g.path)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("read spool: %w", err), p.close())
		}
		p.files = append(p.files, f)
		p.sections = append(p.sections, io.NewSectionReader(f, g.head, g.size-g.head))
	}
	return p, nil
}
