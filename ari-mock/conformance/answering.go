package conformance

// answering are cases of what a caller hears before and after the answer.
var answering = []Case{
	{"a caller is answered twice", []int{7, 23}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.get("channels/" + id)
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange")
		s.post("channels/" + id + "/answer")
		l.await()
		s.get("channels/" + id)
	}},
	{"a caller hears ringing", []int{7, 22, 23}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/ring")
		s.post("channels/" + id + "/ring")
		s.remove("channels/" + id + "/ring")
		l.await()
		s.get("channels/" + id)
		s.remove("channels/" + id + "?reason=busy")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"a caller who is not answered hears music", []int{7, 22, 23}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/moh?mohClass=default")
		s.post("channels/" + id + "/moh?mohClass=second")
		s.post("channels/" + id + "/moh?mohClass=nonsense")
		l.await()
		s.remove("channels/" + id + "/moh")
		s.remove("channels/" + id + "/moh")
		s.post("channels/" + id + "/moh")
		s.remove("channels/" + id + "?reason=busy")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"what is told to a channel before it leaves is done first", []int{7, 9, 20}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted")
		s.post("channels/" + id + "/continue?context=exit&extension=wait&priority=1")
		s.post("channels/" + id + "/ring")
		s.remove("channels/" + id + "/ring")
		s.post("channels/" + id + "/moh")
		s.remove("channels/" + id + "/moh")
		s.post("channels/" + id + "/play/p2?media=sound:silence/1")
		s.post("channels/" + id + "/continue?context=exit&extension=s&priority=1")
		l.await("PlaybackFinished", "PlaybackStarted", "PlaybackFinished", "StasisEnd")
		s.until("channels/"+id, `"app_name":"Playback"`)
		s.get("channels/" + id)
		s.get("playbacks/p2")
	}},
}
