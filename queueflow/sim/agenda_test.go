package sim

import (
	"container/heap"
	"time"
)

// agenda is virtual time: what is to happen, in order of time, then of planning.
type agenda struct {
	now   time.Time
	items plans
	count uint64
}

type plan struct {
	at    time.Time
	order uint64
	do    func()
}

func (a *agenda) at(at time.Time, do func()) {
	if at.Before(a.now) {
		at = a.now
	}
	a.count++
	heap.Push(&a.items, plan{at: at, order: a.count, do: do})
}

func (a *agenda) after(d time.Duration, do func()) { a.at(a.now.Add(d), do) }

// next does what is planned next; false when nothing is.
func (a *agenda) next() bool {
	if len(a.items) == 0 {
		return false
	}
	p := heap.Pop(&a.items).(plan)
	a.now = p.at
	p.do()
	return true
}

type plans []plan

func (p plans) Len() int { return len(p) }

func (p plans) Less(i, j int) bool {
	if !p[i].at.Equal(p[j].at) {
		return p[i].at.Before(p[j].at)
	}
	return p[i].order < p[j].order
}

func (p plans) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

// Push implements heap.Interface.
func (p *plans) Push(x any) { *p = append(*p, x.(plan)) }

// Pop implements heap.Interface.
func (p *plans) Pop() any {
	last := len(*p) - 1
	x := (*p)[last]
	(*p)[last] = plan{}
	*p = (*p)[:last]
	return x
}
