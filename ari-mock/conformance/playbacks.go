package conformance

import "time"

// shortly is when a caller hangs up who does so soon.
const shortly = 500 * time.Millisecond

// playbacks are cases of what is played to a caller.
var playbacks = []Case{
	{"a file is played to its end", []int{7}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		l.await("PlaybackStarted")
		s.get("playbacks/p1")
		l.await("PlaybackFinished")
		s.get("playbacks/p1")
		s.remove("playbacks/p1")
	}},
	{"a list of files is played to its end", []int{7}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1,sound:silence/1")
		l.await("PlaybackStarted")
		l.await("PlaybackContinuing", "PlaybackStarted")
		s.get("playbacks/p1")
		l.await("PlaybackFinished")
	}},
	{"a list of files in JSON is played to its end", []int{7, 21}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/"+id+"/play", `{"media":["sound:silence/1","sound:silence/1"],"playbackId":"p1","lang":"ru"}`)
		l.await("PlaybackStarted")
		l.await("PlaybackContinuing", "PlaybackStarted")
		l.await("PlaybackFinished")
	}},
	{"a file that is missing is played", []int{7, 8}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:no-such-file")
		l.await("PlaybackStarted", "PlaybackFinished")
		s.play("channels/" + id + "/play/p2?media=sound:silence/1,sound:no-such-file,sound:silence/1")
		l.await("PlaybackStarted")
		l.await("PlaybackContinuing", "PlaybackStarted", "PlaybackContinuing", "PlaybackStarted")
		l.await("PlaybackFinished")
		s.play("channels/" + id + "/play/p3?media=sound:silence/1,sound:no-such-file")
		l.await("PlaybackStarted")
		l.await("PlaybackContinuing", "PlaybackStarted", "PlaybackFinished")
	}},
	{"what is no file is played", []int{8}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=nonsense:x")
		l.await("PlaybackStarted")
		s.get("playbacks/p1")
		s.play("channels/" + id + "/play/p2?media=silence/1")
		l.await("PlaybackStarted")
		s.play("channels/" + id + "/play/p3?media=sound:silence/1")
		l.await("PlaybackStarted")
		l.await("PlaybackFinished")
	}},
	{"a playback is stopped", []int{7, 9}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys")
		l.await("PlaybackStarted")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished")
		s.remove("playbacks/p1")
		s.get("playbacks/p1")
		s.remove("playbacks/none")
	}},
	{"a list is stopped in its first file", []int{9}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys,sound:silence/1")
		l.await("PlaybackStarted")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished")
	}},
	{"numbers cannot be stopped", []int{9, 22}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=number:21")
		l.await("PlaybackStarted")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished")
		s.play("channels/" + id + "/play/p2?media=digits:12")
		l.await("PlaybackStarted")
		s.remove("playbacks/p2")
		l.await("PlaybackFinished")
	}},
	{"playbacks wait for each other", []int{7, 9}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		s.post("channels/" + id + "/play/p2?media=sound:silence/1")
		s.post("channels/" + id + "/play/p3?media=sound:silence/1")
		l.await("PlaybackStarted")
		s.get("playbacks/p2")
		s.remove("playbacks/p3")
		l.await("PlaybackFinished", "PlaybackStarted")
		l.await("PlaybackFinished", "PlaybackFinished")
	}},
	{"a playback's id is used twice", []int{1}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		l.await("PlaybackStarted")
		s.post("channels/" + id + "/play/p1?media=sound:silence/2")
		s.get("playbacks/p1")
		l.await("PlaybackFinished", "PlaybackStarted")
		s.get("playbacks/p1")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished")
		s.get("playbacks/p1")
	}},
	{"a caller hangs up with one playback running and two waiting", []int{4, 8}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna, HangupAfter: shortly})
		s.post("channels/" + id + "/answer")
		s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys")
		s.post("channels/" + id + "/play/p2?media=sound:tt-monkeys")
		s.post("channels/" + id + "/play/p3?media=sound:tt-monkeys")
		l.await("ChannelStateChange", "PlaybackStarted", "ChannelHangupRequest", "PlaybackFinished",
			"PlaybackStarted", "PlaybackFinished", "PlaybackStarted", "PlaybackFinished", "StasisEnd")
		s.get("playbacks/p2")
	}},
	{"something is played to a caller who is not answered", []int{22, 23}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		l.await("PlaybackStarted")
		l.await("PlaybackFinished")
		s.get("channels/" + id)
		s.remove("channels/" + id + "?reason=busy")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"something is played to a caller in a bridge", []int{22}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/moh?mohClass=default")
		s.play("channels/" + id + "/play/p1?media=sound:silence/1")
		l.await("PlaybackStarted")
		l.await("PlaybackFinished")
		s.get("bridges/hold-1")
	}},
}
