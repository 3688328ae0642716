package queueflow

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// device is a phone, or whatever else Asterisk knows the state of, and the agents who are free or not by it.
type device struct {
	name string
	// states are how it stands on each Asterisk that said so, in no order: there are few.
	states []nodeState
	agents []*agent
}

type nodeState struct {
	node  string
	state DeviceState
}

// deviceOf is the device of an endpoint: what is dialled, without the options of a local channel.
func deviceOf(endpoint string) string {
	const local = "Local/"
	if place, is := strings.CutPrefix(endpoint, local); is {
		place, _, _ = strings.Cut(place, "/")
		return local + place
	}
	return endpoint
}

// on is the state on one Asterisk.
func (d *device) on(node string) DeviceState {
	for _, s := range d.states {
		if s.node == node {
			return s.state
		}
	}
	return DeviceUnknown
}

func (d *device) set(node string, state DeviceState) {
	for i := range d.states {
		if d.states[i].node == node {
			d.states[i].state = state
			return
		}
	}
	d.states = append(d.states, nodeState{node, state})
}

// forget drops what an Asterisk said.
func (d *device) forget(node string) {
	d.states = slices.DeleteFunc(d.states, func(s nodeState) bool { return s.node == node })
}

// used says that the device is in use, on whatever Asterisk, and how.
func (d *device) used() Factors {
	var used Factors
	for _, s := range d.states {
		used |= factorsOf(s.state) & (FactorInUse | FactorRinging)
	}
	return used
}

// deviceFactors are those of a device's state: in use on one Asterisk is in use, and out of reach is what is so on all
// that are here.
func (m *Machine) deviceFactors(d *device) Factors {
	if used := d.used(); used != 0 {
		return used
	}
	var lost Factors
	known := false
	for _, s := range d.states {
		switch f := factorsOf(s.state); f {
		case 0:
			return 0
		case FactorUnknown:
			known = true
		default:
			lost |= f
		}
	}
	if lost == 0 || known || m.silentNode(d) {
		return FactorUnknown
	}
	return lost
}

// silentNode says whether an Asterisk that is here has said nothing about a device.
func (m *Machine) silentNode(d *device) bool {
	for id, n := range m.nodes {
		if !n.away && d.on(id) == DeviceUnknown {
			return true
		}
	}
	return false
}

func factorsOf(s DeviceState) Factors {
	switch s {
	case DeviceInUse, DeviceBusy, DeviceOnHold:
		return FactorInUse
	case DeviceRinging:
		return FactorRinging
	case DeviceRingInUse:
		return FactorInUse | FactorRinging
	case DeviceUnavailable:
		return FactorUnavailable
	case DeviceInvalid:
		return FactorInvalid
	case DeviceNotInUse:
		return 0
	}
	return FactorUnknown
}

// reaches says whether an agent can be rung by an Asterisk at all.
func (a *agent) reaches(node string) bool {
	return !outOfReach(a.device.on(node))
}

func (in DeviceChanged) apply(m *Machine) {
	d := m.devices[in.Device]
	if d == nil {
		m.ignore(in, "no agent has this device")
		return
	}
	was := d.on(in.Node)
	d.set(in.Node, in.State)
	for _, a := range slices.Clone(d.agents) {
		if in.State == DeviceNotInUse && wasElsewhere(was) && !a.rang {
			a.restUntil, a.refusals = time.Time{}, 0
		}
		a.rang = inUse(in.State) && (a.rang || a.attempt != nil && !inUse(was))
		if a.attempt == nil && d.used() == 0 {
			a.askAt, a.asked = time.Time{}, 0
		}
		m.reachChanged(a, was, in.State)
		m.review(a)
	}
}

func inUse(s DeviceState) bool { return factorsOf(s)&(FactorInUse|FactorRinging) != 0 }

// wasElsewhere says whether, after a state, a device that is not in use is news. A phone that rang and rings no more is not;
// one that may have a single call is said to be busy while it rings.
func wasElsewhere(s DeviceState) bool {
	return s != DeviceNotInUse && s != DeviceRinging && s != DeviceRingInUse
}

func outOfReach(s DeviceState) bool { return s == DeviceUnavailable || s == DeviceInvalid }

// reachChanged lets match look at what follows when one Asterisk can reach an agent, or cannot any more, though another
// could all the while.
func (m *Machine) reachChanged(a *agent, was, is DeviceState) {
	switch {
	case outOfReach(was) == outOfReach(is):
	case outOfReach(was):
		m.free(a)
	default:
		for _, mb := range a.members {
			m.rouseHeld(mb.roster)
		}
	}
}

// watchDevice makes a device that of an agent.
func (m *Machine) watchDevice(a *agent, name string) {
	if a.device != nil && a.device.name == name {
		return
	}
	m.unwatchDevice(a)
	d, known := m.devices[name]
	if !known {
		d = &device{name: name}
		m.devices[name] = d
		m.tellDevices(func(node string) Command { return WatchDevices{Node: node, Devices: []string{name}} })
	}
	d.agents = append(d.agents, a)
	a.device = d
}

func (m *Machine) unwatchDevice(a *agent) {
	d := a.device
	if d == nil {
		return
	}
	a.device = nil
	d.agents = slices.DeleteFunc(d.agents, func(other *agent) bool { return other == a })
	if len(d.agents) == 0 {
		delete(m.devices, d.name)
		m.tellDevices(func(node string) Command { return UnwatchDevices{Node: node, Devices: []string{d.name}} })
	}
}

// tellDevices gives a command to every Asterisk that is here, in the order of their ids.
func (m *Machine) tellDevices(command func(node string) Command) {
	var here []string
	for id, n := range m.nodes {
		if !n.away {
			here = append(here, id)
		}
	}
	slices.Sort(here)
	for _, id := range here {
		m.command(command(id))
	}
}

// watchDevices asks an Asterisk that has listed its channels for the states of all devices.
func (m *Machine) watchDevices(node string) {
	if len(m.devices) > 0 {
		m.command(WatchDevices{Node: node, Devices: sortedKeys(m.devices)})
	}
}

// reviewDevices finds anew how the agents stand whose devices are out of reach, after an Asterisk came or went: what it says
// of them may decide.
func (m *Machine) reviewDevices() {
	for _, name := range sortedKeys(m.devices) {
		if d := m.devices[name]; slices.ContainsFunc(d.states, func(s nodeState) bool { return outOfReach(s.state) }) {
			for _, a := range slices.Clone(d.agents) {
				m.review(a)
			}
		}
	}
}

// forgetStates drops what an Asterisk said of the devices that stayed away too long: it may never come back, and nobody is
// to be locked out by its last word.
func (m *Machine) forgetStates(node string) {
	for _, name := range sortedKeys(m.devices) {
		d := m.devices[name]
		d.forget(node)
		for _, a := range slices.Clone(d.agents) {
			m.free(a)
			m.review(a)
		}
	}
}

// nodeHere says whether an Asterisk is connected.
func (m *Machine) nodeHere(node string) bool {
	n := m.nodes[node]
	return n != nil && !n.away
}

// askWithin is how long after an attempt of ours the device may still be said to be in use by it.
const askWithin = 500 * time.Millisecond

// askLater comes back to an agent whose device is said to be in use when nothing of ours uses it any more: the news of its
// end may be lost.
func (m *Machine) askLater(a *agent) {
	a.asked, a.askAt = 0, time.Time{}
	if a.attempt == nil && a.device != nil && a.device.used() != 0 {
		a.askAt = m.now.Add(askWithin)
	}
}

// askDevice asks for the state of an agent's device again, of those who say that it is in use, and comes back with more
// and more time between.
func (m *Machine) askDevice(a *agent) {
	a.askAt = time.Time{}
	if a.device == nil || a.attempt != nil {
		return
	}
	used := slices.SortedFunc(slices.Values(a.device.states), func(s, t nodeState) int { return cmp.Compare(s.node, t.node) })
	for _, s := range used {
		if factorsOf(s.state)&(FactorInUse|FactorRinging) != 0 && m.nodeHere(s.node) {
			m.command(WatchDevices{Node: s.node, Devices: []string{a.device.name}})
		}
	}
	a.asked++
	a.askAt = m.now.Add(backOff(askWithin, a.asked))
}

// sortedKeys gives the keys of a map in order, so that the same inputs always give the same outputs.
func sortedKeys[V any](all map[string]V) []string {
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
