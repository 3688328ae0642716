package conformance

import "time"

// blocking are cases of what waits for a channel's thread and what does not.
var blocking = []Case{
	{"what a playing channel does at once", []int{9, 10, 19}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys")
		l.await("PlaybackStarted")
		s.get("channels/" + id)
		s.get("channels/" + id + "/variable?variable=X")
		s.get("channels/" + id + "/variable?variable=DIALPLAN_EXISTS(exit,s,1)")
		s.post("channels/" + id + "/ring")
		s.remove("channels/" + id + "/ring")
		s.post("channels/" + id + "/play/p2?media=sound:tt-monkeys")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished", "PlaybackStarted")
		s.remove("channels/" + id)
		l.await("ChannelHangupRequest", "PlaybackFinished", "StasisEnd")
	}},
	{"answering waits for a playback", []int{9, 10, 19}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		answer := s.begin("channels/" + id + "/answer")
		l.await("PlaybackFinished", "ChannelStateChange")
		answer.end()
	}},
	{"setting a variable waits for a playback", []int{9, 10, 19}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		set := s.begin("channels/" + id + "/variable?variable=X&value=1")
		s.get("channels/" + id + "/variable?variable=X")
		l.await("PlaybackFinished")
		set.end()
		s.get("channels/" + id + "/variable?variable=X")
	}},
	{"joining a bridge waits for a playback", []int{9, 10, 19}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		add := s.begin("bridges/hold-1/addChannel?channel=" + id)
		l.await("PlaybackFinished", "ChannelEnteredBridge")
		add.end()
	}},
	{"leaving a bridge waits for a playback", []int{9, 10, 19}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		leave := s.begin("bridges/hold-1/removeChannel?channel=" + id)
		l.await("PlaybackFinished", "ChannelLeftBridge")
		leave.end()
	}},
	{"destroying a bridge does not wait for a playback", []int{9, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		s.remove("bridges/hold-1")
		l.await("ChannelLeftBridge", "PlaybackFinished")
		s.get("channels/" + id)
	}},
	{"going on in the dialplan comes after the playback", []int{9}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		l.await("PlaybackStarted")
		s.post("channels/" + id + "/continue?context=exit&extension=wait&priority=1")
		s.get("applications/missedcalls")
		l.await("PlaybackFinished", "StasisEnd")
	}},
	{"a variable waits when the caller hangs up", []int{8, 19, 20}, func(s *session) {
		s.interrupted(func(l *listener, id string) *sent {
			return s.begin("channels/" + id + "/variable?variable=X&value=1")
		})
	}},
	{"an answer waits when the caller hangs up", []int{8, 19, 20}, func(s *session) {
		s.interrupted(func(l *listener, id string) *sent { return s.begin("channels/" + id + "/answer") })
	}},
	{"joining a bridge waits when the caller hangs up", []int{8, 19, 20}, func(s *session) {
		s.interrupted(func(l *listener, id string) *sent {
			s.post("bridges/hold-1?type=holding")
			return s.begin("bridges/hold-1/addChannel?channel=" + id)
		}, "ChannelEnteredBridge", "ChannelLeftBridge")
	}},
}

// interrupted has a request wait for a playback, and the channel hung up meanwhile.
func (s *session) interrupted(begin func(*listener, string) *sent, more ...string) {
	l := s.listen()
	id, _ := s.talk(l, Call{Number: anna})
	s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys")
	l.await("PlaybackStarted")
	request := begin(l, id)
	s.pass(600 * time.Millisecond)
	s.remove("channels/" + id)
	request.end()
	l.await(append([]string{"ChannelHangupRequest", "PlaybackFinished", "StasisEnd"}, more...)...)
}
