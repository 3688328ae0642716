package queueflow

import (
	"cmp"
	"slices"
	"time"
)

// MemberView is one member of a queue as it looks.
type MemberView struct {
	Queue    string `json:"queue"`
	Endpoint string `json:"endpoint"`
	Name     string `json:"name"`
	// State is ready, ringing, talking, wrapping_up, paused, unavailable or in_use, and Since when the agent came to be so.
	State   string    `json:"state"`
	Since   time.Time `json:"since,omitzero"`
	Penalty int       `json:"penalty"`
	Paused  bool      `json:"paused"`
	// Reason and By are of the newest change.
	Reason string `json:"reason,omitempty"`
	By     string `json:"by,omitempty"`
	// Talks counts the agent's talks in all queues, LastCall is when the last of them ended.
	Talks    int       `json:"talks"`
	LastCall time.Time `json:"last_call,omitzero"`
	Dynamic  bool      `json:"dynamic"`
	// Device is whose state counts, DeviceState how it stands; see DeviceState.String.
	Device      string `json:"device"`
	DeviceState string `json:"device_state"`
	// Call is the id of the call that the agent is rung for, or talks with.
	Call string `json:"call,omitempty"`
	// FreeAt is when the wrap-up, or the rest of a phone that cannot be reached, is over.
	FreeAt time.Time `json:"free_at,omitzero"`
}

// QueueView is one queue as it looks.
type QueueView struct {
	Queue string `json:"queue"`
	Name  string `json:"name"`
	// Waiting counts those in line; OldestEnteredAt is the first entry of who is served next.
	Waiting         int       `json:"waiting"`
	OldestEnteredAt time.Time `json:"oldest_entered_at,omitzero"`
	Open            bool      `json:"open"`
	// Agents counts the members by their state.
	Agents AgentsView `json:"agents"`
	// Service is what became of the callers, ServiceLevelMS the time within which that is in time, in milliseconds and zero
	// for none, and LevelOfAnswered and LevelOfAll are what Service.Levels gives.
	Service         Service `json:"service"`
	ServiceLevelMS  int64   `json:"service_level_ms"`
	LevelOfAnswered float64 `json:"level_of_answered"`
	LevelOfAll      float64 `json:"level_of_all"`
}

// AgentsView counts members by their state.
type AgentsView struct {
	Ready       int `json:"ready"`
	Ringing     int `json:"ringing"`
	Talking     int `json:"talking"`
	WrappingUp  int `json:"wrapping_up"`
	Paused      int `json:"paused"`
	Unavailable int `json:"unavailable"`
	InUse       int `json:"in_use"`
}

var stateNames = [agentStates]string{
	statePaused: "paused", stateTalking: "talking", stateRinging: "ringing", stateWrappingUp: "wrapping_up",
	stateUnavailable: "unavailable", stateInUse: "in_use", stateReady: "ready",
}

// Members gives the members of a queue in the order of its list, none for a queue nobody knows.
func (m *Machine) Members(queue string) []MemberView {
	r := m.rosters[queue]
	if r == nil {
		return nil
	}
	views := make([]MemberView, len(r.members))
	for i, mb := range r.members {
		views[i] = m.memberView(mb)
	}
	return views
}

func (m *Machine) memberView(mb *member) MemberView {
	a := mb.agent
	v := MemberView{
		Queue: mb.queue, Endpoint: a.endpoint, Name: a.name, State: stateNames[mb.state], Since: mb.since(), Penalty: mb.Penalty,
		Paused: mb.paused, Reason: mb.reason, By: mb.by, Talks: a.talks, LastCall: a.endedAt, Dynamic: mb.dynamic,
		Device: a.device.name, DeviceState: a.device.worst().String(),
	}
	if a.attempt != nil {
		v.Call = a.attempt.call.id
	}
	for _, until := range []time.Time{a.wrapUpUntil, a.restUntil} {
		if until.After(m.now) && until.After(v.FreeAt) {
			v.FreeAt = until
		}
	}
	return v
}

// since is when a member came to stand as he does.
func (mb *member) since() time.Time {
	if mb.state == statePaused {
		return mb.changedAt
	}
	return mb.agent.since
}

// Queues gives every configured queue and every other in which somebody waits, in the order of their ids.
func (m *Machine) Queues() []QueueView {
	lines := m.Lines()
	views := make([]QueueView, len(lines))
	for i, l := range lines {
		p, _ := m.policy(l.Queue)
		views[i] = QueueView{
			Queue: l.Queue, Name: p.Name, Waiting: l.Waiting, OldestEnteredAt: l.OldestEnteredAt, Open: m.open(p),
			Agents: m.agentsView(l.Queue), ServiceLevelMS: p.Serving.ServiceLevel.Milliseconds(),
		}
		if r := m.rosters[l.Queue]; r != nil {
			views[i].Service = r.service
			views[i].LevelOfAnswered, views[i].LevelOfAll = r.service.Levels()
		}
	}
	return views
}

func (m *Machine) agentsView(queue string) AgentsView {
	r := m.rosters[queue]
	if r == nil {
		return AgentsView{}
	}
	n := &r.counts
	return AgentsView{
		Ready: n[stateReady], Ringing: n[stateRinging], Talking: n[stateTalking], WrappingUp: n[stateWrappingUp],
		Paused: n[statePaused], Unavailable: n[stateUnavailable], InUse: n[stateInUse],
	}
}

var deviceNames = [...]string{
	DeviceUnknown: "UNKNOWN", DeviceNotInUse: "NOT_INUSE", DeviceInUse: "INUSE", DeviceBusy: "BUSY", DeviceInvalid: "INVALID",
	DeviceUnavailable: "UNAVAILABLE", DeviceRinging: "RINGING", DeviceRingInUse: "RINGINUSE", DeviceOnHold: "ONHOLD",
}

// String is Asterisk's name of a state.
func (s DeviceState) String() string {
	if int(s) < len(deviceNames) {
		return deviceNames[s]
	}
	return deviceNames[DeviceUnknown]
}

// worst is the state that decides, of those that a device has on several Asterisks: in use before free, free before out
// of reach.
func (d *device) worst() DeviceState {
	if len(d.states) == 0 {
		return DeviceUnknown
	}
	order := func(s DeviceState) int {
		switch f := factorsOf(s); {
		case f&(FactorInUse|FactorRinging) != 0:
			return 0
		case f == 0:
			return 1
		case f == FactorUnknown:
			return 2
		}
		return 3
	}
	return slices.MinFunc(d.states, func(a, b nodeState) int {
		return cmp.Or(cmp.Compare(order(a.state), order(b.state)), cmp.Compare(a.node, b.node))
	}).state
}
