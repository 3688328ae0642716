package conformance

import "time"

// bridges are cases of waiting together and apart.
var bridges = []Case{
	{"a holding bridge is made, joined, left and destroyed", []int{1, 7, 22, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding&name=sales")
		l.await()
		s.get("bridges/hold-1")
		s.get("applications/missedcalls")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.get("bridges/hold-1")
		s.get("channels/" + id)
		s.get("applications/missedcalls")
		s.post("bridges/hold-1/removeChannel?channel=" + id)
		l.await("ChannelLeftBridge")
		s.remove("bridges/hold-1")
		l.await()
		s.get("bridges")
		s.remove("bridges/hold-1")
		s.get("applications/missedcalls")
	}},
	{"a mixing bridge with digits is made", []int{1, 29}, func(s *session) {
		l := s.listen()
		s.post("bridges/talk-1?type=mixing,dtmf_events")
		s.post("bridges/talk-2?type=mixing")
		s.post("bridges/talk-3")
		s.post("bridges?type=holding&bridgeId=hold-1")
		s.post("bridges/talk-4?type=mixing,holding")
		s.post("bridges/talk-5?type=nonsense")
		s.post("bridges?type=holding")
		s.get("bridges")
		l.await()
	}},
	{"ids with strange characters", []int{1, 21}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("bridges/a%2Fb%20%D0%90?type=holding&name=ждём / 1")
		s.get("bridges/a%2Fb%20%D0%90")
		s.get("bridges/a/b")
		s.post("bridges/a%2Fb%20%D0%90/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.remove("bridges/a%2Fb%20%D0%90")
		l.await("ChannelLeftBridge")
		s.play("channels/" + id + "/play/p%2F1?media=sound:silence/1")
		l.await("PlaybackStarted")
		s.remove("playbacks/p%2F1")
		l.await("PlaybackFinished")
	}},
	{"parameters come in JSON, too", []int{21}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("bridges", `{"bridgeId":"hold-1","type":"holding","name":"sales"}`)
		s.post("bridges/hold-1/addChannel", `{"channel":"`+id+`"}`)
		l.await("ChannelEnteredBridge")
		s.post("bridges/hold-1/removeChannel", `{"channel":["`+id+`"]}`)
		l.await("ChannelLeftBridge")
		s.post("channels/"+id+"/moh", `{"mohClass":"default"}`)
		s.post("events/user/hello", `{"application":"missedcalls","variables":{"a":"1"}}`)
		l.await("ChannelUserevent")
		s.get("channels/"+id+"/variable", `{"variable":"EXTEN"}`)
		s.remove("channels/"+id, `{"reason":"busy"}`)
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"a bridge is made twice", []int{1}, func(s *session) {
		s.listen()
		s.post("bridges/hold-1?type=holding&name=sales")
		s.post("bridges/hold-1?type=holding&name=sales")
		s.post("bridges/hold-1?type=mixing&name=support")
		s.post("bridges?bridgeId=hold-1&type=holding")
		s.get("bridges/hold-1")
	}},
	{"an unanswered caller waits in a bridge", []int{22, 23}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.outcome(caller)
	}},
	{"a caller in a bridge hangs up", []int{4, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna, HangupAfter: shortly})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange", "ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/hold-1")
		s.get("applications/missedcalls")
	}},
	{"a caller in a bridge hangs up with one playback running and one waiting", []int{4, 8, 22}, func(s *session) {
		l := s.listen()
		second := func(e event) bool { return e.part("playback").string("id") == "p2" }
		s.leaveOut("PlaybackStarted", "of the second playback: it is begun and fails, or is never heard of, as the threads have it", second)
		s.leaveOut("PlaybackFinished", "of the second playback: likewise", second)
		id, _ := s.enter(l, Call{Number: anna, HangupAfter: 2 * time.Second})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/answer")
		s.play("channels/" + id + "/play/p1?media=sound:tt-monkeys")
		s.post("channels/" + id + "/play/p2?media=sound:tt-monkeys")
		l.await("ChannelStateChange", "PlaybackStarted")
		l.await("ChannelHangupRequest", "PlaybackFinished", "ChannelLeftBridge", "StasisEnd")
	}},
	{"two callers wait in one bridge", []int{22}, func(s *session) {
		l := s.listen()
		one, _ := s.talk(l, Call{Number: anna})
		two, _ := s.talk(l, Call{Number: boris})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + one)
		l.await("ChannelEnteredBridge")
		s.post("bridges/hold-1/addChannel?channel=" + two)
		l.await("ChannelEnteredBridge")
		s.get("bridges/hold-1")
		s.remove("channels/" + one)
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/hold-1")
	}},
	{"a caller is added to the bridge he is in and moved to another", []int{7, 9}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-2?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("bridges/hold-2/addChannel?channel=" + id)
		l.await("ChannelLeftBridge", "ChannelEnteredBridge")
		s.post("bridges/hold-2/addChannel?channel=" + id)
		l.await("ChannelLeftBridge", "ChannelEnteredBridge")
		s.get("bridges")
	}},
	{"a bridge is destroyed with a caller inside", []int{29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.remove("bridges/hold-1")
		l.await("ChannelLeftBridge")
		s.get("channels/" + id)
		s.get("applications/missedcalls")
	}},
	{"a bridge that is subscribed to is seen to the end", []int{29}, func(s *session) {
		l := s.listen()
		s.post("bridges/hold-1?type=holding")
		s.post("applications/missedcalls/subscription?eventSource=bridge:hold-1")
		s.remove("bridges/hold-1")
		l.await("BridgeDestroyed")
		s.get("applications/missedcalls")
	}},
}
