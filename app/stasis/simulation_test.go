package stasis

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow/callevent"
)

var (
	seed  = flag.Uint64("seed", 0, "play this seed only")
	seeds = flag.Uint64("seeds", 6, "how many seeds to play, from 1 on")
)

const (
	// settled is how long after a reconnect the driver may need to know everything, with requests that fail.
	settled = 15 * time.Second
	// heard is how long a caller may hear nothing, with requests that fail again and again.
	heard = 40 * time.Second
)

// TestTheChainInTrouble lets driver, client and stand-in live through a quarter of an hour of callers and faults for
// each seed, and holds what the driver told against what the stand-in knows. It is the machine's simulation
// (queueflow/sim) for what stands around the machine.
func TestTheChainInTrouble(t *testing.T) {
	first, last := uint64(1), *seeds
	if *seed > 0 {
		first, last = *seed, *seed
	}
	for n := first; n <= last; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				inTrouble(t, n).live("TestTheChainInTrouble")
			})
		})
	}
}

// inTrouble makes a chain that will be in trouble.
func inTrouble(t *testing.T, seed uint64) *trouble {
	d := &trouble{Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed, channels: make(map[string]bool)}
	d.chain = newChain(t, arimock.Options{
		Dialplan: arimock.Dialplan{Exits: map[string]arimock.Exit{"voicemail,s": {Stay: 5 * time.Second}}},
		Called: func(call *arimock.Call) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.channels[call.ID()] = true
		},
	})
	return d
}

// trouble is one life of a chain.
type trouble struct {
	*chain
	*rand.Rand
	seed    uint64
	agents  []string // endpoints of phones that are used in ever other ways; none without agents
	callers []*visitor
	// idleSince is when somebody waited and an agent was ready, zero while that is not so.
	idleSince time.Time
	// quiet are the spans in which everything that happened must be known.
	quiet    []span
	mu       sync.Mutex
	problems []string        // guarded by mu
	channels map[string]bool // of callers; guarded by mu
}

// span is from after the driver has listed to the next cut.
type span struct{ from, to time.Time }

// visitor is a caller and what the stand-in knows of him.
type visitor struct {
	*arimock.Call
	entered time.Time
	// silentSince is when he began to hear nothing, zero while he hears something.
	silentSince time.Time
}

// live plays a quarter of an hour, brings everything to rest and looks at what is left.
func (d *trouble) live(test string) {
	d.play()
	d.close()
	d.t.Logf("seed %d: %d callers, %d cuts, %v", d.seed, len(d.callers), len(d.quiet)-1, d.endings())
	require.Empty(d.t, d.problems, "%s\n\ngo test ./app/stasis -run %s -seed=%d", strings.Join(d.problems, "\n"), test, d.seed)
}

func (d *trouble) play() {
	d.quiet = []span{{from: time.Now()}}
	d.asterisk.SetFaults(d.faults())
	arrive, cut, disk := d.soon(2*time.Second), d.soon(90*time.Second), d.soon(20*time.Second)
	for end := time.Now().Add(15 * time.Minute); time.Now().Before(end); {
		d.after(time.Duration(d.IntN(500)) * time.Millisecond)
		d.staff()
		if !time.Now().Before(arrive) {
			d.arrive()
			arrive = d.soon(10 * time.Second)
		}
		if !time.Now().Before(cut) {
			d.cut()
			cut = d.soon(90 * time.Second)
		}
		if !time.Now().Before(disk) {
			d.stall()
			disk = d.soon(20 * time.Second)
		}
		d.listenIn()
		d.lookForIdleAgents()
	}
	d.journal.release()
	d.asterisk.SetFaults(arimock.Faults{})
	d.cut() // what could not be cleared away is found by the next listing
	d.after(12 * time.Minute)
	d.quiet[len(d.quiet)-1].to = time.Now()
	d.check()
}

func (d *trouble) soon(mean time.Duration) time.Time {
	return time.Now().Add(time.Duration(d.ExpFloat64() * float64(mean)))
}

func (d *trouble) chance(p float64) bool { return d.Float64() < p }

// faults let a tenth of the requests go wrong in one way or another, and some events come twice. They have a source of
// chance of their own, because requests come in no certain order.
func (d *trouble) faults() arimock.Faults {
	r := rand.New(rand.NewPCG(d.Uint64(), 2))
	return arimock.Faults{
		Request: func(q arimock.Request) arimock.RequestFault {
			if strings.HasPrefix(q.Path, "events") { // proofs of life: cuts are planned, not left to these
				return arimock.RequestFault{}
			}
			d.checkDeed(q)
			switch n := r.IntN(100); {
			case n < 3:
				return arimock.RequestFault{Delay: time.Duration(r.IntN(3000)) * time.Millisecond}
			case n < 5:
				return arimock.RequestFault{DelayAnswer: time.Duration(r.IntN(7000)) * time.Millisecond}
			case n < 7:
				return arimock.RequestFault{Status: http.StatusInternalServerError}
			case n < 10:
				return arimock.RequestFault{Drop: true, Undone: r.IntN(2) == 0}
			}
			return arimock.RequestFault{}
		},
		Event: func(arimock.Event) arimock.EventFault {
			if r.IntN(20) == 0 {
				return arimock.EventFault{Repeats: 1}
			}
			return arimock.EventFault{}
		},
	}
}

// stall lets the disk of the journal take no more, or go on.
func (d *trouble) stall() {
	d.journal.mu.Lock()
	slow := d.journal.slow
	d.journal.slow = !slow && d.chance(0.3)
	d.journal.mu.Unlock()
	if slow {
		d.journal.release()
	}
}

// arrive lets a caller come, with plans of his own.
func (d *trouble) arrive() {
	c := arimock.Caller{Number: fmt.Sprintf("7999%07d", len(d.callers)), DID: "74951234567"}
	c.GiveUpAfter = time.Duration(1+d.IntN(400)) * time.Second
	if d.chance(0.2) {
		c.Args = "support"
	}
	if d.chance(0.3) {
		c.Digits = []arimock.Digit{{Key: string("09*5"[d.IntN(4)]), After: time.Duration(d.IntN(60)) * time.Second}}
	}
	d.callers = append(d.callers, &visitor{Call: d.call(c), entered: time.Now()})
}

// cut breaks the connections, sometimes by a restart of Asterisk, and lets nobody in for a while.
func (d *trouble) cut() {
	d.quiet[len(d.quiet)-1].to = time.Now()
	d.asterisk.Refuse(true)
	if d.chance(0.15) {
		d.asterisk.Crash()
	} else {
		d.asterisk.Disconnect()
	}
	d.after(time.Duration(d.IntN(8000)) * time.Millisecond)
	d.asterisk.Refuse(false)
	for d.client.Health() != nil {
		d.after(100 * time.Millisecond)
	}
	d.quiet = append(d.quiet, span{from: time.Now().Add(settled)})
}

// listenIn looks for callers who hear nothing.
func (d *trouble) listenIn() {
	d.journal.mu.Lock()
	stalled := d.journal.slow
	d.journal.mu.Unlock()
	for _, v := range d.callers {
		waits := !isOver(v) && d.asterisk.InApplication(v.ID()) && !d.journal.talks(v.ID())
		switch {
		case !waits || v.Hears() != "nothing" || stalled || time.Now().Before(d.quiet[len(d.quiet)-1].from):
			v.silentSince = time.Time{}
		case v.silentSince.IsZero():
			v.silentSince = time.Now()
		case time.Since(v.silentSince) > heard:
			d.complain("caller %s hears nothing for %v", v.ID(), heard)
			v.silentSince = time.Now()
		}
	}
}

// checkDeed complains of a command whose event is not durable: nobody is answered who is not known to have entered, and
// nobody sent away whose ending is not written.
func (d *trouble) checkDeed(q arimock.Request) {
	channel, deed, _ := strings.Cut(strings.TrimPrefix(q.Path, "channels/"), "/")
	d.mu.Lock()
	caller := d.channels[channel]
	d.mu.Unlock()
	if !caller {
		return
	}
	ending := deed == "continue" || q.Method == http.MethodDelete && deed == ""
	if !ending && deed != "answer" {
		return
	}
	if !d.journal.tells(channel, ending) {
		d.complain("%s before its event is durable", q)
	}
}

// tells says whether something durable tells of a channel, or of its ending.
func (j *memoryJournal) tells(channel string, ending bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.events[:j.durable] {
		switch p := e.Payload.(type) {
		case callevent.Entered:
			if p.Asterisk.ChannelID == channel && !ending {
				return true
			}
		case callevent.Missed:
			if p.Asterisk.ChannelID == channel {
				return true
			}
		case callevent.Completed:
			if p.Asterisk.ChannelID == channel {
				return true
			}
		}
	}
	return false
}

func isOver(v *visitor) bool {
	select {
	case <-v.Ended():
		return true
	default:
		return false
	}
}

func (d *trouble) complain(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.problems = append(d.problems, fmt.Sprintf(format, args...))
}

// check holds the events against the truth.
func (d *trouble) check() {
	endings := map[string][]callevent.Payload{}
	for _, e := range d.journal.events {
		if _, err := callevent.Encode(e); err != nil {
			d.complain("an event that cannot be told: %v", err)
		}
		switch p := e.Payload.(type) {
		case callevent.Missed:
			endings[p.Asterisk.ChannelID] = append(endings[p.Asterisk.ChannelID], p)
		case callevent.Completed:
			endings[p.Asterisk.ChannelID] = append(endings[p.Asterisk.ChannelID], p)
		}
	}
	for _, v := range d.callers {
		if !isOver(v) {
			d.complain("caller %s is still there", v.ID())
			continue
		}
		d.checkCaller(v, endings[v.ID()])
	}
	d.nothingIsLeft()
}

func (d *trouble) checkCaller(v *visitor, endings []callevent.Payload) {
	r := d.result(v.Call)
	switch {
	case len(endings) > 1:
		d.complain("caller %s has %d endings", v.ID(), len(endings))
	case len(endings) == 1 && r.StasisStatus == "FAILED":
		d.complain("caller %s was never in the application and ended: %+v", v.ID(), endings[0])
	case len(endings) == 1:
		switch p := endings[0].(type) {
		case callevent.Missed:
			d.checkEnding(v, r, p)
		case callevent.Completed:
			d.checkTalk(v, r, p)
		}
	case r.StasisStatus != "FAILED" && d.mustBeKnown(v.entered, r.Ended):
		d.complain("caller %s, %v to %v, has no ending", v.ID(), v.entered, r.Ended)
	}
}

// mustBeKnown tells whether a stay reached into a span in which everything is known.
func (d *trouble) mustBeKnown(from, to time.Time) bool {
	for _, q := range d.quiet {
		if from.Before(q.to) && to.After(q.from) {
			return true
		}
	}
	return false
}

// checkEnding holds one ending against how the call really ended. An event sent by us comes before the call's end.
func (d *trouble) checkEnding(v *visitor, r arimock.Result, m callevent.Missed) {
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second }
	switch {
	case m.Reason == callevent.ReasonLost:
		if w := m.LostWindow; w == nil || w.From.After(r.Ended) || w.To.Before(r.Ended) {
			d.complain("caller %s ended at %v, not in the window of his loss %v", v.ID(), r.Ended, w)
		}
	case m.Reason == callevent.ReasonAbandoned:
		if !r.ByCaller || !near(m.LeftAt, r.Ended) {
			d.complain("caller %s ended at %v (himself: %t), told is abandoned at %v", v.ID(), r.Ended, r.ByCaller, m.LeftAt)
		}
	case m.LeftAt.After(r.Ended.Add(time.Second)):
		d.complain("caller %s ended at %v, told is %s at %v", v.ID(), r.Ended, m.Reason, m.LeftAt)
	}
	if waited := time.Duration(m.WaitedMS) * time.Millisecond; (waited - m.LeftAt.Sub(m.EnteredAt)).Abs() > time.Millisecond {
		d.complain("caller %s waited %v from %v to %v", v.ID(), waited, m.EnteredAt, m.LeftAt)
	}
	if d.mustBeKnown(v.entered, v.entered) && !near(m.EnteredAt, v.entered) {
		d.complain("caller %s entered at %v, told is %v", v.ID(), v.entered, m.EnteredAt)
	}
}

func (d *trouble) endings() map[string]int {
	counts := map[string]int{}
	for _, e := range d.journal.events {
		switch p := e.Payload.(type) {
		case callevent.Missed:
			counts[string(p.Reason)]++
		case callevent.Completed:
			counts["ended by "+string(p.EndedBy)]++
		case callevent.Offered:
			counts["rung, "+p.Attempt.Outcome]++
		}
	}
	return counts
}
