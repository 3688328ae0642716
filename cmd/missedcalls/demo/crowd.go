package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	arimock "missedcalls/ari-mock"
)

// The crowd's habits, at speed 1.
const (
	// pause is the mean time between two callers; the first ones come in a rush.
	pause     = 1700 * time.Millisecond
	rush      = 6
	rushPause = 300 * time.Millisecond
	// betweenDigits is how long it takes from one digit of a key to the next.
	betweenDigits = 300 * time.Millisecond
	// patience is the median of how long people wait; its logarithm is normal, with a deviation of spread.
	patience = 15 * time.Second
	spread   = 0.8
	// stubbornness is how long those wait who wait longer than others.
	stubbornness = 2 * time.Minute
	// leastPatience is what anybody has.
	leastPatience = 700 * time.Millisecond
)

// crowd decides who calls when. Two crowds of one seed and scene are the same. It is used by one goroutine.
type crowd struct {
	scene  scene
	speed  float64
	chance *rand.Rand
	came   int
	at     time.Duration
}

// arrival is somebody who calls at a time from the beginning.
type arrival struct {
	at     time.Duration
	caller arimock.Caller
}

// stream tells the demo's random numbers from those of others who use the same seed.
const stream = 0x6d69737365640001

func newCrowd(s scene, seed uint64, speed float64) *crowd {
	return &crowd{scene: s, speed: speed, chance: rand.New(rand.NewPCG(seed, stream))}
}

// next is the next to call: a Poisson process, each with a patience of his own.
func (c *crowd) next() arrival {
	mean := pause
	if c.came < rush {
		mean = rushPause
	}
	c.came++
	c.at += c.scaled(float64(mean) * c.chance.ExpFloat64())
	who := someone(c.chance)
	caller := arimock.Caller{Number: who.number, Name: who.name, Withheld: who.withheld, GiveUpAfter: c.patience()}
	c.dial(&caller)
	return arrival{at: c.at, caller: caller}
}

func (c *crowd) scaled(d float64) time.Duration { return scaled(time.Duration(d), c.speed) }

// patience is how long somebody waits before he hangs up: most a while, some hardly at all, some until they are sent away.
func (c *crowd) patience() time.Duration {
	p := c.chance.Float64()
	while := math.Max(float64(patience)*math.Exp(spread*c.chance.NormFloat64()), float64(leastPatience))
	switch {
	case p < 0.2:
		while = float64(stubbornness)
	case p < 0.3:
		while = float64(leastPatience) * (1 + 2*c.chance.Float64())
	}
	return c.scaled(while)
}

// dial chooses where somebody calls and which key he presses there.
func (c *crowd) dial(caller *arimock.Caller) {
	p := c.chance.Float64()
	d := pick(c.chance, c.scene.destinations)
	caller.DID, caller.Args = d.did, d.args
	switch {
	case p < 0.06 && c.scene.stray != "":
		caller.DID, caller.Args = c.scene.stray, ""
	case p < 0.12:
		caller.Args = fmt.Sprintf("%s,priority=%d", d.queue, 5+5*c.chance.IntN(2))
	}
	if press := c.chance.Float64(); press < 0.3 && len(d.keys) > 0 {
		after := c.scaled(float64(time.Second) * (3 + 9*c.chance.Float64()))
		for at, digit := range pick(c.chance, d.keys) {
			caller.Digits = append(caller.Digits, arimock.Digit{Key: string(digit), After: after + c.scaled(float64(time.Duration(at)*betweenDigits))})
		}
		caller.GiveUpAfter = max(caller.GiveUpAfter, 2*after) // who chooses does not hang up before
	}
}
