package conformance

import (
	"net/http"
	"strings"
)

// requests are cases of Asterisk's web server.
var requests = []Case{
	{"Asterisk is asked about itself", []int{31}, func(s *session) {
		a := s.get("asterisk/info?only=system")
		s.headers(a, "Content-Type", "Cache-Control")
		s.get("asterisk/info")
		s.get("asterisk/info?only=config")
		s.get("asterisk/info?only=status")
		s.get("asterisk/info?only=system,status")
		s.get("asterisk/info?only=nonsense")
		s.get("asterisk/ping")
	}},
	{"a wrong password", []int{20}, func(s *session) {
		for _, try := range []struct{ username, password string }{{"", ""}, {"nobody", "x"}, {s.user(), "wrong"}} {
			s.note("as %q", try.username)
			r := s.request(http.MethodGet, "asterisk/ping")
			r.Header.Del("Authorization")
			if try.username != "" {
				r.SetBasicAuth(try.username, try.password)
			}
			a := s.send(r)
			s.report(a)
			s.headers(a, "WWW-Authenticate", "Content-Type")
		}
		username, password := s.world.Credentials()
		s.note("in the query")
		r := s.request(http.MethodGet, "asterisk/ping?api_key="+username+":"+password)
		r.Header.Del("Authorization")
		s.report(s.send(r))
	}},
	{"a method that is not for this path", []int{20}, func(s *session) {
		for _, r := range []struct{ method, target string }{
			{"PUT", "channels/x"}, {"GET", "channels/x/answer"}, {"GET", "channels/create"}, {"DELETE", "asterisk/info"},
			{"PATCH", "channels"}, {"PUT", "bridges"}, {"POST", "playbacks/x"}, {"DELETE", "applications/missedcalls"},
		} {
			s.headers(s.do(r.method, r.target), "Allow")
		}
	}},
	{"a path that is not there", []int{20, 21}, func(s *session) {
		s.get("nonsense")
		s.get("channels/")
		s.get("channels/x/nonsense")
		s.get("channels//answer")
		s.get("asterisk")
		s.get("")
		s.get("Channels")
		s.get("bridges/")
		s.get("asterisk/ping/")
	}},
	{"a path or a body that is too long", []int{21}, func(s *session) {
		a := s.get("channels/" + strings.Repeat("x", 5000))
		s.headers(a, "Content-Type")
		a = s.post("asterisk/variable?variable=X", `{"value":"`+strings.Repeat("x", 45_000)+`"}`)
		s.headers(a, "Content-Type")
		s.post("channels/nobody/variable?variable=X", `{"value":"`+strings.Repeat("x", 40_000)+`"}`)
		s.get("channels/" + strings.Repeat("x", 3000))
	}},
	{"a body that is no JSON", []int{21}, func(s *session) {
		l := s.listen()
		id, _ := s.enter(l, Call{Number: anna})
		s.post("channels/"+id+"/variable", `{"variable":`)
		s.post("channels/"+id+"/variable", `[]`)
		s.post("channels/"+id+"/variable", `"text"`)
		s.post("channels/"+id+"/variable", ``)
		s.post("channels/"+id+"/variable", `{"variable":"X","value":"a","unknown":true}`)
		s.post("channels/"+id+"/variable?variable=Y&value=a", `{"variable":"X","value":"b"}`)
		s.get("channels/" + id + "/variable?variable=X")
		s.get("channels/" + id + "/variable?variable=Y")
	}},
	{"one connection more than Asterisk takes is closed", []int{18}, func(s *session) {
		s.tooMany()
	}},
	{"an idle connection is closed after 15 s", []int{18}, func(s *session) {
		s.idleConnection()
	}},
}

func (s *session) user() string {
	username, _ := s.world.Credentials()
	return username
}
