package conformance

import (
	"strings"
	"time"
)

// offer is the request that lets phone 101 ring.
const offer = "channels/agent-1?endpoint=PJSIP/101&app=missedcalls&appArgs=offer,call-1&timeout=10"

// originating are cases of calls that Asterisk makes for us.
var originating = []Case{
	{"a phone is called and answers, and we hang up", []int{1, 5, 24, 27}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 700 * time.Millisecond})
		s.post(offer + "&callerId=Anna <" + anna + ">")
		l.await("Dial", "Dial", "ChannelStateChange")
		s.get("channels/agent-1")
		s.get("applications/missedcalls")
		l.await("ChannelStateChange", "Dial", "StasisStart")
		s.get("channels/agent-1")
		s.get("applications/missedcalls")
		s.remove("channels/agent-1?reason=normal")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
		s.get("applications/missedcalls")
	}},
	{"a phone is called, answers and hangs up", []int{4, 6, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, TalkFor: 300 * time.Millisecond})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelStateChange", "Dial", "StasisStart",
			"ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a phone is called and is engaged", []int{5, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, Status: 486})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "Dial", "ChannelDestroyed")
		s.get("channels/agent-1")
	}},
	{"a phone is called and declines", []int{5, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, Status: 603})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "Dial", "ChannelDestroyed")
	}},
	{"a phone is called and is not there", []int{5, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, Status: 404})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "Dial", "ChannelDestroyed")
	}},
	{"a phone is called and nobody answers in time", []int{5, 8, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post("channels/agent-1?endpoint=PJSIP/101&app=missedcalls&timeout=1")
		l.await("Dial", "Dial", "ChannelStateChange")
		l.await("ChannelDestroyed")
		s.get("channels/agent-1")
	}},
	{"a phone that is off is called", []int{5, 24}, func(s *session) {
		l := s.listen()
		s.post("channels/agent-1?endpoint=PJSIP/101&app=missedcalls&timeout=1")
		l.await("Dial")
		l.await("ChannelDestroyed")
	}},
	{"a ringing phone is told that somebody else has answered", []int{20, 25, 26}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange")
		for _, command := range []string{"answer", "ring", "moh", "play?media=sound:silence/1", "variable?variable=X&value=1", "continue"} {
			s.post("channels/agent-1/" + command)
		}
		s.post("bridges/b1?type=mixing,dtmf_events")
		s.post("bridges/b1/addChannel?channel=agent-1")
		s.get("channels/agent-1/variable?variable=EXTEN")
		s.remove("channels/agent-1?reason=answered_elsewhere")
		l.await("ChannelHangupRequest", "Dial", "ChannelDestroyed")
		s.remove("channels/agent-1?reason=answered_elsewhere")
	}},
	{"what cannot be called", []int{20, 24}, func(s *session) {
		s.listen()
		for _, query := range []string{
			"endpoint=PJSIP/nobody&app=missedcalls", "endpoint=Nonsense/x&app=missedcalls", "endpoint=PJSIP&app=missedcalls",
			"endpoint=PJSIP/&app=missedcalls", "endpoint=&app=missedcalls", "endpoint=PJSIP/101", "app=missedcalls",
			"endpoint=PJSIP/101&extension=s&context=exit&label=none",
		} {
			s.post("channels/agent-1?" + query)
		}
		s.post("channels/agent-1?endpoint=PJSIP/101&app=missedcalls", `{"variables":{"X":5}}`)
		for _, length := range []int{150, 149} {
			s.note("an id of %d characters", length)
			s.post("channels/" + strings.Repeat("x", length) + "?endpoint=PJSIP/nobody&app=missedcalls")
		}
		s.post("channels/create?endpoint=PJSIP/nobody&app=missedcalls&channelId=agent-1")
		s.post("channels/create?endpoint=Nonsense/x&app=missedcalls&channelId=agent-1")
		s.get("channels")
	}},
	{"a channel's id is used twice", []int{1, 20}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.phone("102", Phone{})
		s.post(offer)
		l.await("Dial", "Dial", "ChannelStateChange")
		s.post(offer)
		s.post("channels/agent-1?endpoint=PJSIP/102&app=missedcalls")
		s.post("channels?endpoint=PJSIP/102&app=missedcalls&channelId=agent-1")
		s.post("channels/create?endpoint=PJSIP/102&app=missedcalls&channelId=agent-1")
		s.get("channels")
	}},
	{"a leg carries variables and the caller's linkedid", []int{16, 21, 24}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.phone("101", Phone{RingFor: 300 * time.Millisecond})
		s.post("channels/agent-1", `{"endpoint":"PJSIP/101","app":"missedcalls","appArgs":"offer,\"a,b\",,call 1","timeout":10,`+
			`"originator":"`+id+`","callerId":"\"Анна\" <`+anna+`>","variables":{"CALL":"call-1","ROLE":"agent, ждёт"}}`)
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelStateChange", "Dial", "StasisStart")
		for _, name := range []string{"CALL", "ROLE", "CHANNEL(linkedid)", "CALLERID(num)", "CONNECTEDLINE(num)", "CONNECTEDLINE(name)"} {
			s.get("channels/agent-1/variable?variable=" + name)
		}
	}},
	{"a leg for an application that is not there", []int{24}, func(s *session) {
		s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond})
		s.post("channels/agent-1?endpoint=PJSIP/101&app=nobody&timeout=10")
		s.until("channels/agent-1", "Channel not found")
		s.get("channels")
	}},
	{"a leg goes to an extension", []int{17, 24}, func(s *session) {
		s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond})
		s.post("channels/agent-1?endpoint=PJSIP/101&context=exit&extension=wait&priority=1&timeout=10")
		s.until("channels/agent-1", `"app_name":"MusicOnHold"`)
		s.get("channels/agent-1")
		s.post("channels/agent-1/answer")
	}},
}
