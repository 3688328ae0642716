package stasis

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// idle is how long somebody may wait while an agent is ready, with requests that fail and agents who are not to be rung
// again at once for a caller whom they refused.
const idle = 70 * time.Second

// TestTheChainWithAgentsInTrouble is TestTheChainInTrouble with agents: their phones are busy, refuse, do not answer, and
// hang up as they please.
func TestTheChainWithAgentsInTrouble(t *testing.T) {
	first, last := uint64(1), *seeds
	if *seed > 0 {
		first, last = *seed, *seed
	}
	for n := first; n <= last; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				d := inTrouble(t, n)
				d.hire()
				d.live("TestTheChainWithAgentsInTrouble")
			})
		})
	}
}

// hire gives both queues agents, one of whom is in both.
func (d *trouble) hire() {
	policies := chainPolicies()
	d.asterisk.SetPhone("PJSIP/"+colleague, arimock.Phone{RingFor: 2 * time.Second, TalkFor: 20 * time.Second})
	for i, queues := range [][]string{{"sales"}, {"sales"}, {"sales", "support"}, {"support"}} {
		endpoint := fmt.Sprintf("PJSIP/%d", 101+i)
		d.agents = append(d.agents, endpoint)
		d.asterisk.SetPhone(endpoint, d.phone())
		for _, queue := range queues {
			p := policies.Queues[queue]
			p.Serving.Members = append(p.Serving.Members, queueflow.Member{Endpoint: endpoint, Penalty: d.IntN(2)})
			policies.Queues[queue] = p
		}
	}
	for id, p := range policies.Queues {
		p.Serving.Strategy = queueflow.Strategy(d.seed % 9)
		p.Serving.RingTimeout, p.Serving.Retry = 8*time.Second, time.Duration(d.IntN(3))*time.Second
		p.Serving.WrapUp, p.Serving.WidenOnTimeout = time.Duration(d.IntN(10))*time.Second, d.chance(0.5)
		if d.chance(0.5) {
			p.Serving.Whisper = []string{"sound:queue-thankyou"}
		}
		policies.Queues[id] = p
	}
	d.driver.Reload(policies, d.driver.Caller)
	d.settle()
}

// staff lets the agents do something else with their phones now and then.
func (d *trouble) staff() {
	for _, endpoint := range d.agents {
		if d.chance(0.02) {
			d.asterisk.SetPhone(endpoint, d.phone())
		}
	}
}

// phone is how an agent takes calls for a while.
func (d *trouble) phone() arimock.Phone {
	p := arimock.Phone{
		RingFor: time.Duration(d.IntN(6000)) * time.Millisecond, TalkFor: time.Duration(1+d.IntN(60)) * time.Second, Status: 200,
	}
	switch d.IntN(10) {
	case 0:
		p.Status = []int{404, 480, 486, 503, 603}[d.IntN(5)]
	case 1:
		p.RingFor = 0
	case 2:
		p.TalkFor = 0
	case 3:
		p.Status, p.ForwardTo = 302, colleague
	case 4:
		p.Steps = []arimock.Step{{After: time.Second, Hold: true}, {After: time.Duration(2+d.IntN(20)) * time.Second, Unhold: true}}
	case 5:
		p.Steps = []arimock.Step{{After: time.Duration(1+d.IntN(20)) * time.Second, Transfer: colleague}}
	case 6:
		p.Steps = []arimock.Step{{
			After: time.Duration(1+d.IntN(20)) * time.Second, Transfer: colleague, ConsultFor: time.Duration(1+d.IntN(5)) * time.Second,
		}}
	}
	return p
}

// colleague is somebody who serves no queue, and to whom calls are handed on.
const colleague = "109"

// lookForIdleAgents complains of a queue in which somebody waits although an agent is ready.
func (d *trouble) lookForIdleAgents() {
	if len(d.agents) == 0 {
		return
	}
	queues, err := d.driver.Queues(d.t.Context())
	if err != nil {
		d.complain("queues: %v", err)
		return
	}
	d.journal.mu.Lock()
	calm := !d.journal.slow && !time.Now().Before(d.quiet[len(d.quiet)-1].from)
	d.journal.mu.Unlock()
	idles := false
	for _, q := range queues {
		idles = idles || q.Waiting > 0 && q.Agents.Ready > 0
	}
	switch {
	case !idles || !calm:
		d.idleSince = time.Time{}
	case d.idleSince.IsZero():
		d.idleSince = time.Now()
	case time.Since(d.idleSince) > idle:
		d.complain("somebody waits and an agent is ready for %v: %+v", idle, queues)
		d.idleSince = time.Now()
	}
}

// talks says whether a caller is known to talk with an agent, or with somebody to whom an agent handed him on.
func (j *memoryJournal) talks(channel string) (talks bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.events {
		switch p := e.Payload.(type) {
		case callevent.Answered:
			talks = talks || p.Asterisk.ChannelID == channel
		case callevent.Completed:
			talks = talks && (p.Asterisk.ChannelID != channel || p.EndedBy == callevent.EndedByTransfer)
		}
	}
	return talks
}

// checkTalk holds the end of a talk against how the call really ended.
func (d *trouble) checkTalk(v *visitor, r arimock.Result, c callevent.Completed) {
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() < time.Second }
	switch c.EndedBy {
	case callevent.EndedByCaller:
		if !r.ByCaller || !near(c.EndedAt, r.Ended) {
			d.complain("caller %s ended at %v (himself: %t), told is by himself at %v", v.ID(), r.Ended, r.ByCaller, c.EndedAt)
		}
	case callevent.EndedByLost:
	default:
		if c.EndedAt.After(r.Ended.Add(time.Second)) {
			d.complain("caller %s ended at %v, told is %s at %v", v.ID(), r.Ended, c.EndedBy, c.EndedAt)
		}
	}
	if talked := time.Duration(c.TalkedMS) * time.Millisecond; (talked - c.EndedAt.Sub(c.AnsweredAt)).Abs() > time.Millisecond {
		d.complain("caller %s talked %v from %v to %v", v.ID(), talked, c.AnsweredAt, c.EndedAt)
	}
	answers := 0
	for _, e := range d.journal.events {
		if a, is := e.Payload.(callevent.Answered); is && a.Asterisk.ChannelID == v.ID() {
			answers++
		}
	}
	if answers != 1 {
		d.complain("caller %s was answered %d times", v.ID(), answers)
	}
}
