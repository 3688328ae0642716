package queueflow

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow/callevent"
)

// Snapshot is the state of a machine as a value: what a checkpoint holds and a restart begins with. Calls that are not
// admitted yet are not in it: nothing was said of them, and a listing shows them again.
type Snapshot struct {
	Nodes []NodeSnapshot `json:"nodes"`
	// Calls in the order of their entry.
	Calls []CallSnapshot `json:"calls"`
	// Lost are calls that were given up and may be found after all, the oldest first.
	Lost []LostSnapshot `json:"lost,omitempty"`
	// Overrides are the queues that are opened or closed by hand, in the order of their ids.
	Overrides []QueueOverride `json:"overrides,omitempty"`
	// Episodes are those that are open, in the order in which they were opened.
	Episodes []Episode `json:"episodes,omitempty"`
	// Learned is what queues have learned of the wait, in the order of their ids.
	Learned []LearnedSnapshot `json:"learned,omitempty"`
	// Agents are those of all queues, in the order of their endpoints.
	Agents []AgentSnapshot `json:"agents,omitempty"`
	// Cursors are the places in the lists at which queues go on whose strategy remembers it, and Chance is the state of
	// what strategies draw from.
	Cursors map[string]int `json:"cursors,omitempty"`
	Chance  uint64         `json:"chance,omitempty"`
}

// NodeSnapshot is one Asterisk.
type NodeSnapshot struct {
	ID string `json:"id"`
	// LastSeen is the last moment at which nothing of it can have been missed.
	LastSeen time.Time `json:"last_seen"`
}

// CallSnapshot is one call.
type CallSnapshot struct {
	Entered  callevent.Entered `json:"entered"`
	Channel  string            `json:"channel"`
	Name     string            `json:"name"`
	Language string            `json:"language,omitempty"` // of the channel
	Queue    string            `json:"queue"`
	QueuedAt time.Time         `json:"queued_at"`
	Keys     string            `json:"keys,omitempty"`
	Answered bool              `json:"answered,omitempty"`
	Told     *ToldSnapshot     `json:"told,omitempty"`
	// EstimateToldMS is the wait that the caller was told last, in milliseconds, and EstimateToldAt when.
	EstimateToldMS *int64    `json:"estimate_told_ms,omitempty"`
	EstimateToldAt time.Time `json:"estimate_told_at,omitzero"`
	// Tried are the newest attempts that are over, in the order of their beginning, and Recordings counts the recordings.
	Tried      []TriedSnapshot `json:"tried,omitempty"`
	Recordings int             `json:"recordings,omitempty"`
	// Trials are what is remembered of the agents rung in the present queue, nil for nothing.
	Trials *TrialsSnapshot `json:"trials,omitempty"`
	// Talk is set for a call that reached an agent.
	Talk *TalkSnapshot `json:"talk,omitempty"`
	// Playing is the id of the playback that the caller may still hear.
	Playing string `json:"playing,omitempty"`
	// Going is set for a call that has ended and whose channel is to be sent away.
	Going *GoingSnapshot `json:"going,omitempty"`
}

// ToldSnapshot is what a caller has been told in his queue.
type ToldSnapshot struct {
	Announcements int       `json:"announcements"`
	LastAt        time.Time `json:"last_at"`
	Position      int       `json:"position"`
	MoreThan      bool      `json:"more_than,omitempty"`
	Wait          bool      `json:"wait,omitempty"`
	Periodic      int       `json:"periodic,omitempty"`
	PeriodicAt    time.Time `json:"periodic_at,omitzero"`
}

// LostSnapshot is a call that was given up, and the channel it had.
type LostSnapshot struct {
	Node    string `json:"node"`
	Channel string `json:"channel"`
	Call    string `json:"call"`
}

// GoingSnapshot is how a call leaves.
type GoingSnapshot struct {
	Reason     callevent.Reason `json:"reason"`
	ToDialplan bool             `json:"to_dialplan,omitempty"`
	Target     Target           `json:"target"`
	Variables  []Variable       `json:"variables,omitempty"`
}

// Snapshot gives the state as a value that shares nothing with the machine. It costs a look at every call, every open
// episode and every agent.
func (m *Machine) Snapshot() Snapshot {
	s := Snapshot{
		Calls: make([]CallSnapshot, 0, len(m.calls)), Lost: m.lost.snapshot(), Overrides: m.overridden(),
		Episodes: m.episodes.snapshot(m.now), Learned: m.learned(),
		Agents: m.snapshotAgents(), Cursors: m.snapshotCursors(), Chance: m.chance.State,
	}
	for id, n := range m.nodes {
		s.Nodes = append(s.Nodes, NodeSnapshot{ID: id, LastSeen: m.surelySeen(n)})
	}
	slices.SortFunc(s.Nodes, func(a, b NodeSnapshot) int { return cmp.Compare(a.ID, b.ID) })
	for _, e := range m.inOrder() {
		if c := e.call; c.admitted || c.ended() {
			s.Calls = append(s.Calls, c.snapshot(m))
		}
	}
	return s
}

// entry is a call with its order beside it: sorted so, a hundred thousand calls are not looked up in memory many times.
type entry struct {
	order int64
	call  *call
}

// inOrder gives all calls in the order of their entry.
func (m *Machine) inOrder() []entry {
	entries := make([]entry, 0, len(m.calls))
	for _, c := range m.calls {
		entries = append(entries, entry{c.order, c})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if a.order != b.order {
			return cmp.Compare(a.order, b.order)
		}
		return byEntry(a.call, b.call)
	})
	return entries
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
		Entered: c.enteredEvent(p), Channel: c.channel.ID, Name: c.name, Language: c.language, Queue: c.queue,
		QueuedAt: c.queuedAt, Keys: string(c.keys), Answered: c.answered, Playing: c.hears.playing,
		EstimateToldMS: c.waitTold.milliseconds(), EstimateToldAt: c.waitTold.at,
		Tried: c.triedSnapshot(), Recordings: c.recordings,
	}
	if c.place != nil {
		s.Trials = m.trialsSnapshot(c)
	}
	if c.served() && c.state != leaving {
		s.Talk = c.talkSnapshot()
	}
	if h := c.hears; h.times > 0 || h.rotation > 0 {
		s.Told = &ToldSnapshot{
			Announcements: h.times, LastAt: h.lastAt, Position: h.last.position, MoreThan: h.last.moreThan, Periodic: h.rotation,
			PeriodicAt: h.periodicAt, Wait: h.waitTold,
		}
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
	m.now = now
	for _, o := range snap.Overrides {
		m.overrides[o.Queue] = o
	}
	m.dropOverrides()
	for _, n := range snap.Nodes {
		m.awayNode(n.ID, n.LastSeen)
	}
	m.restoreAgents(snap)
	for _, s := range snap.Calls {
		m.restoreCall(s)
	}
	for _, s := range snap.Calls {
		m.restoreTrials(s)
	}
	m.restoreSince(snap.Agents)
	for _, l := range snap.Lost {
		m.lost.put(Channel{Node: l.Node, ID: l.Channel}, l.Call)
	}
	for _, e := range snap.Episodes {
		m.restoreEpisode(e)
	}
	m.watchEpisodes()
	for _, l := range snap.Learned {
		m.line(l.Queue).waits.Restore(now, l.Learned)
	}
	return m
}

// Begin ends the restoring at a time: from now on, Asterisks that stay away are waited for, queues close, and so do
// episodes.
func (m *Machine) Begin(now time.Time) {
	m.advanceClock(now)
	for _, n := range m.nodes {
		m.waitFor(n)
	}
	m.watchAll()
	m.episodes.ring(m)
}

func (m *Machine) awayNode(id string, lastSeen time.Time) *node {
	n := m.node(id)
	n.seen(lastSeen)
	if !n.away {
		m.leaveAlone(n)
	}
	return n
}

func (m *Machine) restoreCall(s CallSnapshot) {
	c := m.recall(s.Entered)
	if c == nil {
		return
	}
	delete(m.channels, c.channel)
	c.channel.ID, c.name, c.language, c.queue = s.Channel, s.Name, s.Language, s.Queue
	m.channels[c.channel] = c
	c.queuedAt, c.keys, c.answered, c.recordings = s.QueuedAt, []byte(s.Keys), s.Answered, s.Recordings
	for _, t := range s.Tried {
		c.addTried(t.Attempt, t.Event)
	}
	if t := s.Told; t != nil {
		c.hears.announcing = announcing{
			times: t.Announcements, lastAt: t.LastAt, last: told{t.Position, t.MoreThan}, waitTold: t.Wait,
		}
		c.hears.rotation, c.hears.periodicAt = t.Periodic, t.PeriodicAt
	}
	c.hears.playing = s.Playing
	c.waitTold = toldBefore(s.EstimateToldMS, s.EstimateToldAt)
	if s.Going != nil {
		m.restoreGoing(c, departure{
			reason: s.Going.Reason, toDialplan: s.Going.ToDialplan, target: s.Going.Target, variables: s.Going.Variables,
		})
		return
	}
	if s.Talk != nil {
		m.restoreTalk(c, *s.Talk)
		return
	}
	m.restoreWaiting(c)
}

// recall makes a call from the event of its entry; nil when it is known already, or its channel has a newer call.
func (m *Machine) recall(e callevent.Entered) *call {
	if _, known := m.calls[e.CallID]; known {
		return nil
	}
	ch := Channel{Node: e.Asterisk.URL, ID: e.Asterisk.ChannelID}
	if old := m.channels[ch]; old != nil {
		if old.enteredAt.After(e.EnteredAt) {
			return nil
		}
		m.discard(old)
	}
	if m.lost.calls[ch] == e.ResumedFrom {
		m.lost.take(ch)
	}
	c := &call{
		id: e.CallID, order: e.EnteredAt.UnixNano(), channel: ch, node: m.awayNode(ch.Node, e.EnteredAt),
		name: e.Asterisk.Channel, linkedID: e.Asterisk.LinkedID, timestamp: e.Asterisk.Timestamp,
		did: e.DID, caller: e.Caller, language: e.Language, priority: e.Priority, asked: e.Asked,
		queue: e.Queue, refusedBy: e.RefusedBy, resumedFrom: e.ResumedFrom,
		enteredAt: e.EnteredAt, queuedAt: e.EnteredAt, seenAt: e.EnteredAt, positionAtEntry: e.Position, admitted: true,
	}
	m.add(c)
	m.settle()
	return c
}

func (m *Machine) restoreWaiting(c *call) {
	c.state = waiting
	m.put(c)
	m.armMaxWait(c)
	p, _ := m.policy(c.queue)
	m.armHearing(c, p)
}

func (m *Machine) restoreGoing(c *call, d departure) {
	c.going, c.state = d, leaving
	c.due = [deadlines]time.Time{}
	m.arm(c, dueDeparture, m.now)
}

// discard forgets a call of which a newer event says that it is over.
func (m *Machine) discard(c *call) {
	if c.place != nil {
		m.take(c)
	}
	if c.talk != nil {
		m.letAgentGo(c.talk)
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
