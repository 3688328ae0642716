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
	return l.await("StasisStart").entered(), caller
}

// phone switches a phone on and says so in the trace.
func (s *session) phone(number string, p Phone) Handset {
	s.t.Helper()
	s.note("phone %s%s", number, describePhone(p))
	return s.world.Phone(s.t, number, p)
}

func describePhone(p Phone) string {
	var text strings.Builder
	switch {
	case p.RingFor == 0:
		text.WriteString(" rings for ever")
	case p.ForwardTo != "":
		fmt.Fprintf(&text, " forwards to %s%s", p.ForwardTo, after(p.RingFor))
	case p.Status == 0 || p.Status == 200:
		text.WriteString(" answers" + after(p.RingFor))
	default:
		fmt.Fprintf(&text, " answers %d%s", p.Status, after(p.RingFor))
	}
	for _, step := range p.Steps {
		text.WriteString(", " + describeStep(step) + after(step.After))
	}
	if p.TalkFor > 0 {
		text.WriteString(", hangs up" + after(p.TalkFor))
	}
	return text.String()
}

func describeStep(step Step) string {
	switch {
	case step.Key != "":
		return "presses " + step.Key
	case step.Hold:
		return "holds"
	case step.Unhold:
		return "takes off hold"
	case step.ConsultFor > 0:
		return fmt.Sprintf("consults %s for %s and transfers,", step.Transfer, step.ConsultFor)
	}
	return "transfers to " + step.Transfer
}

// shown writes what a phone shows of its call.
func (s *session) shown(h Handset, header string) {
	s.t.Helper()
	number, name, value := h.Shown(s.t, header)
	s.note("the phone shows %q <%s>, and %s: %s", name, number, header, value)
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
