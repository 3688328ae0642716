package conformance

import "time"

// entering are cases of how a caller comes into the application.
var entering = []Case{
	{"a caller enters without arguments", []int{1, 7, 27}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.get("channels/" + id)
		s.get("channels")
		s.get("applications/missedcalls")
	}},
	{"a caller enters with a name, a number with a plus sign, and arguments", []int{27}, func(s *session) {
		l := s.listen()
		s.enter(l, Call{
			Number: "+" + anna, Name: `Анна "Аня" К.`, DID: "+74951234567", Args: `sales,music=default,skills="a,b",,note=очередь\,2, last`,
		})
	}},
	{"a caller whose number is withheld enters", []int{27}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna, Name: "Anna", Withheld: true})
		s.get("channels/" + id + "/variable?variable=CALLERID(num-pres)")
		s.get("channels/" + id + "/variable?variable=CALLERID(name-pres)")
		s.get("channels/" + id + "/variable?variable=CALLERID(num)")
	}},
	{"a caller without a number enters", []int{27}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Withheld: true})
		s.get("channels/" + id + "/variable?variable=CALLERID(num-pres)")
	}},
	{"two callers enter one after the other", []int{27, 30}, func(s *session) {
		l := s.listen()
		s.enter(l, Call{Number: anna})
		s.enter(l, Call{Number: boris})
		s.get("channels")
		s.get("applications/missedcalls")
	}},
	{"a caller finds no application and takes the fallback", []int{17}, func(s *session) {
		s.outcome(s.call(Call{Number: anna}))
	}},
	{"a caller gives up before the answer", []int{4, 5, 7}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna, GiveUpAfter: time.Second})
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
		s.get("channels/" + id)
		s.get("applications/missedcalls")
	}},
	{"a caller hangs up", []int{4, 6}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna, HangupAfter: 500 * time.Millisecond})
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange")
		l.await("ChannelHangupRequest", "StasisEnd")
		s.outcome(caller)
		s.remove("channels/" + id)
		s.post("channels/" + id + "/answer")
		s.get("applications/missedcalls")
	}},
	{"a caller who is subscribed to is seen to the end", []int{3, 4, 6}, func(s *session) {
		l := s.listen()
		id, caller := s.enter(l, Call{Number: anna, HangupAfter: 500 * time.Millisecond})
		s.post("applications/missedcalls/subscription?eventSource=channel:" + id)
		s.post("channels/" + id + "/answer")
		l.await("ChannelStateChange")
		l.await("ChannelHangupRequest", "StasisEnd", "ChannelHangupRequest", "ChannelDestroyed")
		s.outcome(caller)
		s.get("applications/missedcalls")
	}},
}
