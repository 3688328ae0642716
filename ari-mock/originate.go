package arimock

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// defaultTimeout is how long an originated call rings when nothing is said.
const defaultTimeout = 30 * time.Second

// originate dials a phone and takes it into the application when it answers. It answers before anything has been dialled.
func (s *Server) originate(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused := wantsTarget(r); refused != nil {
		return *refused
	}
	l, refused := s.newLeg(r)
	if refused != nil {
		return *refused
	}
	l.timeout = defaultTimeout
	if seconds, given := r.number("timeout"); given && seconds > 0 {
		l.timeout = time.Duration(seconds) * time.Second
	} else if given && seconds < 0 {
		l.timeout = 0
	}
	c := l.channel
	c.appName, c.appData = "AppDial2", "(Outgoing Line)"
	name, args := r.get("app"), r.get("appArgs")
	if name == "" {
		priority, _ := r.number("priority")
		to := departure{context: r.get("context"), exten: r.get("extension"), priority: priority}
		s.running.Go(func() { l.originated(func() { c.visit(to) }) })
		return ok(c.model())
	}
	s.appOf(name).watch(s.appOf(name).channels, c.id, 1)
	s.running.Go(func() { l.originated(func() { c.serve(name, args) }) })
	return ok(c.model())
}

// wantsTarget refuses an originated call that would go nowhere.
func wantsTarget(r *request) *reply {
	var answer reply
	switch {
	case r.get("endpoint") != "" && r.get("app") == "" && r.get("extension") == "":
		answer = refusal(http.StatusBadRequest, "Application or extension must be specified")
	case r.get("app") == "" && r.get("label") != "": // no step of ours has a label
		answer = refusal(http.StatusNotFound, "Requested label can not be found")
	default:
		return nil
	}
	return &answer
}

// longestID is the length of a channel's id (AST_MAX_PUBLIC_UNIQUEID).
const longestID = 149

// newLeg makes the channel of a call to a phone, or says why it cannot be. The mutex is held.
func (s *Server) newLeg(r *request) (*leg, *reply) {
	id := r.get("channelId")
	if len(r.ids) > 0 {
		id = r.ids[0]
	}
	endpoint := r.get("endpoint")
	refused := func(answer reply) (*leg, *reply) { return nil, &answer }
	switch {
	case endpoint == "":
		return refused(refusal(http.StatusBadRequest, "Endpoint must be specified"))
	case strings.HasSuffix(endpoint, "/") || !strings.Contains(endpoint, "/"):
		return refused(refusal(http.StatusBadRequest, "Invalid endpoint specified"))
	case len(id) > longestID:
		return refused(refusal(http.StatusBadRequest, fmt.Sprintf("Uniqueid length exceeds maximum of %d", longestID)))
	case s.channels[id] != nil:
		return refused(refusal(http.StatusConflict, "Channel with given unique ID already exists"))
	}
	variables, good := variablesOf(r)
	if !good {
		return refused(refusal(http.StatusBadRequest,
			"Each value in 'variables' must be a string or an object with 'value' and optional 'report_events'"))
	}
	phone, on := s.phones[endpoint]
	if !s.endpointExists(endpoint) || s.absent[endpoint] {
		return refused(allocationFailed())
	}
	c := s.newChannel(id, endpoint)
	l := &leg{channel: c, phone: phone, off: !on, dialled: endpoint}
	c.far = l
	c.context, c.exten, c.priority = "from-agents", "s", 1
	name, number := splitCallerID(r.get("callerId"))
	c.caller = s.phoneParty(endpoint)
	if number != "" {
		c.caller, c.connected = party{name, number}, party{name, number}
	}
	if origin := s.channels[r.get("originator")]; origin != nil {
		c.linkedID = origin.linkedID
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		c.setFirst(name, variables[name])
	}
	return l, nil
}

// variablesOf reads the variables that a channel gets at its making.
func variablesOf(r *request) (variables map[string]string, good bool) {
	object, _ := r.body["variables"].(map[string]any)
	variables = make(map[string]string)
	for name, value := range object {
		if inner, is := value.(map[string]any); is {
			value = inner["value"]
		}
		text, is := value.(string)
		if !is {
			return nil, false
		}
		variables[name] = text
	}
	return variables, true
}

// splitCallerID reads `name <number>` or a number alone.
func splitCallerID(text string) (name, number string) {
	before, after, found := strings.Cut(text, "<")
	if !found {
		return "", strings.TrimSpace(text)
	}
	return strings.Trim(strings.TrimSpace(before), `"`), strings.TrimSuffix(strings.TrimSpace(after), ">")
}

// originated is the goroutine of an originated channel. Once it is answered, it is somewhere until it is hung up.
func (l *leg) originated(somewhere func()) {
	if l.ring() {
		l.channel.s.running.Go(l.talk)
		somewhere()
	}
	l.channel.s.mu.Lock()
	defer l.channel.s.mu.Unlock()
	l.gone()
}

// serve takes a channel of ours into an application until it leaves.
func (c *channel) serve(name, args string) {
	c.s.mu.Lock()
	c.appName, c.appData = "Stasis", name
	if args != "" {
		c.appData += "," + args
	}
	entered := c.enter(name, splitArgs(args), nil)
	c.s.mu.Unlock()
	if entered {
		c.thread()
	}
}

// gone ends the channel for good. The mutex is held.
func (l *leg) gone() {
	c := l.channel
	if !c.hungUp {
		c.hungUp, c.cause = true, causeNormal
		close(c.gone)
	}
	if l.created && !l.rung {
		c.techCause = sipStatuses[c.cause]
		c.publish(&channelHangupRequest{event: c.s.head("ChannelHangupRequest"), Cause: c.cause, TechCause: c.techCause, Channel: c.model()})
	}
	c.appName, c.appData = "", ""
	if !l.created {
		c.appName, c.appData = "AppDial2", "(Outgoing Line)"
	}
	c.destroy()
}

// createChannel makes a channel to a phone that is in the application at once, un-dialled.
func (s *Server) createChannel(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, refused := s.newLeg(r)
	if refused != nil {
		return *refused
	}
	name, args := r.get("app"), r.get("appArgs")
	c := l.channel
	l.created = true
	a := s.appOf(name)
	a.watch(a.channels, c.id, 1)
	s.running.Go(func() {
		c.serve(name, args)
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		l.gone()
	})
	return ok(c.model())
}

// dial rings the phone of a created channel.
func (s *Server) dial(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, refused := s.findChannel(r.ids[0], true)
	if refused != nil {
		return *refused
	}
	l, created := c.far.(*leg)
	if !created || c.state != stateDown {
		return refusal(http.StatusConflict, "Channel is not in the 'Down' state")
	}
	seconds, _ := r.number("timeout")
	l.timeout = time.Duration(max(seconds, 0)) * time.Second
	caller := s.channels[r.get("caller")]
	if caller != nil && caller.caller.Number != "" {
		c.connected = caller.caller
	}
	c.queue(func() {
		s.running.Go(func() {
			if l.ring() {
				l.pickedUp()
				l.talk()
			}
		})
	})
	return noContent()
}

// pickedUp passes the answer of a phone on to the caller it is bridged with.
func (l *leg) pickedUp() {
	l.channel.s.mu.Lock()
	defer l.channel.s.mu.Unlock()
	if b := l.channel.bridge; b != nil {
		b.answered()
	}
}
