package queueflow

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// Snapshot is the state of a machine as a value: what a checkpoint holds and a restart begins with. Calls that are not
// admitted yet are not in it: nothing was said of them, and a listing shows them again.
type Snapshot struct {
	LastOrder int64          `json:"last_order"`
	Nodes     []NodeSnapshot `json:"nodes"`
	Calls     []CallSnapshot `json:"calls"`
}

// NodeSnapshot is one Asterisk.
type NodeSnapshot struct {
	ID       string    `json:"id"`
	LastSeen time.Time `json:"last_seen"`
}

// CallSnapshot is one call.
type CallSnapshot struct {
	Entered  callevent.Entered `json:"entered"`
	Order    int64             `json:"order"`
	Channel  string            `json:"channel"`
	Name     string            `json:"name"`
	Queue    string            `json:"queue"`
	QueuedAt time.Time         `json:"queued_at"`
	Keys     string            `json:"keys,omitempty"`
	Answered bool              `json:"answered,omitempty"`
	// Going is set for a call that has ended and whose channel is to be sent away.
	Going *GoingSnapshot `json:"going,omitempty"`
}

// GoingSnapshot is how a call leaves.
type GoingSnapshot struct {
	Reason     callevent.Reason `json:"reason"`
	ToDialplan bool             `json:"to_dialplan,omitempty"`
	Target     Target           `json:"target"`
	Variables  []Variable       `json:"variables,omitempty"`
}

// Snapshot gives the state as a value that shares nothing with the machine. It costs a look at every call.
func (m *Machine) Snapshot() Snapshot {
	s := Snapshot{LastOrder: m.lastOrder, Calls: make([]CallSnapshot, 0, len(m.calls))}
	for id, n := range m.nodes {
		s.Nodes = append(s.Nodes, NodeSnapshot{ID: id, LastSeen: m.surelySeen(n)})
	}
	slices.SortFunc(s.Nodes, func(a, b NodeSnapshot) int { return cmp.Compare(a.ID, b.ID) })
	for _, c := range m.calls {
		if c.admitted || c.state == leaving {
			s.Calls = append(s.Calls, c.snapshot(m))
		}
	}
	slices.SortFunc(s.Calls, func(a, b CallSnapshot) int { return cmp.Compare(a.Order, b.Order) })
	return s
}

// surelySeen is the last moment at which nothing of an Asterisk can have been missed.
func (m *Machine) surelySeen(n *node) time.Time {
	if surely := m.now.Add(-m.settings.DeafFor); !n.away && surely.After(n.lastSeen) {
		return surely
	}
	return n.lastSeen
}

func (c *call) snapshot(m *Machine) CallSnapshot {
	p, _ := m.policy(c.queue)
	s := CallSnapshot{
		Entered: c.enteredEvent(p), Order: c.order, Channel: c.channel.ID, Name: c.name, Queue: c.queue,
		QueuedAt: c.queuedAt, Keys: string(c.keys), Answered: c.answered,
	}
	if c.state == leaving {
		s.Going = &GoingSnapshot{
			Reason: c.going.reason, ToDialplan: c.going.toDialplan, Target: c.going.target, Variables: c.going.variables,
		}
	}
	return s
}

// Restore gives a machine that goes on from a snapshot at a time. Every Asterisk counts as away until it lists its
// channels. Events that are newer than the snapshot follow through Replay, before the first Step.
func Restore(s Settings, p Policies, snap Snapshot, now time.Time) *Machine {
	m := New(s, p)
	m.now, m.lastOrder = now, snap.LastOrder
	for _, n := range snap.Nodes {
		m.awayNode(n.ID, n.LastSeen)
	}
	for _, s := range snap.Calls {
		m.restoreCall(s)
	}
	return m
}

func (m *Machine) awayNode(id string, lastSeen time.Time) *node {
	n := m.node(id)
	if lastSeen.After(n.lastSeen) {
		n.lastSeen = lastSeen
	}
	if !n.away {
		m.leaveAlone(n)
	}
	return n
}

func (m *Machine) restoreCall(s CallSnapshot) {
	c := m.recall(s.Entered, s.Order)
	if c == nil {
		return
	}
	delete(m.channels, c.channel)
	c.channel.ID, c.name, c.queue = s.Channel, s.Name, s.Queue
	m.channels[c.channel] = c
	c.queuedAt, c.keys, c.answered = s.QueuedAt, []byte(s.Keys), s.Answered
	if s.Going != nil {
		m.restoreGoing(c, departure{
			reason: s.Going.Reason, toDialplan: s.Going.ToDialplan, target: s.Going.Target, variables: s.Going.Variables,
		})
		return
	}
	m.restoreWaiting(c)
}

// recall makes a call from the event of its entry; nil when it is known already.
func (m *Machine) recall(e callevent.Entered, order int64) *call {
	if _, known := m.calls[e.CallID]; known {
		return nil
	}
	m.lastOrder = max(m.lastOrder, order)
	ch := Channel{Node: e.Asterisk.URL, ID: e.Asterisk.ChannelID}
	c := &call{
		id: e.CallID, order: order, channel: ch, node: m.awayNode(ch.Node, e.EnteredAt),
		name: e.Asterisk.Channel, linkedID: e.Asterisk.LinkedID, timestamp: e.Asterisk.Timestamp,
		did: e.DID, caller: e.Caller, language: e.Language, priority: e.Priority, asked: e.Asked,
		queue: e.Queue, refusedBy: e.RefusedBy, resumedFrom: e.ResumedFrom,
		enteredAt: e.EnteredAt, queuedAt: e.EnteredAt, positionAtEntry: e.Position, admitted: true,
	}
	if old := m.channels[ch]; old != nil {
		m.discard(old)
	}
	m.add(c)
	m.settle()
	return c
}

func (m *Machine) restoreWaiting(c *call) {
	c.state = waiting
	m.line(c.queue).insert(c)
	m.armMaxWait(c)
}

func (m *Machine) restoreGoing(c *call, d departure) {
	c.going, c.state = d, leaving
	c.due = [deadlines]time.Time{}
	m.arm(c, dueDeparture, m.now)
}

// discard forgets a call of which a newer event says that it is over.
func (m *Machine) discard(c *call) {
	if c.place != nil {
		m.line(c.queue).remove(c)
	}
	m.forget(c)
}

// settle ends the bookkeeping of a step where there is none.
func (m *Machine) settle() {
	for _, c := range m.touched {
		c.touched = false
	}
	m.touched = m.touched[:0]
}

// Replay takes up an event that is newer than the snapshot. The events are the truth about calls. It is idempotent.
func (m *Machine) Replay(e callevent.Event) {
	switch p := e.Payload.(type) {
	case callevent.Entered:
		if c := m.recall(p, max(m.lastOrder+1, p.EnteredAt.UnixNano())); c != nil {
			m.restoreWaiting(c)
		}
	case callevent.Moved:
		m.replayMoved(p)
	case callevent.Missed:
		m.replayMissed(p)
	}
	m.replaySeen(e)
}

// replaySeen moves the last moment at which an Asterisk was heard to that of an event that came from it.
func (m *Machine) replaySeen(e callevent.Event) {
	from := asteriskOf(e)
	if n := m.nodes[from.URL]; n != nil && from.Timestamp != "" && e.Time.After(n.lastSeen) {
		n.lastSeen = e.Time
	}
}

func (m *Machine) replayMoved(p callevent.Moved) {
	c := m.calls[p.CallID]
	if c == nil || c.place == nil || c.queuedAt.After(p.MovedAt) {
		return
	}
	m.line(c.queue).remove(c)
	c.queue, c.queuedAt, c.keys = p.Queue, p.MovedAt, []byte(p.Keys)
	m.restoreWaiting(c)
}

// replayMissed ends a call. One that we meant to send away may still be here: nobody knows whether he was told to go.
func (m *Machine) replayMissed(p callevent.Missed) {
	if p.Reason == callevent.ReasonLost {
		m.lost.put(Channel{Node: p.Asterisk.URL, ID: p.Asterisk.ChannelID}, p.CallID)
	}
	c := m.calls[p.CallID]
	if c == nil || c.state == leaving {
		return
	}
	if c.place != nil {
		m.line(c.queue).remove(c)
	}
	byUs := p.Hangup != nil && p.Hangup.By == callevent.ByApplication
	toDialplan := p.Hangup == nil && p.Reason != callevent.ReasonTaken && p.Reason != callevent.ReasonLost
	if !byUs && !toDialplan {
		m.discard(c)
		return
	}
	d := departure{reason: p.Reason, toDialplan: toDialplan, target: parseTarget(p.SentTo)}
	d.variables = departureVariables(d.reason, p.Position, p.LeftAt.Sub(p.EnteredAt))
	m.restoreGoing(c, d)
}

// asteriskOf is where an event happened; its timestamp is empty when no news of Asterisk stands behind the event.
func asteriskOf(e callevent.Event) callevent.Asterisk {
	switch p := e.Payload.(type) {
	case callevent.Entered:
		return p.Asterisk
	case callevent.Moved:
		return p.Asterisk
	case callevent.Missed:
		return p.Asterisk
	}
	return callevent.Asterisk{}
}

// parseTarget reads what Target.String wrote.
func parseTarget(s string) Target {
	parts := strings.Split(s, ",")
	if len(parts) != 3 {
		return Target{}
	}
	priority, err := strconv.Atoi(parts[2])
	if err != nil {
		return Target{}
	}
	return Target{Context: parts[0], Extension: parts[1], Priority: priority}
}

// LineView is one line as it looks.
type LineView struct {
	Queue   string
	Waiting int
	// OldestEnteredAt is the first entry of the call that is served next; zero when nobody waits.
	OldestEnteredAt time.Time
}

// Lines gives every configured line, in the order of their ids. It costs a look at every queue.
func (m *Machine) Lines() []LineView {
	views := make([]LineView, 0, len(m.policies.Queues))
	for queue := range m.policies.Queues {
		views = append(views, m.lineView(queue))
	}
	for queue := range m.retired {
		views = append(views, m.lineView(queue))
	}
	slices.SortFunc(views, func(a, b LineView) int { return cmp.Compare(a.Queue, b.Queue) })
	return views
}

func (m *Machine) lineView(queue string) LineView {
	v := LineView{Queue: queue}
	if l, ok := m.lines[queue]; ok {
		v.Waiting = l.len()
		if c := l.first(); c != nil {
			v.OldestEnteredAt = c.enteredAt
		}
	}
	return v
}
