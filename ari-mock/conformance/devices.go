package conformance

import "time"

// devices are cases of the states of phones.
var devices = []Case{
	{"a phone that registers can be called until it is forgotten", []int{24, 30}, func(s *session) {
		l := s.listen()
		s.post("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/121")
		s.get("deviceStates/PJSIP%2F121")
		s.post("channels/create?endpoint=PJSIP/121&app=missedcalls&channelId=agent-1")
		s.phone("121", Phone{})
		s.registers(time.Minute)
		l.await("DeviceStateChanged")
		s.get("deviceStates/PJSIP%2F121")
		s.post("channels/create?endpoint=PJSIP/121&app=missedcalls&channelId=agent-1")
		l.await("StasisStart")
		s.post("channels/agent-1/dial?timeout=10")
		l.await("Dial", "Dial", "ChannelStateChange", "DeviceStateChanged")
		s.registers(0)
		l.await()
		s.get("deviceStates/PJSIP%2F121")
		s.remove("channels/agent-1?reason=answered_elsewhere")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelDestroyed", "DeviceStateChanged")
		s.registers(time.Minute)
		l.await("DeviceStateChanged")
		s.remove("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/121")
		s.registers(0)
		l.await()
		s.get("deviceStates/PJSIP%2F121")
	}},
	{"a registration that is not renewed runs out", []int{30}, func(s *session) {
		l := s.listen()
		s.post("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/121")
		s.registers(time.Second)
		l.await("DeviceStateChanged")
		l.await("DeviceStateChanged")
	}},
	{"a phone that calls is occupied", []int{27, 30}, func(s *session) {
		l := s.listen()
		s.post("applications/missedcalls/subscription?eventSource=deviceState:PJSIP/101,deviceState:PJSIP/102")
		s.call(Call{Number: "101", DID: "*45"})
		id := l.await("StasisStart").entered()
		s.get("deviceStates/PJSIP%2F101")
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange", "DeviceStateChanged")
		s.get("deviceStates/PJSIP%2F101")
		s.get("deviceStates/PJSIP%2F102")
		s.get("deviceStates/PJSIP%2Fnobody")
		s.post("channels/" + id + "/continue")
		l.await("StasisEnd", "DeviceStateChanged")
		s.call(Call{Number: "102", DID: "74950000000"})
		id = l.await("StasisStart").entered()
		s.remove("channels/" + id + "?reason=busy")
		l.await("ChannelHangupRequest", "StasisEnd")
	}},
}

// registers tells Asterisk where phone 121 is, and says so in the trace.
func (s *session) registers(lasts time.Duration) {
	s.t.Helper()
	const number = "121"
	if lasts == 0 {
		s.note("phone %s is unregistered", number)
	} else {
		s.note("phone %s registers for %s", number, lasts)
	}
	s.world.Register(s.t, number, lasts)
}
