package queueflow

import (
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow/strategy"
)

// demand is the callers of one queue who want an agent and may have the same ones, in the order of the line. So a freed
// agent finds whom he can serve without a look at all who wait.
type demand struct {
	sequence
	key    demandKey
	window strategy.Window
	// skills are those of the queue, asked those of the dialplan.
	skills, asked Skills
	// stayable counts the members in none of the states of LeaveWhenAll, where the penalty is one of these.
	stayable int
}

// demandKey tells demands of a queue apart: by the step of the escalation and by the skills that the dialplan asked for.
type demandKey struct {
	step   int
	skills string
}

// demand of a call, made when it is the first of its kind.
func (m *Machine) demand(r *roster, c *call) *demand {
	key := demandKey{step: c.step}
	if len(c.asked.Skills)+len(c.asked.AnySkills) > 0 {
		key.skills = strings.Join(c.asked.Skills, "+") + "|" + strings.Join(c.asked.AnySkills, "|")
	}
	d, ok := r.demands[key]
	if !ok {
		d = &demand{
			key: key, window: r.windows[c.step], skills: r.serving.Skills,
			asked: Skills{Required: c.asked.Skills, Any: c.asked.AnySkills},
		}
		m.countStayable(r, d)
		r.demands[key] = d
	}
	return d
}

// penalty is what a member's penalty counts as for a demand; ok is false when he is out of its reach.
func (d *demand) penalty(r *roster, mb *member) (p int, ok bool) {
	if !r.plain {
		return 0, true
	}
	return d.window.Penalty(mb.Penalty)
}

// able says whether a member has the skills.
func (d *demand) able(mb *member) bool { return d.skills.had(mb.Skills) && d.asked.had(mb.Skills) }

// had says whether somebody with some skills has those that are needed.
func (s Skills) had(skills []string) bool {
	for _, needed := range s.Required {
		if !slices.Contains(skills, needed) {
			return false
		}
	}
	return len(s.Any) == 0 || slices.ContainsFunc(s.Any, func(one string) bool { return slices.Contains(skills, one) })
}

// keeps says whether the callers of a demand need not leave because of a member, whose counts are up to date.
func (d *demand) keeps(r *roster, mb *member) bool {
	_, in := d.penalty(r, mb)
	return in && mb.factors&r.serving.LeaveWhenAll&^FactorPenalty == 0
}

// countStayable counts all members for a demand.
func (m *Machine) countStayable(r *roster, d *demand) {
	d.stayable = 0
	if r.serving.LeaveWhenAll&FactorPenalty == 0 {
		return
	}
	for _, mb := range r.members {
		if mb.state < agentStates && d.keeps(r, mb) {
			d.stayable++
		}
	}
}

// reconsider says anew whether a call wants agents rung, after anything that may change it.
func (m *Machine) reconsider(c *call) {
	m.talkBegun(c)
	m.escalate(c)
	switch wants := m.wants(c); {
	case wants && c.wanting == nil:
		r := m.roster(c.queue)
		c.demand = m.demand(r, c)
		c.wanting = c.demand.add(c)
		r.wanting++
		m.rouse(c)
	case !wants && c.wanting != nil:
		m.unwant(c)
	}
	m.armRetry(c)
	m.holdUp(c)
}

// holdUp notes whether a call that wants an agent may have to wait for one it may not have now. One that was found to wait
// for somebody who settles stays held while anybody does.
func (m *Machine) holdUp(c *call) {
	if c.wanting == nil {
		return
	}
	r := m.roster(c.queue)
	switch live, _ := c.rung(); {
	case live > 0, !c.trials.pausedUntil.IsZero():
		r.held[c] = struct{}{}
	case r.settling == 0:
		delete(r.held, c)
	}
}

// rouseHeld lets match look again at those who had to wait for somebody, after he may be free no longer, or
// has settled.
func (m *Machine) rouseHeld(r *roster) {
	for c := range r.held {
		m.rouse(c)
	}
}

// unwant takes a call out of those who want an agent.
func (m *Machine) unwant(c *call) {
	if c.wanting == nil {
		return
	}
	r, d := m.roster(c.queue), c.demand
	d.drop(c.wanting)
	r.wanting--
	delete(r.held, c)
	if d.len() == 0 {
		delete(r.demands, d.key)
	}
	c.wanting, c.demand = nil, nil
}

// wants says whether a call wants an agent rung, or one more.
func (m *Machine) wants(c *call) bool {
	if c.state != waiting || c.place == nil || c.node.away {
		return false
	}
	if _, going := m.hangingUp(c); going {
		return false
	}
	if !m.knows(c.queue) {
		return false
	}
	live, unanswered := c.rung()
	switch m.roster(c.queue).serving.Strategy {
	case RingAll:
		return live == unanswered
	case RingProgressively:
		return live == unanswered && (live == 0 || !m.now.Before(c.trials.nextAt))
	}
	return live == 0
}

// rung counts the attempts of a call that have no outcome, and those of them that nobody has answered.
func (c *call) rung() (live, unanswered int) {
	for _, at := range c.attempts {
		if at.over || at.outcome != "" || at.state == hangingUp {
			continue
		}
		live++
		if at.state <= ringing {
			unanswered++
		}
	}
	return live, unanswered
}

// escalate takes the steps of the escalation that are due for a waiting call, and sets the moment of the next.
func (m *Machine) escalate(c *call) {
	if c.place == nil {
		return
	}
	s := m.roster(c.queue).serving.Escalation
	step := 0
	for step < len(s) && !m.now.Before(c.queuedAt.Add(s[step].After)) {
		step++
	}
	var next time.Time
	if step < len(s) {
		next = c.queuedAt.Add(s[step].After)
	}
	if !c.due[dueEscalation].Equal(next) {
		m.arm(c, dueEscalation, next)
	}
	c.step = step
	if c.demand != nil && c.demand.key.step != step {
		m.unwant(c)
	}
}
