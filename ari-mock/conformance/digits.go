package conformance

import "time"

// press is a caller who presses two keys a while after the answer and stays.
var press = Call{Number: anna, Digits: []Digit{{"5", 400 * time.Millisecond}, {"#", 900 * time.Millisecond}}}

// digits are cases of keys pressed. They come wherever the caller is.
var digits = []Case{
	{"a caller presses keys alone", []int{22}, func(s *session) {
		l := s.listen()
		s.talk(l, press)
		l.await("ChannelDtmfReceived", "ChannelDtmfReceived")
	}},
	{"a caller presses keys in a holding bridge with music", []int{22}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, press)
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/moh")
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange", "ChannelDtmfReceived", "ChannelDtmfReceived")
	}},
	{"a caller presses keys in a mixing bridge", []int{29}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, press)
		s.post("bridges/talk-1?type=mixing,dtmf_events")
		s.post("bridges/talk-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange", "ChannelDtmfReceived", "ChannelDtmfReceived")
	}},
	{"a caller presses keys during a playback, which goes on", []int{22}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, press)
		s.post("channels/" + id + "/answer")
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("ChannelStateChange", "PlaybackStarted", "ChannelDtmfReceived", "ChannelDtmfReceived", "PlaybackFinished")
	}},
}
