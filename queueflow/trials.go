package queueflow

import (
	"time"

	"missedcalls/queueflow/callevent"
	"missedcalls/queueflow/strategy"
)

// trials are what a call remembers of the agents that were rung for it in its present queue. A round is over when every
// agent who is free and whom the caller may have was rung in it.
type trials struct {
	of map[*agent]*trial
	// round counts the rounds that are over. pausedUntil is when the next begins, zero for at once. last is true once the last round was
	// over, and the caller stays because his way out does not exist.
	round       int
	pausedUntil time.Time
	last        bool
	// nextAt is when RingProgressively rings one more.
	nextAt time.Time
	// cursor is the place of the list at which the next choice begins, for strategies whose callers each begin anew.
	cursor int
}

// trial is one agent.
type trial struct {
	// silent counts how often he did not answer, refusals how often he refused otherwise. After a refusal he is not rung for
	// the same caller until barredUntil.
	silent, refusals int
	barredUntil      time.Time
	// round is the latest in which he was rung.
	round int
}

// ring notes that an agent is rung.
func (t *trials) ring(a *agent) {
	if t.of == nil {
		t.of = make(map[*agent]*trial)
	}
	if t.of[a] == nil {
		t.of[a] = &trial{}
	}
	t.of[a].round = t.round
}

// rung draws from the ringing of an agent what it means for the choices that follow.
func (m *Machine) rung(c *call, mb *member) {
	r := mb.roster
	if c.queue != r.queue {
		return
	}
	c.trials.ring(mb.agent)
	c.trials.nextAt = m.now.Add(r.serving.ringTimeout())
	switch kind := strategy.Kind(r.serving.Strategy); {
	case kind.Remembers():
		r.cursor = r.order.After(&mb.seat)
	case kind == strategy.Linear:
		c.trials.cursor = r.order.After(&mb.seat)
	}
}

// ringFor is how long the phone of a member may ring who is being rung. With RingProgressively it goes on while those ring
// who are free now.
func (m *Machine) ringFor(mb *member) time.Duration {
	p, _ := m.policy(mb.queue)
	timeout := p.Serving.ringTimeout()
	if r := mb.roster; r != nil && p.Serving.Strategy == RingProgressively {
		timeout *= time.Duration(1 + r.counts[stateReady])
	}
	return timeout
}

const defaultRingTimeout = 15 * time.Second

func (s *Serving) ringTimeout() time.Duration {
	if s.RingTimeout > 0 {
		return s.RingTimeout
	}
	return defaultRingTimeout
}

// tried notes what came of an attempt for the choices that follow. A caller who has moved on since begins anew.
func (m *Machine) tried(at *attempt) {
	c := at.call
	if t := c.trials.of[at.member.agent]; t != nil && c.queue == at.member.queue {
		t.note(at.outcome, m.now)
		c.trials.nextAt = m.now
	}
	m.doubt(c)
	m.rouse(c)
}

func (t *trial) note(o Outcome, when time.Time) {
	switch o {
	case OutcomeNoAnswer:
		t.silent++
	case OutcomeBusy, OutcomeRejected, OutcomeUnavailable, OutcomeForwarded, OutcomeDropped, OutcomeNotConfirmed:
		t.barredUntil = when.Add(backOff(refusalRest, t.refusals))
		t.refusals++
	}
}

// may says whether a call may have a free member now, and how often he has stayed silent for it. tried is true when he was
// rung in this round, and has settled.
func (m *Machine) may(c *call, mb *member) (answer strategy.Answer, silent int, tried bool) {
	if !mb.agent.reaches(c.node.id) || !c.demand.able(mb) {
		return strategy.No, 0, false
	}
	t := c.trials.of[mb.agent]
	barred := t != nil && m.now.Before(t.barredUntil)
	switch {
	case barred:
		return strategy.No, 0, !mb.settling && t.round == c.trials.round
	case mb.settling:
		return strategy.Later, 0, false
	case t == nil:
		return strategy.Yes, 0, false
	case t.round == c.trials.round:
		return strategy.Later, t.silent, true
	}
	return strategy.Yes, t.silent, false
}

// pick gives the member that a call which wants one gets, nil for none. over is true when there is none because all were
// rung in this round. A call that gets none while somebody settles whom it may have then is looked at again at that time.
func (m *Machine) pick(c *call) (mb *member, over bool) {
	mb, over, settles := m.choose(c, strategy.Later)
	if mb == nil && settles {
		m.roster(c.queue).held[c] = struct{}{}
	}
	return mb, over
}

// choose is pick without its consequence: settles says that it came upon somebody who settles. The answer for such a one is
// given: with No he holds nobody back.
func (m *Machine) choose(c *call, settling strategy.Answer) (mb *member, over, settles bool) {
	r, d := m.roster(c.queue), c.demand
	if !r.order.AnyFree() {
		return nil, false, false
	}
	live, _ := c.rung()
	highest, limited := c.highestRung(r)
	tried := false
	seat := r.order.Choose(strategy.Wish[*member]{
		Kind: strategy.Kind(r.serving.Strategy), Window: r.windowOf(d), Cursor: r.cursorOf(c), Source: &m.chance,
		Widen: r.serving.WidenOnTimeout || r.serving.Strategy == RingProgressively,
		May: func(mb *member) (strategy.Answer, int) {
			if p, _ := d.penalty(r, mb); limited && p > highest {
				return strategy.No, 0
			}
			answer, silent, inRound := m.may(c, mb)
			tried = tried || inRound
			if mb.settling && answer == strategy.Later {
				answer, settles = settling, true
			}
			return answer, silent
		},
	})
	if seat == nil {
		return nil, tried && live == 0 && c.trials.pausedUntil.IsZero(), settles
	}
	return seat.Of, false, settles
}

// highestRung is the penalty above which nobody joins those who ring already; limited is false when there is no such limit.
func (c *call) highestRung(r *roster) (highest int, limited bool) {
	if r.serving.Strategy != RingAll {
		return 0, false
	}
	for _, at := range c.attempts {
		if at.over || at.outcome != "" || at.state > ringing || at.member.roster != r {
			continue
		}
		p, _ := c.demand.penalty(r, at.member)
		highest, limited = max(highest, p), true
	}
	return highest, limited
}

func (r *roster) windowOf(d *demand) strategy.Window {
	if !r.plain {
		return strategy.Window{}
	}
	return d.window
}

func (r *roster) cursorOf(c *call) int {
	if r.serving.Strategy == Linear {
		return c.trials.cursor
	}
	return r.cursor
}

// roundOver ends a round. The caller leaves when it was his last; otherwise the next one begins, at once or after a pause.
func (m *Machine) roundOver(c *call) {
	s := &m.roster(c.queue).serving
	switch {
	case s.Rounds > 0 && c.trials.round+1 >= s.Rounds && !c.trials.last: // more, when a reload allows fewer than there were
		c.trials.round++
		c.trials.last = true
		p, _ := m.policy(c.queue)
		m.leaveBy(c, callevent.ReasonMaxWait, p.OnTimeout)
	case s.Retry > 0:
		c.trials.pausedUntil = m.now.Add(s.Retry)
		m.armRetry(c)
	default:
		c.trials.round++
	}
}

// retry fires when an agent may be rung for a call again, or one more.
func (m *Machine) retry(c *call) {
	if t := &c.trials; !t.pausedUntil.IsZero() && !m.now.Before(t.pausedUntil) {
		t.round++
		t.pausedUntil = time.Time{}
	}
	m.reconsider(c)
	m.rouse(c)
}

// armRetry sets the next moment at which more agents may be rung for a waiting call. One that has come and is still to
// fire stays.
func (m *Machine) armRetry(c *call) {
	if due := c.due[dueRetry]; !due.IsZero() && !due.After(m.now) && !c.node.away {
		return
	}
	var next time.Time
	sooner := func(at time.Time) {
		if at.After(m.now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	if c.place != nil {
		sooner(c.trials.pausedUntil)
		if live, _ := c.rung(); live > 0 && m.roster(c.queue).serving.Strategy == RingProgressively {
			sooner(c.trials.nextAt)
		}
		for _, t := range c.trials.of {
			sooner(t.barredUntil)
		}
		if until, going := m.hangingUp(c); going {
			sooner(until)
		}
	}
	if !c.due[dueRetry].Equal(next) {
		m.arm(c, dueRetry, next)
	}
}
