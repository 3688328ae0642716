package sim

import (
	"maps"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// offer is one attempt to reach an agent, as the commands and the events tell it.
type offer struct {
	leg, call, queue, endpoint, node string
	at                               time.Time
	// released is true once the phone was told to be quiet: the agent may be rung for somebody else.
	released bool
}

// offers are the attempts of the running program. They are known from its commands and events, and compared with what
// the phones did.
type offers struct {
	w *world
	// open have no outcome yet, in the order of their beginning; orphans are those of a program that was killed.
	open, orphans []*offer
	// cut are the channels that are made and given up in the same step, made those that it makes.
	cut  map[queueflow.Channel]bool
	made []queueflow.CreateLeg
	// over are the channels of attempts that begin and end in this step.
	over []queueflow.Channel
	// judged are those of which an outcome was told in this step.
	judged []judged
	// tried are the outcomes that were told of each call, durable those that would survive a kill.
	tried, durable map[string][]callevent.Attempt
	// restUntil is when an agent's wrap-up is over at the soonest, restDurable the same as it would survive a kill, and
	// restMaybe when it is over at the latest: a talk may have ended before anybody was told.
	restUntil, restDurable, restMaybe map[string]time.Time
	// refused is what is known of agents who refused, in a row, refusedDurable what of it would survive a kill, and
	// refusedCall of those who refused one call.
	refused, refusedDurable map[string]refusals
	refusedCall             map[place]refusals
	// endedAt is when the newest attempt of a call had its outcome, freedAt when an agent's newest attempt or talk was over.
	endedAt, freedAt map[string]time.Time
}

// judged is an attempt and what is said to have come of it.
type judged struct {
	*offer
	said callevent.Attempt
}

// judge compares the outcomes that were told in a step with what the phones did.
func (o *offers) judge() {
	for _, one := range o.judged {
		o.w.checks.outcome(one.offer, one.said)
	}
	o.judged = nil
}

// look finds the channels to agents that a step wants made, and those of them that it wants ended.
func (o *offers) look(commands []queueflow.Command) {
	o.made, o.cut, o.over = nil, make(map[queueflow.Channel]bool), nil
	for _, command := range commands {
		switch command := command.(type) {
		case queueflow.CreateLeg:
			o.made = append(o.made, command)
		case queueflow.HangupLeg:
			o.cut[command.Channel] = slices.ContainsFunc(o.made, func(c queueflow.CreateLeg) bool { return c.Channel == command.Channel })
		}
	}
}

// release notes that a phone was told to be quiet.
func (o *offers) release(c queueflow.HangupLeg) {
	for _, one := range o.open {
		if l := o.w.legOf(one.leg); one.leg == c.Channel.ID || l != nil && l.key() == c.Channel {
			one.released = true
			o.freedAt[one.endpoint] = o.w.now
			o.elsewhere(one, l, c)
		}
	}
}

// elsewhere says whether a phone that rings is told that a colleague has answered, as its queue has it.
func (o *offers) elsewhere(one *offer, l *leg, c queueflow.HangupLeg) {
	w := o.w
	s := w.checks.said.open[one.call]
	ringing := l != nil && !l.over() && l.answeredAt.IsZero()
	won := s != nil && s.agent != "" && s.queue == one.queue && s.answeredAt.Equal(w.now)
	if !ringing || !won || !w.checks.reloadedBefore(time.Minute) || !w.checks.roster.known(one.queue) {
		return
	}
	if shown := w.policies.Queues[one.queue].Serving.AgentLeg.ShowMissed; c.Elsewhere == shown {
		w.complain("%s was answered by %s, and %s is told that it was elsewhere: %t", one.call, s.agent, one.endpoint, c.Elsewhere)
	}
}

// refusals are failures in a row.
type refusals struct {
	count int
	last  time.Time
}

// over says whether the pause is over that follows: a second, doubling to half a minute.
func (r refusals) over(now time.Time) bool {
	if r.count == 0 {
		return true
	}
	pause := 30 * time.Second
	if r.count < 6 {
		pause = min(pause, time.Second<<(r.count-1))
	}
	return !now.Before(r.last.Add(pause))
}

func newOffers(w *world) *offers {
	return &offers{
		w: w, tried: make(map[string][]callevent.Attempt), durable: make(map[string][]callevent.Attempt), restUntil: make(map[string]time.Time), restDurable: make(map[string]time.Time), restMaybe: make(map[string]time.Time),
		refused: make(map[string]refusals), refusedDurable: make(map[string]refusals), refusedCall: make(map[place]refusals), endedAt: make(map[string]time.Time),
		freedAt: make(map[string]time.Time),
	}
}

// callOfLeg is the call for which a leg was made, by its id.
func callOfLeg(leg string) string {
	parts := strings.Split(strings.TrimPrefix(leg, application+"-leg-"), "-")
	return strings.Join(parts[:max(0, len(parts)-2)], "-")
}

// of are the attempts of a call that may still lead to a talk.
func (o *offers) of(call string) (found []*offer) {
	for _, one := range o.open {
		if one.call == call && !one.released {
			found = append(found, one)
		}
	}
	return found
}

// to is the attempt by which an agent is rung, nil when there is none.
func (o *offers) to(endpoint string) *offer {
	if i := slices.IndexFunc(o.open, func(one *offer) bool { return one.endpoint == endpoint && !one.released }); i >= 0 {
		return o.open[i]
	}
	return nil
}

// orphaned says whether an agent may still be reserved for an attempt of a program that was killed.
func (o *offers) orphaned(p *phone) bool {
	return slices.ContainsFunc(o.orphans, func(one *offer) bool {
		l := o.w.legOf(one.leg)
		return one.endpoint == p.endpoint && (l == nil || !l.over() || o.w.now.Sub(l.leftAt) < time.Minute) && o.w.now.Sub(one.at) < 10*time.Minute
	})
}

// begin takes up an attempt, and says whether it may be.
func (o *offers) begin(c queueflow.CreateLeg) {
	w := o.w
	call := callOfLeg(c.Channel.ID)
	if slices.Contains(o.over, c.Channel) {
		return
	}
	if o.cut[c.Channel] {
		o.open = append(o.open, &offer{leg: c.Channel.ID, call: call, endpoint: c.Endpoint, node: c.Channel.Node, at: w.now, released: true})
		return
	}
	s := w.checks.said.open[call]
	if s == nil || s.agent != "" {
		w.complain("%s is rung for %s, which does not wait", c.Endpoint, call)
		return
	}
	one := &offer{leg: c.Channel.ID, call: call, queue: s.queue, endpoint: c.Endpoint, node: c.Channel.Node, at: w.now}
	if v := w.checks.stays[call]; v != nil && (c.Caller.Node != v.at.url || !slices.Contains(v.channels, c.Caller.ID)) {
		w.complain("%s is rung for %s with the caller's channel %v, which is not his", c.Endpoint, call, c.Caller)
	}
	if other := o.to(c.Endpoint); other != nil {
		w.complain("%s is rung for %s and for %s at once", c.Endpoint, call, other.call)
	}
	if talk := w.checks.said.talkOf(c.Endpoint); talk != "" {
		w.complain("%s is rung for %s while he talks with %s", c.Endpoint, call, talk)
	}
	if until := o.restUntil[c.Endpoint]; w.now.Before(until) {
		w.complain("%s is rung for %s, but rests until %s", c.Endpoint, call, until)
	}
	o.mayBeRung(one, s)
	o.open = append(o.open, one)
}

// mayBeRung says whether an agent is one whom the queue may ring for a call.
func (o *offers) mayBeRung(one *offer, s *stay) {
	w := o.w
	m, is, sure := w.checks.roster.member(place{one.queue, one.endpoint})
	switch {
	case !sure || !w.checks.reloadedBefore(time.Second):
	case !is:
		w.complain("%s is rung for %s, but is no member of %s", one.endpoint, one.call, one.queue)
	case m.Paused:
		w.complain("%s is rung for %s, but is paused in %s", one.endpoint, one.call, one.queue)
	case w.checks.roster.known(one.queue) && !skilled(m, w.checks.policies[one.queue].Serving.Skills, s.asked):
		w.complain("%s is rung for %s, but has only the skills %v", one.endpoint, one.call, m.Skills)
	case !w.checks.within(one.queue, m.Penalty, s, anyWait):
		w.complain("%s of penalty %d is rung for %s, which may not reach him", one.endpoint, m.Penalty, one.call)
	case w.checks.inUse(m, one.queue):
		w.complain("%s is rung for %s, but his phone is in use", one.endpoint, one.call)
	}
}

// told takes up the outcome of an attempt.
func (o *offers) told(p callevent.Offered) {
	w := o.w
	is := func(one *offer) bool { return one.call == p.CallID && one.endpoint == p.Attempt.Endpoint }
	i := nearest(o.open, is, p.OfferedAt)
	if i < 0 {
		i = slices.IndexFunc(o.orphans, is)
		switch {
		case o.atOnce(p):
		case i >= 0:
			o.orphans = slices.Delete(o.orphans, i, i+1)
		default:
			w.complain("%s was offered to %s with the outcome %s, which was not or was told before", p.CallID, p.Attempt.Endpoint, p.Attempt.Outcome)
			return
		}
	} else {
		o.judged = append(o.judged, judged{o.open[i], p.Attempt})
		o.open = slices.Delete(o.open, i, i+1)
	}
	o.tried[p.CallID] = append(o.tried[p.CallID], p.Attempt)
	o.endedAt[p.CallID], o.freedAt[p.Attempt.Endpoint] = w.now, w.now
	o.count(p)
	countFailures(w.checks.roster.inARow, p)
}

// nearest is the attempt of those meant that began nearest to a time, -1 when there is none.
func nearest(all []*offer, meant func(*offer) bool, at time.Time) int {
	found := -1
	for i, one := range all {
		if meant(one) && (found < 0 || one.at.Sub(at).Abs() < all[found].at.Sub(at).Abs()) {
			found = i
		}
	}
	return found
}

// atOnce says whether an attempt that is over was begun in this step, and if so takes it as begun.
func (o *offers) atOnce(p callevent.Offered) bool {
	i := slices.IndexFunc(o.made, func(c queueflow.CreateLeg) bool {
		return callOfLeg(c.Channel.ID) == p.CallID && c.Endpoint == p.Attempt.Endpoint
	})
	if i < 0 {
		return false
	}
	o.cut[o.made[i].Channel] = true
	o.over = append(o.over, o.made[i].Channel)
	return true
}

// count keeps in mind who refused.
func (o *offers) count(p callevent.Offered) {
	countRefusal(o.refused, p, o.w.now)
	switch queueflow.Outcome(p.Attempt.Outcome) {
	case queueflow.OutcomeBusy, queueflow.OutcomeUnavailable, queueflow.OutcomeRejected, queueflow.OutcomeForwarded,
		queueflow.OutcomeDropped, queueflow.OutcomeNotConfirmed:
		both := place{p.CallID, p.Attempt.Endpoint}
		o.refusedCall[both] = refusals{count: o.refusedCall[both].count + 1, last: o.w.now}
	}
}

// countRefusal counts what lets an agent rest from all, until he answers.
func countRefusal(refused map[string]refusals, p callevent.Offered, when time.Time) {
	endpoint := p.Attempt.Endpoint
	switch queueflow.Outcome(p.Attempt.Outcome) {
	case queueflow.OutcomeAnswered:
		delete(refused, endpoint)
	case queueflow.OutcomeBusy, queueflow.OutcomeUnavailable:
		refused[endpoint] = refusals{count: refused[endpoint].count + 1, last: when}
	}
}

// attempts says whether the ending of a missed call lists the attempts that were told.
func (o *offers) attempts(call string, listed []callevent.Attempt) {
	if told := o.tried[call]; !slices.Equal(told, listed) {
		o.w.complain("%s lists the attempts %+v, told were %+v", call, listed, told)
	}
	o.allTold(call)
}

// allTold says whether every attempt of a call that is over has its outcome.
func (o *offers) allTold(call string) {
	i := slices.IndexFunc(o.open, func(one *offer) bool { return one.call == call })
	if i >= 0 && o.w.checks.said.open[call] == nil {
		o.w.complain("%s is over, and the attempt to reach %s has no outcome", call, o.open[i].endpoint)
	}
}

// won says whether an answer lists the attempts that were told, those that it cuts short, and last the one that succeeded.
func (o *offers) won(p callevent.Answered) {
	told, cut := o.tried[p.CallID], 0
	for _, one := range o.open {
		if one.call == p.CallID {
			cut++
		}
	}
	n := len(told) - 1
	if n < 0 || len(p.Attempts) != n+1+cut || !slices.Equal(told[:n], p.Attempts[:n]) || told[n] != p.Attempts[n+cut] {
		o.w.complain("%s lists the attempts %+v, told were %+v and %d are cut short", p.CallID, p.Attempts, told, cut)
		return
	}
	if last := told[n]; last.Endpoint != p.Agent.Endpoint || last.Outcome != string(queueflow.OutcomeAnswered) {
		o.w.complain("%s was answered by %s, but the last attempt is %+v", p.CallID, p.Agent.Endpoint, last)
	}
}

// recorded takes what is durable now.
func (o *offers) recorded(e callevent.Event) {
	switch p := e.Payload.(type) {
	case callevent.Offered:
		o.durable[e.Call] = append(o.durable[e.Call], p.Attempt)
		countFailures(o.w.checks.roster.inARowDurable, p)
		countRefusal(o.refusedDurable, p, e.Time)
	case callevent.Completed:
		rest(o.restDurable, p)
		delete(o.durable, e.Call)
	case callevent.Missed:
		delete(o.durable, e.Call)
	}
}

// rest keeps in mind until when an agent rests after a talk, which no other talk shortens.
func rest(until map[string]time.Time, p callevent.Completed) {
	until[p.Agent.Endpoint] = later(until[p.Agent.Endpoint], p.EndedAt.Add(time.Duration(p.WrapUpMS)*time.Millisecond))
}

// killed falls back to what is durable. What became of open attempts nobody needs to know.
func (o *offers) killed() {
	o.orphans = append(o.orphans, o.open...)
	o.open = nil
	clear(o.tried)
	for call, attempts := range o.durable {
		o.tried[call] = slices.Clone(attempts)
	}
	o.restUntil, o.refused = maps.Clone(o.restDurable), maps.Clone(o.refusedDurable)
}

// forget drops what is known of a call that is over.
func (o *offers) forget(call string) {
	delete(o.tried, call)
	delete(o.endedAt, call)
}
