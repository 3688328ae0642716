package sim

import (
	"cmp"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// candidate is a caller who surely wants an agent.
type candidate struct {
	call string
	s    *stay
	v    *visit
	// ringing are the attempts to reach agents for him that are under way already.
	ringing []*offer
}

// fair says after a step whether agents idle while callers wait whom they could serve, and whether those who were rung in
// it were rung for the right ones.
func (c *checks) fair(commands []queueflow.Command) {
	if !c.mayJudge() {
		return
	}
	wanting := c.wanting(false)
	if len(wanting) == 0 {
		return
	}
	for _, p := range c.w.phones {
		if !c.idle(p) {
			continue
		}
		for _, w := range wanting {
			if c.couldServe(p, w, c.saidFree) {
				c.w.complain("%s is idle, and %s waits in %s", p.endpoint, w.call, w.s.queue)
				return
			}
		}
	}
	for _, command := range commands {
		if made, ok := command.(queueflow.CreateLeg); ok && !c.offers.cut[made.Channel] {
			c.inOrder(made, wanting)
		}
	}
}

// mayJudge says whether the program knows all that is to be known.
func (c *checks) mayJudge() bool {
	return !slices.ContainsFunc(c.w.asterisks, func(a *asterisk) bool { return a.since.IsZero() })
}

// wanting are the callers who surely want an agent: they wait, nobody is rung for them, or everybody is to be, and they
// are not about to leave. Those whom a pause may hold back are with them if they are wanted, too.
func (c *checks) wanting(paused bool) (found []candidate) {
	for call, s := range c.said.open {
		v, ringing := c.stays[call], c.offers.of(call)
		serving := c.w.policies.Queues[s.queue].Serving
		tried := len(c.offers.tried[call]) > 0
		old := tried && !paused && !c.reloadedBefore(30*time.Second) // a pause that the policies before had begun
		switch {
		case s.agent != "", v == nil, old, v.toldTo != c.w.program, tried && serving.Rounds > 0, tried && serving.Retry > 0 && !paused:
		case len(ringing) > 0 && (!simpleRingAll(serving) || c.beingConnected(call)):
		case c.w.now.Before(c.exits[call].Add(30 * time.Second)), c.w.now.Before(v.goesAt.Add(10 * time.Second)):
		default:
			found = append(found, candidate{call, s, v, ringing})
		}
	}
	return found
}

// simpleRingAll says whether a queue rings all of the lowest penalty at once, and this penalty is easy to know.
func simpleRingAll(s queueflow.Serving) bool {
	return s.Strategy == queueflow.RingAll && s.Penalties == queueflow.Penalties{} && len(s.Escalation) == 0 && s.PenaltyMembersLimit == 0
}

// idle says whether an agent surely has nothing to do.
func (c *checks) idle(p *phone) bool {
	o := c.offers
	return o.to(p.endpoint) == nil && c.said.talkOf(p.endpoint) == "" && !c.w.now.Before(later(o.restUntil[p.endpoint], o.restMaybe[p.endpoint])) &&
		o.refused[p.endpoint].over(c.w.now) && !o.orphaned(p)
}

// couldServe says whether an agent surely may be rung for a caller, whose phone is free as somebody sees it.
func (c *checks) couldServe(p *phone, w candidate, free func(a *asterisk, p *phone, here bool) bool) bool {
	m, is, sure := c.roster.member(place{w.s.queue, p.endpoint})
	q := c.w.policies.Queues[w.s.queue].Serving
	if !is || !sure || m.Paused || !c.roster.shows(p) || !skilled(m, q.Skills, w.s.asked) || !c.within(w.s.queue, m.Penalty, w.s, everyWait) {
		return false
	}
	if !c.offers.refusedCall[place{w.call, p.endpoint}].over(c.w.now) || !c.joins(m, w) || c.heldBack(m, w.s.queue) {
		return false
	}
	return !slices.ContainsFunc(c.w.asterisks, func(a *asterisk) bool { return !free(a, p, a == w.v.at) })
}

// settleLimit is how long a phone may go on being said to be in use after its attempt, or its talk, is over.
const settleLimit = 500 * time.Millisecond

// heldBack says whether an agent may have to wait for a colleague of a lower penalty whose phone is not said to be free yet.
func (c *checks) heldBack(m queueflow.Member, queue string) bool {
	return slices.ContainsFunc(c.w.phones, func(p *phone) bool {
		other, is, sure := c.roster.member(place{queue, p.endpoint})
		lower := !sure || is && other.Penalty < m.Penalty
		return lower && !c.w.now.After(c.offers.freedAt[p.endpoint].Add(settleLimit)) && (!sure || c.wasInUse(p, other, queue))
	})
}

// joins says whether an agent surely is to ring beside those who ring already: all have one penalty, and he was not tried
// before.
func (c *checks) joins(m queueflow.Member, w candidate) bool {
	if len(w.ringing) == 0 {
		return true
	}
	tried := slices.ContainsFunc(c.offers.tried[w.call], func(a callevent.Attempt) bool { return a.Endpoint == m.Endpoint })
	equal := !slices.ContainsFunc(c.w.phones, func(p *phone) bool {
		other, is, sure := c.roster.member(place{w.s.queue, p.endpoint})
		return !sure || is && other.Penalty != m.Penalty
	})
	return !tried && equal && w.ringing[0].queue == w.s.queue
}

// saidFree says whether a phone is free on an Asterisk as the program was told; here is true for that of the caller.
func (c *checks) saidFree(a *asterisk, p *phone, here bool) bool {
	state, told := c.toldOf(a, p.device)
	return told && free(state, here)
}

// trulyFree says whether it is so.
func (c *checks) trulyFree(a *asterisk, p *phone, here bool) bool { return free(p.state(a), here) }

func free(s queueflow.DeviceState, here bool) bool {
	return s == queueflow.DeviceNotInUse || s == queueflow.DeviceUnknown || s == queueflow.DeviceUnavailable && !here
}

// idleLimit is how long an agent may be idle beside a caller, beyond his queue's pause between two rounds, whatever the
// program was told: it asks again how a phone stands, and lets those alone who refused for half a minute at most.
const idleLimit = 2 * time.Minute

// auditIdle says whether agents idle beside callers for longer than any pause, in good worlds.
func (c *checks) auditIdle() {
	beside := make(map[place]time.Time)
	if c.mayJudge() && c.w.good() {
		for _, w := range c.wanting(true) {
			for _, p := range c.w.phones {
				at := place{w.call, p.endpoint}
				if !c.idle(p) || !c.couldServe(p, w, c.trulyFree) {
					continue
				}
				if beside[at] = c.beside[at]; beside[at].IsZero() {
					beside[at] = c.w.now
				}
				if idle := c.w.now.Sub(beside[at]); idle > idleLimit+c.w.policies.Queues[w.s.queue].Serving.Retry {
					c.w.complain("%s is idle since %s, and %s waits in %s", p.endpoint, beside[at], w.call, w.s.queue)
				}
			}
		}
	}
	c.beside = beside
}

// inOrder says whether somebody who stands before the caller for whom an agent is rung wanted him too.
func (c *checks) inOrder(made queueflow.CreateLeg, wanting []candidate) {
	call, p := callOfLeg(made.Channel.ID), c.w.phoneOf(made.Endpoint)
	served := c.said.open[call]
	if served == nil || p == nil {
		return
	}
	for _, w := range wanting {
		if w.call != call && len(w.ringing) == 0 && c.before(w.s, served) && c.couldServe(p, w, c.saidFree) {
			c.w.complain("%s is rung for %s, but %s in %s stands before", p.endpoint, call, w.call, w.s.queue)
		}
	}
}

// before says whether a caller is served before another: by the weight of the queue, by priority, by first entry.
func (c *checks) before(a, b *stay) bool {
	if !c.roster.known(a.queue) || !c.roster.known(b.queue) {
		return false // a queue that was taken away is served as before
	}
	weight := func(s *stay) int { return c.w.policies.Queues[s.queue].Serving.Weight }
	return cmp.Or(cmp.Compare(weight(b), weight(a)), cmp.Compare(b.priority, a.priority), a.enteredAt.Compare(b.enteredAt)) < 0
}

// device is one on one Asterisk, news how it was said to stand.
type device struct{ node, name string }

type news struct {
	state queueflow.DeviceState
	at    time.Time
}

// toldOf is how a device stands on an Asterisk that is connected, as it said in this connection.
func (c *checks) toldOf(a *asterisk, name string) (s queueflow.DeviceState, told bool) {
	n, told := c.devices[device{a.url, name}]
	return n.state, told && !a.since.IsZero() && !n.at.Before(a.since)
}

// inUse says whether a member may not be rung because his phone is in use, as the program was told in this connection. What it is told now
// does not count: a deadline that passed a moment before is acted upon first.
func (c *checks) inUse(m queueflow.Member, queue string) bool {
	return c.occupied(m, queue, func(a *asterisk, name string) (s queueflow.DeviceState, told bool) {
		s, told = c.toldOf(a, name)
		return s, told && c.devices[device{a.url, name}].at.Before(c.w.now)
	})
}

// wasInUse is inUse by the newest that the program was told, be it in an earlier connection: a phone whose attempt or talk ended unheard
// is said to be in use until it is asked. Its device may be known from another queue only.
func (c *checks) wasInUse(p *phone, m queueflow.Member, queue string) bool {
	m.StateInterface = cmp.Or(m.StateInterface, p.device)
	return c.occupied(m, queue, func(a *asterisk, name string) (queueflow.DeviceState, bool) {
		n, told := c.devices[device{a.url, name}]
		return n.state, told
	})
}

func (c *checks) occupied(m queueflow.Member, queue string, state func(a *asterisk, name string) (s queueflow.DeviceState, told bool)) bool {
	rings := c.policies[queue].Serving.RingInUse
	if m.RingInUse != nil {
		rings = *m.RingInUse
	}
	if rings {
		return false
	}
	occupied := []queueflow.DeviceState{
		queueflow.DeviceInUse, queueflow.DeviceBusy, queueflow.DeviceRinging, queueflow.DeviceRingInUse, queueflow.DeviceOnHold,
	}
	return slices.ContainsFunc(c.w.asterisks, func(a *asterisk) bool {
		s, told := state(a, cmp.Or(m.StateInterface, m.Endpoint))
		return told && slices.Contains(occupied, s)
	})
}

// skilled says whether a member has what a queue and a caller want.
func skilled(m queueflow.Member, queue queueflow.Skills, asked callevent.Asked) bool {
	has := func(skill string) bool { return slices.Contains(m.Skills, skill) }
	one := func(of []string) bool { return len(of) == 0 || slices.ContainsFunc(of, has) }
	for _, skill := range slices.Concat(queue.Required, asked.Skills) {
		if !has(skill) {
			return false
		}
	}
	return one(queue.Any) && one(asked.AnySkills)
}

// quantity says whether something must hold for each way to count how long a caller has waited, or for one.
type quantity bool

const (
	anyWait   quantity = false
	everyWait quantity = true
)

// within says whether an agent of a penalty is one whom a caller may reach who waits in a queue. He has waited since he
// came into it, or since his first entry, and a step of the escalation may be told a moment late.
func (c *checks) within(queue string, own int, s *stay, q quantity) bool {
	serving := c.w.policies.Queues[queue].Serving
	size, sure := c.roster.size(queue)
	switch {
	case serving.PenaltyMembersLimit > 0 && !sure:
		return q == anyWait
	case size <= serving.PenaltyMembersLimit:
		return true
	}
	now := c.w.now
	for _, waited := range []time.Duration{now.Sub(s.queuedAt), now.Sub(s.enteredAt), now.Sub(s.queuedAt) - 20*time.Millisecond} {
		_, within := penalty(reach(serving, waited), own)
		if within != bool(q) {
			return within
		}
	}
	return bool(q)
}
