package conformance

import "time"

// leg is the request that makes a channel to phone 101 and does not dial it yet.
const leg = "channels/create?endpoint=PJSIP/101&app=missedcalls&appArgs=offer,call-1&channelId=agent-1"

// dialling are cases of legs that are created first and dialled then.
var dialling = []Case{
	{"a leg is created and dialled, answers, and hangs up", []int{1, 4, 5, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 700 * time.Millisecond, TalkFor: 300 * time.Millisecond})
		s.post(leg)
		l.await("StasisStart")
		s.get("applications/missedcalls")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		s.get("channels/agent-1")
		for _, command := range []string{"answer", "ring", "moh", "play?media=sound:silence/1", "continue"} {
			s.post("channels/agent-1/" + command)
		}
		s.post("channels/agent-1/dial")
		l.await("ChannelStateChange", "Dial", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg is created and dialled and is engaged", []int{5}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, Status: 486})
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg is created and dialled and nobody answers in time", []int{5, 8}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=1")
		l.await("Dial", "Dial", "ChannelStateChange")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg is created and dialled and we hang up while it rings", []int{25, 26}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		s.remove("channels/agent-1?reason=answered_elsewhere")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg rings in the caller's bridge, and its answer passes to the caller", []int{7, 23, 29}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna})
		s.phone("101", Phone{RingFor: 700 * time.Millisecond})
		s.post("bridges/talk-1?type=mixing,dtmf_events")
		s.post("bridges/talk-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post(leg)
		l.await("StasisStart")
		s.post("bridges/talk-1/addChannel?channel=agent-1")
		l.await("ChannelEnteredBridge")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		l.await("ChannelStateChange", "Dial", "ChannelStateChange")
		s.get("bridges/talk-1")
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.outcome(caller)
		s.get("channels/agent-1")
	}},
	{"what cannot be dialled", []int{20}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/" + id + "/dial")
		s.post("channels/nobody/dial")
	}},
	{"a leg is dialled for a caller who is not there", []int{24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?caller=nobody&timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		s.remove("channels/agent-1?reason=answered_elsewhere")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
}
