package queueflow

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// What may be wrong with a ChangeMember.
var (
	ErrUnknownQueue  = errors.New("there is no such queue")
	ErrNoMember      = errors.New("the agent is no member of it")
	ErrAlreadyMember = errors.New("the agent is a member of it already")
	ErrConfigured    = errors.New("the agent is a member by the configuration; remove it there, or pause the agent")
	ErrBadEndpoint   = errors.New("an endpoint is a technology, a stroke and a name, such as PJSIP/101")
	ErrBadPenalty    = errors.New("a penalty is a number from 0 up")
	ErrUnknownChange = errors.New("a member can be added, removed, paused, unpaused and given a penalty")
)

// MemberChange says what is wrong with a change, nil when it would be made. The error wraps one of those above.
func (m *Machine) MemberChange(in ChangeMember) error {
	if err := m.problem(in); err != nil {
		return fmt.Errorf("member %s of queue %s: %w", clip(in.Member.Endpoint), clip(in.Queue), err)
	}
	return nil
}

func (m *Machine) problem(in ChangeMember) error {
	_, known := m.policies.Queues[in.Queue]
	every := in.Queue == "" && in.Change != AddMember && in.Change != SetPenalty
	switch {
	case !validEndpoint(in.Member.Endpoint):
		return ErrBadEndpoint
	case in.Change > SetPenalty:
		return ErrUnknownChange
	case !known && !every:
		return ErrUnknownQueue
	case in.Member.Penalty < 0:
		return ErrBadPenalty
	}
	members := m.membersMeant(in)
	switch {
	case in.Change == AddMember && len(members) > 0:
		return ErrAlreadyMember
	case in.Change == AddMember:
		return nil
	case len(members) == 0:
		return ErrNoMember
	case in.Change == RemoveMember && !slices.ContainsFunc(members, func(mb *member) bool { return mb.dynamic }):
		return ErrConfigured
	}
	return nil
}

// validEndpoint keeps out what Asterisk cannot dial, and what would say more to it than whom to dial.
func validEndpoint(endpoint string) bool {
	const most = 200
	technology, name, _ := strings.Cut(endpoint, "/")
	return technology != "" && name != "" && len(endpoint) <= most &&
		!strings.ContainsFunc(endpoint, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' || r == '&' })
}

// membersMeant are the memberships that a change is about, in the order of the queues' ids.
func (m *Machine) membersMeant(in ChangeMember) []*member {
	a := m.agents[in.Member.Endpoint]
	if a == nil {
		return nil
	}
	if in.Queue == "" {
		return slices.Clone(a.members)
	}
	if mb := a.in(in.Queue); mb != nil {
		return []*member{mb}
	}
	return nil
}

func (in ChangeMember) apply(m *Machine) {
	if err := m.MemberChange(in); err != nil {
		m.ignore(in, err.Error())
		return
	}
	in.Reason, in.By = shorten(in.Reason), shorten(in.By)
	if in.Change == AddMember {
		m.addMember(in)
		return
	}
	for _, mb := range m.membersMeant(in) {
		switch in.Change {
		case RemoveMember:
			if mb.dynamic {
				m.removeMember(mb, in.Reason, in.By)
			}
		case PauseMember, UnpauseMember:
			m.pause(mb, in.Change == PauseMember, in.Reason, in.By)
		case SetPenalty:
			m.setPenalty(mb, in)
		}
	}
}

func (m *Machine) addMember(in ChangeMember) {
	mb := newMember(m.agentOf(in.Member.Endpoint), in.Queue, in.Member)
	mb.dynamic = true
	mb.reason, mb.by, mb.changedAt = in.Reason, in.By, m.now
	m.enlist(m.roster(in.Queue), mb)
	m.tellMember(mb, callevent.MemberAdded{Member: m.toldMember(mb)})
	m.store(mb, false)
}

func newMember(a *agent, queue string, as Member) *member {
	return &member{agent: a, queue: queue, Member: as, paused: as.Paused}
}

func (m *Machine) removeMember(mb *member, reason, by string) {
	mb.reason, mb.by, mb.changedAt = reason, by, m.now
	m.tellMember(mb, callevent.MemberRemoved{Member: m.toldMember(mb)})
	m.store(mb, true)
	m.strike(mb)
}

// pause pauses or unpauses a member, or says anew why. What is so already is told once.
func (m *Machine) pause(mb *member, paused bool, reason, by string) {
	if mb.paused == paused && (!paused || mb.reason == reason) {
		return
	}
	mb.paused, mb.reason, mb.by, mb.changedAt = paused, reason, by, m.now
	if !paused {
		mb.failed = failures{}
	}
	if told := m.toldMember(mb); paused {
		m.tellMember(mb, callevent.MemberPaused{Member: told})
	} else {
		m.tellMember(mb, callevent.MemberUnpaused{Member: told})
	}
	m.store(mb, false)
	m.recount(mb)
}

func (m *Machine) setPenalty(mb *member, in ChangeMember) {
	if mb.Penalty == in.Member.Penalty {
		return
	}
	mb.by, mb.changedAt, mb.penaltySet = in.By, m.now, true
	m.movePenalty(mb, in.Member.Penalty)
	m.store(mb, false)
}

// movePenalty gives a member another penalty.
func (m *Machine) movePenalty(mb *member, penalty int) {
	if mb.Penalty != penalty {
		m.uncount(mb)
		mb.Penalty = penalty
		mb.roster.order.Move(&mb.seat, mb.roster.key(mb))
	}
	m.recount(mb)
	m.free(mb.agent)
	m.rouseHeld(mb.roster)
}

// toldMember is a member as events tell of him.
func (m *Machine) toldMember(mb *member) callevent.Member {
	p, _ := m.policy(mb.queue)
	told := callevent.Member{
		Queue: mb.queue, QueueName: p.Name, Language: p.Language, Agent: mb.agent.person(), Penalty: mb.Penalty, Paused: mb.paused,
		Dynamic: mb.dynamic, At: mb.changedAt, Reason: mb.reason, By: mb.by,
	}
	if mb.dynamic {
		told.StateInterface, told.Confirm, told.RingInUse, told.Skills = mb.StateInterface, mb.Confirm, mb.RingInUse, mb.Skills
		if mb.WrapUp != nil {
			ms := mb.WrapUp.Milliseconds()
			told.WrapUpMS = &ms
		}
	}
	return told
}

// tellMember makes an event of a member. It comes from no Asterisk, so its source is the application alone.
func (m *Machine) tellMember(mb *member, payload callevent.Payload) {
	m.memberSteps++
	subject := callevent.MemberSubject(mb.agent.endpoint)
	m.out.Events = append(m.out.Events, callevent.Event{
		ID: callevent.StepID(subject, m.settings.Epoch, m.memberSteps), Source: callevent.Source(m.settings.Application, ""),
		Call: subject, Time: m.now, Payload: payload,
	})
}

// store keeps what was decided about a member for the next start.
func (m *Machine) store(mb *member, removed bool) { m.command(StoreMember{Record: mb.record(removed)}) }

func (mb *member) record(removed bool) MemberRecord {
	as := mb.Member
	as.Paused = mb.paused
	if !mb.dynamic {
		as = Member{Endpoint: as.Endpoint, Penalty: as.Penalty, Paused: as.Paused}
	}
	return MemberRecord{
		Queue: mb.queue, Member: as, PenaltySet: mb.penaltySet && !mb.dynamic, Dynamic: mb.dynamic, Removed: removed,
		Reason: mb.reason, By: mb.by, At: mb.changedAt,
	}
}

func (in MembersStored) apply(m *Machine) {
	for _, r := range in.Records {
		m.takeUp(r)
		if mb := m.memberIn(r.Queue, r.Member.Endpoint); mb != nil && r.Dynamic && !r.Removed && !mb.dynamic {
			m.store(mb, false) // the configuration has taken him over; he is not to come back once it has him no longer
		}
	}
}

// memberIn gives a member by queue and endpoint, nil for none.
func (m *Machine) memberIn(queue, endpoint string) *member {
	if a := m.agents[endpoint]; a != nil {
		return a.in(queue)
	}
	return nil
}

// takeUp takes up what was once decided about a member, unless something newer is known. Of one of the configuration the
// penalty is only what was set by hand; that has no event, so the record of the same moment tells it.
func (m *Machine) takeUp(r MemberRecord) {
	if _, known := m.policies.Queues[r.Queue]; !known || !validEndpoint(r.Member.Endpoint) {
		return
	}
	mb := m.memberIn(r.Queue, r.Member.Endpoint)
	if mb == nil {
		mb = m.comeBack(r)
	}
	switch {
	case mb == nil, !r.At.After(mb.changedAt) && !(r.PenaltySet && r.At.Equal(mb.changedAt)):
		return
	case r.Removed && mb.dynamic:
		m.noteRemoved(r.Queue, r.Member.Endpoint, r.At)
		m.strike(mb)
		return
	case r.Removed:
		return
	}
	if mb.paused && !r.Member.Paused {
		mb.failed = failures{}
	}
	mb.paused, mb.reason, mb.by, mb.changedAt = r.Member.Paused, r.Reason, r.By, r.At
	penalty := mb.Penalty
	if mb.dynamic || r.PenaltySet {
		penalty, mb.penaltySet = r.Member.Penalty, r.PenaltySet
	}
	m.movePenalty(mb, penalty)
}

// comeBack makes a member of one who was added by hand before this start, nil when he was removed since.
func (m *Machine) comeBack(r MemberRecord) *member {
	switch {
	case !r.Dynamic, m.removedSince(r):
		return nil
	case r.Removed:
		m.noteRemoved(r.Queue, r.Member.Endpoint, r.At)
		return nil
	}
	mb := newMember(m.agentOf(r.Member.Endpoint), r.Queue, r.Member)
	mb.dynamic = true
	m.enlist(m.roster(r.Queue), mb)
	return mb
}

// noteRemoved remembers since when somebody is no member: an older record of him may follow. Only a start has any.
func (m *Machine) noteRemoved(queue, endpoint string, at time.Time) {
	if m.removed == nil {
		m.removed = make(map[memberKey]time.Time)
	}
	m.removed[memberKey{queue, endpoint}] = at
}

func (m *Machine) removedSince(r MemberRecord) bool {
	at, was := m.removed[memberKey{r.Queue, r.Member.Endpoint}]
	return was && !r.At.After(at)
}

// memberKey names a member.
type memberKey struct{ queue, endpoint string }
