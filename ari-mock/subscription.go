package arimock

import (
	"net/http"
	"strings"
)

func (s *Server) subscribe(r *request) reply   { return s.subscriptions(r, (*app).subscribe) }
func (s *Server) unsubscribe(r *request) reply { return s.subscriptions(r, (*app).unsubscribe) }

// subscriptions go through the sources of a request, one after the other; one that is wrong ends it, and leaves what was
// done before.
func (s *Server) subscriptions(r *request, do func(a *app, of map[string]int, kind, id string) *reply) reply {
	return s.onApplication(r, func(a *app) reply {
		if !r.params.Has("eventSource") {
			return refusal(http.StatusBadRequest, "Missing parameter eventSource")
		}
		for source := range strings.SplitSeq(strings.Join(r.params["eventSource"], ","), ",") {
			kind, id, _ := strings.Cut(source, ":")
			of := a.sources(kind)
			if of == nil {
				return refusal(http.StatusBadRequest, "Invalid event source URI scheme")
			}
			if refused := do(a, of, kind, id); refused != nil {
				return *refused
			}
		}
		return ok(a.model())
	})
}

// sources are the subscriptions to things of a kind; nil for what is no kind.
func (a *app) sources(kind string) map[string]int {
	return map[string]map[string]int{"channel": a.channels, "bridge": a.bridges, "endpoint": a.endpoints, "deviceState": a.devices}[kind]
}

// everything is what a subscription without an id stands for.
var everything = map[string]string{
	"channel": "__AST_CHANNEL_ALL_TOPIC", "bridge": "__AST_BRIDGE_ALL_TOPIC", "endpoint": "__AST_ENDPOINT_ALL_TOPIC",
	"deviceState": "__AST_DEVICE_STATE_ALL_TOPIC",
}

func (a *app) subscribe(of map[string]int, kind, id string) *reply {
	if id == "" {
		of[everything[kind]] = 1
		return nil
	}
	exists := true
	switch kind {
	case "channel":
		exists = a.s.channels[id] != nil
	case "bridge":
		exists = a.s.bridges[id] != nil
	case "endpoint":
		exists = a.s.endpointExists(id)
	}
	if !exists {
		answer := refusal(http.StatusUnprocessableEntity, "Event source does not exist")
		return &answer
	}
	if kind == "deviceState" {
		of[id] = 1
		return nil
	}
	a.watch(of, id, 1)
	return nil
}

func (a *app) unsubscribe(of map[string]int, kind, id string) *reply {
	if id == "" && kind == "channel" {
		answer := refusal(http.StatusNotImplemented, "Method not implemented")
		return &answer
	}
	if id == "" {
		id = everything[kind]
	}
	if of[id] == 0 {
		answer := refusal(http.StatusUnprocessableEntity, "Event source was not subscribed to")
		return &answer
	}
	a.watch(of, id, -1)
	return nil
}
