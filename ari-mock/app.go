package arimock

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// app is a Stasis application as Asterisk holds it. It outlives its websocket as long as something is subscribed.
type app struct {
	s    *Server
	name string
	// socket is the connection that has the application; nil while it is inactive.
	socket *socket
	// channels, bridges, endpoints and devices count the subscriptions, by id.
	channels, bridges, endpoints, devices map[string]int
	// allowed are the types of events that may be sent, all if there are none; disallowed are those that may not.
	allowed, disallowed []string
}

// appOf gives an application, made if it is not there.
func (s *Server) appOf(name string) *app {
	a := s.apps[name]
	if a == nil {
		a = &app{
			s: s, name: name, channels: make(map[string]int), bridges: make(map[string]int),
			endpoints: make(map[string]int), devices: make(map[string]int),
		}
		s.apps[name] = a
	}
	return a
}

// watch counts one subscription more, or one less, and forgets an application that is inactive and has none left.
func (a *app) watch(of map[string]int, id string, by int) {
	if of[id] += by; of[id] <= 0 {
		delete(of, id)
	}
	a.forgotten()
}

func (a *app) forgotten() {
	if a.socket == nil && len(a.channels)+len(a.bridges)+len(a.endpoints)+len(a.devices) == 0 && a.s.apps[a.name] == a {
		delete(a.s.apps, a.name)
	}
}

// send gives an event to the application's websocket; while there is none it is lost.
func (a *app) send(e anEvent) {
	head := e.head()
	if a.socket == nil || !a.lets(head.Type) {
		return
	}
	head.Application = a.name
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // our own values can all be written
	}
	a.s.dispatch(a, head.Type, text)
}

// lets tells whether the filter lets a type of event pass. What is disallowed stays so even if it is allowed too.
func (a *app) lets(kind string) bool {
	return !slices.Contains(a.disallowed, kind) && (len(a.allowed) == 0 || slices.Contains(a.allowed, kind))
}

// make fills in the head of an event.
func (s *Server) head(kind string) event {
	return event{Type: kind, Timestamp: stamp(time.Now()), AsteriskID: s.options.EntityID}
}

// publish gives an event about a channel to every application that is subscribed to it, and once more to one that is
// subscribed to its endpoint. Entering and leaving are between the channel and its application.
func (c *channel) publish(e anEvent) {
	kind := e.head().Type
	for _, name := range slices.Sorted(maps.Keys(c.s.apps)) {
		a := c.s.apps[name]
		if a.channels[c.id] > 0 {
			a.send(e)
		}
		if a.endpoints[c.endpoint()] > 0 && kind != "StasisStart" && kind != "StasisEnd" {
			a.send(e)
		}
	}
}

// publishEndpoint says that an endpoint has other channels than before.
func (s *Server) publishEndpoint(name string) {
	for _, a := range s.apps {
		if a.endpoints[name] > 0 {
			a.send(&endpointStateChange{s.head("EndpointStateChange"), s.endpointModel(name)})
		}
	}
}

// publishBridge gives an event about a bridge, and a channel if it has one, to every application that is subscribed to
// either, once.
func (s *Server) publishBridge(bridge, channel string, e anEvent) {
	for _, name := range slices.Sorted(maps.Keys(s.apps)) {
		if a := s.apps[name]; a.bridges[bridge] > 0 || channel != "" && a.channels[channel] > 0 {
			a.send(e)
		}
	}
}
