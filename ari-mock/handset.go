package arimock

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// phoneContext is where phones dial, and where calls that they transfer go on.
const phoneContext = "from-agents"

// callsShown bounds how many calls of a phone are remembered, the newest ones.
const callsShown = 100

// PhoneCall is a call that a phone got, as it was shown.
type PhoneCall struct {
	// Channel is the id of the leg, At when the phone began to ring.
	Channel string
	At      time.Time
	// Number and Name are the caller's as the phone shows them, Headers those of the INVITE that were asked for.
	Number, Name string
	Headers      map[string]string
}

// PhoneCalls are the last calls that a phone (PJSIP/101) got, a hundred at most, in the order they came.
func (s *Server) PhoneCalls(name string) []PhoneCall {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.shown[name])
}

// Rings tells how often a phone (PJSIP/101) rang, and how often while it had another call.
func (s *Server) Rings(name string) (all, besides int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rings[name]
	return r.all, r.besides
}

// rings counts how often a phone rang, and how often while it had another call.
type rings struct{ all, besides int }

// besidesFor is how long a phone must have two calls before it counts: who ends one and dials another at once does so on two
// connections, and the second may be faster.
const besidesFor = 100 * time.Millisecond

// besides counts a phone's call that rings while it has another, if both last: a goroutine of the server.
func (c *channel) besides(other *channel, name string) {
	select {
	case <-time.After(besidesFor):
	case <-c.gone:
		return
	case <-other.gone:
		return
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	r := c.s.rings[name]
	r.besides++
	c.s.rings[name] = r
}

// show notes what a phone shows of a call. The mutex is held.
func (s *Server) show(name string, c *channel) {
	r := s.rings[name]
	r.all++
	s.rings[name] = r
	for other := range s.lines[name] {
		if other != c && !other.hungUp && (other.state == stateRinging || other.state == stateUp) {
			s.running.Go(func() { c.besides(other, name) })
			break
		}
	}
	calls := append(s.shown[name], PhoneCall{
		Channel: c.id, At: time.Now(), Number: c.connected.Number, Name: c.connected.Name, Headers: maps.Clone(c.headers),
	})
	s.shown[name] = calls[max(0, len(calls)-callsShown):]
}

// phoneParty is the caller id of an endpoint.
func (s *Server) phoneParty(name string) party {
	e := s.options.Endpoints[name]
	return party{e.Name, e.Number}
}

// ErrNoTalk says that a phone is in no call that it has answered.
var ErrNoTalk = errors.New("the phone is in no call that was answered")

// HangUpPhone lets a phone hang up the call it has answered.
func (s *Server) HangUpPhone(name string) error {
	return s.onTalk(name, func(l *leg) { l.hangUp() })
}

// StepPhone lets a phone that has answered a call do something at once, whatever the step's time. A consultation takes the time that it
// says, and is not waited for.
func (s *Server) StepPhone(name string, step Step) error {
	return s.onTalk(name, func(l *leg) {
		if step.Transfer != "" && step.ConsultFor > 0 {
			s.running.Go(func() { l.consult(step) })
			return
		}
		l.step(step)
	})
}

// onTalk does something, with the mutex held, to the call that a phone has answered.
func (s *Server) onTalk(name string, do func(l *leg)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.lines[name] {
		if l, is := c.far.(*leg); is && c.state == stateUp && !c.hungUp {
			do(l)
			return nil
		}
	}
	return ErrNoTalk
}

// PickUp lets a phone take the call that another one rings for, as a colleague does who dials a code for it. The leg is replaced by the
// channel of the phone that picks up.
func (s *Server) PickUp(by, ringing string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.lines[ringing] {
		if c.state != stateRinging || c.hungUp || c.stay == nil {
			continue
		}
		n := s.newChannel("", by)
		_, number, _ := strings.Cut(ringing, "/")
		n.state, n.caller, n.context, n.exten, n.priority = stateUp, s.phoneParty(by), phoneContext, "*8"+number, 1
		n.appName, n.appData = "PickupChan", ringing
		n.far = &leg{channel: n, created: true, dialled: by}
		c.replace(n)
		n.appName, n.appData, n.context, n.exten = c.appName, c.appData, c.context, c.exten
		c.hungUp, c.cause = true, causeElsewhere
		close(c.gone)
		s.deviceChanged(by)
		return nil
	}
	return errors.New("pick up: the phone does not ring")
}

// replace puts another channel into the place of one that is in the application: it enters in its stead, without arguments, and so does
// it in the bridge. The one that is replaced stays in the application until it ends, with one subscription less. The mutex is held.
func (c *channel) replace(n *channel) {
	a, b := c.stay.app, c.bridge
	n.begin(a)
	replaced := c.model()
	a.send(&stasisStart{c.s.head("StasisStart"), []string{}, n.model(), &replaced})
	if b != nil {
		c.leaveBridge(true)
		n.join(b)
	}
	a.watch(a.channels, c.id, -1)
	maps.Copy(n.variables, c.variables)
	n.s.running.Go(func() {
		n.thread()
		n.s.mu.Lock()
		defer n.s.mu.Unlock()
		n.appName, n.appData = "", ""
		if !n.hungUp {
			n.hungUp, n.cause = true, causeNormal
			close(n.gone)
		}
		n.destroy()
	})
}
