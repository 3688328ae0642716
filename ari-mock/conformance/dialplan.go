package conformance

// dialplan are cases of how a call goes on outside the application.
var dialplan = []Case{
	{"a caller goes on to an extension and stays there", []int{4, 17}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("channels/" + id + "/continue?context=exit&extension=wait&priority=1")
		l.await("StasisEnd")
		s.until("channels/"+id, `"app_name":"MusicOnHold"`)
		s.get("channels/" + id)
		s.get("applications/missedcalls")
		s.post("channels/" + id + "/answer")
		s.post("channels/"+id+"/variable", `{"variable":"X","value":"1"}`)
		s.remove("channels/" + id)
		l.await()
	}},
	{"a caller goes on from a bridge, as JSON", []int{4, 9, 17}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/"+id+"/continue", `{"context":"exit","extension":"wait","priority":1}`)
		l.await("ChannelLeftBridge", "StasisEnd")
		s.get("bridges/hold-1")
	}},
	{"a caller goes on to an extension that is not there", []int{7, 17}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/continue?context=exit&extension=none&priority=1")
		l.await("StasisEnd")
		s.outcome(caller)
		id, caller = s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/continue?context=none&extension=s&priority=1")
		l.await("StasisEnd")
		s.outcome(caller)
	}},
	{"a caller goes on to a context's s", []int{17}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/continue?context=exit")
		l.await("StasisEnd")
		s.until("channels/"+id, `"app_name":"Playback"`)
		s.get("channels/" + id)
	}},
	{"a caller who is declined takes the fallback", []int{17}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/variable?variable=QUEUESTATUS&value=DECLINED")
		s.post("channels/" + id + "/continue")
		l.await("StasisEnd")
		s.outcome(caller)
	}},
	{"a caller who is not declined goes to the next step, which hangs up", []int{17}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/variable?variable=QUEUESTATUS&value=TIMEOUT")
		s.post("channels/" + id + "/continue")
		l.await("StasisEnd")
		s.outcome(caller)
		id, caller = s.talk(l, Call{Number: anna})
		s.post("channels/" + id + "/continue")
		l.await("StasisEnd")
		s.outcome(caller)
	}},
	{"a caller who is answered is declined", []int{17}, func(s *session) {
		l := s.listen()
		id, caller := s.talk(l, Call{Number: anna})
		s.post("channels/" + id + "/variable?variable=QUEUESTATUS&value=DECLINED")
		s.post("channels/" + id + "/continue")
		l.await("StasisEnd")
		s.outcome(caller)
	}},
	{"a caller goes on with a bad priority or label", []int{20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/continue?context=exit&extension=wait&label=none")
		s.post("channels/" + id + "/continue?context=exit&extension=wait&priority=9")
		l.await("StasisEnd")
	}},
}
