package conformance

import (
	"fmt"
	"strings"
	"time"
)

// Most cases are about one of two callers. Numbers are of the range that is not given out.
const (
	anna  = "79990000001"
	boris = "79990000002"
)

// call lets somebody call and says so in the trace.
func (s *session) call(c Call) Caller {
	s.t.Helper()
	s.note("%s", describeCall(c))
	return s.world.Call(s.t, c)
}

// enter lets somebody call and awaits that he enters the application; the id of his channel is given.
func (s *session) enter(l *listener, c Call) (id string, caller Caller) {
	s.t.Helper()
	caller = s.call(c)
	return l.await("StasisStart").channel("StasisStart"), caller
}

// phone switches a phone on and says so in the trace.
func (s *session) phone(number string, p Phone) {
	s.t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "phone %s", number)
	switch {
	case p.RingFor == 0:
		text.WriteString(" rings for ever")
	case p.Status == 0 || p.Status == 200:
		text.WriteString(" answers" + after(p.RingFor))
	default:
		fmt.Fprintf(&text, " answers %d%s", p.Status, after(p.RingFor))
	}
	if p.TalkFor > 0 {
		text.WriteString(", hangs up" + after(p.TalkFor))
	}
	s.note("%s", text.String())
	s.world.Phone(s.t, number, p)
}

// outcome waits for the end of a call and writes how it went.
func (s *session) outcome(c Caller) {
	s.t.Helper()
	r := c.Result(s.t)
	s.note("the caller got %d, cause %d, rang %t, media %t, ended by %s", r.Status, r.Cause, r.Rang, r.Media, r.EndedBy)
}

func describeCall(c Call) string {
	var text strings.Builder
	text.WriteString("a call")
	if c.Number != "" {
		fmt.Fprintf(&text, " from %s", c.Number)
	}
	if c.Name != "" {
		fmt.Fprintf(&text, " %q", c.Name)
	}
	if c.Withheld {
		text.WriteString(", withheld")
	}
	if c.DID != "" {
		fmt.Fprintf(&text, ", to %s", c.DID)
	}
	if c.Args != "" {
		fmt.Fprintf(&text, ", arguments %s", c.Args)
	}
	for _, d := range c.Digits {
		fmt.Fprintf(&text, ", presses %s%s", d.Key, after(d.After))
	}
	if c.HangupAfter > 0 {
		fmt.Fprintf(&text, ", hangs up%s of talking", after(c.HangupAfter))
	}
	if c.GiveUpAfter > 0 {
		fmt.Fprintf(&text, ", gives up%s", after(c.GiveUpAfter))
	}
	return text.String()
}

func after(d time.Duration) string { return fmt.Sprintf(" after %s", d) }

// talk lets somebody call, answers, and awaits that he is answered.
func (s *session) talk(l *listener, c Call) (id string, caller Caller) {
	s.t.Helper()
	id, caller = s.enter(l, c)
	s.post("channels/" + id + "/answer")
	l.await("ChannelStateChange")
	return id, caller
}

// stray lets somebody call and sends him on to where the dialplan keeps him: a channel that is not in the application.
func (s *session) stray(l *listener, c Call) (id string) {
	s.t.Helper()
	id, _ = s.enter(l, c)
	s.post("channels/" + id + "/continue?context=exit&extension=wait&priority=1")
	l.await("StasisEnd")
	s.until("channels/"+id, `"app_name":"MusicOnHold"`)
	return id
}
