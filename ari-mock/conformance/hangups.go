package conformance

// hangups are cases of how we end a call.
var hangups = []Case{
	{"we refuse a caller for each reason there is", []int{26}, func(s *session) {
		l := s.listen()
		for _, reason := range []string{
			"", "reason=normal", "reason=busy", "reason=congestion", "reason=no_answer", "reason=timeout", "reason=rejected",
			"reason=unallocated", "reason=normal_unspecified", "reason=number_incomplete", "reason=codec_mismatch",
			"reason=interworking", "reason=failure", "reason=answered_elsewhere", "reason_code=20", "reason_code=34",
		} {
			id, caller := s.enter(l, Call{Number: anna})
			s.remove("channels/" + id + "?" + reason)
			l.await("ChannelHangupRequest", "StasisEnd")
			s.outcome(caller)
		}
	}},
	{"we hang up on a caller who was answered", []int{4, 26}, func(s *session) {
		l := s.listen()
		for _, reason := range []string{"reason=normal", "reason=busy", "reason=answered_elsewhere"} {
			id, caller := s.talk(l, Call{Number: anna})
			s.remove("channels/" + id + "?" + reason)
			l.await("ChannelHangupRequest", "StasisEnd")
			s.outcome(caller)
			s.remove("channels/" + id + "?" + reason)
		}
	}},
	{"we hang up on a caller who is subscribed to", []int{3, 4}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.remove("channels/" + id + "?reason=busy")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelHangupRequest", "ChannelDestroyed")
		s.outcome(caller)
	}},
	{"a reason that is none is refused", []int{20, 26}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.remove("channels/" + id + "?reason=boredom")
		s.remove("channels/" + id + "?reason=busy&reason_code=34")
		s.remove("channels/nobody?reason=boredom")
		s.remove("channels/" + id + "?reason_code=34")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"we hang up on a caller who has left the application", []int{4, 20}, func(s *session) {
		l := s.listen()
		id := s.stray(l, Call{Number: anna})
		s.remove("channels/" + id + "?reason=normal")
	}},
}
