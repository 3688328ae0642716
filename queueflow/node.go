package queueflow

import (
	"net/url"
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// node is one Asterisk: its calls, and since when nothing is heard of it.
type node struct {
	id string
	// source names the application and this Asterisk in events.
	source string
	calls  map[*call]struct{}
	// legs are the attempts that have a channel on it.
	legs map[*attempt]struct{}
	// away is true from a cut, or from the start, until the Asterisk lists its channels.
	away bool
	// lastSeen is the last moment at which nothing had been missed.
	lastSeen time.Time
	alarm    alarm
}

// node of a name, made when it is first heard of.
func (m *Machine) node(id string) *node {
	n, ok := m.nodes[id]
	if !ok {
		n = &node{id: id, source: m.source(id), calls: make(map[*call]struct{}), legs: make(map[*attempt]struct{})}
		n.alarm = alarm{rank: rankBeforeCalls, order: nodeOrder, id: id, owner: n}
		m.nodes[id] = n
		m.reviewDevices()
	}
	return n
}

// source names the application and an Asterisk by its host, because a URL may hold a password.
func (m *Machine) source(node string) string {
	if u, err := url.Parse(node); err == nil && u.Host != "" {
		node = u.Host
	}
	return callevent.Source(m.settings.Application, node)
}

// seen notes that nothing had been missed until a time.
func (n *node) seen(at time.Time) {
	if at.After(n.lastSeen) {
		n.lastSeen = at
	}
}

// inOrder gives the calls of a node by entry, so that the same inputs always give the same outputs.
func (n *node) inOrder() []*call {
	calls := make([]*call, 0, len(n.calls))
	for c := range n.calls {
		calls = append(calls, c)
	}
	slices.SortFunc(calls, byEntry)
	return calls
}

func (in NodeAway) apply(m *Machine) {
	n := m.node(in.Node)
	if n.away {
		m.ignore(in, "the Asterisk is away already")
		return
	}
	n.seen(in.LastSeen)
	m.leaveAlone(n)
}

// leaveAlone suspends the deadlines of a node's calls and starts the clock after which they are given up.
func (m *Machine) leaveAlone(n *node) {
	n.away = true
	for c := range n.calls {
		m.schedule(c)
		m.unwant(c)
	}
	for at := range n.legs {
		m.scheduleLeg(at)
	}
	m.dropStrays(n)
	m.reviewDevices()
	m.waitFor(n)
}

// waitFor starts the clock after which the calls of an Asterisk that is away are given up.
func (m *Machine) waitFor(n *node) {
	if n.away && m.settings.LostAfter > 0 {
		m.alarms.set(&n.alarm, m.now.Add(m.settings.LostAfter))
	}
}

// ring gives up the calls of an Asterisk that stayed away too long. Their bridges are swept when it is back.
func (n *node) ring(m *Machine) {
	m.alarms.set(&n.alarm, time.Time{})
	for _, c := range n.inOrder() {
		m.settleTransfer(c)
		if c.ended() {
			m.lost.put(c.channel, c.id)
		} else {
			m.endLost(c, n.lastSeen, m.now)
		}
		m.forget(c)
	}
	for at := range n.legs {
		m.dropLeg(at)
	}
	m.forgetStates(n.id)
}

func (in Listed) apply(m *Machine) {
	n := m.node(in.Node)
	n.away = false
	m.alarms.set(&n.alarm, time.Time{})
	l := m.newListing(n, in)
	m.clearLegs(n)
	for _, c := range n.inOrder() {
		m.touch(c)
		m.resume(c, l)
		delete(l.callers, c.channel.ID)
	}
	for _, caller := range in.Callers {
		if _, unknown := l.callers[caller.Channel.ID]; unknown {
			caller.At, caller.found = in.At, true
			caller.apply(m)
		}
	}
	m.reviewDevices()
	m.sweep(in)
	m.watchDevices(n.id)
	n.lastSeen = in.At
	m.watchAll()
	m.advance(m.now) // deadlines that passed unseen
}

// resume goes on with a call of an Asterisk that is back, or ends it when its channel is not there.
func (m *Machine) resume(c *call, l listing) {
	caller, here := l.callers[c.channel.ID]
	if !here {
		m.resumeGone(c, l)
		return
	}
	c.answered = c.answered || caller.Answered
	c.joined = caller.Bridge == c.bridge
	c.seenAt = l.at
	m.disarm(c, dueVanish)
	m.resumeAttempts(c, caller, l)
	switch c.state {
	case waiting:
		m.resumeWaiting(c)
	case checking:
		if c.due[dueExit].IsZero() { // he was thought to be gone
			m.checkAgain(c)
		}
	case connected:
		m.resumeTalk(c, caller, l)
	case handedOn:
		m.resumeHandedOn(c, l)
	case leaving:
		m.goAgain(c)
	}
}

// resumeWaiting lets a caller hear that he waits. One whose queue was taken out of the configuration across a restart,
// so that nothing is known of how it treats him, goes back to the dialplan.
func (m *Machine) resumeWaiting(c *call) {
	if _, known := m.policy(c.queue); !known {
		m.notice(NoticeUnknownQueue, c, "queue "+clip(c.queue)+" is no longer configured; its callers go back to the dialplan")
		m.goTo(c, departure{reason: callevent.ReasonError, toDialplan: true})
		return
	}
	if c.connecting() {
		return
	}
	m.cutOff(c) // nobody told how it went on
	m.receive(c)
	m.received(c)
}

// sweep removes the bridges of calls that are no more.
func (m *Machine) sweep(in Listed) {
	used := make(map[string]bool)
	for c := range m.node(in.Node).calls {
		used[c.bridge] = !c.served()
		if c.talk != nil {
			used[c.talk.bridge] = true
		}
	}
	for at := range m.node(in.Node).legs {
		used[at.bridge] = used[at.bridge] || at.asked && at.state != hangingUp
	}
	for _, bridge := range in.Bridges {
		if OwnsBridge(m.settings.Application, bridge) && !used[bridge] {
			m.command(DestroyBridge{Channel: Channel{Node: in.Node}, Bridge: bridge})
		}
	}
}
