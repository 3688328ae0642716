package queueflow

import (
	"container/heap"
	"math"
	"time"
)

// alarm is the next deadline of one owner: a call, an attempt, a node, a line, an agent or the episodes. It is in its heap
// exactly while at is set.
type alarm struct {
	at time.Time
	// Among equal times the lower rank is first, then the lower order, then the smaller id. Calls stand in the order of a
	// line; nodes come before lines, lines before the episodes, these before agents, and agents before calls.
	rank  int
	order int64
	id    string
	index int // in the heap, counted from 1; 0 when it is not there
	owner interface{ ring(m *Machine) }
}

// rankBeforeCalls is the rank of what is not a call; no priority is as high. nodeOrder, lineOrder, episodeOrder and agentOrder
// are the orders of nodes, lines, the episodes and agents among each other.
const (
	rankBeforeCalls = math.MinInt
	nodeOrder       = 0
	lineOrder       = 1
	episodeOrder    = 2
	agentOrder      = 3
	strayOrder      = 4
)

// alarms is a heap of deadlines, the earliest first.
type alarms []*alarm

func (a alarms) Len() int { return len(a) }

func (a alarms) Less(i, j int) bool {
	switch x, y := a[i], a[j]; {
	case !x.at.Equal(y.at):
		return x.at.Before(y.at)
	case x.rank != y.rank:
		return x.rank < y.rank
	case x.order != y.order:
		return x.order < y.order
	default:
		return x.id < y.id
	}
}

func (a alarms) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].index, a[j].index = i+1, j+1
}

// Push implements heap.Interface.
func (a *alarms) Push(x any) {
	al := x.(*alarm)
	*a = append(*a, al)
	al.index = len(*a)
}

// Pop implements heap.Interface.
func (a *alarms) Pop() any {
	last := len(*a) - 1
	al := (*a)[last]
	(*a)[last] = nil
	*a = (*a)[:last]
	al.index = 0
	return al
}

// set moves an alarm to a time; the zero time takes it out.
func (a *alarms) set(al *alarm, at time.Time) {
	switch {
	case at.IsZero() && al.index > 0:
		heap.Remove(a, al.index-1)
	case at.IsZero():
	case al.index > 0:
		al.at = at
		heap.Fix(a, al.index-1)
		return
	default:
		al.at = at
		heap.Push(a, al)
		return
	}
	al.at = time.Time{}
}

// deadline names what a call may wait for. At one instant they fire in this order.
type deadline uint8

const (
	// dueIdentity: go on without knowing whether the number may be shown.
	dueIdentity deadline = iota
	// dueMaxWait: the queue's limit of the wait.
	dueMaxWait
	// dueClosing: the queue closed, and nobody may stay.
	dueClosing
	// dueEmpty: nobody is there who could serve the caller.
	dueEmpty
	// dueEscalation: the caller reaches other agents.
	dueEscalation
	// dueRetry: an agent may be rung for the caller again, or one more.
	dueRetry
	// dueExit: go on as if the exit existed.
	dueExit
	// dueKey: no more digits of a key.
	dueKey
	// duePrompt: the end of a prompt was not told.
	duePrompt
	// dueAnnouncement: the caller may be told his place.
	dueAnnouncement
	// duePeriodic: the caller hears the next of the queue's prompts.
	duePeriodic
	// dueReception: the caller is not seen to be on hold; try again.
	dueReception
	// dueDeparture: the caller was told to go and is still here; try again.
	dueDeparture
	// dueVanish: Asterisk knows the channel no longer, and its leaving was never told.
	dueVanish
	deadlines
)

const (
	identityWithin  = 500 * time.Millisecond
	exitWithin      = 2 * time.Second
	receptionWithin = 3 * time.Second
	departureWithin = 5 * time.Second
	vanishWithin    = 5 * time.Second
	// backOffLimit bounds the doubling of repeated tries.
	backOffLimit = 30 * time.Second
)

// backOff doubles a wait with every try before, up to the limit.
func backOff(first time.Duration, tries int) time.Duration {
	return min(first<<min(tries, 10), backOffLimit)
}

// arm sets one deadline of a call; the zero time takes it away.
func (m *Machine) arm(c *call, d deadline, at time.Time) {
	c.due[d] = at
	m.schedule(c)
}

func (m *Machine) disarm(c *call, d deadline) { m.arm(c, d, time.Time{}) }

// schedule puts the earliest deadline of a call into the heap, or none while its Asterisk is away.
func (m *Machine) schedule(c *call) {
	if c.node.away {
		m.alarms.set(&c.alarm, time.Time{})
		return
	}
	_, at := c.nextDue()
	m.alarms.set(&c.alarm, at)
}

// nextDue is the earliest deadline of a call; at is zero when it has none.
func (c *call) nextDue() (d deadline, at time.Time) {
	for i, due := range c.due {
		if !due.IsZero() && (at.IsZero() || due.Before(at)) {
			d, at = deadline(i), due
		}
	}
	return d, at
}

// ring fires the earliest deadline of a call.
func (c *call) ring(m *Machine) {
	d, _ := c.nextDue()
	m.disarm(c, d)
	m.touch(c)
	switch d {
	case dueIdentity:
		m.admit(c)
	case dueMaxWait:
		m.waitOver(c)
	case dueClosing:
		m.closing(c)
	case dueEmpty:
		m.leaveEmpty(c)
	case dueEscalation:
		m.reconsider(c)
	case dueRetry:
		m.retry(c)
	case dueExit:
		m.goTo(c, c.going)
	case dueKey:
		m.keyOver(c)
	case duePrompt:
		m.promptLate(c)
	case dueAnnouncement:
		m.announce(c)
	case duePeriodic:
		m.periodic(c)
	case dueReception:
		m.receptionLate(c)
	case dueDeparture:
		m.goAgain(c)
	case dueVanish:
		m.vanished(c)
	}
}
