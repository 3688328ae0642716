package conformance

// commands are the requests to a channel, {} standing for its id.
var commands = []struct{ method, target string }{
	{"GET", "channels/{}"},
	{"POST", "channels/{}/answer"},
	{"POST", "channels/{}/ring"},
	{"DELETE", "channels/{}/ring"},
	{"POST", "channels/{}/moh"},
	{"DELETE", "channels/{}/moh"},
	{"POST", "channels/{}/play?media=sound:silence/1"},
	{"POST", "channels/{}/play/p1?media=sound:silence/1"},
	{"POST", "channels/{}/continue?context=exit&extension=s&priority=1"},
	{"GET", "channels/{}/variable?variable=X"},
	{"POST", "channels/{}/variable?variable=X&value=1"},
	{"POST", "channels/{}/dial"},
	{"POST", "bridges/b1/addChannel?channel={}"},
	{"POST", "bridges/b1/removeChannel?channel={}"},
}

// refusals are cases of what Asterisk does not do, and how it says so.
var refusals = []Case{
	{"a channel that is not there", []int{20, 21}, func(s *session) {
		s.listen()
		s.post("bridges/b1?type=holding")
		s.each("nobody")
		s.remove("channels/nobody")
		s.post("channels/PJSIP%2Fnobody-00000001/answer")
		s.post("channels/PJSIP/nobody-00000001/answer")
		s.post("channels/" + "%D0%90%20b%2Fc" + "/answer")
	}},
	{"a channel that is not in the application", []int{20}, func(s *session) {
		l := s.listen()
		s.post("bridges/b1?type=holding")
		s.each(s.stray(l, Call{Number: anna}))
	}},
	{"a leg that was created and not dialled", []int{20, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post("bridges/b1?type=holding")
		s.post("channels/create?endpoint=PJSIP/101&app=missedcalls&appArgs=offer,1&channelId=agent-1")
		l.await("StasisStart")
		for _, command := range []string{"answer", "ring", "moh", "play?media=sound:silence/1", "continue"} {
			s.post("channels/agent-1/" + command)
		}
		s.remove("channels/agent-1/ring")
		s.remove("channels/agent-1/moh")
		s.post("channels/agent-1/variable?variable=X&value=1")
		s.get("channels/agent-1/variable?variable=X")
		s.get("channels/agent-1")
		s.remove("channels/agent-1")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelHangupRequest", "ChannelDestroyed")
	}},
	{"a bridge that is not there", []int{20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.get("bridges/none")
		s.remove("bridges/none")
		s.post("bridges/none/addChannel?channel=" + id)
		s.post("bridges/none/removeChannel?channel=" + id)
		s.post("bridges/none/addChannel?channel=nobody")
	}},
	{"a channel that is in no bridge or in another", []int{20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("bridges/b1?type=holding")
		s.post("bridges/b2?type=holding")
		s.post("bridges/b1/removeChannel?channel=" + id)
		s.post("bridges/b1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("bridges/b2/removeChannel?channel=" + id)
		s.post("bridges/b1/addChannel")
		s.post("bridges/b1/removeChannel")
		s.post("bridges/b1/addChannel?channel=" + id + ",nobody")
		s.post("bridges/b2/addChannel?channel=" + id + "&channel=nobody")
		s.get("bridges/b1")
	}},
	{"parameters that are missing", []int{20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.get("channels/" + id + "/variable")
		s.post("channels/" + id + "/variable?value=1")
		s.post("channels/" + id + "/play")
		s.post("channels")
		s.post("channels/create")
		s.post("channels/create?endpoint=PJSIP/101")
		s.post("channels/create?app=missedcalls")
		s.post("channels?endpoint=PJSIP/101")
		s.post("events/user/x")
		s.post("applications/missedcalls/subscription")
	}},
}

// each makes every request there is to a channel.
func (s *session) each(id string) {
	s.t.Helper()
	for _, c := range commands {
		s.do(c.method, fill(c.target, id))
	}
}
