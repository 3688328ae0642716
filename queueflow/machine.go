package queueflow

import (
	"cmp"
	"strings"
	"time"

	"missedcalls/queueflow/estimate"
	"missedcalls/queueflow/strategy"
)

// Settings of a machine that never change while it lives.
type Settings struct {
	// Application is the name of the Stasis application.
	Application string
	// Epoch counts the starts of the application, so that no event id is used twice.
	Epoch uint64
	// LostAfter is how long the calls of an Asterisk that is away stay open; 0 is without limit.
	LostAfter time.Duration
	// OwnPrompts says that Asterisk can be told to play prompts of ours (sound:mc/NAME), which fill what its sounds lack.
	OwnPrompts bool
	// DeafFor is how long the news of an Asterisk may fail to come before NodeAway says so: what is older than that has
	// been seen.
	DeafFor time.Duration
	// OpenFor is how long an episode stays open after its latest missed call is known; 0 is a day.
	OpenFor time.Duration
	// Seed is where chance begins; 0 is the epoch. The same seed and inputs choose the same agents.
	Seed uint64
}

// Machine is the state of all queues. It is owned by one goroutine; nothing in it is safe for two.
type Machine struct {
	settings Settings
	// holdPrefix and talkPrefix begin the ids of the bridges this application makes, and of no others.
	holdPrefix, talkPrefix string
	policies               Policies
	// retired are the policies of queues that a reload took away while they had calls.
	retired map[string]Policy
	// overrides are what was said by hand about queues. One that is over may still be there; it counts no longer.
	overrides map[string]QueueOverride
	// phases are what the hours of queues say at present, as far as somebody asked.
	phases map[string]phase
	closed bool

	now      time.Time
	calls    map[string]*call
	channels map[Channel]*call
	lines    map[string]*line
	// agents by endpoint, and the attempts by the channel of their leg.
	agents map[string]*agent
	legs   map[Channel]*attempt
	// strays are the channels to agents that no attempt wants.
	strays map[Channel]*stray
	// rosters by queue, and devices by name.
	rosters map[string]*roster
	devices map[string]*device
	// chance is what strategies draw from.
	chance strategy.Source
	// memberSteps counts the events of members in this epoch.
	memberSteps int
	unmatched   unmatched
	// enlisting is true while a reload goes through the members of the queues, one after the other.
	enlisting bool
	// removed are members of whom a start has learned since when they are none any more.
	removed map[memberKey]time.Time
	// firstEntry is the first entry that this machine saw; see orderOf.
	firstEntry time.Time
	nodes      map[string]*node
	alarms     alarms
	lost       lostChannels
	episodes   *episodes

	out     Output
	touched []*call
}

// New gives an empty machine.
func New(s Settings, p Policies) *Machine {
	s.OpenFor = cmp.Or(s.OpenFor, defaultOpenFor)
	m := &Machine{
		settings:   s,
		holdPrefix: BridgePrefix(s.Application),
		talkPrefix: talkPrefix(s.Application),
		policies:   p,
		retired:    make(map[string]Policy),
		overrides:  make(map[string]QueueOverride),
		phases:     make(map[string]phase),
		calls:      make(map[string]*call),
		channels:   make(map[Channel]*call),
		lines:      make(map[string]*line),
		agents:     make(map[string]*agent),
		legs:       make(map[Channel]*attempt),
		strays:     make(map[Channel]*stray),
		rosters:    make(map[string]*roster),
		devices:    make(map[string]*device),
		chance:     strategy.Source{State: cmp.Or(s.Seed, s.Epoch)},
		nodes:      make(map[string]*node),
		lost:       newLostChannels(),
		episodes:   newEpisodes(),
	}
	m.enlistConfigured(nil)
	return m
}

// Step tells the machine what happened and when, and answers what follows. Deadlines due at or before now fire first,
// in order. Time never runs backwards: an earlier now counts as the time of the step before.
func (m *Machine) Step(now time.Time, in Input) Output {
	m.out = Output{}
	m.advance(now)
	in.apply(m)
	m.match()
	m.checkTouched()
	out := m.out
	m.out = Output{}
	return out
}

// NextDeadline is when the machine wants its next step, at the latest; ok is false when it waits for nothing.
func (m *Machine) NextDeadline() (at time.Time, ok bool) {
	if len(m.alarms) == 0 {
		return time.Time{}, false
	}
	return m.alarms[0].at, true
}

func (m *Machine) advance(now time.Time) {
	for len(m.alarms) > 0 && !m.alarms[0].at.After(now) {
		if at := m.alarms[0].at; at.After(m.now) {
			m.now = at
		}
		m.alarms[0].owner.ring(m)
		if len(m.alarms) == 0 || m.alarms[0].at.After(m.now) {
			m.match() // once for all that is due at one instant: nobody is rung for a caller who has to go then, too
		}
	}
	m.advanceClock(now)
}

func (m *Machine) advanceClock(now time.Time) {
	if now.After(m.now) {
		m.now = now
	}
}

// at is the given time of an input, or the time of the step.
func (m *Machine) at(given time.Time) time.Time {
	if given.IsZero() {
		return m.now
	}
	return given
}

// line of a queue, made when it is first used.
func (m *Machine) line(queue string) *line {
	l, ok := m.lines[queue]
	if !ok {
		p, _ := m.policy(queue)
		l = &line{queue: queue, waits: estimate.New(p.expected())}
		l.alarm = alarm{rank: rankBeforeCalls, order: lineOrder, id: queue, owner: l}
		m.lines[queue] = l
	}
	return l
}

// orderOf is the place of an entry: its nanosecond, counted from the first entry by the monotonic clock, so that nobody
// stands before others because the wall clock was set back.
func (m *Machine) orderOf(at time.Time) int64 {
	if m.firstEntry.IsZero() {
		m.firstEntry = at
	}
	return m.firstEntry.UnixNano() + int64(at.Sub(m.firstEntry))
}

// policy of a queue; ok is false for a queue nobody knows.
func (m *Machine) policy(queue string) (p Policy, ok bool) {
	if p, ok = m.policies.Queues[queue]; !ok {
		p, ok = m.retired[queue]
	}
	return p, ok
}

// knows says whether a queue has a policy.
func (m *Machine) knows(queue string) bool {
	_, known := m.policies.Queues[queue]
	if !known {
		_, known = m.retired[queue]
	}
	return known
}

// takes says whether a queue may get callers: it is configured, or it was taken away while some waited in it, whom its agents serve. One
// that is kept for the talks in it alone takes nobody.
func (m *Machine) takes(queue string) bool {
	_, configured := m.policies.Queues[queue]
	l := m.lines[queue]
	return configured || l != nil && l.len() > 0
}

// BridgePrefix begins the id of every bridge in which an application keeps those who wait.
func BridgePrefix(application string) string { return application + "-hold-" }

// talkPrefix begins the id of every bridge in which an application lets people talk.
func talkPrefix(application string) string { return application + "-talk-" }

// OwnsBridge says whether an application made a bridge.
func OwnsBridge(application, bridge string) bool {
	return strings.HasPrefix(bridge, BridgePrefix(application)) || strings.HasPrefix(bridge, talkPrefix(application))
}

// Has says whether a channel is the caller's of a call that is known, or an agent's.
func (m *Machine) Has(ch Channel) bool { return m.channels[ch] != nil || m.legs[ch] != nil }

// touch marks a call to be checked at the end of the step.
func (m *Machine) touch(c *call) {
	if !c.touched {
		c.touched = true
		m.touched = append(m.touched, c)
	}
	m.doubt(c)
}

// find gives the call of a channel, and notes the input as ignored when there is none.
func (m *Machine) find(ch Channel, in Input) *call {
	c := m.channels[ch]
	if c == nil {
		m.ignore(in, "no call has this channel")
		return nil
	}
	m.touch(c)
	return c
}

// hear gives the call of a channel that Asterisk itself tells of: until now nothing was missed.
func (m *Machine) hear(ch Channel, in Input) *call {
	if n := m.nodes[ch.Node]; n != nil && !n.away {
		n.seen(m.now)
	}
	c := m.find(ch, in)
	if c != nil {
		c.seenAt = m.now
	}
	return c
}

// isHere takes back that a channel was said to be gone, now that it does something.
func (m *Machine) isHere(c *call) {
	if c.due[dueVanish].IsZero() {
		return
	}
	m.disarm(c, dueVanish)
	if c.state == checking {
		m.checkAgain(c)
	}
}

// forget takes a call that has ended, and whose channel is gone, out of the machine.
func (m *Machine) forget(c *call) {
	m.alarms.set(&c.alarm, time.Time{})
	delete(m.calls, c.id)
	if m.channels[c.channel] == c {
		delete(m.channels, c.channel)
	}
	delete(c.node.calls, c)
}

// release removes what a call that is over leaves on its Asterisk, and forgets it.
func (m *Machine) release(c *call) {
	m.dropBridge(c)
	if c.talk != nil && c.talk.asked {
		m.command(DestroyBridge{Channel: c.channel, Bridge: c.talk.bridge})
	}
	m.forget(c)
}

// dropBridge removes the holding bridge of a call that has one.
func (m *Machine) dropBridge(c *call) {
	if c.joined || c.receptions > 0 {
		m.command(DestroyBridge{Channel: c.channel, Bridge: c.bridge})
	}
	c.joined, c.receptions = false, 0
}

func (p PolicyChanged) apply(m *Machine) {
	before := m.policies.Queues
	m.retire(p.Policies)
	m.policies = p.Policies
	clear(m.phases)
	m.dropOverrides()
	m.enlistConfigured(before)
	for queue, l := range m.lines {
		for c := range l.all() {
			c.kept, c.trials.last = false, false // the way out may be there now
			m.armMaxWait(c)
			p, _ := m.policy(queue)
			m.armHearing(c, p)
			m.doubt(c)
		}
		m.watch(l)
		p, _ := m.policy(queue)
		l.waits.Expect(p.expected())
	}
}

// retire keeps the policies of queues that a reload takes away as long as they have calls: callers who wait, or who talk and whose agents
// are to rest.
func (m *Machine) retire(next Policies) {
	used := make(map[string]bool)
	for _, c := range m.calls {
		used[c.queue] = true
	}
	for queue, old := range m.policies.Queues {
		m.retired[queue] = old
	}
	for queue := range m.retired {
		if _, stays := next.Queues[queue]; stays || !used[queue] {
			delete(m.retired, queue)
		}
	}
}

func (i IntakeChanged) apply(m *Machine) { m.closed = i.Closed }
