package estimate

import (
	"cmp"
	"slices"
	"time"
)

// Expected is what is taken for granted before anything was learned; 5 min each if 0.
type Expected struct {
	// Handling is the time of an agent for one call, from the first ring to the end of the wrap-up; Patience is the time
	// after which callers hang up, on average.
	Handling, Patience time.Duration
}

const expected = 5 * time.Minute

// The weight of what is expected: as much as so many calls, and so many callers who hung up.
const (
	expectedHandlings = 5
	expectedHangUps   = 2
)

// The bounds of the memory of handlings, and how many of them it holds of a pool of agents.
const (
	shortestMemory, longestMemory = 15 * time.Minute, 4 * time.Hour
	remembered                    = 150
)

// Queue is what is known of one queue. Times never run backwards in it: an earlier one counts as the latest before.
type Queue struct {
	expected Expected
	learned  Learned
	at       time.Time
	agents   int
	waiting  int
	handling []*Handling
}

// Handling is a call that occupies an agent, from the first ring to the end of the wrap-up.
type Handling struct {
	began time.Time
	index int
}

// New is a queue of which nothing is known but what is expected of it.
func New(e Expected) *Queue {
	q := new(Queue)
	q.Expect(e)
	return q
}

// Expect changes what is expected. What was learned stays.
func (q *Queue) Expect(e Expected) {
	q.expected = Expected{Handling: cmp.Or(e.Handling, expected), Patience: cmp.Or(e.Patience, expected)}
}

// Learned is what was learned until a time.
func (q *Queue) Learned(now time.Time) Learned {
	q.pass(now)
	return q.learned.clone()
}

// Restore goes on with what was learned before. The time since then teaches nothing.
func (q *Queue) Restore(now time.Time, l Learned) {
	q.learned, q.at = l.clone(), now
	if len(q.learned.Recent) > recentLimit {
		q.learned.Recent = q.learned.Recent[len(q.learned.Recent)-recentLimit:]
	}
}

// Staffed says how many agents take calls of the queue from now on, those who are busy included. One who leaves after
// his present call is none of them.
func (q *Queue) Staffed(now time.Time, agents int) {
	q.pass(now)
	q.agents = agents
}

// Arrived says that a caller has come; Joined says so that he waits.
func (q *Queue) Arrived(now time.Time, priority int) {
	q.pass(now)
	q.learned.arrive(priority)
}

// Joined says that one more caller waits.
func (q *Queue) Joined(now time.Time) {
	q.pass(now)
	q.waiting++
}

// Left says that a caller waits no longer.
func (q *Queue) Left(now time.Time) {
	q.pass(now)
	q.waiting--
}

// HungUp says that a caller, who still counts as waiting, hangs up because he has waited.
func (q *Queue) HungUp(now time.Time) {
	q.pass(now)
	q.learned.HungUp++
}

// Began says that an agent is occupied by a call since a time, which may be past after a restart.
func (q *Queue) Began(now, since time.Time) *Handling {
	q.pass(now)
	h := &Handling{began: since, index: len(q.handling)}
	q.handling = append(q.handling, h)
	return h
}

// Ended says that he is free again. A call that he did not get, because he did not answer or the caller left first, has
// only cost time.
func (q *Queue) Ended(now time.Time, h *Handling, handled bool) {
	q.pass(now)
	last := q.handling[len(q.handling)-1]
	q.handling[h.index], last.index = last, h.index
	q.handling = slices.Delete(q.handling, len(q.handling)-1, len(q.handling))
	if !handled {
		return
	}
	q.learned.Handled++
	if len(q.learned.Recent) == recentLimit {
		q.learned.Recent = slices.Delete(q.learned.Recent, 0, 1)
	}
	q.learned.Recent = append(q.learned.Recent, now.Sub(h.began).Milliseconds())
}

// Counts are how many callers wait, and how many agents are busy with calls of the queue.
func (q *Queue) Counts() (waiting, busy int) { return q.waiting, len(q.handling) }

// Overtaking is the rate per second at which callers come who have a higher priority than this.
func (q *Queue) Overtaking(now time.Time, priority int) float64 {
	q.pass(now)
	count := 0.0
	for _, a := range q.learned.Arrived {
		if a.Priority > priority {
			count += a.Count
		}
	}
	return count / (q.learned.Seconds + q.expected.Handling.Seconds())
}

// pass lets the time pass until now.
func (q *Queue) pass(now time.Time) {
	if q.at.IsZero() {
		q.at = now
	}
	if passed := now.Sub(q.at); passed > 0 {
		q.learned.forget(passed, q.memory(), len(q.handling), q.waiting)
		q.at = now
	}
}

// memory is after how long a handling weighs 1/e of what it did: the time in which the agents handle so many calls.
func (q *Queue) memory() time.Duration {
	return min(max(seconds(remembered/q.mu()/float64(max(q.agents, 1))), shortestMemory), longestMemory)
}

// mu is the rate per second at which one busy agent handles calls.
func (q *Queue) mu() float64 {
	return (q.learned.Handled + expectedHandlings) / (q.learned.BusySeconds + expectedHandlings*q.expected.Handling.Seconds())
}

// theta is the rate per second at which one waiting caller hangs up.
func (q *Queue) theta() float64 {
	return (q.learned.HungUp + expectedHangUps) / (q.learned.WaitedSeconds + expectedHangUps*q.expected.Patience.Seconds())
}
