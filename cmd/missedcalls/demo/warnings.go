package demo

import (
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

// warnings keeps the last thing the program's log said that somebody should see.
type warnings struct {
	// quiet leaves out of the log what the demo's callers bring about on purpose.
	quiet bool

	mu   sync.Mutex
	last string
	n    int
}

// deliberate are parts of what the program logs about callers of a number that no queue stands for, and about those whose
// key leads to a full queue. Elsewhere somebody should look into it; here callers do so in order to be seen.
var deliberate = []string{"no queue for the dialled number", " takes nobody now ("}

func isDeliberate(message string) bool {
	return slices.ContainsFunc(deliberate, func(part string) bool { return strings.Contains(message, part) })
}

// Run implements zerolog.Hook.
func (w *warnings) Run(e *zerolog.Event, level zerolog.Level, message string) {
	if level < zerolog.WarnLevel || level > zerolog.PanicLevel {
		return
	}
	if isDeliberate(message) {
		if w.quiet {
			e.Discard()
		}
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last, w.n = message, w.n+1
}

// latest gives the last one, and how many there were.
func (w *warnings) latest() (message string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.n
}
