package estimate

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Learned is what a queue has learned, to be kept across a restart. What was long ago weighs less in its numbers.
type Learned struct {
	// Handled counts the calls that agents handled, BusySeconds the time they were busy with calls of the queue.
	Handled     float64 `json:"handled"`
	BusySeconds float64 `json:"busy_seconds"`
	// HungUp counts the callers who hung up while they waited, WaitedSeconds the time that callers waited.
	HungUp        float64 `json:"hung_up"`
	WaitedSeconds float64 `json:"waited_seconds"`
	// Arrived counts the callers by priority, higher first, and Seconds is the time in which they came.
	Arrived []Arrived `json:"arrived,omitempty"`
	Seconds float64   `json:"seconds"`
	// Recent are the handling times of the last calls, in milliseconds, the oldest first.
	Recent []int64 `json:"recent,omitempty"`
}

// Arrived counts callers of one priority.
type Arrived struct {
	Priority int     `json:"priority"`
	Count    float64 `json:"count"`
}

// recentLimit is the number of handling times whose spread is looked at.
const recentLimit = 200

// priorityLimit bounds the priorities that are counted apart; the rarest is forgotten for a new one.
const priorityLimit = 16

// memoryOfPatience is how much longer hang-ups are remembered than handlings, because they are rarer.
const memoryOfPatience = 4

// forget lets a time pass in which so many agents were busy and so many callers waited. memory is after how long a thing
// weighs 1/e of what it did.
func (l *Learned) forget(passed, memory time.Duration, busy, waiting int) {
	kept := math.Exp(-passed.Seconds() / memory.Seconds())
	keptLonger := math.Exp(-passed.Seconds() / (memoryOfPatience * memory.Seconds()))
	l.Handled *= kept
	l.BusySeconds = l.BusySeconds*kept + float64(busy)*memory.Seconds()*(1-kept)
	l.HungUp *= keptLonger
	l.WaitedSeconds = l.WaitedSeconds*keptLonger + float64(waiting)*memoryOfPatience*memory.Seconds()*(1-keptLonger)
	l.Seconds = l.Seconds*kept + memory.Seconds()*(1-kept)
	for i := range l.Arrived {
		l.Arrived[i].Count *= kept
	}
}

// arrive counts a caller of a priority.
func (l *Learned) arrive(priority int) {
	i, known := slices.BinarySearchFunc(l.Arrived, priority, func(a Arrived, p int) int { return cmp.Compare(p, a.Priority) })
	if !known {
		l.Arrived = slices.Insert(l.Arrived, i, Arrived{Priority: priority})
	}
	l.Arrived[i].Count++
	if len(l.Arrived) > priorityLimit {
		l.dropRarest(priority)
	}
}

// dropRarest forgets the priority of which the fewest callers came, other than the newest.
func (l *Learned) dropRarest(newest int) {
	rarest := -1
	for i, a := range l.Arrived {
		if a.Priority != newest && (rarest < 0 || a.Count < l.Arrived[rarest].Count) {
			rarest = i
		}
	}
	l.Arrived = slices.Delete(l.Arrived, rarest, rarest+1)
}

// clone shares nothing with the original.
func (l Learned) clone() Learned {
	l.Arrived, l.Recent = slices.Clone(l.Arrived), slices.Clone(l.Recent)
	return l
}
