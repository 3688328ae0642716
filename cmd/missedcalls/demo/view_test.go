package demo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheScreenIsDrawnOverItselfAndLeftAsItWas(t *testing.T) {
	var out bytes.Buffer
	v := &screen{out: &out, size: func() (int, int) { return 60, 20 }}
	s := newStory()
	s.tell(1)
	v.draw(s.board, noon)
	assert.Empty(t, out.String(), "nothing is drawn before it has begun")

	v.begin(s.head)
	v.told("an event")
	v.draw(s.board, noon)
	v.draw(s.board, noon)
	v.end()
	v.end()
	v.draw(s.board, noon)
	text := out.String()
	assert.True(t, strings.HasPrefix(text, "\x1b[?1049h\x1b[?25l\x1b[H"))
	assert.True(t, strings.HasSuffix(text, "\x1b[J\x1b[?25h\x1b[?1049l"))
	assert.Equal(t, 1, strings.Count(text, leaveScreen))
	assert.Equal(t, 2, strings.Count(text, toHome))
	assert.Equal(t, 2*19, strings.Count(text, "\r\n"), "the last line does not scroll")
	assert.Equal(t, 2*20, strings.Count(text, clearRight))
	assert.NotContains(t, text, "an event")
}

func TestLinesSayTheSignsOnceAndThenEachEvent(t *testing.T) {
	var out bytes.Buffer
	v := lines{&out}
	v.begin([]string{"a", "b"})
	v.told("c")
	v.draw(newStory().board, noon)
	v.end()
	assert.Equal(t, "a\nb\nc\n", out.String())
}

func TestWhatIsNoTerminalGetsLines(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer f.Close()
	for _, out := range []interface{ Write([]byte) (int, error) }{f, &bytes.Buffer{}} {
		v, terminal := viewFor(out, nil)
		assert.False(t, terminal)
		assert.IsType(t, lines{}, v)
	}
	width, height := sizeOf(f)
	assert.Equal(t, [2]int{usualWidth, usualHeight}, [2]int{width, height})
}

func TestTheLastWarningOfTheLogIsKept(t *testing.T) {
	w := &warnings{}
	log := zerolog.New(&bytes.Buffer{}).Level(zerolog.DebugLevel).Hook(w)
	log.Info().Msg("nothing")
	_, n := w.latest()
	assert.Zero(t, n)
	log.Warn().Msg("first")
	log.Error().Msg("second")
	last, n := w.latest()
	assert.Equal(t, "second", last)
	assert.Equal(t, 2, n)

	log.Error().Msg("no queue for the dialled number and no default_queue: the call goes back to the dialplan")
	log.Error().Msg(`queue "support" takes nobody now (queue_full); the caller whose key leads there waits on`)
	_, n = w.latest()
	assert.Equal(t, 2, n, "such callers are part of the show")

	s := &show{board: newStory().board, warnings: w}
	s.foot()
	assert.Equal(t, "log: second (2 in all)   Ctrl-C hands over and sums up", s.board.foot)
}
