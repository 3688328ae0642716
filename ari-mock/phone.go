package arimock

import (
	"net/http"
	"time"
)

// Phone is how a phone takes every call it gets.
type Phone struct {
	// RingFor is how long it rings before it answers or refuses; 0 is for ever.
	RingFor time.Duration
	// Status is the final answer, 200 unless given.
	Status int
	// ForwardTo is the number that the refusal 302 names.
	ForwardTo string
	// Steps are what it does while it talks, in order of time.
	Steps []Step
	// TalkFor is how long it talks before it hangs up; 0 is until the other side does, or it has transferred the call.
	TalkFor time.Duration
}

// SetPhone switches a phone on under its name (PJSIP/101), or changes it for calls to come.
func (s *Server) SetPhone(name string, p Phone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Status == 0 {
		p.Status = http.StatusOK
	}
	s.phones[name] = p
}

// RemovePhone makes a phone one that cannot be dialled.
func (s *Server) RemovePhone(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.phones, name)
}

// leg is one call to a phone.
type leg struct {
	channel *channel
	phone   Phone
	off     bool // it is switched off
	// created says that the channel was made without being dialled.
	created bool
	dialled string // the endpoint
	// timeout is how long it may ring; 0 is for ever.
	timeout time.Duration
	// rung says that it was dialled, transferred that the phone was told its transfer was made.
	rung, transferred bool
}

func (l *leg) rang()        {}
func (l *leg) heardMedia()  {}
func (l *leg) answered()    {}
func (l *leg) released(int) {}

// sipCauses are the causes of a phone's refusals (res_pjsip: hangup_sip2cause).
var sipCauses = map[int]int{
	302: causeRedirected,
	401: 21, 403: 21, 404: 1, 408: 18, 410: 22, 415: 79, 420: 38, 480: 19, 481: 16, 483: 25, 484: 28, 486: 17, 488: 58, 500: 38, 503: 34, 504: 102,
	600: 17, 603: 21,
}

// ring lets the phone ring until it answers, refuses, is given up, or the channel is hung up. It tells whether it
// answered. The mutex is not held.
func (l *leg) ring() (answered bool) {
	c := l.channel
	c.s.mu.Lock()
	l.rung = true
	c.s.mu.Unlock()
	l.tell("", "")
	rings, limit := alarm(l.phone.RingFor), alarm(l.timeout)
	if l.off {
		rings = nil
	} else {
		l.tell("RINGING", stateRinging)
	}
	select {
	case <-rings:
	case <-limit:
		l.end("", causeNoAnswer, sipTimedOut)
		return false
	case <-c.gone:
		l.givenUp()
		return false
	}
	if l.phone.Status == http.StatusFound {
		l.forward()
	}
	if l.phone.Status != http.StatusOK {
		l.end(dialStatus(l.phone.Status), sipCauses[l.phone.Status], l.phone.Status)
		return false
	}
	l.tell("ANSWER", stateUp)
	return !l.over()
}

func (l *leg) over() bool {
	l.channel.s.mu.Lock()
	defer l.channel.s.mu.Unlock()
	return l.channel.hungUp
}

// tell says how far dialling has come, and moves the channel to another state before.
func (l *leg) tell(status, state string) {
	s := l.channel.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.channel.hungUp {
		return
	}
	if state == stateRinging {
		s.show(l.dialled, l.channel)
	}
	if state != "" {
		l.channel.setState(state)
	}
	l.publish(status, "")
	if b := l.channel.bridge; b != nil && state == stateRinging {
		b.rings()
	}
}

// forward tells that the phone wants its call to go elsewhere, which nobody follows.
func (l *leg) forward() {
	l.channel.s.mu.Lock()
	defer l.channel.s.mu.Unlock()
	if !l.channel.hungUp {
		l.channel.redirectedFrom = l.dialString()
		l.publish("CANCEL", l.phone.ForwardTo)
	}
}

func (l *leg) publish(status, forward string) {
	s := l.channel.s
	e := &dialEvent{event: s.head("Dial"), Status: status, Forward: forward, Peer: l.channel.model()}
	if status == "" || !l.created {
		e.DialString = l.dialString()
	}
	l.channel.publish(e)
}

// dialString is the endpoint without its technology.
func (l *leg) dialString() string {
	for i := range l.dialled {
		if l.dialled[i] == '/' {
			return l.dialled[i+1:]
		}
	}
	return l.dialled
}

// sipTimedOut is what Asterisk gives as the answer of a phone that did not answer in time.
const sipTimedOut = 480

// givenUp says that we gave the call up.
func (l *leg) givenUp() {
	l.channel.s.mu.Lock()
	defer l.channel.s.mu.Unlock()
	if !l.created {
		l.publish("NOANSWER", "")
	}
}

// end lets the call fail: because the phone refused, which is told, or because it rang for too long, which is not.
func (l *leg) end(status string, cause, techCause int) {
	s := l.channel.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.channel.hungUp {
		return
	}
	switch {
	case status != "":
		l.channel.hangUp(&channelHangupRequest{Cause: cause, TechCause: techCause}, cause, techCause)
	case l.created:
		l.channel.hangUp(&channelHangupRequest{Cause: softExplicit, Soft: true}, cause, techCause)
	default:
		l.channel.hungUp, l.channel.cause, l.channel.techCause = true, cause, techCause
		close(l.channel.gone)
	}
	if status != "" && !l.created {
		l.publish(status, "")
	}
}

func dialStatus(sip int) string {
	switch sip {
	case 486, 600:
		return "BUSY"
	case 503:
		return "CONGESTION"
	}
	return "NOANSWER"
}

// talk lets a phone that has answered do its steps, and hang up when it has talked enough: a goroutine of the server.
func (l *leg) talk() {
	answered := time.Now()
	if !l.steps() {
		return
	}
	enough := alarm(l.phone.TalkFor)
	if l.phone.TalkFor > 0 {
		enough = time.After(time.Until(answered.Add(l.phone.TalkFor)))
	}
	l.channel.s.mu.Lock()
	if l.transferred && enough == nil {
		l.hangUp()
	}
	l.channel.s.mu.Unlock()
	select {
	case <-enough:
		l.channel.s.mu.Lock()
		defer l.channel.s.mu.Unlock()
		l.hangUp()
	case <-l.channel.gone:
	}
}

// hangUp is the phone's BYE. The mutex is held.
func (l *leg) hangUp() {
	cause, request := 0, &channelHangupRequest{}
	if l.created || l.channel.bridge != nil {
		cause = causeNormal
	}
	if l.created && l.channel.bridged {
		request.Cause = causeNormal
	}
	l.channel.hangUp(request, cause, 0)
}
