package sim

import (
	"maps"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// place is an agent's in a queue.
type place struct{ queue, endpoint string }

// roster is who is a member of which queue: from the configuration, from what people did, and from the events that tell of
// it. It shares nothing with the machine.
type roster struct {
	w *world
	// standings are how agents stand who are, or were, members. Of those in doubt nobody knows what survived a kill.
	standings map[place]standing
	doubt     map[place]bool
	// altered are those whom a reload has changed: how they stand after a restart depends on when they were last written.
	altered map[place]bool
	// toldAt is when an event last told of a member.
	toldAt map[place]time.Time
	// records are the newest that the program wanted stored.
	records map[place]queueflow.MemberRecord
	// inARow counts the failed offers of an agent in a queue since he last answered, by what autopause calls them, and
	// inARowDurable those of them that would survive a kill: an answer of which nothing is durable ends no row.
	inARow, inARowDurable map[place]map[string]int
	// pauses are those of this step that queues made themselves.
	pauses []callevent.Member
}

// standing is how an agent stands in a queue.
type standing struct {
	queueflow.Member
	is, dynamic bool
}

func newRoster(w *world) *roster {
	return &roster{
		w: w, records: make(map[place]queueflow.MemberRecord), doubt: make(map[place]bool),
		inARow: make(map[place]map[string]int), inARowDurable: make(map[place]map[string]int),
		standings: make(map[place]standing), toldAt: make(map[place]time.Time), altered: make(map[place]bool),
	}
}

// configured is a member as a configuration has him.
func configured(p queueflow.Policies, at place) (m queueflow.Member, is bool) {
	members := p.Queues[at.queue].Serving.Members
	if i := slices.IndexFunc(members, func(m queueflow.Member) bool { return m.Endpoint == at.endpoint }); i >= 0 {
		return members[i], true
	}
	return m, false
}

// every are all places that there may be.
func (r *roster) every() (all []place) {
	for _, queue := range served {
		for _, p := range r.w.phones {
			all = append(all, place{queue, p.endpoint})
		}
	}
	return all
}

// member is how an agent stands in a queue at present; is is false when he is none of its members, sure when nothing is in
// doubt.
func (r *roster) member(at place) (m queueflow.Member, is, sure bool) {
	s := r.standings[at]
	return s.Member, s.is, !r.doubt[at]
}

// shows says whether what the program is told of a phone is what it goes by: a member who was added without the device of a
// local channel is free, or not, by the channel itself.
func (r *roster) shows(p *phone) bool {
	shows := p.endpoint == p.device
	for _, queue := range served {
		at := place{queue, p.endpoint}
		if r.doubt[at] {
			return false
		}
		s := r.standings[at]
		shows = shows || s.is && s.StateInterface == p.device
	}
	return shows
}

// settled says whether an agent has been what he is in a queue for some time.
func (r *roster) settled(at place) bool { return r.w.now.Sub(r.toldAt[at]) > 2*time.Minute }

// size counts the members of a queue; sure is false when that is in doubt.
func (r *roster) size(queue string) (n int, sure bool) {
	sure = true
	for _, p := range r.w.phones {
		_, is, known := r.member(place{queue, p.endpoint})
		sure = sure && known
		if is {
			n++
		}
	}
	return n, sure
}

// begins takes up the members that a start of the program finds: those of the configuration, as far as nothing was decided
// about them that was stored.
func (r *roster) begins() {
	before := r.standings
	r.standings = make(map[place]standing)
	for _, at := range r.every() {
		m, is := configured(r.w.policies, at)
		s := standing{Member: m, is: is}
		if was, known := before[at]; known && (was.is != is || was.dynamic || was.Paused != m.Paused || was.Penalty != m.Penalty) {
			r.doubt[at] = true
		}
		if _, decided := r.records[at]; decided || r.altered[at] {
			r.doubt[at] = true
		}
		r.standings[at] = s
	}
}

// reloaded takes up another configuration. What was said by hand about one who stays, stays, but for a penalty that the
// configuration changes.
func (r *roster) reloaded(before queueflow.Policies) {
	for _, at := range r.every() {
		s := r.standings[at]
		old, was := configured(before, at)
		m, is := configured(r.w.policies, at)
		r.altered[at] = r.altered[at] || is != was || is && (m.Penalty != old.Penalty || m.Paused != old.Paused)
		switch {
		case !r.known(at.queue): // who waits there is served as before
			r.doubt[at] = true
		case is && s.is:
			m.Paused = s.Paused
			if was && old.Penalty == m.Penalty {
				m.Penalty = s.Penalty
			}
			s.Member, s.dynamic = m, false
		case is:
			s = standing{Member: m, is: true}
		case !s.dynamic:
			s.is = false
		}
		r.standings[at] = s
	}
}

func (r *roster) known(queue string) bool {
	_, known := r.w.policies.Queues[queue]
	return known
}

// places are those that a change concerns.
func (r *roster) places(in queueflow.ChangeMember) (concerned []place) {
	if in.Queue != "" {
		return []place{{in.Queue, in.Member.Endpoint}}
	}
	for _, queue := range served {
		at := place{queue, in.Member.Endpoint}
		if _, is, _ := r.member(at); is {
			concerned = append(concerned, at)
		}
	}
	return concerned
}

// allowed says whether a change can be made; sure is false when nobody can tell.
func (r *roster) allowed(in queueflow.ChangeMember) (allowed, sure bool) {
	for _, queue := range served {
		if at := (place{queue, in.Member.Endpoint}); r.doubt[at] {
			return false, false
		}
	}
	for _, at := range r.places(in) {
		s := r.standings[at]
		switch {
		case !r.known(at.queue):
		case in.Change == queueflow.AddMember:
			allowed = allowed || !s.is
		case in.Change == queueflow.RemoveMember:
			allowed = allowed || s.is && s.dynamic
		default:
			allowed = allowed || s.is
		}
	}
	return allowed, true
}

// changeMember changes something about a member by hand, or tries to.
func (w *world) changeMember() {
	r := w.checks.roster
	in := w.someChange()
	wrong := w.program.machine.MemberChange(in)
	allowed, sure := r.allowed(in)
	if sure && (wrong == nil) != allowed {
		w.complain("the change %+v is wrong: %v, allowed: %t", in, wrong, allowed)
	}
	concerned := r.places(in)
	w.program.step(in)
	if sure && allowed {
		for _, at := range concerned {
			r.changed(in, at)
		}
	}
}

// changed says whether a change was made.
func (r *roster) changed(in queueflow.ChangeMember, at place) {
	m, is, _ := r.member(at)
	made := is
	switch in.Change {
	case queueflow.AddMember:
		made = is && m.Paused == in.Member.Paused && m.Penalty == in.Member.Penalty
	case queueflow.RemoveMember:
		made = is != r.standings[at].dynamic
	case queueflow.PauseMember:
		made = is && m.Paused
	case queueflow.UnpauseMember:
		made = is && !m.Paused
	case queueflow.SetPenalty:
		made = is && m.Penalty == in.Member.Penalty
	}
	if !made {
		r.w.complain("after %+v %s in %s is %+v, a member: %t", in, at.endpoint, at.queue, m, is)
	}
}

// stored takes up a record that the program wants kept.
func (r *roster) stored(record queueflow.MemberRecord) {
	at := place{record.Queue, record.Member.Endpoint}
	if before := r.records[at]; record.At.Before(before.At) && !r.doubt[at] {
		r.w.complain("the record of %s in %s is of %s, an earlier one of %s", at.endpoint, at.queue, record.At, before.At)
	}
	r.records[at] = record
	s := r.standings[at]
	if record.Removed || !s.is {
		return
	}
	s.Penalty, s.Paused = record.Member.Penalty, record.Member.Paused
	if record.Dynamic {
		s.Member = record.Member // an event does not tell all of it
	}
	r.standings[at] = s
}

// told takes up how a member stands by an event.
func (r *roster) told(m callevent.Member, is bool) {
	at := place{m.Queue, m.Agent.Endpoint}
	as, configured := configured(r.w.policies, at)
	if is && configured == m.Dynamic && !r.doubt[at] && r.known(at.queue) {
		r.w.complain("%s is a member of %s by hand: %t, by the configuration: %t", at.endpoint, at.queue, m.Dynamic, configured)
	}
	if m.Dynamic {
		as = queueflow.Member{Endpoint: at.endpoint, StateInterface: m.StateInterface, Confirm: m.Confirm, RingInUse: m.RingInUse, Skills: m.Skills}
		if m.WrapUpMS != nil {
			as.WrapUp = new(time.Duration(*m.WrapUpMS) * time.Millisecond)
		}
	}
	as.Penalty, as.Paused = m.Penalty, m.Paused
	r.standings[at] = standing{Member: as, is: is, dynamic: m.Dynamic}
	r.toldAt[at] = r.w.now
	delete(r.doubt, at)
	if is && m.Paused && m.By == "queue" {
		r.pauses = append(r.pauses, m)
	}
}

// judge says whether the pauses of this step that queues made themselves were due.
func (r *roster) judge() {
	for _, m := range r.pauses {
		r.due(m)
	}
	r.pauses = nil
}

func (r *roster) due(m callevent.Member) {
	at := place{m.Queue, m.Agent.Endpoint}
	q := r.w.policies.Queues[m.Queue].Serving.Autopause
	n := r.inARow[at]
	ok := q.NoAnswer > 0 && n["no_answer"] >= q.NoAnswer || q.Busy > 0 && n["busy"] >= q.Busy || q.Unavailable > 0 && n["unavailable"] >= q.Unavailable
	if !ok && !q.AllQueues && !r.anyPausesAll() && r.known(at.queue) {
		r.w.complain("the queue %s paused %s for %s after %v, the limits are %+v", m.Queue, at.endpoint, m.Reason, n, q)
	}
}

// anyPausesAll says whether an agent may be paused in one queue for what he did in another. One that was taken away may do
// so as before.
func (r *roster) anyPausesAll() bool {
	for _, queue := range served {
		if p, known := r.w.policies.Queues[queue]; !known || p.Serving.Autopause.AllQueues {
			return true
		}
	}
	return false
}

// countFailures counts for autopause.
func countFailures(inARow map[place]map[string]int, o callevent.Offered) {
	at := place{o.Queue, o.Attempt.Endpoint}
	if inARow[at] == nil {
		inARow[at] = make(map[string]int)
	}
	switch outcome := queueflow.Outcome(o.Attempt.Outcome); outcome {
	case queueflow.OutcomeAnswered:
		clear(inARow[at])
	case queueflow.OutcomeNoAnswer, queueflow.OutcomeNotConfirmed, queueflow.OutcomeDropped:
		inARow[at]["no_answer"]++
	case queueflow.OutcomeBusy, queueflow.OutcomeRejected:
		inARow[at]["busy"]++
	case queueflow.OutcomeUnavailable:
		inARow[at]["unavailable"]++
	}
}

// killed falls back to what is durable.
func (r *roster) killed() {
	r.inARow = make(map[place]map[string]int)
	for at, counts := range r.inARowDurable {
		r.inARow[at] = maps.Clone(counts)
	}
}

// reach is the window of penalties that a caller may reach who has waited for a time. After a step of the escalation, as in
// app_queue, nothing in it is above its end.
func reach(s queueflow.Serving, waited time.Duration) queueflow.Penalties {
	p := s.Penalties
	for _, step := range s.Escalation {
		if waited < step.After {
			break
		}
		if step.Min != nil {
			p.Min = step.Min
		}
		if step.Max != nil {
			p.Max = step.Max
		}
		if step.Raise != nil {
			p.Raise, p.RaiseRespectsMin = step.Raise, step.RaiseRespectsMin
		}
		if p.Max != nil && p.Min != nil {
			p.Min = new(min(*p.Min, *p.Max))
		}
		if p.Max != nil && p.Raise != nil {
			p.Raise = new(min(*p.Raise, *p.Max))
		}
	}
	return p
}

// penalty is the one that counts for a caller; within is false for an agent whom he may not reach.
func penalty(p queueflow.Penalties, own int) (counts int, within bool) {
	counts = own
	if p.Raise != nil && counts < *p.Raise && (!p.RaiseRespectsMin || p.Min == nil || counts >= *p.Min) {
		counts = *p.Raise
	}
	return counts, (p.Min == nil || counts >= *p.Min) && (p.Max == nil || counts <= *p.Max)
}
