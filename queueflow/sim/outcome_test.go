package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// legOf is the truth about a channel that was made to an agent, nil when it never was.
func (w *world) legOf(id string) *leg { return w.legs[id] }

// legAt is the leg that has a channel on the Asterisk of a visit, or had it.
func (w *world) legAt(v *visit, channel string) *leg {
	if v == nil {
		return nil
	}
	if l := w.pickedUp[queueflow.Channel{Node: v.at.url, ID: channel}]; l != nil {
		return l
	}
	return w.legs[channel]
}

// outcome compares what is said to have come of an attempt with what the phone did.
func (c *checks) outcome(one *offer, said callevent.Attempt) {
	w := c.w
	l := w.legOf(one.leg)
	o := queueflow.Outcome(said.Outcome)
	late := !w.punctual && said.SIP == 0 && said.Cause == 0 && (o == queueflow.OutcomeNoAnswer || o == queueflow.OutcomeUnavailable)
	if c.disturbed(one, l) || late { // the cause may have come too late
		return
	}
	if l == nil {
		if o != queueflow.OutcomeUnavailable && o != queueflow.OutcomeCancelled {
			w.complain("%s: no channel was made to %s, but the outcome is %s", one.call, one.endpoint, said.Outcome)
		}
		return
	}
	if !c.truthful(one, l, o) {
		w.complain("%s: %s %s (answered %s, ended by %s at %s, SIP %d, cause %d), but the outcome is %s of SIP %d, cause %d", one.call, one.endpoint,
			l.reply, l.answeredAt.Format(clock), l.by, l.leftAt.Format(clock), l.sip, l.cause, said.Outcome, said.SIP, said.Cause)
	}
}

const clock = "15:04:05.000"

// disturbed says whether a fault concerned an attempt, so that its outcome may be told otherwise.
func (c *checks) disturbed(one *offer, l *leg) bool {
	w := c.w
	a := w.asteriskAt(one.node)
	disturbed := w.disturbed[queueflow.Channel{Node: one.node, ID: one.leg}] || a.since.IsZero() || a.since.After(one.at) || a.cutAt.After(one.at) || a.link.dead
	if l != nil {
		disturbed = disturbed || w.disturbed[l.key()] || l.by == endByCrash
	}
	if v := c.stays[one.call]; v != nil {
		for _, id := range v.channels {
			disturbed = disturbed || w.disturbed[queueflow.Channel{Node: one.node, ID: id}]
		}
	}
	return disturbed
}

// truthful says whether an outcome is what a phone did.
func (c *checks) truthful(one *offer, l *leg, o queueflow.Outcome) bool {
	up, byPhone := !l.answeredAt.IsZero(), l.by == endByPhone
	switch o {
	case queueflow.OutcomeAnswered:
		return up && c.met(one, l)
	case queueflow.OutcomeNoAnswer:
		// The program counts from its command, which an undisturbed request carries out a moment later.
		return !l.dialledAt.IsZero() && (l.by == endByTimeout || c.w.now.Sub(l.dialledAt) >= l.timeout-promptRequest)
	case queueflow.OutcomeBusy:
		return byPhone && !up && (l.sip == 486 || l.sip == 600)
	case queueflow.OutcomeRejected:
		return byPhone && !up && l.sip == 603
	case queueflow.OutcomeUnavailable:
		return byPhone && !up && slices.Contains([]int{404, 480, 488, 503}, l.sip)
	case queueflow.OutcomeForwarded:
		return l.reply == replyForward
	case queueflow.OutcomeDropped:
		return up && (byPhone || !l.doneAt.IsZero())
	case queueflow.OutcomeNotConfirmed:
		return up && c.mayConfirm(one)
	case queueflow.OutcomeLostRace:
		return up && (c.over(one) || c.rivalled(one))
	case queueflow.OutcomeCancelled:
		return c.over(one) || l.by == endByUs
	}
	return false
}

// met says whether the caller and the agent were in one bridge.
func (c *checks) met(one *offer, l *leg) bool {
	v := c.stays[one.call]
	if v == nil {
		return false
	}
	for _, m := range c.w.metBy[queueflow.Channel{Node: one.node, ID: l.channel.id}] {
		if slices.Contains(v.channels, m.other) {
			return true
		}
	}
	return false
}

// mayConfirm says whether an agent may have been asked to press 1.
func (c *checks) mayConfirm(one *offer) bool {
	m, _, sure := c.roster.member(place{one.queue, one.endpoint})
	return m.Confirm || !sure || !c.reloadedBefore(time.Minute)
}

// over says whether somebody else has the caller of an attempt, or he is gone, or about to go.
func (c *checks) over(one *offer) bool {
	s, v := c.said.open[one.call], c.stays[one.call]
	return s == nil || s.agent != "" && s.agent != one.endpoint || v == nil || v.ending || !v.leftAt.IsZero() ||
		s.queue != one.queue || !c.exits[one.call].IsZero() || !v.replaced.IsZero()
}

// rivalled says whether another agent has answered the same caller.
func (c *checks) rivalled(one *offer) bool {
	return slices.ContainsFunc(c.offers.open, func(other *offer) bool {
		l := c.w.legOf(other.leg)
		return other.call == one.call && l != nil && !l.answeredAt.IsZero()
	})
}

// reloadedBefore says whether the policies have been as they are for a time.
func (c *checks) reloadedBefore(d time.Duration) bool { return c.w.now.Sub(c.reloadedAt) >= d }
