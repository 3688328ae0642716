package conformance

import "time"

// recordings are cases of talks that are recorded.
var recordings = []Case{
	{"a talk is recorded until it is stopped", []int{1, 7, 29}, func(s *session) {
		l := s.listen()
		s.recorded(l, Phone{RingFor: 300 * time.Millisecond})
		s.get("recordings/live/rec-1")
		s.get("bridges/talk-1")
		s.get("channels")
		s.get("applications/missedcalls")
		s.pass(1500 * time.Millisecond)
		s.post("recordings/live/rec-1/stop")
		l.await("RecordingFinished")
		s.get("recordings/live/rec-1")
		s.post("recordings/live/rec-1/stop")
		s.get("recordings/stored/rec-1")
		s.get("bridges/talk-1")
	}},
	{"a recording ends when nobody is left in the bridge", []int{8, 29}, func(s *session) {
		l := s.listen()
		id := s.recorded(l, Phone{RingFor: 300 * time.Millisecond, TalkFor: 1500 * time.Millisecond})
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
		s.get("recordings/live/rec-1")
		s.leaveOut("ChannelLeftBridge", "the recorder, which is no channel of the list before, may be told of as if it were inside", nil)
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "StasisEnd", "RecordingFinished")
		s.get("bridges/talk-1")
		s.remove("bridges/talk-1")
		l.await("BridgeDestroyed")
		s.get("recordings/stored/rec-1")
	}},
	// A recording without a format ends Asterisk 22.10.1 with a segmentation fault, so none is asked for.
	{"what cannot be recorded", []int{1, 20}, func(s *session) {
		l := s.listen()
		s.recorded(l, Phone{RingFor: 300 * time.Millisecond})
		for _, query := range []string{
			"name=rec-1&format=wav", "name=rec-2&format=nonsense", "format=wav", "name=../rec-2&format=wav",
			"name=rec-2&format=wav&ifExists=nonsense", "name=rec-2&format=wav&maxDurationSeconds=-1",
		} {
			s.post("bridges/talk-1/record?" + query)
		}
		s.post("bridges/none/record?name=rec-3&format=wav")
		s.post("recordings/live/none/stop")
		s.get("recordings/stored/none")
		s.post("recordings/live/rec-1/stop")
		l.await("RecordingFinished")
		s.post("bridges/talk-1/record?name=rec-1&format=wav")
	}},
	{"a recording that is thrown away leaves no file", []int{20}, func(s *session) {
		l := s.listen()
		s.recorded(l, Phone{RingFor: 300 * time.Millisecond})
		s.remove("recordings/live/rec-1")
		l.await("RecordingFinished")
		s.get("recordings/stored/rec-1")
		s.remove("recordings/live/rec-1")
	}},
	{"a recording that cannot be written is said to be done at once", []int{7, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.served(l, Phone{RingFor: 300 * time.Millisecond})
		s.together(l, id)
		s.note("no recording can be written")
		s.world.RefuseFiles(s.t)
		s.post("bridges/talk-1/record?name=rec-1&format=wav")
		l.await("RecordingStarted", "RecordingFinished")
		s.get("recordings/live/rec-1")
		s.get("recordings/stored/rec-1")
	}},
	{"a talk is recorded a second time under another name", []int{1, 29}, func(s *session) {
		l := s.listen()
		s.recorded(l, Phone{RingFor: 300 * time.Millisecond})
		s.post("recordings/live/rec-1/stop")
		l.await("RecordingFinished")
		s.post("bridges/talk-1/record?name=rec-2&format=wav")
		l.await("RecordingStarted")
		s.post("bridges/talk-1/record?name=rec-3&format=wav")
		l.await("RecordingStarted")
	}},
}

// recorded brings a caller and agent-1 together and records them as rec-1.
func (s *session) recorded(l *listener, p Phone) (id string) {
	s.t.Helper()
	id, _ = s.talk(l, Call{Number: anna})
	s.served(l, p)
	s.together(l, id)
	s.post("bridges/talk-1/record?name=rec-1&format=wav")
	l.await("RecordingStarted")
	return id
}
