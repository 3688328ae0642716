package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// answered says whether a caller and an agent who are said to hear each other do.
func (c *checks) answered(p callevent.Answered) {
	w := c.w
	v := c.stays[p.CallID]
	if v == nil || !slices.Contains(v.channels, p.Asterisk.ChannelID) {
		w.complain("%s was answered on channel %s, which is not his", p.CallID, p.Asterisk.ChannelID)
		return
	}
	together := slices.ContainsFunc(w.metBy[queueflow.Channel{Node: p.Asterisk.URL, ID: p.AgentChannel}], func(m meeting) bool {
		return m.bridge == p.Bridge && slices.Contains(v.channels, m.other)
	})
	if !together {
		w.complain("%s is said to talk with %s, but %s and %s were never together in %s", p.CallID, p.Agent.Endpoint, p.Asterisk.ChannelID, p.AgentChannel, p.Bridge)
	}
	if talk := c.otherTalk(p); talk != "" {
		w.complain("%s was answered by %s, who talks with %s", p.CallID, p.Agent.Endpoint, talk)
	}
	c.offers.won(p)
}

// otherTalk is another call that the agent talks with who has answered one, empty for none.
func (c *checks) otherTalk(p callevent.Answered) string {
	for call, s := range c.said.open {
		if s.agent == p.Agent.Endpoint && call != p.CallID && !s.parted {
			return call
		}
	}
	return ""
}

// longestRest is the longest that any agent rests after a talk.
const longestRest = 15 * time.Second

// parts notes that an agent is not in his talk any more: from now on he rests, unless it is a listing that tells, for then
// he has rested since an earlier moment.
func (c *checks) parts(ch queueflow.Channel, listed bool) {
	for call, s := range c.said.open {
		v := c.stays[call]
		if s.agentChannel != ch.ID || s.agent == "" || s.parted || v == nil || v.at.url != ch.Node {
			continue
		}
		s.parted = true
		c.offers.restMaybe[s.agent] = later(c.offers.restMaybe[s.agent], c.w.now.Add(longestRest))
		if due, sure := c.restOf(*s); sure && !listed {
			c.offers.restUntil[s.agent] = later(c.offers.restUntil[s.agent], c.w.now.Add(due))
		}
	}
}

// restOf is how long an agent rests after a talk; sure is false when his queue may have said otherwise at its beginning.
func (c *checks) restOf(s stay) (due time.Duration, sure bool) {
	m, is, sure := c.roster.member(place{s.queue, s.agent})
	q, known := c.w.policies.Queues[s.queue]
	sure = sure && known && is && s.answeredAt.After(c.reloadedAt) && c.roster.settled(place{s.queue, s.agent})
	if m.WrapUp != nil {
		return *m.WrapUp, sure
	}
	return q.Serving.WrapUp, sure
}

// completed says whether a talk ended as it is said to have.
func (c *checks) completed(p callevent.Completed, s stay) {
	w := c.w
	v := c.stays[p.CallID]
	l := w.legAt(v, s.agentChannel)
	if v == nil || l == nil {
		w.complain("%s is completed, but nobody knows the agent's channel %q", p.CallID, s.agentChannel)
		return
	}
	by := false
	switch p.EndedBy {
	case callevent.EndedByCaller:
		by = v.ending || !v.leftAt.IsZero() && (v.how == hungUp || v.how == operator)
	case callevent.EndedByAgent:
		by = l.over() && l.by == endByPhone || !l.doneAt.IsZero() || !l.over() && l.bridge == ""
	case callevent.EndedByTransfer:
		by = c.handedOn(p, l)
	case callevent.EndedByTaken:
		by = v.how == takenOff || !v.replaced.IsZero() || v.ending
	case callevent.EndedByLost:
		by = !v.leftAt.IsZero() || l.over() || v.at.link == nil || v.at.link.dead || !v.at.link.listed || !v.replaced.IsZero()
	case callevent.EndedByApplication:
		by = !w.good() || w.disturbed[l.key()]
	}
	if !by {
		w.complain("%s is said to have been ended by %s; the caller was %q at %s, the agent's leg ended by %q at %s", p.CallID, p.EndedBy, v.how,
			v.leftAt.Format(clock), l.by, l.leftAt.Format(clock))
	}
	c.offers.allTold(p.CallID)
	c.wrapUp(p, s)
	c.held(p, l)
	c.recording(p, l, s)
}

// held says whether a caller was on hold as long as he is said to have been. News of it may be late, or lost in a cut.
func (c *checks) held(p callevent.Completed, l *leg) {
	truth := l.heldFor
	if l.held {
		truth += c.w.now.Sub(l.heldAt)
	}
	said := time.Duration(p.HeldMS) * time.Millisecond
	seen := p.EndedBy != callevent.EndedByLost && !l.asterisk.since.After(p.AnsweredAt)
	if c.w.punctual && seen && (said-truth).Abs() > time.Second {
		c.w.complain("%s was on hold for %s, but is said to have been for %s", p.CallID, truth, said)
	}
}

// recording says whether a talk was recorded as its queue has it.
func (c *checks) recording(p callevent.Completed, l *leg, s stay) {
	q := c.w.policies.Queues[s.queue].Serving.Recording
	known := c.w.punctual && c.roster.known(s.queue) && s.answeredAt.After(c.reloadedAt) && !l.asterisk.since.After(s.answeredAt) && c.w.now.Sub(s.answeredAt) > 5*time.Second
	made := l.asterisk.files[p.Recording]
	switch {
	case p.Recording != "" && !made && known, known && made != (q.Mode == queueflow.RecordAlways) && q.Mode != queueflow.RecordByKey:
		c.w.complain("%s was recorded in %q, a file: %t, the queue has %+v", p.CallID, p.Recording, made, q)
	}
}

// handedOn says whether the agent transferred as he is said to have.
func (c *checks) handedOn(p callevent.Completed, l *leg) bool {
	if l.transferredAt.IsZero() || len(p.Transfers) != 1 {
		return false
	}
	t := p.Transfers[0]
	told := c.w.punctual && !l.asterisk.since.After(p.AnsweredAt) && c.stays[p.CallID].leftAt.IsZero()
	return t.Target != "" && (t.Kind == l.transferKind || !told)
}

// wrapUp keeps in mind until when an agent rests, and says whether that is as his queue has it.
func (c *checks) wrapUp(p callevent.Completed, s stay) {
	rest(c.offers.restUntil, p)
	c.offers.freedAt[p.Agent.Endpoint] = c.w.now
	c.offers.restMaybe[s.agent] = later(c.offers.restMaybe[s.agent], c.w.now.Add(longestRest))
	if due, sure := c.restOf(s); sure && p.WrapUpMS != due.Milliseconds() {
		c.w.complain("%s rests %d ms after %s, but should rest %s", s.agent, p.WrapUpMS, p.CallID, due)
	}
}

// auditLegs looks at every channel to an agent, and at those who took an agent's place.
func (c *checks) auditLegs() {
	for _, a := range c.w.asterisks {
		if a.link == nil || a.link.dead || !a.link.listed {
			continue
		}
		for _, ch := range a.channels {
			c.auditAlone(ch)
			if ch.leg == nil {
				continue
			}
			l := ch.leg
			if c.wanted(l) {
				l.stray = time.Time{}
				continue
			}
			l.stray = since(l.stray, a, c.w.now)
			if c.tooLong(l.stray) {
				c.w.complain("the leg %s to %s is there without a call since %s", l.id, l.phone.endpoint, l.stray)
			}
		}
	}
}

// wanted says whether a leg belongs to a call that is open.
func (c *checks) wanted(l *leg) bool {
	if slices.ContainsFunc(c.offers.open, func(one *offer) bool { return one.leg == l.id }) {
		return true
	}
	s := c.said.open[callOfLeg(l.id)]
	return s != nil && s.agentChannel == l.channel.id
}

// auditAlone says whether somebody is left alone where people should talk.
func (c *checks) auditAlone(ch *channel) {
	if !ch.inTalk() || ch.talks() {
		ch.lonely = time.Time{}
		return
	}
	ch.lonely = since(ch.lonely, ch.asterisk, c.w.now)
	if c.tooLong(ch.lonely) {
		c.w.complain("channel %s is alone in %s since %s", ch.id, ch.bridge, ch.lonely)
	}
}

// tooLong says whether something has been wrong for longer than the program needs to mend it in such a world.
func (c *checks) tooLong(since time.Time) bool {
	d := c.w.now.Sub(since)
	return d > aloneLimit || c.w.good() && d > aloneLimitGood
}

// owesAnEnd notes that the open missed calls of somebody who reached an agent are to be closed in the same step.
func (c *checks) owesAnEnd(p callevent.Answered) {
	for _, t := range c.owed.open(sameAs(p.Caller), "") {
		if sameAs(p.Caller) != "" && t.until.After(c.w.now) {
			c.toClose[t.id] = p.CallID
		}
	}
}

// closed says whether missed calls were rightly closed because their caller got through.
func (c *checks) closed(p callevent.Resolved) {
	if p.How != callevent.ResolvedAnswered {
		return
	}
	if call, owed := c.toClose[p.Episode]; !owed || p.ByCall != call || p.By == "" {
		c.w.complain("%s is closed because %s reached %s, owed to %q", p.Episode, p.ByCall, p.By, call)
	}
	delete(c.toClose, p.Episode)
}

// allClosed says after a step whether all were closed that had to be.
func (c *checks) allClosed() {
	for episode, call := range c.toClose {
		c.w.complain("%s reached an agent, and the missed calls %s stay open", call, episode)
	}
	clear(c.toClose)
}
