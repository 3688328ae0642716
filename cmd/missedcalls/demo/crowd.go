package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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
	// leastPatience is what anybody has, and persistence what they have who call again.
	leastPatience = 700 * time.Millisecond
	persistence   = 20 * time.Second
	// shortTalk and longTalk are how long people talk.
	shortTalk, longTalk = 4 * time.Second, 12 * time.Second
	// returning is how often it is somebody who was here before, one of the last who lost their patience soon.
	returning = 0.3
	faceKept  = 12
	// The regular is there in every crowd: he comes as one of the first, in haste, hangs up before any agent can answer, and
	// calls again as one of the next, with all the time in the world.
	regularComes   = 5
	regularReturns = 12
	haste          = 1200 * time.Millisecond
)

// crowd decides who calls when. Two crowds of one seed and scene are the same. It is used by one goroutine.
type crowd struct {
	scene  scene
	speed  float64
	chance *rand.Rand
	came   int
	// clock is the time from the beginning at speed 1, in nanoseconds.
	clock float64
	// regular is how the regular calls.
	regular arimock.Caller
	// faces are the last who may call again, the newest last.
	faces []face
}

// face is somebody who is remembered: how he calls, and when he has hung up as a rule, by the crowd's clock: somebody who was
// transferred may talk on.
type face struct {
	caller arimock.Caller
	gone   float64
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
	c.clock += float64(mean) * c.chance.ExpFloat64()
	caller, patience := c.somebody()
	talk := float64(shortTalk) + float64(longTalk-shortTalk)*c.chance.Float64()
	caller.Patience, caller.TalkFor = c.scaled(patience), c.scaled(talk)
	if c.came != regularComes && patience <= float64(persistence) {
		c.remember(caller, c.clock+patience+talk)
	}
	return arrival{at: c.scaled(c.clock), caller: caller}
}

// somebody is the next caller, and how long he waits, in nanoseconds at speed 1.
func (c *crowd) somebody() (caller arimock.Caller, patience float64) {
	caller, known := c.comesBack()
	patience = c.patience()
	switch {
	case c.came == regularComes:
		to := c.scene.destinations[1%len(c.scene.destinations)]
		c.regular = arimock.Caller{Number: russian(c.chance), Name: pick(c.chance, names), DID: to.did, Args: to.args}
		return c.regular, float64(haste)
	case c.came == regularReturns:
		return c.regular, float64(stubbornness)
	case known:
		return caller, max(patience, float64(persistence))
	}
	who := c.someone()
	caller = arimock.Caller{Number: who.number, Name: who.name, Withheld: who.withheld}
	patience = max(patience, c.dial(&caller))
	return caller, patience
}

func (c *crowd) scaled(d float64) time.Duration { return scaled(time.Duration(d), c.speed) }

// someone is a stranger, whose phone is none of the agents'.
func (c *crowd) someone() identity {
	who := someone(c.chance)
	if _, agent := c.scene.phones["PJSIP/"+who.number]; agent {
		who.number = russian(c.chance)
	}
	return who
}

// comesBack is somebody who has hung up and calls once more, if it is one's turn. He dials what he dialled, and presses
// nothing.
func (c *crowd) comesBack() (caller arimock.Caller, known bool) {
	if c.chance.Float64() >= returning {
		return caller, false
	}
	var gone []face
	for _, f := range c.faces {
		if f.gone < c.clock {
			gone = append(gone, f)
		}
	}
	if len(gone) == 0 {
		return caller, false
	}
	caller = pick(c.chance, gone).caller
	c.forget(caller)
	caller.Digits = nil
	return caller, true
}

// remember keeps the last of those who soon lose their patience and can be told apart by a number.
func (c *crowd) remember(caller arimock.Caller, gone float64) {
	if caller.Number == "" || caller.Withheld {
		return
	}
	c.forget(caller)
	c.faces = append(c.faces, face{caller, gone})
	c.faces = c.faces[max(len(c.faces)-faceKept, 0):]
}

// forget lets nobody be remembered who is in a call.
func (c *crowd) forget(caller arimock.Caller) {
	c.faces = slices.DeleteFunc(c.faces, func(f face) bool { return f.caller.Number == caller.Number })
}

// patience is how long somebody waits before he hangs up, in nanoseconds at speed 1: most a while, some hardly at all, some
// until they are sent away.
func (c *crowd) patience() float64 {
	p := c.chance.Float64()
	while := math.Max(float64(patience)*math.Exp(spread*c.chance.NormFloat64()), float64(leastPatience))
	switch {
	case p < 0.2:
		while = float64(stubbornness)
	case p < 0.3:
		while = float64(leastPatience) * (1 + 2*c.chance.Float64())
	}
	return while
}

// dial chooses where somebody calls and which key he presses there. Who presses one does not hang up before: least is the
// patience that takes, in nanoseconds at speed 1.
func (c *crowd) dial(caller *arimock.Caller) (least float64) {
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
		after := float64(time.Second) * (3 + 9*c.chance.Float64())
		for at, digit := range pick(c.chance, d.keys) {
			caller.Digits = append(caller.Digits, arimock.Digit{Key: string(digit), After: c.scaled(after + float64(at)*float64(betweenDigits))})
		}
		least = 2 * after
	}
	return least
}
