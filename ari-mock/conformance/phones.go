package conformance

import (
	"fmt"
	"time"
)

// phones are cases of what agents do with their phones.
var phones = []Case{
	{"a leg that is created shows the phone who calls", []int{1, 16, 24}, func(s *session) {
		l := s.listen()
		h := s.phone("101", Phone{})
		s.post("channels/create", `{"endpoint":"PJSIP/101","app":"missedcalls","appArgs":"@leg,agent-1","channelId":"agent-1","variables":{`+
			`"CONNECTEDLINE(name,i)":"Sales: Анна","CONNECTEDLINE(num,i)":"`+anna+`","CONNECTEDLINE(pres,i)":"allowed",`+
			`"PJSIP_HEADER(add,X-Queue)":"sales","CALL":"call-1"}}`)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		for _, name := range []string{"CALL", "CONNECTEDLINE(num)", "CONNECTEDLINE(name)", "CALLERID(num)", "PJSIP_HEADER(read,X-Queue)"} {
			s.get("channels/agent-1/variable?variable=" + name)
		}
		s.shown(h, "X-Queue")
	}},
	{"a leg that is created without variables shows nobody", []int{24}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna, Name: "Anna"})
		h := s.phone("101", Phone{})
		s.post(leg + "&originator=" + id)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10&caller=" + id)
		l.await("Dial", "Dial", "ChannelStateChange")
		s.shown(h, "X-Queue")
		s.get("channels/agent-1/variable?variable=CHANNEL(linkedid)")
	}},
	{"a leg that is created with a name is dialled for a caller with another", []int{24}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna, Name: "Anna"})
		h := s.phone("101", Phone{})
		s.post("channels/create", `{"endpoint":"PJSIP/101","app":"missedcalls","channelId":"agent-1","variables":{`+
			`"CONNECTEDLINE(name,i)":"Sales","CONNECTEDLINE(num,i)":"`+boris+`"}}`)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10&caller=" + id)
		l.await("Dial", "Dial", "ChannelStateChange")
		s.shown(h, "X-Queue")
	}},
	{"a leg is created and dialled and forwards", []int{5, 24}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{RingFor: 300 * time.Millisecond, Status: 302, ForwardTo: "102"})
		s.phone("102", Phone{})
		s.post(leg)
		l.await("StasisStart")
		s.leaveOut("Dial", "it says CANCEL with the number, more than once", func(e event) bool { return e.string("dialstatus") == "CANCEL" })
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg is created and dialled and is refused in each way", []int{5}, func(s *session) {
		l := s.listen()
		for i, status := range []int{480, 404, 603, 503, 488, 600} {
			number := fmt.Sprint(101 + i)
			s.phone(number, Phone{RingFor: 300 * time.Millisecond, Status: status})
			s.post(fmt.Sprintf("channels/create?endpoint=PJSIP/%s&app=missedcalls&channelId=agent-%s", number, number))
			l.await("StasisStart")
			s.post("channels/agent-" + number + "/dial?timeout=10")
			l.await("Dial", "Dial", "ChannelStateChange", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
		}
	}},
	{"a leg is created and dialled and the phone is off", []int{5}, func(s *session) {
		l := s.listen()
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=1")
		l.await("Dial", "ChannelHangupRequest", "StasisEnd", "ChannelDestroyed")
	}},
	{"a phone presses keys while something is played to it, and while it talks", []int{29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.served(l, Phone{RingFor: 300 * time.Millisecond, Steps: []Step{
			{After: time.Second, Key: "1"}, {After: 3500 * time.Millisecond, Key: "*"}, {After: 3800 * time.Millisecond, Key: "1"},
		}})
		s.play("channels/agent-1/play/p1?media=sound:silence/2")
		l.await("PlaybackStarted", "ChannelDtmfReceived")
		s.remove("playbacks/p1")
		l.await("PlaybackFinished")
		s.together(l, id)
		l.await("ChannelDtmfReceived", "ChannelDtmfReceived")
	}},
	{"a phone holds the caller and takes him off hold", []int{29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.served(l, Phone{RingFor: 300 * time.Millisecond, Steps: []Step{
			{After: 1500 * time.Millisecond, Hold: true}, {After: 2500 * time.Millisecond, Unhold: true},
		}})
		s.together(l, id)
		l.await("ChannelHold")
		s.get("channels/agent-1")
		l.await("ChannelUnhold")
	}},
	{"a phone that holds the caller hangs up", []int{29}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.served(l, Phone{RingFor: 300 * time.Millisecond, TalkFor: 3 * time.Second, Steps: []Step{{After: 1500 * time.Millisecond, Hold: true}}})
		s.together(l, id)
		l.await("ChannelHold")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
	}},
	{"a leg that rings is picked up by a colleague", []int{27}, func(s *session) {
		l := s.listen()
		s.phone("101", Phone{})
		s.post(leg)
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange")
		s.note("102 picks it up")
		s.world.PickUp(s.t, "102", "101")
		id := l.await("StasisStart", "StasisEnd").entered()
		s.get("channels/agent-1")
		s.get("channels/" + id)
		s.get("applications/missedcalls")
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "StasisEnd")
	}},
}

// served makes a leg to phone 101 as agent-1 and awaits its answer.
func (s *session) served(l *listener, p Phone) {
	s.t.Helper()
	s.phone("101", p)
	s.post(leg)
	l.await("StasisStart")
	s.post("channels/agent-1/dial?timeout=10")
	l.await("Dial", "Dial", "ChannelStateChange", "ChannelStateChange", "Dial")
}

// together brings a caller and agent-1 together in bridge talk-1.
func (s *session) together(l *listener, id string) {
	s.t.Helper()
	s.post("bridges/talk-1?type=mixing,dtmf_events")
	s.post("bridges/talk-1/addChannel?channel=" + id)
	l.await("ChannelEnteredBridge")
	s.post("bridges/talk-1/addChannel?channel=agent-1")
	l.await("ChannelEnteredBridge")
}
