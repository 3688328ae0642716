package estimate

import (
	"math"
	"time"
)

// Ahead is who will be served before a caller of a queue.
type Ahead struct {
	// Callers are those ahead of him in the line of his queue.
	Callers int
	// Patient are those ahead of him who do not hang up, because they are to be called back.
	Patient int
	// Overtaking is the rate per second at which callers of his queue come who will be served before him.
	Overtaking float64
	// Rivals are other queues whose callers want some of the same agents.
	Rivals []Rival
}

// Rival is another queue, as a caller has to see it.
type Rival struct {
	Queue *Queue
	// Share is the part of that queue's agents who serve the caller's queue too, from 0 to 1.
	Share float64
	// Callers are those who wait there and will be served before him; Overtaking is the rate per second at which such
	// callers come.
	Callers    int
	Overtaking float64
}

// leastRate is the part of their time that agents have for a caller at the least, however many overtake him.
const leastRate = 0.05

// Estimate is how long a caller will go on waiting. There is none (ok is false) when no agent takes calls of the queue. A
// caller for whom an agent is free has no wait to be estimated; whoever asks must know that.
func (q *Queue) Estimate(now time.Time, a Ahead) (w Wait, ok bool) {
	if q.agents == 0 {
		return Wait{}, false
	}
	q.pass(now)
	ahead, overtaking := a.pooled()
	d := q.departures(overtaking)
	if everybody := ahead + float64(a.Patient); everybody > 0 {
		d.patience *= ahead / everybody
		ahead = everybody
	}
	mean, deviation := d.moments(ahead)
	if q.alike() {
		var dispersion float64
		mean, dispersion = q.follow(now, ahead, overtaking, d, a.Rivals)
		deviation *= math.Sqrt(dispersion)
	}
	return Wait{Mean: seconds(mean), Deviation: seconds(deviation)}, true
}

// pooled are the callers ahead in all queues, and the rate of those who overtake, each by the share of agents in common.
func (a Ahead) pooled() (callers, overtaking float64) {
	callers, overtaking = float64(a.Callers), a.Overtaking
	for _, r := range a.Rivals {
		callers += r.Share * float64(r.Callers)
		overtaking += r.Share * r.Overtaking
	}
	return callers, overtaking
}

// departures are the rates at which the callers ahead of one go, when so many a second overtake him.
func (q *Queue) departures(overtaking float64) departures {
	whole := float64(q.agents) * q.mu()
	least := leastRate * whole
	return departures{rate: max(whole-overtaking, least), patience: q.theta(), least: least}
}
