package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

const (
	// aloneLimit is how long a caller may stay in the application without a call, in one connection: the machine tells him
	// to go after 5, 15, 35, 65 seconds and so on, and bad worlds do half of it.
	aloneLimit, aloneLimitGood = 10 * time.Minute, 45 * time.Second
	// silentLimit is how long a waiting caller may hear nothing, in good worlds.
	silentLimit = time.Minute
	// overstay is how much longer than the limit of his queue a caller may wait.
	overstay = 15 * time.Second
)

// audit looks at every caller who is in the application.
func (c *checks) audit() {
	c.auditLegs()
	c.auditIdle()
	for _, a := range c.w.asterisks {
		if a.link == nil || a.link.dead || !a.link.listed {
			continue
		}
		for _, ch := range a.channels {
			if v := ch.visit; v != nil && v.toldTo == c.w.program && !v.command {
				c.auditCaller(ch, v)
			}
		}
	}
}

func (c *checks) auditCaller(ch *channel, v *visit) {
	call, s := c.callOf(v)
	if s == nil && ch.talks() || s != nil && s.agent != "" {
		ch.alone, ch.silent = time.Time{}, time.Time{}
		return
	}
	if s == nil {
		ch.alone = since(ch.alone, ch.asterisk, c.w.now)
		if alone := c.w.now.Sub(ch.alone); alone > aloneLimit || c.w.good() && alone > aloneLimitGood {
			c.w.complain("channel %s is in the application without a call since %s", ch.id, ch.alone)
		}
		return
	}
	ch.alone = time.Time{}
	q, known := c.policies[s.queue]
	if !known {
		return
	}
	c.auditWait(ch, call, s, q)
	c.auditClosing(ch, call, s, q)
	if !c.w.good() || q.Answer == queueflow.AnswerAgent || ch.hears(call) {
		ch.silent = time.Time{}
		return
	}
	ch.silent = since(ch.silent, ch.asterisk, c.w.now)
	if c.w.now.Sub(ch.silent) > silentLimit {
		c.w.complain("%s hears nothing since %s: up %t, bridge %q, music %q", call, ch.silent, ch.up, ch.bridge, ch.music)
	}
}

// good worlds do nearly everything they are told.
func (w *world) good() bool { return w.faults.refused <= 0.01 }

// since is when something began that is still so, within the present connection.
func since(began time.Time, a *asterisk, now time.Time) time.Time {
	if began.IsZero() || began.Before(a.link.at) {
		return now
	}
	return began
}

// callOf finds the open call of a visit.
func (c *checks) callOf(v *visit) (string, *stay) {
	for call, s := range c.said.open {
		if c.stays[call] == v {
			return call, s
		}
	}
	return "", nil
}

func (ch *channel) hears(call string) bool {
	return ch.up && ch.music != "" && ch.bridge == queueflow.BridgePrefix(application)+call
}

// auditWait says whether a caller waits longer than his queue lets him.
func (c *checks) auditWait(ch *channel, call string, s *stay, q queueflow.Policy) {
	limit := q.MaxWait
	if s.asked.MaxWaitMS != nil && s.queuedAt.Equal(s.enteredAt) {
		limit = time.Duration(*s.asked.MaxWaitMS) * time.Millisecond
	}
	if limit == 0 || q.StayOnMissingExit || c.beingConnected(call) {
		return
	}
	due := s.queuedAt.Add(limit)
	for _, later := range []time.Time{ch.asterisk.since, c.reloadedAt} {
		if later.After(due) {
			due = later
		}
	}
	if c.w.now.Sub(due) > overstay {
		c.w.complain("%s waits in %s since %s, the limit is %s", call, s.queue, s.queuedAt, limit)
	}
}

// beingConnected says whether an agent has answered a call who does not hear the caller yet.
func (c *checks) beingConnected(call string) bool {
	return slices.ContainsFunc(c.offers.of(call), func(one *offer) bool {
		l := c.w.legOf(one.leg)
		return l != nil && !l.answeredAt.IsZero()
	})
}

// atRest checks that everybody has had his one ending and nothing is left.
func (c *checks) atRest() {
	w := c.w
	state := w.program.machine.Snapshot()
	if at, ok := w.program.machine.NextDeadline(); ok || len(state.Calls) > 0 || len(w.program.owed) > 0 {
		w.complain("at rest the machine has %d calls, the next deadline %s, and %d steps are not durable", len(state.Calls), at, len(w.program.owed))
	}
	if len(c.said.open) > 0 || len(c.durable.open) > 0 {
		w.complain("at rest %d calls have no ending, %d no durable one", len(c.said.open), len(c.durable.open))
	}
	for _, one := range c.offers.open {
		w.complain("at rest the attempt to reach %s for %s has no outcome", one.endpoint, one.call)
	}
	for _, a := range w.asterisks {
		for _, ch := range a.channels {
			if ch.leg != nil || ch.guest {
				w.complain("at rest channel %s is there", ch.id)
			}
		}
	}
	for _, v := range w.visits {
		c.visited(v)
	}
}

// visited checks that a visit was one call, or calls that know of each other.
func (c *checks) visited(v *visit) {
	if v.leftAt.IsZero() && !v.command {
		c.w.complain("channel %s is still in the application", v.channels[0])
	}
	if len(v.calls) == 0 && v.toldTo == c.w.program && v.owed() {
		c.w.complain("the caller on channel %s was never a call", v.channels[0])
	}
	for i, call := range v.calls {
		if i > 0 && c.resumed[call] != v.calls[i-1] && v.replaced.IsZero() {
			c.w.complain("the caller on channel %s was %v, and %s does not know of the one before", v.channels[0], v.calls, call)
		}
	}
}

// endings counts the durable endings by reason.
func (w *world) endings() map[callevent.Reason]int {
	n := make(map[callevent.Reason]int)
	for _, e := range w.journal.events {
		switch p := e.Payload.(type) {
		case callevent.Missed:
			n[p.Reason]++
		case callevent.Completed:
			n[callevent.Reason(p.EndedBy)]++
		}
	}
	return n
}
