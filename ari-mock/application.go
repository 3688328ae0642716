package arimock

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// info says which Asterisk it is; only picks some of it.
func (s *Server) info(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]any{
		"build": map[string]string{
			"os": "Linux", "kernel": "stand-in", "machine": "x86_64", "options": "stand-in", "date": "stand-in", "user": "stand-in",
		},
		"system": map[string]string{"version": s.options.Version, "entity_id": s.options.EntityID},
		"config": map[string]any{
			"name": s.options.SystemName, "default_language": "en", "max_open_files": 20000,
			"setid": map[string]string{"user": "", "group": ""},
		},
		"status": map[string]string{"startup_time": stamp(s.startedAt), "last_reload_time": stamp(s.startedAt)},
	}
	if only := r.list("only"); len(only) > 0 {
		maps.DeleteFunc(all, func(part string, _ any) bool { return !slices.Contains(only, part) })
	}
	return ok(all)
}

func (s *Server) ping(*request) reply {
	return ok(struct {
		ID        string `json:"asterisk_id"`
		Ping      string `json:"ping"`
		Timestamp string `json:"timestamp"`
	}{s.options.EntityID, "pong", stamp(time.Now())})
}

type applicationModel struct {
	Name       string      `json:"name"`
	Channels   []string    `json:"channel_ids"`
	Bridges    []string    `json:"bridge_ids"`
	Endpoints  []string    `json:"endpoint_ids"`
	Devices    []string    `json:"device_names"`
	Allowed    []eventType `json:"events_allowed"`
	Disallowed []eventType `json:"events_disallowed"`
}

type eventType struct {
	Type string `json:"type"`
}

func (a *app) model() applicationModel {
	return applicationModel{
		Name: a.name, Channels: ids(a.channels), Bridges: ids(a.bridges), Endpoints: ids(a.endpoints), Devices: ids(a.devices),
		Allowed: types(a.allowed), Disallowed: types(a.disallowed),
	}
}

func ids(of map[string]int) []string {
	list := slices.Sorted(maps.Keys(of))
	if list == nil {
		return []string{}
	}
	return list
}

func types(names []string) []eventType {
	list := []eventType{}
	for _, name := range names {
		list = append(list, eventType{name})
	}
	return list
}

func (s *Server) listApplications(*request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []applicationModel{}
	for _, name := range slices.Sorted(maps.Keys(s.apps)) {
		list = append(list, s.apps[name].model())
	}
	return ok(list)
}

// onApplication does something to an application that is there.
func (s *Server) onApplication(r *request, do func(a *app) reply) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.apps[r.ids[0]]
	if a == nil {
		return refusal(http.StatusNotFound, "Application not found")
	}
	return do(a)
}

func (s *Server) getApplication(r *request) reply {
	return s.onApplication(r, func(a *app) reply { return ok(a.model()) })
}

// filter says which types of events are sent to an application. A list that is not given stays as it is; no list at all
// takes both away.
func (s *Server) filter(r *request) reply {
	return s.onApplication(r, func(a *app) reply {
		allowed, given, good := filtered(r.body, "allowed")
		disallowed, alsoGiven, alsoGood := filtered(r.body, "disallowed")
		switch {
		case !good || !alsoGood:
			return refusal(http.StatusBadRequest, "Invalid format definition")
		case len(r.body) == 0:
			a.allowed, a.disallowed = nil, nil
		}
		if given {
			a.allowed = allowed
		}
		if alsoGiven {
			a.disallowed = disallowed
		}
		return ok(a.model())
	})
}

// filtered reads [{"type": NAME}, ...].
func filtered(body map[string]any, field string) (names []string, given, good bool) {
	list, given := body[field]
	items, is := list.([]any)
	if given && !is {
		return nil, given, false
	}
	for _, item := range items {
		object, _ := item.(map[string]any)
		name, is := object["type"].(string)
		if !is {
			return nil, given, false
		}
		names = append(names, name)
	}
	return names, given, true
}

// userEvent sends an event that the client made to an application. Whether anybody listens is not looked at.
func (s *Server) userEvent(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.get("application") == "" {
		return refusal(http.StatusBadRequest, "Missing parameter application")
	}
	a := s.apps[r.get("application")]
	if a == nil {
		return refusal(http.StatusNotFound, "Application not found")
	}
	values := map[string]any{}
	if variables, is := r.body["variables"].(map[string]any); is {
		maps.Copy(values, variables)
	}
	values["eventname"] = r.ids[0]
	e := &channelUserevent{event: s.head("ChannelUserevent"), Name: r.ids[0], Values: values}
	for _, source := range r.list("source") {
		kind, id, _ := strings.Cut(source, ":")
		c := s.channels[id]
		switch {
		case kind != "channel":
			return refusal(http.StatusBadRequest, "Invalid event source URI scheme")
		case c == nil:
			return refusal(http.StatusUnprocessableEntity, "Event source was not found")
		}
		m := c.model()
		e.Channel = &m
	}
	a.send(e)
	return noContent()
}
