package journal

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
)

func newSpool(t *testing.T, dir string) *spool {
	t.Helper()
	s, err := openSpool(dir, 1<<30, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.closeFile() })
	return s
}

// spoolOf appends the events of a call one by one.
func spoolOf(t *testing.T, dir string, n int) *spool {
	t.Helper()
	s := newSpool(t, dir)
	for i := range n {
		require.NoError(t, s.append([]bus.Message{spoolMessage(t, entered(call(1), i+1))}))
	}
	return s
}

// drained takes everything off a spool.
func drained(t *testing.T, s *spool) (ids []string) {
	t.Helper()
	for !s.empty() {
		m, err := s.read(3)
		require.NoError(t, err)
		for _, one := range m {
			ids = append(ids, one.ID)
		}
		require.NoError(t, s.advance(len(m)))
	}
	return ids
}

func segmentFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	require.NoError(t, err)
	return files
}

func TestASpoolGivesBackWhatItTookInOrderAndLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s := spoolOf(t, dir, 10)
	assert.Equal(t, 10, s.frames)
	requireOrderPerCall(t, drained(t, s), 1, 10)
	assert.Empty(t, segmentFiles(t, dir))
	assert.Zero(t, s.bytes)
	require.NoError(t, s.append([]bus.Message{spoolMessage(t, missed(call(2)))}))
	assert.Equal(t, []string{"c00002.end"}, drained(t, s))
}

func TestASpoolIsWholeInTheNextProcess(t *testing.T) {
	dir := t.TempDir()
	s := spoolOf(t, dir, 10)
	_, err := s.read(4)
	require.NoError(t, err)
	require.NoError(t, s.advance(2))
	next := newSpool(t, dir)
	ids := drained(t, next)
	requireOrderPerCall(t, ids, 1, 10) // also the two that were published: a segment is cleared as a whole
}

func TestASpoolOfManySegmentsClearsThemOneByOne(t *testing.T) {
	dir := t.TempDir()
	s := newSpool(t, dir)
	big := bytes.Repeat([]byte("x"), 200<<10)
	for i := range 50 {
		m := spoolMessage(t, entered(call(1), i+1))
		m.Data = big
		require.NoError(t, s.append([]bus.Message{m}))
	}
	files := len(segmentFiles(t, dir))
	assert.Greater(t, files, 2)
	assert.Equal(t, 50, newSpool(t, dir).frames)
	for range 25 {
		m, err := s.read(1)
		require.NoError(t, err)
		require.NoError(t, s.advance(len(m)))
	}
	assert.Less(t, len(segmentFiles(t, dir)), files)
	assert.Len(t, drained(t, s), 25)
	assert.Empty(t, segmentFiles(t, dir))
}

func TestATornEndIsCutWhereverTheCrashCame(t *testing.T) {
	dir := t.TempDir()
	spoolOf(t, dir, 3)
	whole, err := os.ReadFile(segmentFiles(t, dir)[0])
	require.NoError(t, err)
	one := len(appendFrame(nil, spoolMessage(t, entered(call(1), 1))))
	require.Len(t, whole, len(magic)+3*one)
	for length := 0; length <= len(whole); length++ {
		cut := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(cut, segmentName(7)), whole[:length], 0o600))
		s := newSpool(t, cut)
		frames := max(0, length-len(magic)) / one
		require.Equal(t, frames, s.frames, "%d bytes", length)
		require.NoError(t, s.append([]bus.Message{spoolMessage(t, entered(call(1), frames+1))}))
		requireOrderPerCall(t, drained(t, s), 1, frames+1)
	}
}

func TestADamagedSegmentIsPutAsideAndTheOthersAreRead(t *testing.T) {
	dir := t.TempDir()
	spoolOf(t, dir, 4)
	first := segmentFiles(t, dir)[0]
	content, err := os.ReadFile(first)
	require.NoError(t, err)
	content[len(content)*5/8] ^= 1 // in the third of four
	require.NoError(t, os.WriteFile(first, content, 0o600))
	// A later segment shows that the damage is no torn end.
	later, f, err := createSegment(dir, 2)
	require.NoError(t, err)
	_, err = f.Write(appendFrame(nil, spoolMessage(t, missed(call(1)))))
	require.NoError(t, errors.Join(err, f.Close()))

	s := newSpool(t, dir)
	assert.Equal(t, []string{"c00001.1.1", "c00001.1.2", "c00001.end"}, drained(t, s))
	assert.FileExists(t, first+".damaged")
	assert.NoFileExists(t, later.path)
	assert.Empty(t, drained(t, newSpool(t, dir)), "what was put aside is not read again")
}

func TestDamageThatComesWhileTheProcessRunsStopsNothing(t *testing.T) {
	dir := t.TempDir()
	s := spoolOf(t, dir, 2)
	require.NoError(t, os.WriteFile(segmentFiles(t, dir)[0], []byte(magic+"rubbish that is long enough for a header"), 0o600))
	m, err := s.read(5)
	require.NoError(t, err)
	assert.Empty(t, m)
	assert.True(t, s.empty())
	require.NoError(t, s.append([]bus.Message{spoolMessage(t, missed(call(2)))}))
	assert.Equal(t, []string{"c00002.end"}, drained(t, s))
}

func TestASpoolThatIsFullTakesNothing(t *testing.T) {
	s, err := openSpool(t.TempDir(), 1000, zerolog.Nop())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.closeFile()) })
	m := []bus.Message{spoolMessage(t, entered(call(1), 1))}
	require.NoError(t, s.append(m))
	assert.ErrorIs(t, s.append([]bus.Message{m[0], m[0], m[0]}), errSpoolFull)
	assert.Equal(t, 1, s.frames)
	assert.Equal(t, []string{"c00001.1.1"}, drained(t, s))
	assert.NoError(t, s.append(m))
}

func TestASpoolWhoseDirectoryIsAFileDoesNotOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spool")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := openSpool(file, 1<<30, zerolog.Nop())
	assert.Error(t, err)
}

func FuzzReadFrame(f *testing.F) {
	f.Add(appendFrame(nil, bus.Message{Subject: "calls.sales.missed", ID: "c1.end", Data: []byte("{}")}))
	f.Add(appendFrame(appendFrame(nil, bus.Message{}), bus.Message{ID: "x"}))
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		var read []byte
		for {
			m, n, err := readFrame(r)
			if err != nil {
				require.NotEqual(t, errors.Is(err, errTorn), errors.Is(err, io.EOF), "%v", err)
				return
			}
			read = appendFrame(read, m)
			require.Equal(t, b[:len(read)], read, "what was read is what was written")
			require.LessOrEqual(t, n, int64(len(b)))
		}
	})
}
