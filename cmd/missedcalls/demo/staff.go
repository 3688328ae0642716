package demo

import (
	"context"
	"maps"
	"slices"
	"time"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
)

// The phones of the demo's own configuration: the agents', and the one that calls are transferred to.
const (
	phoneAnna  = "PJSIP/201"
	phoneBoris = "PJSIP/202"
	phoneClara = "PJSIP/203"
	phoneDan   = "PJSIP/204"
	phoneEmma  = "PJSIP/205"
	phoneVera  = "PJSIP/206"
	accounting = "299"
)

// declined is how a phone answers whose owner presses the red key (RFC 3261, 21.6.2).
const declined = 603

// habits are how the phones of the demo's own configuration take calls, at speed 1.
var habits = map[string]arimock.Phone{
	phoneAnna:  {RingFor: 2 * time.Second, TalkFor: 20 * time.Second},
	phoneBoris: {RingFor: 3 * time.Second, TalkFor: 12 * time.Second},
	phoneClara: {RingFor: 1500 * time.Millisecond, TalkFor: 20 * time.Second},
	phoneDan:   {}, // rings for ever
	phoneEmma:  {RingFor: 2500 * time.Millisecond, TalkFor: 20 * time.Second},
	phoneVera:  {RingFor: 1500 * time.Millisecond, Status: declined},

	"PJSIP/" + accounting: {RingFor: 2 * time.Second, TalkFor: 8 * time.Second},
}

// habit is that of anybody else.
var habit = arimock.Phone{RingFor: 3 * time.Second, TalkFor: 20 * time.Second}

// confirmAfter is how long after the answer an agent presses 1 who has to.
const confirmAfter = 2 * time.Second

// phones are those of all agents of a configuration, and whom the demo's own agents transfer to.
func phones(p queueflow.Policies, speed float64) map[string]arimock.Phone {
	found := make(map[string]arimock.Phone)
	for _, queue := range p.Queues {
		for _, m := range queue.Serving.Members {
			if _, known := found[m.Endpoint]; !known || m.Confirm { // who must press 1 in one queue does so in all
				found[m.Endpoint] = phoneOf(m, speed)
			}
			if m.StateInterface != "" && m.StateInterface != m.Endpoint {
				found[m.StateInterface] = phoneOf(m, speed) // so that there is such a device
			}
		}
	}
	if _, own := found[phoneClara]; own {
		name := "PJSIP/" + accounting
		found[name] = phoneOf(queueflow.Member{Endpoint: name}, speed)
	}
	return found
}

func phoneOf(m queueflow.Member, speed float64) arimock.Phone {
	p, known := habits[m.Endpoint]
	if !known {
		p = habit
	}
	for _, d := range []*time.Duration{&p.RingFor, &p.TalkFor} {
		if *d > 0 {
			*d = scaled(*d, speed)
		}
	}
	if m.Confirm {
		p.Steps = []arimock.Step{{After: scaled(confirmAfter, speed), Key: "1"}}
	}
	return p
}

// agents are the endpoints of a configuration's agents, each once.
func agents(p queueflow.Policies) []string {
	found := make(map[string]bool)
	for _, queue := range p.Queues {
		for _, m := range queue.Serving.Members {
			found[m.Endpoint] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// When somebody hands a call on, at speed 1: first, and then how long after the last time; how often it is tried until she
// talks with somebody, and how long she has him on hold before.
const (
	transfersAfter = 12 * time.Second
	transfersEvery = 30 * time.Second
	transferTries  = 500 * time.Millisecond
	holdsFor       = 2 * time.Second
)

// transfer lets Clara hand a call on to the accounting now and then, until ctx ends.
func transfer(ctx context.Context, s *standIn, speed float64) {
	for pause := transfersAfter; rest(ctx, scaled(pause, speed)); {
		if s.StepPhone(phoneClara, arimock.Step{Hold: true}) != nil { // she talks with nobody
			pause = transferTries
			continue
		}
		if !rest(ctx, scaled(holdsFor, speed)) {
			return
		}
		if pause = transfersEvery; s.StepPhone(phoneClara, arimock.Step{Transfer: accounting}) != nil { // he has hung up
			pause = transferTries
		}
	}
}

// rest waits for a time; false means that ctx ended first.
func rest(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
