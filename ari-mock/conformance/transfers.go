package conformance

import (
	"slices"
	"time"
)

// swapped are the events of a blind transfer: the phone's leg is replaced in the bridge by one end of a Local channel.
var swapped = []string{"ChannelUnhold", "StasisStart", "ChannelLeftBridge", "ChannelEnteredBridge", "BridgeBlindTransfer"}

// rung are those of a Local channel whose other end lets a phone ring.
var rung = []string{"ChannelStateChange", "ChannelCallerId", "Dial"}

// consulted is why nobody awaits that the Local channel of an attended transfer is given a number.
const consulted = "the Local channel is given the number of who was consulted sooner or later, and the application is told of it or not"

// transfers are cases of phones that send their caller to somebody else. Of a leg that was replaced, and of a Local channel that took a
// leg's place, no ChannelDestroyed comes.
var transfers = []Case{
	{"a phone transfers the caller to another phone, which answers and hangs up", []int{4, 27, 28, 29}, func(s *session) {
		l := s.listen()
		id := s.transferred(l, Step{Transfer: "102"}, 2500*time.Millisecond, Phone{RingFor: 600 * time.Millisecond, TalkFor: 1500 * time.Millisecond})
		st := l.await(slices.Concat(swapped, rung)...)
		s.get("bridges/talk-1")
		s.get("applications/missedcalls")
		s.get("channels/" + st.entered())
		s.get("channels/" + st.entered() + "/variable?variable=CHANNEL(linkedid)")
		s.get("channels/agent-1")
		l.await("ChannelStateChange", "Dial")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.get("channels/agent-1")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/talk-1")
		s.get("channels/" + id)
		s.get("applications/missedcalls")
	}},
	{"a phone transfers the caller and is let go, and so is the caller", []int{4, 28}, func(s *session) {
		l := s.listen()
		id := s.transferred(l, Step{Transfer: "102"}, 9*time.Second, Phone{RingFor: 300 * time.Millisecond})
		st := l.await(slices.Concat(swapped, rung, []string{"ChannelStateChange", "Dial"})...)
		s.remove("channels/agent-1?reason=normal")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.remove("channels/" + id + "?reason=normal")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/talk-1")
		s.remove("channels/" + st.entered() + "?reason=normal")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("applications/missedcalls")
	}},
	{"a phone transfers the caller to a phone that is engaged", []int{4, 28}, func(s *session) {
		l := s.listen()
		s.transferred(l, Step{Transfer: "102"}, 4*time.Second, Phone{RingFor: 300 * time.Millisecond, Status: 486})
		l.await(slices.Concat(swapped, rung)...)
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/talk-1")
	}},
	{"a phone transfers the caller to a number that is not there", []int{28}, func(s *session) {
		l := s.listen()
		s.transferred(l, Step{Transfer: "nobody"}, 2500*time.Millisecond, Phone{})
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd", "ChannelDestroyed")
	}},
	{"a phone transfers the caller to a number of the application", []int{27, 28}, func(s *session) {
		l := s.listen()
		s.transferred(l, Step{Transfer: "74950000000"}, 9*time.Second, Phone{})
		st := l.await(slices.Concat(swapped, []string{"StasisStart"})...)
		s.get("bridges/talk-1")
		for _, id := range st.allEntered() {
			s.get("channels/" + id + "/variable?variable=EVAL(${CALLERID(num-pres)} ${CHANNEL(linkedid)} ${CALLERID(all)})")
		}
	}},
	{"a phone consults another phone and transfers the caller", []int{4, 27, 28, 29}, func(s *session) {
		l := s.listen()
		s.leaveOut("ChannelCallerId", consulted, nil)
		s.transferred(l, Step{Transfer: "102", ConsultFor: 700 * time.Millisecond}, 4500*time.Millisecond,
			Phone{RingFor: 300 * time.Millisecond, TalkFor: 5 * time.Second})
		st := l.await("ChannelUnhold", "StasisStart", "ChannelLeftBridge", "ChannelEnteredBridge", "ChannelStateChange", "Dial",
			"BridgeAttendedTransfer")
		s.get("bridges/talk-1")
		s.get("applications/missedcalls")
		s.get("channels/" + st.entered())
		s.get("channels/" + st.entered() + "/variable?variable=CHANNEL(linkedid)")
		l.await("ChannelHangupRequest", "StasisEnd")
		l.await("ChannelHangupRequest", "ChannelLeftBridge", "StasisEnd")
		s.get("bridges/talk-1")
	}},
	{"a phone consults the application and transfers the caller", []int{27, 28}, func(s *session) {
		l := s.listen()
		s.leaveOut("ChannelCallerId", consulted, nil)
		s.transferred(l, Step{Transfer: "74950000000", ConsultFor: 1500 * time.Millisecond}, 9*time.Second, Phone{})
		id := l.await("StasisStart").entered()
		s.post("bridges/hold-1?type=holding")
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		st := l.await("ChannelUnhold", "ChannelUnhold", "StasisStart", "ChannelLeftBridge", "ChannelEnteredBridge", "StasisStart",
			"ChannelLeftBridge", "ChannelEnteredBridge", "BridgeAttendedTransfer", "ChannelStateChange", "Dial", "StasisEnd")
		for _, id := range st.allEntered() {
			s.get("channels/" + id + "/variable?variable=EVAL(${CALLERID(num-pres)} ${CHANNEL(linkedid)} ${CALLERID(all)})")
		}
		s.get("bridges")
		s.get("applications/missedcalls")
	}},
}

// transferred brings a caller and agent-1 together, whose phone transfers him 1.2 s after it has answered, and hangs up after a time.
// The phone that he may be transferred to is 102.
func (s *session) transferred(l *listener, transfer Step, talk time.Duration, target Phone) (id string) {
	s.t.Helper()
	id, _ = s.talk(l, Call{Number: anna})
	s.phone("102", target)
	transfer.After = 1200 * time.Millisecond
	s.served(l, Phone{RingFor: 300 * time.Millisecond, Steps: []Step{transfer}, TalkFor: talk})
	s.together(l, id)
	return id
}
