package conformance

import "time"

// talking are cases of a caller and an agent.
var talking = []Case{
	{"a caller and an agent talk, and the agent hangs up", []int{4, 6, 25, 29}, func(s *session) {
		l := s.listen()
		id, caller := s.conversation(l, Call{Number: anna}, Phone{RingFor: 300 * time.Millisecond, TalkFor: 1500 * time.Millisecond})
		s.get("bridges/talk-1")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
		s.get("bridges/talk-1")
		s.get("channels/" + id)
		s.get("applications/missedcalls")
		s.remove("bridges/talk-1")
		l.await("ChannelLeftBridge", "BridgeDestroyed")
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
	}},
	{"a caller and an agent whose leg was created talk, and the agent hangs up", []int{4, 6, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.served(l, Phone{RingFor: 300 * time.Millisecond, TalkFor: 1500 * time.Millisecond})
		s.together(l, id)
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
	}},
	{"a caller and an agent talk, and the caller hangs up", []int{4, 6, 29}, func(s *session) {
		l := s.listen()
		s.conversation(l, Call{Number: anna, HangupAfter: 2500 * time.Millisecond}, Phone{RingFor: 300 * time.Millisecond})
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/talk-1")
		s.remove("channels/agent-1")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
		s.get("applications/missedcalls")
	}},
	{"a caller goes from the holding bridge to the agent", []int{7, 22, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/moh")
		s.ring(l, Phone{RingFor: 300 * time.Millisecond})
		s.post("bridges/talk-1?type=mixing,dtmf_events")
		s.remove("channels/" + id + "/moh")
		s.post("bridges/talk-1/addChannel?channel=" + id)
		l.await("ChannelLeftBridge", "ChannelEnteredBridge")
		s.post("bridges/talk-1/addChannel?channel=agent-1")
		l.await("ChannelEnteredBridge")
		s.get("bridges")
		s.get("applications/missedcalls")
	}},
	// Of two channels in a bridge that is destroyed, either may leave first, so they are taken out before.
	{"two channels are added and taken out at once", []int{7, 29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.ring(l, Phone{RingFor: 300 * time.Millisecond})
		s.post("bridges/talk-1?type=mixing,dtmf_events")
		s.post("bridges/talk-1/addChannel?channel=" + id + ",agent-1")
		l.await("ChannelEnteredBridge", "ChannelEnteredBridge")
		s.get("bridges/talk-1")
		s.post("bridges/talk-1/removeChannel?channel=" + id + ",agent-1")
		l.await("ChannelLeftBridge", "ChannelLeftBridge")
		s.get("channels")
	}},
	{"a caller presses keys while he talks", []int{29}, func(s *session) {
		l := s.listen()
		s.conversation(l, Call{Number: anna, Digits: []Digit{{"5", 2500 * time.Millisecond}}}, Phone{RingFor: 300 * time.Millisecond})
		l.await("ChannelDtmfReceived")
	}},
}

// ring lets phone 101 ring as agent-1 until it answers.
func (s *session) ring(l *listener, p Phone) {
	s.t.Helper()
	s.phone("101", p)
	s.post(offer)
	l.await("Dial", "Dial", "ChannelStateChange", "ChannelStateChange", "Dial", "StasisStart")
}

// conversation brings a caller and agent-1 together in bridge talk-1.
func (s *session) conversation(l *listener, c Call, p Phone) (id string, caller Caller) {
	s.t.Helper()
	id, caller = s.talk(l, c)
	s.ring(l, p)
	s.post("bridges/talk-1?type=mixing,dtmf_events")
	s.post("bridges/talk-1/addChannel?channel=" + id)
	l.await("ChannelEnteredBridge")
	s.post("bridges/talk-1/addChannel?channel=agent-1")
	l.await("ChannelEnteredBridge")
	return id, caller
}
