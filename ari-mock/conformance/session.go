package conformance

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	// patience bounds every wait for what must come.
	patience = 20 * time.Second
	// quiet is how long a step waits for what must not come.
	quiet = 50 * time.Millisecond
	// idle is how long a connection is kept for the next request: less than the 15 s after which Asterisk closes it.
	idle = 10 * time.Second
)

// session is one case being played. It belongs to the goroutine of the test.
type session struct {
	t         testing.TB
	world     World
	ctx       context.Context
	cancel    context.CancelFunc
	transport *http.Transport
	names     *names
	trace     strings.Builder
	listeners []*listener
	ignored   []ignored
	echoes    int
}

func newSession(t testing.TB, w World) *session {
	ctx, cancel := context.WithCancel(t.Context())
	transport := &http.Transport{DialContext: w.Dial, IdleConnTimeout: idle, MaxIdleConnsPerHost: 16, ExpectContinueTimeout: patience}
	return &session{t: t, world: w, ctx: ctx, cancel: cancel, transport: transport, names: newNames()}
}

// close ends every connection and goroutine of the session.
func (s *session) close() {
	for _, l := range s.listeners {
		l.close()
	}
	s.cancel()
	s.transport.CloseIdleConnections()
}

// finish makes sure that no event came after the last step.
func (s *session) finish() {
	for _, l := range s.listeners {
		if left := l.pending(); len(left) > 0 {
			s.fail("after the last step there came %v", kinds(left))
		}
	}
}

// text is the trace so far.
func (s *session) text() string { return s.trace.String() }

// note writes a line of the trace.
func (s *session) note(format string, args ...any) {
	s.trace.WriteString(s.names.text(fmt.Sprintf(format, args...)))
	s.trace.WriteByte('\n')
}

// fail ends the case.
func (s *session) fail(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("conformance: %s; the trace so far:\n%s", fmt.Sprintf(format, args...), s.text())
}

// pass lets time go by.
func (s *session) pass(d time.Duration) {
	s.note("%s go by", d)
	s.delay(d)
}

func (s *session) delay(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// ignored are events that a case leaves out because Asterisk itself does not always send them.
type ignored struct {
	kind, reason string
	fits         func(event) bool
}

// leaveOut keeps events of a type out of the steps that follow, for a reason that the trace tells. If fits is given, only
// those that it accepts.
func (s *session) leaveOut(kind, reason string, fits func(event) bool) {
	s.note("# %s is left out: %s", kind, reason)
	s.ignored = append(s.ignored, ignored{kind: kind, reason: reason, fits: fits})
}

func (s *session) isIgnored(e event) bool {
	for _, i := range s.ignored {
		if i.kind == e.kind() && (i.fits == nil || i.fits(e)) {
			return true
		}
	}
	return false
}
