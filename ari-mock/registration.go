package arimock

import "time"

// Register tells Asterisk where a phone is, for a time, after which it forgets; 0 is until Unregister. Its device is then NOT_INUSE.
func (s *Server) Register(name string, lasts time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setAbsent(name, false)
	if lasts == 0 {
		return
	}
	change := s.registrations[name]
	s.running.Go(func() {
		select {
		case <-time.After(lasts):
		case <-s.work.Done():
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.registrations[name] == change {
			s.setAbsent(name, true)
		}
	})
}

// Unregister makes Asterisk forget where a phone is: it cannot be called, and its device is UNAVAILABLE once it has no call.
func (s *Server) Unregister(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setAbsent(name, true)
}

func (s *Server) setAbsent(name string, absent bool) {
	s.registrations[name]++
	if _, known := s.devices[name]; !known {
		s.devices[name] = s.deviceState(name)
	}
	s.absent[name] = absent
	s.deviceChanged(name)
}
