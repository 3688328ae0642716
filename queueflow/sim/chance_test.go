package sim

import (
	"math/rand/v2"
	"time"
)

// chance is the seeded randomness of one world.
type chance struct{ *rand.Rand }

func newChance(seed uint64) chance { return chance{rand.New(rand.NewPCG(seed, 0x6d697373))} }

// happens is true with a probability.
func (c chance) happens(p float64) bool { return c.Float64() < p }

// around is a time that is exponentially distributed about a mean, at most ten times it, in whole microseconds.
func (c chance) around(mean time.Duration) time.Duration {
	d := min(time.Duration(c.ExpFloat64()*float64(mean)), 10*mean)
	return d.Truncate(time.Microsecond)
}

// upTo is a time between zero and a limit, in whole microseconds.
func (c chance) upTo(limit time.Duration) time.Duration {
	return time.Duration(c.Int64N(int64(limit) + 1)).Truncate(time.Microsecond)
}

func pick[T any](c chance, from ...T) T { return from[c.IntN(len(from))] }

// faults says how bad a world is. Probabilities are per command or per event, times are means between two.
type faults struct {
	refused float64 // Asterisk refuses a command and does nothing
	ignored float64 // Asterisk says yes and does nothing
	unknown float64 // the request is lost, or its answer: after a time-out nobody knows
	slow    float64 // a command takes seconds
	late    float64 // an event takes up to maxLatency
	twice   float64 // an event is told twice

	cut, kill, crash, reload, intake, strike, override, resolve, staff, live time.Duration
	// outage is how long a cut lasts, downtime how long nobody runs after a kill.
	outage, downtime time.Duration
}

// newFaults draws the badness of a world, from none to bad.
func newFaults(c chance) faults {
	level := pick(c, 0, 0.01, 0.05, 0.2)
	f := faults{refused: level, ignored: level, unknown: level, slow: level, late: level, twice: level}
	every := func(mean time.Duration) time.Duration {
		if c.happens(0.25) {
			return 1000 * time.Hour
		}
		return mean/4 + c.upTo(2*mean)
	}
	f.cut, f.kill, f.crash = every(2*time.Minute), every(3*time.Minute), every(20*time.Minute)
	f.reload, f.intake, f.strike = every(time.Minute), every(10*time.Minute), every(10*time.Second)
	f.override, f.resolve = every(time.Minute), every(10*time.Second)
	f.staff, f.live = every(10*time.Second), every(10*time.Second)
	f.outage, f.downtime = time.Second+c.upTo(time.Minute), time.Second+c.upTo(30*time.Second)
	return f
}
