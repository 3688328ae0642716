package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"
)

// view is how the demo is shown. One goroutine, that of the show, uses it.
type view interface {
	// begin says where to look.
	begin(head []string)
	// told shows an event in words.
	told(news string)
	// draw shows the board as it is.
	draw(b *board, now time.Time)
	// end leaves the terminal as it was. It may be called twice.
	end()
}

// lines is the view for what is no terminal: one line for each event.
type lines struct{ out io.Writer }

func (v lines) begin(head []string) { fmt.Fprintln(v.out, strings.Join(head, "\n")) }
func (v lines) told(news string)    { fmt.Fprintln(v.out, news) }
func (lines) draw(*board, time.Time) {
}
func (lines) end() {}

// Sequences of a terminal (ECMA-48, xterm): the alternate screen keeps what was on the terminal before.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l"
	leaveScreen = "\x1b[?25h\x1b[?1049l"
	toHome      = "\x1b[H"
	clearRight  = "\x1b[K"
	clearBelow  = "\x1b[J"
)

// screen is the view for a terminal: the board, drawn anew several times a second.
type screen struct {
	out  io.Writer
	size func() (width, height int)
	on   bool
}

func (v *screen) begin([]string) {
	v.on = true
	fmt.Fprint(v.out, enterScreen)
}

func (*screen) told(string) {}

// draw writes a whole frame at once, over the one before, so that nothing flickers.
func (v *screen) draw(b *board, now time.Time) {
	if !v.on {
		return
	}
	width, height := v.size()
	frame := b.render(now, width, height)
	fmt.Fprint(v.out, toHome+strings.ReplaceAll(frame, "\n", clearRight+"\r\n")+clearRight+clearBelow)
}

func (v *screen) end() {
	if v.on {
		v.on = false
		fmt.Fprint(v.out, leaveScreen)
	}
}

// viewFor is the view that fits an output; terminal tells whether it draws on one.
func viewFor(out io.Writer, environ []string) (v view, terminal bool) {
	f, is := out.(*os.File)
	if !is || !isatty.IsTerminal(f.Fd()) || variable(environ, "TERM") == "dumb" {
		return lines{out}, false
	}
	return &screen{out: out, size: func() (int, int) { return sizeOf(f) }}, true
}

// The size of a terminal that does not tell its own.
const (
	usualWidth  = 80
	usualHeight = 24
)

func sizeOf(f *os.File) (width, height int) {
	size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 || size.Row == 0 {
		return usualWidth, usualHeight
	}
	return int(size.Col), int(size.Row)
}

// variable is one of the environment, empty when it is not set.
func variable(environ []string, name string) string {
	for _, entry := range environ {
		if value, found := strings.CutPrefix(entry, name+"="); found {
			return value
		}
	}
	return ""
}
