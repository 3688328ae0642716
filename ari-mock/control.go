package arimock

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// controlPrefix is the path below which the world around Asterisk is moved over HTTP, for tests in other languages and for
// trying things by hand. It asks for no credentials: the stand-in has no secrets and is for loopback.
const controlPrefix = "/mock/"

// control carries out a request to the control surface, and tells whether it was one.
//
//	POST   /mock/calls                 {"number", "name", "did", "args", "withheld", "language", "hangup_after", "give_up_after",
//	                                   "patience", "talk_for", "digits": [{"key", "after"}]} lets somebody call and answers {"id"}; times are those of Go ("10s")
//	GET    /mock/calls                 the calls there are, and what their callers hear
//	POST   /mock/calls/{id}/keys/{key} presses a key
//	DELETE /mock/calls/{id}            hangs up, as the caller
//	PUT    /mock/phones/{name}         {"ring_for", "status", "forward_to", "talk_for", "steps": [STEP]} switches on a phone: PJSIP%2F101
//	GET    /mock/phones/{name}         the last calls it got, as it showed them
//	DELETE /mock/phones/{name}         switches it off
//	POST   /mock/phones/{name}/step    STEP: {"after", "key", "hold", "unhold", "transfer", "consult_for"}, what the phone does now
//	DELETE /mock/phones/{name}/talk    it hangs up
//	POST   /mock/phones/{name}/pick_up/{ringing}  it takes the call that another one rings for
//	PUT    /mock/registrations/{name}  {"lasts"} tells where it is, for a time or for ever
//	DELETE /mock/registrations/{name}  makes Asterisk forget that: the phone is UNAVAILABLE
//	POST   /mock/recordings/{name}/fail  lets a recording fail
//	POST   /mock/disconnect            breaks every connection
//	POST   /mock/crash                 restarts Asterisk: every call is gone
func (s *Server) control(w http.ResponseWriter, r *http.Request, body []byte) bool {
	if !strings.HasPrefix(r.URL.Path, controlPrefix) {
		return false
	}
	for _, c := range controls {
		method, path, _ := strings.Cut(c.route, " ")
		ids, fits := match(path, strings.TrimPrefix(r.URL.EscapedPath(), controlPrefix))
		if !fits || method != r.Method {
			continue
		}
		answer, err := c.do(s, ids, body)
		if err != nil {
			answer = refusal(http.StatusBadRequest, err.Error())
		}
		write(w, answer)
		return true
	}
	write(w, refusal(http.StatusNotFound, "no such control; see package arimock, control.go"))
	return true
}

// match gives the ids of a path that has a pattern's shape.
func match(pattern, path string) (ids []string, fits bool) {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	for i, part := range have {
		text, err := url.PathUnescape(part)
		switch {
		case err != nil || part == "":
			return nil, false
		case want[i] == "{}":
			ids = append(ids, text)
		case want[i] != text:
			return nil, false
		}
	}
	return ids, true
}

type control struct {
	route string
	do    func(s *Server, ids []string, body []byte) (reply, error)
}

var controls = []control{
	{"POST calls", (*Server).controlCall},
	{"GET calls", (*Server).controlCalls},
	{"DELETE calls/{}", func(s *Server, ids []string, _ []byte) (reply, error) { return s.onCall(ids[0], (*Call).HangUp) }},
	{"POST calls/{}/keys/{}", func(s *Server, ids []string, _ []byte) (reply, error) {
		return s.onCall(ids[0], func(k *Call) { k.Press(ids[1]) })
	}},
	{"PUT phones/{}", (*Server).controlPhone},
	{"GET phones/{}", func(s *Server, ids []string, _ []byte) (reply, error) { return ok(s.shownCalls(ids[0])), nil }},
	{"POST phones/{}/step", (*Server).controlStep},
	{"DELETE phones/{}/talk", func(s *Server, ids []string, _ []byte) (reply, error) { return noContent(), s.HangUpPhone(ids[0]) }},
	{"POST phones/{}/pick_up/{}", func(s *Server, ids []string, _ []byte) (reply, error) { return noContent(), s.PickUp(ids[0], ids[1]) }},
	{"PUT registrations/{}", (*Server).controlRegistration},
	{"DELETE registrations/{}", func(s *Server, ids []string, _ []byte) (reply, error) {
		s.Unregister(ids[0])
		return noContent(), nil
	}},
	{"POST recordings/{}/fail", (*Server).controlFailure},
	{"DELETE phones/{}", func(s *Server, ids []string, _ []byte) (reply, error) {
		s.RemovePhone(ids[0])
		return noContent(), nil
	}},
	{"POST disconnect", func(s *Server, _ []string, _ []byte) (reply, error) {
		s.running.Go(s.Disconnect) // this connection too, so not before the answer
		return noContent(), nil
	}},
	{"POST crash", func(s *Server, _ []string, _ []byte) (reply, error) {
		s.running.Go(s.Crash)
		return noContent(), nil
	}},
}

// duration is a time as Go writes it.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

func (s *Server) controlCall(_ []string, body []byte) (reply, error) {
	var c struct {
		Number      string   `json:"number"`
		Name        string   `json:"name"`
		DID         string   `json:"did"`
		Args        string   `json:"args"`
		Language    string   `json:"language"`
		Withheld    bool     `json:"withheld"`
		HangupAfter duration `json:"hangup_after"`
		GiveUpAfter duration `json:"give_up_after"`
		Patience    duration `json:"patience"`
		TalkFor     duration `json:"talk_for"`
		Digits      []struct {
			Key   string   `json:"key"`
			After duration `json:"after"`
		} `json:"digits"`
	}
	if err := strictly(body, &c); err != nil {
		return reply{}, err
	}
	if c.DID == "" {
		return reply{}, errors.New("did: the number that is dialled must be given")
	}
	caller := Caller{
		Number: c.Number, Name: c.Name, DID: c.DID, Args: c.Args, Language: c.Language, Withheld: c.Withheld,
		HangupAfter: time.Duration(c.HangupAfter), GiveUpAfter: time.Duration(c.GiveUpAfter),
		Patience: time.Duration(c.Patience), TalkFor: time.Duration(c.TalkFor),
	}
	for _, d := range c.Digits {
		caller.Digits = append(caller.Digits, Digit{Key: d.Key, After: time.Duration(d.After)})
	}
	return created(struct {
		ID string `json:"id"`
	}{s.Call(caller).ID()}), nil
}

func (s *Server) controlCalls([]string, []byte) (reply, error) {
	type view struct {
		ID    string `json:"id"`
		State string `json:"state"`
		Hears string `json:"hears"`
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []view{}
	for id, k := range s.calls {
		list = append(list, view{id, k.channel.state, k.channel.hears()})
	}
	return ok(list), nil
}

func (s *Server) onCall(id string, do func(k *Call)) (reply, error) {
	s.mu.Lock()
	k := s.calls[id]
	s.mu.Unlock()
	if k == nil {
		return refusal(http.StatusNotFound, "no such call"), nil
	}
	do(k)
	return noContent(), nil
}

// strictly reads a JSON object with known fields only.
func strictly(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}
