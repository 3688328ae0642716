package conformance

// variables are cases of what is set on a channel and read from it.
var variables = []Case{
	{"a variable is set and read", []int{16, 21}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.get("channels/" + id + "/variable?variable=X")
		s.post("channels/"+id+"/variable", `{"variable":"X","value":"ждём & \"ждём\" 1,2"}`)
		s.get("channels/" + id + "/variable?variable=X")
		s.post("channels/" + id + "/variable?variable=X&value=")
		s.get("channels/" + id + "/variable?variable=X")
		s.post("channels/" + id + "/variable?variable=X&value=1")
		s.post("channels/" + id + "/variable?variable=X")
		s.get("channels/" + id + "/variable?variable=X")
		s.post("channels/"+id+"/variable", `{"variable":"X","value":5}`)
		s.get("channels/" + id + "/variable?variable=X")
		s.post("channels/"+id+"/variable", `{"variable":"X","value":true}`)
		s.post("channels/"+id+"/variable", `{"variable":"X","value":null}`)
		s.post("channels/"+id+"/variable", `{"variable":7,"value":"x"}`)
	}},
	{"functions and variables of the dialplan are read", []int{16, 20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna, Name: "Anna"})
		for _, name := range []string{
			"CHANNEL(linkedid)", "CHANNEL(channeltype)", "CHANNEL(state)", "CALLERID(num)", "CALLERID(name)", "CALLERID(num-pres)", "CALLERID(all)",
			"CALLERID(dnid)", "EXTEN", "CONTEXT", "UNIQUEID", "STASISSTATUS", "EVAL(${EXTEN}-${X})", "EVAL(text)", "NONSENSE(x)", "CHANNEL(nonsense)",
			"PJSIP_HEADER(read,X-Nothing)",
		} {
			s.get("channels/" + id + "/variable?variable=" + name)
		}
	}},
	{"what the dialplan has is asked for", []int{17, 20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		for _, target := range []string{"exit,s,1", "exit,wait,1", "exit,500,1", "exit,none,1", "none,s,1", "exit,s,7", "exit", "exit,s"} {
			s.get("channels/" + id + "/variable?variable=DIALPLAN_EXISTS(" + target + ")")
		}
	}},
	{"functions are set", []int{16}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/variable?variable=CALLERID(name)&value=Anna")
		l.await("ChannelCallerId")
		s.get("channels/" + id + "/variable?variable=CALLERID(name)")
		s.post("channels/" + id + "/variable?variable=NONSENSE(x)&value=1")
		s.post("channels/" + id + "/variable?variable=CHANNEL(nonsense)&value=1")
		s.post("channels/" + id + "/variable?variable=CHANNEL(language)&value=ru")
		s.get("channels/" + id)
	}},
	{"events about variables come when they are not filtered", []int{11}, func(s *session) {
		l := s.connect("", "app=missedcalls")
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/variable?variable=X&value=1")
		l.await("ChannelVarset")
	}},
}
