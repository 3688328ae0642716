package conformance

import (
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// connections are cases of how an application is connected, and of what happens when it is not.
var connections = []Case{
	{"a connection that is refused", []int{20}, func(s *session) {
		s.refused("")
		s.refused("app=")
		s.refused("app=" + strings.Repeat("x", 200))
		s.note("GET events?app=missedcalls")
		s.once(s.request(http.MethodGet, "events?app=missedcalls"))
		s.get("applications")
	}},
	{"the connection is cut while a caller waits", []int{4, 15, 16, 17}, func(s *session) {
		l := s.listen()
		id, _ := s.talk(l, Call{Number: anna})
		s.post("bridges/hold-1?type=holding")
		s.post("bridges/hold-1/addChannel?channel=" + id)
		l.await("ChannelEnteredBridge")
		s.post("channels/" + id + "/moh")
		l.drop()
		s.pass(time.Second)
		s.get("applications/missedcalls")
		s.get("channels/" + id)
		s.get("bridges/hold-1")
		s.post("channels/" + id + "/variable?variable=X&value=1")
		s.post("bridges/hold-1/removeChannel?channel=" + id)
		s.outcome(s.call(Call{Number: boris}))
		again := s.connect("", "app=missedcalls")
		again.await()
		s.get("applications/missedcalls")
		s.get("channels/" + id + "/variable?variable=X")
		s.remove("channels/" + id)
		again.await("ChannelHangupRequest", "StasisEnd")
	}},
	{"the connection is cut while a caller hangs up", []int{8, 15}, func(s *session) {
		l := s.listen()
		id, caller := s.talk(l, Call{Number: anna, HangupAfter: 2 * time.Second})
		l.drop()
		s.outcome(caller)
		s.pass(500 * time.Millisecond)
		again := s.connect("", "app=missedcalls")
		again.await()
		s.get("channels/" + id)
		s.get("channels")
		s.get("applications/missedcalls")
	}},
	{"the connection is cut and nothing is left", []int{11, 15}, func(s *session) {
		l := s.listen()
		s.get("applications")
		l.drop()
		s.pass(time.Second)
		s.get("applications")
		s.get("applications/missedcalls")
		s.connect("", "app=missedcalls").await()
		s.get("applications/missedcalls")
	}},
	{"an application is connected twice", []int{14}, func(s *session) {
		older := s.listen()
		id, _ := s.enter(older, Call{Number: anna})
		newer := s.connect("the newer", "app=missedcalls")
		older.deaf = true
		older.await("ApplicationReplaced")
		s.get("applications/missedcalls")
		s.post("channels/" + id + "/answer")
		newer.await("ChannelStateChange")
		s.enter(newer, Call{Number: boris})
		s.pinged(older)
		older.await()
		older.drop()
		s.pass(time.Second)
		s.remove("channels/" + id)
		newer.await("ChannelHangupRequest", "StasisEnd")
	}},
	{"one connection has two applications", []int{14}, func(s *session) {
		l := s.connect("", "app=missedcalls,second")
		s.get("applications")
		s.post("events/user/hello?application=second")
		l.await("ChannelUserevent")
		s.connect("the newer", "app=second").await()
		l.await("ApplicationReplaced")
	}},
	{"an event is sent to ourselves and to others", []int{13}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("events/user/hello?application=missedcalls")
		s.post("events/user/hello%20%D0%90?application=missedcalls", `{"variables":{"a":"1","b":"ждём","c":""}}`)
		s.post("events/user/hello?application=missedcalls&source=channel:" + id)
		l.await("ChannelUserevent", "ChannelUserevent", "ChannelUserevent")
		s.post("events/user/hello?application=nobody")
		s.post("events/user/hello?application=missedcalls&source=channel:nobody")
		s.post("events/user/hello?application=missedcalls&source=nonsense:x")
		s.post("events/user/hello?application=missedcalls", `{"variables":{"a":1,"b":true,"c":null,"d":{"e":[1,2]}}}`)
		l.await("ChannelUserevent")
	}},
	{"an event is sent to an application that does not listen", []int{13}, func(s *session) {
		l := s.listen()
		s.enter(l, Call{Number: anna})
		l.drop()
		s.pass(time.Second)
		s.post("events/user/hello?application=missedcalls")
		s.pass(time.Second)
		s.connect("", "app=missedcalls").await()
	}},
	{"a reader that stands still is cut off", []int{12}, func(s *session) {
		s.stall()
	}},
}

const (
	// stalledEvents of stalledEvent bytes each are more than all buffers between Asterisk and a reader hold.
	stalledEvents = 400
	stalledEvent  = 38_000
	// writeTimeout is how long Asterisk waits for a reader (websocket_write_timeout).
	writeTimeout = time.Second
)

// stall connects, reads nothing while many large events are sent, and then reads what is left of the connection. When a
// write failed, Asterisk writes the frame that closes the connection; as that fails, too, it closes the connection without.
// So nothing is read before twice the time-out is over: a reader that comes back in between gets the frame amid the one
// that was cut off, and a connection that neither says anything nor ends.
func (s *session) stall() {
	l := s.dial("", "app=missedcalls")
	s.note("%d events of %d bytes are sent and not read", stalledEvents, stalledEvent)
	body := `{"variables":{"text":"` + strings.Repeat("x", stalledEvent) + `"}}`
	for range stalledEvents {
		a := s.send(s.request(http.MethodPost, "events/user/large?application=missedcalls", body))
		if a.status != http.StatusNoContent && a.status != http.StatusNotFound {
			s.report(a)
		}
	}
	s.pass(5 * writeTimeout)
	go l.read()
	<-l.ended
	s.note("the connection has ended, close status %d", websocket.CloseStatus(l.failure))
	if got := len(l.pending()); got == 0 || got >= stalledEvents {
		s.fail("%d of %d events were read", got, stalledEvents)
	}
	s.note("some events were read, not all")
	s.get("applications/missedcalls")
	s.outcome(s.call(Call{Number: anna}))
	s.connect("", "app=missedcalls").await()
}

// pinged writes whether a ping is answered soon.
func (s *session) pinged(l *listener) {
	answered := make(chan error, 1)
	go func() { answered <- l.conn.Ping(s.ctx) }()
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case err := <-answered:
		s.note("ping: %v", err)
	case <-timer.C:
		s.note("ping: no answer")
	}
}
