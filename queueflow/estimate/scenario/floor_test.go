package scenario

import (
	"container/heap"
	"math"
	"math/rand/v2"
)

// caller is one simulated caller.
type caller struct {
	queue, priority int
	arrived         float64
	state           callerState
	tellings        []telling
	// scored is false for those who came while the predictors learned, and for important ones.
	scored bool
}

type callerState uint8

const (
	waits callerState = iota
	ghost
	done
)

// telling is what each predictor told at a moment.
type telling struct {
	at   float64
	told forecast
}

// event is something that happens on the floor.
type event struct {
	at     float64
	order  int // of events at one moment
	kind   eventKind
	caller *caller
	work   *work
}

type eventKind uint8

const (
	arrival eventKind = iota
	handled
	back
	impatient
	update
	newShift
)

// agenda holds events, the earliest first.
type agenda []event

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(e any)   { *a = append(*a, e.(event)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// floor is a centre while it runs.
type floor struct {
	centre
	*rand.Rand
	now    float64
	warm   float64 // when scoring begins
	closes float64 // when no more callers come
	agenda agenda
	events int
	// line are those who wait, and ghosts, in the order in which they are served.
	line []*caller
	// idle agents are free; present ones are logged in, or leave after their call if they are more than agents.
	idle, present int
	predictors    *predictors
	scores        *scores
}

// run plays a centre for so many hours after those in which the predictors learn.
func run(c centre, seed uint64, hours float64) *scores {
	f := &floor{centre: c, Rand: rand.New(rand.NewPCG(seed, uint64(c.name[0]))), warm: 4 * hour, scores: new(scores)}
	f.closes = f.warm + hours*hour
	f.predictors = newPredictors(c)
	f.staffed(c.agents)
	if len(c.staff) > 0 {
		f.at(0, event{kind: newShift})
	}
	f.nextArrival()
	for len(f.agenda) > 0 {
		e := heap.Pop(&f.agenda).(event)
		f.now = e.at
		f.happens(e)
	}
	return f.scores
}

func (f *floor) at(at float64, e event) {
	f.events++
	e.at, e.order = at, f.events
	heap.Push(&f.agenda, e)
}

func (f *floor) happens(e event) {
	switch e.kind {
	case arrival:
		f.arrive(e.caller)
		f.nextArrival()
	case handled:
		f.predictors.handled(f.now, e.work)
		if f.hidden > 0 {
			f.at(f.now+f.hidden, event{kind: back})
			return
		}
		f.free()
	case back:
		f.free()
	case impatient:
		f.hangUp(e.caller)
	case update:
		f.tell(e.caller)
	case newShift:
		f.shift()
	}
}

// nextArrival draws the next caller: of the arrivals at the busiest rate each is taken with the part that the rate is of
// it at that moment (Lewis and Shedler's thinning).
func (f *floor) nextArrival() {
	at := f.now
	for at < f.closes {
		at += f.ExpFloat64() / f.busiest
		if f.Float64()*f.busiest < f.arrivals(at) {
			break
		}
	}
	if at >= f.closes {
		return
	}
	c := &caller{queue: f.IntN(f.queues), arrived: at}
	if f.Float64() < f.important {
		c.priority = 1
	}
	c.scored = at >= f.warm && c.priority == 0
	f.at(at, event{kind: arrival, caller: c})
}

func (f *floor) arrive(c *caller) {
	f.predictors.arrived(f.now, c)
	if f.idle > 0 {
		f.idle--
		f.serve(c)
		return
	}
	f.join(c)
	f.tell(c)
	if until := f.patience(f.Rand); !math.IsInf(until, 1) {
		f.at(f.now+until, event{kind: impatient, caller: c})
	}
}

// join puts a caller behind all of his priority.
func (f *floor) join(c *caller) {
	place := len(f.line)
	for place > 0 && f.line[place-1].priority < c.priority {
		place--
	}
	f.line = append(f.line, nil)
	copy(f.line[place+1:], f.line[place:])
	f.line[place] = c
}

// tell lets the predictors tell a caller who waits, and again in half a minute.
func (f *floor) tell(c *caller) {
	if c.state != waits {
		return
	}
	own, others := 0, 0
	for _, other := range f.line {
		if other == c {
			break
		}
		switch {
		case other.state != waits:
		case other.queue == c.queue:
			own++
		default:
			others++
		}
	}
	if c.scored {
		c.tellings = append(c.tellings, telling{at: f.now, told: f.predictors.tell(f.now, c, own, others)})
	}
	f.at(f.now+30, event{kind: update, caller: c})
}

func (f *floor) serve(c *caller) {
	c.state = done
	w := f.predictors.served(f.now, c)
	f.at(f.now+f.handling(f.Rand), event{kind: handled, work: w})
}

func (f *floor) hangUp(c *caller) {
	if c.state != waits {
		return
	}
	c.state = ghost
	f.predictors.hungUp(f.now, c)
}

// free gives an agent to the next who waits. Ghosts who stand before him would have been served now.
func (f *floor) free() {
	if f.present > f.agents {
		f.present--
		return
	}
	for len(f.line) > 0 {
		c := f.line[0]
		f.line = f.line[1:]
		f.scores.add(f.now, c)
		if c.state == waits {
			f.serve(c)
			return
		}
	}
	f.idle++
}

// staffed changes the number of agents. Those who are too many go at once if they are idle, and after their call if not.
func (f *floor) staffed(agents int) {
	f.agents = agents
	f.predictors.staffed(f.now, agents)
	for f.present > agents && f.idle > 0 {
		f.present, f.idle = f.present-1, f.idle-1
	}
	for f.present < agents {
		f.present++
		f.free()
	}
}

// shift changes the staff as the cycle says, until no more callers come.
func (f *floor) shift() {
	into := math.Mod(f.now, f.cycle)
	next := f.cycle
	for _, s := range f.staff {
		if s.at > into+1e-6 {
			next = s.at
			break
		}
	}
	for i := len(f.staff) - 1; i >= 0; i-- {
		if f.staff[i].at <= into+1e-6 {
			f.staffed(f.staff[i].agents)
			break
		}
	}
	if f.now < f.closes {
		f.at(f.now-into+next, event{kind: newShift})
	}
}
