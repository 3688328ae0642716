package arimock

import (
	"slices"
	"strings"
)

// Words of Asterisk for the state of a device.
const (
	deviceFree    = "NOT_INUSE"
	deviceInUse   = "INUSE"
	deviceRinging = "RINGING"
	deviceBusy    = "BUSY"
	deviceInvalid = "INVALID"
	deviceAbsent  = "UNAVAILABLE"
)

type deviceModel struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

type endpointModel struct {
	Technology string   `json:"technology"`
	Resource   string   `json:"resource"`
	State      string   `json:"state"`
	Channels   []string `json:"channel_ids"`
}

func (s *Server) endpointModel(name string) endpointModel {
	technology, resource, _ := strings.Cut(name, "/")
	m := endpointModel{Technology: technology, Resource: resource, State: "online", Channels: []string{}}
	for c := range s.lines[name] {
		m.Channels = append(m.Channels, c.id)
	}
	slices.Sort(m.Channels)
	return m
}

// endpointExists tells whether something can be dialled under a name, whether or not it is switched on.
func (s *Server) endpointExists(name string) bool {
	_, isPhone := s.phones[name]
	_, isEndpoint := s.options.Endpoints[name]
	return isPhone || isEndpoint
}

// endpoint is the name of the endpoint that a channel is of: PJSIP/101-00000001 is of PJSIP/101.
func (c *channel) endpoint() string {
	return c.name[:strings.LastIndexByte(c.name, '-')]
}

// deviceState is computed from the channels of an endpoint, whoever has them. A call that the phone makes counts from its answer.
func (s *Server) deviceState(name string) string {
	if !s.endpointExists(name) {
		return deviceInvalid
	}
	calls, state := 0, deviceFree
	if s.absent[name] {
		state = deviceAbsent
	}
	for c := range s.lines[name] {
		if c.state == stateDown || c.state == stateRing {
			continue
		}
		calls++
		if c.state != stateRinging {
			state = deviceInUse
		} else if state != deviceInUse {
			state = deviceRinging
		}
	}
	if busyAt := s.options.BusyAt; busyAt > 0 && calls >= busyAt {
		return deviceBusy
	}
	return state
}

// deviceChanged tells who is subscribed to a device of its new state, if it has one. The mutex is held.
func (s *Server) deviceChanged(name string) {
	state := s.deviceState(name)
	before, known := s.devices[name]
	if !known && s.absent[name] {
		before = deviceAbsent
	}
	if before == state || before == "" && state == deviceFree {
		return
	}
	s.devices[name] = state
	for _, a := range s.apps {
		if a.devices[name] > 0 || a.devices[everything["deviceState"]] > 0 {
			a.send(&deviceStateChanged{s.head("DeviceStateChanged"), deviceModel{name, state}})
		}
	}
}

func (s *Server) getDeviceState(r *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok(deviceModel{r.ids[0], s.deviceState(r.ids[0])})
}
