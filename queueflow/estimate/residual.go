package estimate

import (
	"math"
	"time"
)

// Where handling times are much alike, an agent who has talked for long will be free sooner than one who has just begun.
// Each agent is then followed from the age of his present call: ages are counted in steps, every step some agents of an
// age become free, by the handling times seen lately, and begin anew at age 0. The wait is over when those who became
// free and those who hung up are, on average, as many as stand before the caller, and one more.

const (
	// alikeBelow is the coefficient of variation of handling times below which agents are followed, and alikeOf the number
	// of handlings that must be known for that.
	alikeBelow = 0.7
	alikeOf    = 50
	// stepsOfMean divides the mean handling time into steps, and ages bounds the ages that are told apart, in steps, as
	// well as the steps for which agents are followed.
	stepsOfMean = 12
	ages        = 5 * stepsOfMean
)

// alike says whether the last handling times are so much alike that agents are followed.
func (q *Queue) alike() bool {
	if len(q.learned.Recent) < alikeOf {
		return false
	}
	mean, squares := meanOf(q.learned.Recent), 0.0
	for _, ms := range q.learned.Recent {
		squares += (float64(ms)/1000 - mean) * (float64(ms)/1000 - mean)
	}
	return math.Sqrt(squares/float64(len(q.learned.Recent))) < alikeBelow*mean
}

// meanOf is the mean of times in milliseconds, in seconds.
func meanOf(ms []int64) float64 {
	sum := int64(0)
	for _, t := range ms {
		sum += t
	}
	return float64(sum) / 1000 / float64(len(ms))
}

// crew are the agents of one queue by the age of their calls in steps, and the part of each age that ends in a step.
type crew struct {
	busy, ends [ages]float64
	// steps counts those that passed. first are the agents by the age that their calls had before, and still is the part
	// of them who have not become free since.
	steps        int
	first, still [ages]float64
}

// crew of a queue, each of its agents counted by a share.
func (q *Queue) crew(now time.Time, step, share float64) *crew {
	c := new(crew)
	for _, h := range q.handling {
		c.busy[ageOf(now.Sub(h.began).Seconds()+step/2, step)] += share
	}
	longer := float64(len(q.learned.Recent))
	for _, ms := range q.learned.Recent {
		c.ends[ageOf(float64(ms)/1000, step)]++
	}
	for age, ended := range c.ends {
		// A call that is longer than every one lately goes on as if it had just begun.
		c.ends[age] = 1 - math.Exp(-step*q.mu())
		if longer > 0 {
			c.ends[age] = ended / longer
		}
		longer -= ended
		c.still[age] = 1
	}
	c.first = c.busy
	return c
}

func ageOf(lasted, step float64) int {
	return int(min(max(lasted/step, 0), ages-1))
}

// advance lets a step pass and gives how many agents became free in it.
func (c *crew) advance() (free float64) {
	for age := ages - 1; age >= 0; age-- {
		c.still[age] *= 1 - c.ends[min(age+c.steps, ages-1)]
		ended := c.busy[age] * c.ends[age]
		free += ended
		c.busy[age] -= ended
		if age < ages-1 {
			c.busy[age+1] += c.busy[age]
			c.busy[age] = 0
		}
	}
	c.steps++
	// They became free in the middle of the step, on average.
	c.busy[0] += free / 2
	c.busy[1] += free / 2
	return free
}

// certainty is by how much the variance of the number of agents who became free is below its mean: for the first time
// that each becomes free, the square of the probability that he has.
func (c *crew) certainty() (below float64) {
	for age, agents := range c.first {
		below += agents * (1 - c.still[age]) * (1 - c.still[age])
	}
	return below
}

// follow is the mean wait, in seconds, of a caller with so many ahead, by following the agents, and the variance of the
// number of departures until then, divided by its mean. What is left after the last step is taken from the rates.
//
// A counting process of rate r whose variance is d times its mean has counted, on average, n-(1-d)/2 when the n-th comes:
// the elementary renewal theorem's second term (Cox, "Renewal Theory", 1962, section 4.2).
func (q *Queue) follow(now time.Time, ahead, overtaking float64, d departures, rivals []Rival) (mean, dispersion float64) {
	step := meanOf(q.learned.Recent) / stepsOfMean
	crews, idle := q.crews(now, step, rivals)
	gone, due := 0.0, 1.0
	for n := range ages {
		before, dueBefore := gone, due
		// Who is ahead goes one by one: between j and j-1 of them, the rate is that of j.
		if left := ahead - gone; left > 0 {
			gone += (1 - math.Exp(-d.patience*step)) * (left + .5)
		}
		gone += step * (idle*q.mu() - overtaking)
		certainty := 0.0
		for _, c := range crews {
			gone += c.advance()
			certainty += c.certainty()
		}
		if dispersion = 1; gone > 0 {
			dispersion = max(1-certainty/gone, 0)
		}
		due = (1 + dispersion) / 2
		if reached, missed := gone-ahead-due, ahead+dueBefore-before; reached >= 0 {
			return step * (float64(n) + missed/(missed+reached)), dispersion
		}
	}
	rest, _ := d.moments(max(ahead-gone, 0))
	return step*ages + rest*min(1, ahead-gone+due), dispersion
}

// crews are the agents who work for a caller, and how many more are there of whom it is not known what they do.
func (q *Queue) crews(now time.Time, step float64, rivals []Rival) (crews []*crew, idle float64) {
	crews = append(crews, q.crew(now, step, 1))
	idle = float64(q.agents - len(q.handling))
	for _, r := range rivals {
		if r.Share > 0 && len(r.Queue.handling) > 0 {
			crews = append(crews, r.Queue.crew(now, step, r.Share))
			idle -= r.Share * float64(len(r.Queue.handling))
		}
	}
	return crews, max(idle, 0)
}
