package conformance

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata
var recorded embed.FS

// Case is one script and what it shows.
type Case struct {
	// Name is a sentence. The trace's file is named after it.
	Name string
	// Laws are the numbers of the laws of laws.go that the case shows.
	Laws   []int
	script func(*session)
}

// Cases are all cases, in the order of a reader's interest.
func Cases() []Case {
	return slices.Concat(
		entering, hangups, refusals, requests, variables, answering, bridges, playbacks, blocking, digits, dialplan,
		connections, applications, originating, dialling, talking, phones, transfers, recordings, devices,
	)
}

// File is the name of the trace within testdata.
func (c Case) File() string {
	return strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(c.Name) + ".trace"
}

// Golden is the trace that the real Asterisk left.
func (c Case) Golden(t testing.TB) string {
	t.Helper()
	text, err := recorded.ReadFile("testdata/" + c.File())
	if err != nil {
		t.Fatalf("conformance: %v; record it from a real Asterisk, see the package's comment", err)
	}
	return string(text)
}

// Run plays the case on a world and compares the trace with the golden one. The world must be new.
func (c Case) Run(t testing.TB, w World) {
	t.Helper()
	golden, trace := c.Golden(t), c.Trace(t, w)
	if golden != trace {
		t.Errorf("conformance: %s\nthe trace:\n%s", difference(golden, trace), trace)
	}
}

// difference tells where two traces part.
func difference(golden, trace string) string {
	want, got := strings.Split(golden, "\n"), strings.Split(trace, "\n")
	at := 0
	for at < len(want) && at < len(got) && want[at] == got[at] {
		at++
	}
	line := func(lines []string) string {
		if at < len(lines) {
			return lines[at]
		}
		return "(the end)"
	}
	return fmt.Sprintf("line %d is not the real Asterisk's\nreal: %s\nhere: %s", at+1, line(want), line(got))
}

// Trace plays the case on a world and gives what was observed. When it returns, nothing that the case began is left but
// what belongs to the world.
func (c Case) Trace(t testing.TB, w World) string {
	t.Helper()
	s := newSession(t, w)
	defer s.close()
	s.note("# %s", c.Name)
	c.script(s)
	s.finish()
	return s.text()
}
