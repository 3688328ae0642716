package scenario

import (
	"math"
	"math/rand/v2"
	"time"
)

const (
	hour = 3600.0
	day  = 10 * hour
)

// centre is one simulated call centre. Times are seconds.
type centre struct {
	name   string
	title  string
	agents int
	// staff are the agents from each moment of a cycle on, in place of agents.
	staff []shift
	cycle float64
	// arrivals is the rate at a moment, and busiest bounds it.
	arrivals func(at float64) float64
	busiest  float64
	// handling and patience draw a time; means are what the predictor with true rates knows, an infinite one being of
	// callers who never hang up.
	handling, patience         func(*rand.Rand) float64
	meanHandling, meanPatience float64
	// hidden is how long an agent is away after each call, unknown to everybody.
	hidden float64
	// queues share the agents, and callers are spread over them evenly.
	queues int
	// important is the part of the callers who overtake the others.
	important float64
}

// shift is the number of agents from a moment on.
type shift struct {
	at     float64
	agents int
}

func exponential(mean float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return mean * r.ExpFloat64() }
}

// lognormal has a mean and a coefficient of variation.
func lognormal(mean, variation float64) func(*rand.Rand) float64 {
	variance := math.Log(1 + variation*variation)
	middle := math.Log(mean) - variance/2
	return func(r *rand.Rand) float64 { return math.Exp(middle + math.Sqrt(variance)*r.NormFloat64()) }
}

func weibull(mean, shape float64) func(*rand.Rand) float64 {
	scale := mean / math.Gamma(1+1/shape)
	return func(r *rand.Rand) float64 { return scale * math.Pow(r.ExpFloat64(), 1/shape) }
}

func never(*rand.Rand) float64 { return math.Inf(1) }

// constant arrivals load so many agents to a part of what they can handle.
func constant(agents int, load, handling float64) (rate func(float64) float64, busiest float64) {
	busiest = load * float64(agents) / handling
	return func(float64) float64 { return busiest }, busiest
}

// markov is a centre with constant arrivals and exponential times.
func markov(name, title string, agents int, load, handling, patience float64) centre {
	c := centre{
		name: name, title: title, agents: agents, queues: 1, handling: exponential(handling), patience: exponential(patience),
		meanHandling: handling, meanPatience: patience,
	}
	if math.IsInf(patience, 1) {
		c.patience = never
	}
	c.arrivals, c.busiest = constant(agents, load, handling)
	return c
}

// dayOf are arrivals with a peak in the morning and one in the afternoon of a day of ten hours.
func dayOf(rate float64) (arrivals func(float64) float64, busiest float64) {
	peak := func(h, at, width float64) float64 { return math.Exp(-(h - at) / width * (h - at) / width) }
	return func(at float64) float64 {
		h := math.Mod(at, day) / hour
		return rate * (.45 + .85*(peak(h, 2.5, 1.1)+.85*peak(h, 6.5, 1.3)))
	}, rate * (.45 + .85*1.85)
}

// scenarios are the fifteen.
func scenarios() []centre {
	c := []centre{
		markov("A", "3 agents, load .90", 3, .90, 240, 300),
		markov("B", "10 agents, load .95", 10, .95, 180, 300),
		markov("C", "10 agents, load 1.2", 10, 1.2, 180, 300),
		markov("D", "50 agents, load 1.0", 50, 1.0, 240, 180),
		markov("E", "100 agents, load 1.4", 100, 1.4, 180, 180),
		markov("F", "100 agents, load .98, nobody hangs up", 100, .98, 180, math.Inf(1)),
		markov("G", "30 agents, two peaks a day", 30, 1, 240, 300),
		markov("H", "20, 10, 24, 20 agents in turn", 20, 1, 240, 400),
		markov("I", "handling lognormal of CV 1.2, patience Weibull .7", 20, 1.1, 240, 300),
		markov("J", "handling lognormal of CV .4", 8, 1.05, 240, 300),
		markov("K", "15 agents, away 60 s after each call", 15, .8, 240, 300),
		markov("L", "peaks, shifts, CV .9, Weibull .8, away 15 s", 14, 1, 255, 300),
		markov("M", "two queues share 20 agents", 20, .98, 240, 300),
		markov("N", "15 agents, a fifth overtakes", 15, 1.0, 240, 300),
		markov("P", "12 agents, threefold for 20 min of 3 h", 12, .6, 200, 400),
	}
	at := make(map[string]*centre)
	for i := range c {
		at[c[i].name] = &c[i]
	}
	at["G"].arrivals, at["G"].busiest = dayOf(30. / 240)
	at["H"].arrivals, at["H"].busiest = constant(19, .9, 240)
	at["H"].cycle, at["H"].staff = 3*hour, []shift{{0, 20}, {hour, 10}, {1.5 * hour, 24}, {2 * hour, 20}}
	at["I"].handling, at["I"].patience = lognormal(240, 1.2), weibull(300, .7)
	at["J"].handling = lognormal(240, .4)
	at["K"].hidden = 60
	at["L"].arrivals, at["L"].busiest = dayOf(30. / 270)
	at["L"].handling, at["L"].patience, at["L"].hidden = lognormal(255, .9), weibull(300, .8), 15
	at["L"].cycle = day
	for h, agents := range []int{14, 18, 26, 30, 24, 18, 22, 30, 22, 14} {
		at["L"].staff = append(at["L"].staff, shift{float64(h) * hour, agents})
	}
	at["M"].queues = 2
	at["N"].important = .2
	usual := at["P"].arrivals
	at["P"].busiest *= 3
	at["P"].arrivals = func(t float64) float64 {
		if math.Mod(t, 3*hour) < 20*60 {
			return 3 * usual(t)
		}
		return usual(t)
	}
	return c
}

// began is when simulated time begins.
var began = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

func clock(at float64) time.Time { return began.Add(time.Duration(at * float64(time.Second))) }
