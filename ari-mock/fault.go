package arimock

import (
	"fmt"
	"time"
)

// Faults make things go wrong on demand. Both functions may be nil; they are called from many goroutines, one at a time,
// and must not call the server.
type Faults struct {
	// Request is asked about each request to ARI that is allowed, before it is carried out.
	Request func(r Request) RequestFault
	// Event is asked about each event that is about to be sent to an application.
	Event func(e Event) EventFault
}

// Request is a request as a fault sees it: POST, "channels/1700000000.1/answer".
type Request struct{ Method, Path string }

// RequestFault is what happens to a request; the zero value is nothing.
type RequestFault struct {
	// Delay is before it is carried out, DelayAnswer after.
	Delay, DelayAnswer time.Duration
	// Status, if not 0, is answered in place of carrying it out.
	Status int
	// Drop closes the connection without an answer, after it was carried out or, with Undone, in place of that.
	Drop, Undone bool
}

// Event is an event as a fault sees it.
type Event struct {
	// Application is the one that gets it, Type the event's.
	Application, Type string
}

// EventFault is what happens to an event; the zero value is nothing.
type EventFault struct {
	// Drop loses it.
	Drop bool
	// Repeats is how many more times it is sent.
	Repeats int
	// Delay lets later events overtake it.
	Delay time.Duration
}

// SetFaults makes things go wrong from now on, or, with the zero value, no longer.
func (s *Server) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

func (s *Server) faultOf(r *request) RequestFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.Request == nil {
		return RequestFault{}
	}
	return s.faults.Request(Request{Method: r.Method, Path: r.URL.Path[len(prefix):]})
}

// pause lets a request wait; false means that whoever made it, or the server, is gone.
func (s *Server) pause(d time.Duration, r *request) bool {
	if d == 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.work.Done():
	}
	return false
}

// dispatch sends an event to the application's websocket, unless a fault has it otherwise. The mutex is held.
func (s *Server) dispatch(a *app, kind string, text []byte) {
	var f EventFault
	if s.faults.Event != nil {
		f = s.faults.Event(Event{Application: a.name, Type: kind})
	}
	if f.Drop {
		return
	}
	k := a.socket
	for range 1 + f.Repeats {
		if f.Delay == 0 {
			k.push(text)
			continue
		}
		s.running.Go(func() {
			select {
			case <-time.After(f.Delay):
				s.mu.Lock()
				defer s.mu.Unlock()
				k.push(text)
			case <-k.ended.Done():
			}
		})
	}
}

// Disconnect breaks every connection, as a network does.
func (s *Server) Disconnect() {
	s.mu.Lock()
	conns := make([]interface{ Close() error }, 0, len(s.conns))
	for conn := range s.conns {
		conns = append(conns, conn)
	}
	s.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
	}
}

// Refuse lets nobody connect, or lets them again.
func (s *Server) Refuse(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusing = yes
}

// Crash ends Asterisk and starts it again: every channel, bridge, application and connection is gone, and nobody is told.
func (s *Server) Crash() {
	s.mu.Lock()
	for _, a := range s.apps {
		a.socket = nil // who is cut off now has nothing to give back later
	}
	for _, c := range s.channels {
		if !c.hungUp {
			c.hungUp = true
			close(c.gone)
		}
	}
	s.forget()
	s.mu.Unlock()
	s.Disconnect()
}

// String names a request as people do.
func (r Request) String() string { return fmt.Sprintf("%s /ari/%s", r.Method, r.Path) }
