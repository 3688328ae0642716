package conformance

// applications are cases of filters and subscriptions.
var applications = []Case{
	{"an application that is not there", []int{20}, func(s *session) {
		s.get("applications")
		s.get("applications/nobody")
		s.put("applications/nobody/eventFilter", `{"disallowed":[]}`)
		s.post("applications/nobody/subscription?eventSource=channel:x")
		s.remove("applications/nobody/subscription?eventSource=channel:x")
	}},
	{"an application is new", []int{11, 15}, func(s *session) {
		s.connect("", "app=missedcalls")
		s.get("applications")
		s.get("applications/missedcalls")
	}},
	{"a filter forbids, allows, and is taken away", []int{11}, func(s *session) {
		l := s.connect("", "app=missedcalls")
		id, _ := s.enter(l, Call{Number: anna})
		s.put("applications/missedcalls/eventFilter", `{"disallowed":[{"type":"ChannelVarset"}]}`)
		s.post("channels/" + id + "/variable?variable=X&value=1")
		l.await()
		s.put("applications/missedcalls/eventFilter", `{"allowed":[{"type":"ChannelVarset"},{"type":"ChannelUserevent"}]}`)
		s.post("channels/" + id + "/variable?variable=X&value=2")
		l.await()
		s.put("applications/missedcalls/eventFilter", `{"disallowed":[]}`)
		s.post("channels/" + id + "/variable?variable=X&value=3")
		s.post("channels/" + id + "/answer")
		l.await("ChannelVarset")
		s.put("applications/missedcalls/eventFilter", `{"allowed":[{"type":"StasisEnd"}],"disallowed":[]}`)
		s.put("applications/missedcalls/eventFilter", `{"allowed":[],"disallowed":[{"type":"ChannelVarset"},{"type":"ChannelDialplan"}]}`)
		s.put("applications/missedcalls/eventFilter", `{}`)
		s.post("channels/" + id + "/variable?variable=X&value=4")
		l.await("ChannelVarset")
		s.get("applications/missedcalls")
	}},
	{"a filter that is none", []int{11, 20}, func(s *session) {
		s.connect("", "app=missedcalls")
		for _, filter := range []string{
			`[]`, `{"disallowed":"ChannelVarset"}`, `{"disallowed":["ChannelVarset"]}`, `{"disallowed":[{"kind":"ChannelVarset"}]}`,
			`{"disallowed":[{"type":"Nonsense"}]}`, `{"allowed":null}`, `{"unknown":[]}`, `{"disallowed":[{"type":5}]}`, `nonsense`,
		} {
			s.put("applications/missedcalls/eventFilter", filter)
		}
		s.put("applications/missedcalls/eventFilter")
		s.get("applications/missedcalls")
	}},
	{"a filter is kept while the application has a caller", []int{11, 15}, func(s *session) {
		l := s.listen()
		s.enter(l, Call{Number: anna})
		l.drop()
		s.connect("", "app=missedcalls").await()
		s.get("applications/missedcalls")
	}},
	{"a source is subscribed to twice and left", []int{3}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.post("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange")
		s.remove("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.remove("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.get("applications/missedcalls")
		s.remove("channels/" + id)
		l.await("ChannelHangupRequest", "StasisEnd")
	}},
	// A source without an id (channel:) is not tried: it stands for all channels, which the laws forbid, and cannot be left.
	{"sources that are none", []int{3, 20}, func(s *session) {
		s.connect("", "app=missedcalls")
		for _, source := range []string{
			"channel:nobody", "bridge:none", "nonsense:x", "nonsense", "", "endpoint:PJSIP/nobody", "endpoint:Nonsense/x",
			"deviceState:PJSIP/101", "endpoint:PJSIP/101",
		} {
			s.post("applications/missedcalls/subscription?eventSource=" + source)
			s.remove("applications/missedcalls/subscription?eventSource=" + source)
		}
		s.post("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/101,channel:nobody")
		s.get("applications/missedcalls")
	}},
	{"a phone's state is a hint", []int{30}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/101")
		s.get("deviceStates/PJSIP%2F101")
		s.post("channels?endpoint=PJSIP/101&app=missedcalls&channelId=agent-1")
		l.await("Dial", "Dial", "ChannelStateChange", "DeviceStateChanged")
		s.get("deviceStates/PJSIP%2F101")
		s.remove("channels/agent-1")
		l.await("ChannelHangupRequest", "ChannelDestroyed", "Dial", "DeviceStateChanged")
	}},
	{"a caller whose trunk is subscribed to is heard twice", []int{3}, func(s *session) {
		l := s.listen()
		s.post("applications/missedcalls/subscription?eventSource=endpoint:PJSIP/trunk")
		s.call(Call{Number: anna})
		id := l.await("ChannelCreated", "EndpointStateChange", "StasisStart").entered()
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange", "ChannelStateChange")
	}},
}
