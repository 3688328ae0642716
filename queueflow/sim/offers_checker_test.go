package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// ring is one caller who waits, and the phone of the only agent, which was told to ring for him.
type ring struct {
	*world
	v *visit
	l *leg
	// said counts the events that the test made up.
	said int
}

// oneIsRung is a world in which one caller waits and one phone rings for him. The machine of this world has no agents:
// what is said of them, the tests make up.
func oneIsRung(t *testing.T) *ring {
	t.Helper()
	w, v := oneWaits(t)
	w.punctual = true
	p := w.phones[0]
	p.registered, p.stateless, p.waiting, p.private = w.asterisks, false, false, nil
	q := w.policies.Queues[support]
	q.Serving = queueflow.Serving{
		Members: []queueflow.Member{{Endpoint: p.endpoint, StateInterface: p.device}}, WrapUp: 10 * time.Second, RingTimeout: 15 * time.Second,
	}
	w.policies.Queues[support], w.checks.policies[support] = q, q
	w.checks.reloadedAt = w.now.Add(-time.Hour)
	clear(w.checks.roster.standings)
	w.checks.roster.begins()
	r := &ring{world: w, v: v}
	made := r.leg(1)
	w.checks.offers.begin(made)
	require.Equal(t, answer{}, v.at.createLeg(made))
	r.l = w.legs[made.Channel.ID]
	r.l.dialledAt, r.l.rangAt, r.l.timeout = w.now, w.now, 15*time.Second
	return r
}

func (r *ring) call() string { return r.v.calls[0] }

// leg is the command that makes the n-th leg of the call.
func (r *ring) leg(n int) queueflow.CreateLeg {
	id := application + "-leg-" + r.call() + "-1-" + string(rune('0'+n))
	return queueflow.CreateLeg{
		Channel: queueflow.Channel{Node: r.v.at.url, ID: id}, Endpoint: r.phones[0].endpoint, Caller: r.v.now().key(),
	}
}

// say lets the program say something of the call.
func (r *ring) say(payload callevent.Payload) {
	r.said++
	id := callevent.StepID(r.call(), 99, r.said)
	if payload.Kind().Ends() {
		id = r.call() + ".end"
	}
	r.checks.event(r.program, callevent.Event{ID: id, Call: r.call(), Time: r.now, Payload: payload})
	r.checks.offers.judge()
}

func (r *ring) offered(outcome queueflow.Outcome) callevent.Attempt {
	a := callevent.Attempt{Agent: "Anna", Endpoint: r.phones[0].endpoint, Outcome: string(outcome)}
	s := r.checks.said.open[r.call()]
	at := r.now
	r.say(callevent.Offered{CallID: r.call(), Queue: support, OfferedAt: at, WaitedMS: at.Sub(s.enteredAt).Milliseconds(), Attempt: a})
	return a
}

const talkBridge = talkPrefix + "1"

// meet brings the two into one bridge.
func (r *ring) meet() {
	r.l.answeredAt, r.l.up = r.now, true
	r.l.join(talkBridge)
	r.v.now().join(talkBridge)
}

// answered says that the two talk.
func (r *ring) answered() {
	s := r.checks.said.open[r.call()]
	a := r.offered(queueflow.OutcomeAnswered)
	r.say(callevent.Answered{
		CallID: r.call(), Queue: support, EnteredAt: s.enteredAt, AnsweredAt: r.now, WaitedMS: r.now.Sub(s.enteredAt).Milliseconds(),
		Position: 1, Agent: callevent.Agent{Endpoint: a.Endpoint}, Attempts: []callevent.Attempt{a},
		AgentChannel: r.l.channel.id, Bridge: talkBridge, Asterisk: callevent.Asterisk{URL: r.v.at.url, ChannelID: r.v.now().id},
	})
}

// completed says that the talk is over.
func (r *ring) completed(by callevent.EndedBy, wrapUp time.Duration) {
	s := *r.checks.said.open[r.call()]
	r.say(callevent.Completed{
		CallID: r.call(), Queue: support, EnteredAt: s.enteredAt, AnsweredAt: s.answeredAt, EndedAt: r.now,
		WaitedMS: s.answeredAt.Sub(s.enteredAt).Milliseconds(), TalkedMS: r.now.Sub(s.answeredAt).Milliseconds(),
		Agent: callevent.Agent{Endpoint: s.agent}, EndedBy: by, WrapUpMS: wrapUp.Milliseconds(),
	})
}

// device tells the program how the phone stands, a moment before the step.
func (r *ring) device(state queueflow.DeviceState) {
	for _, a := range r.asterisks {
		r.checks.devices[device{a.url, r.phones[0].device}] = news{state, r.now.Add(-time.Millisecond)}
	}
}

const wrapUp = 10 * time.Second

func TestATrueStoryOfAnAgentIsTaken(t *testing.T) {
	for name, tell := range map[string]func(r *ring){
		"busy":      func(r *ring) { r.l.end(endByPhone, 486, 17); r.offered(queueflow.OutcomeBusy) },
		"rejected":  func(r *ring) { r.l.end(endByPhone, 603, 21); r.offered(queueflow.OutcomeRejected) },
		"no answer": func(r *ring) { r.l.end(endByTimeout, 0, 19); r.offered(queueflow.OutcomeNoAnswer) },
		"cancelled": func(r *ring) { r.v.ending = true; r.offered(queueflow.OutcomeCancelled) },
		"dropped":   func(r *ring) { r.l.answeredAt = r.now; r.l.end(endByPhone, 0, 16); r.offered(queueflow.OutcomeDropped) },
		"answered":  func(r *ring) { r.meet(); r.answered() },
		"he ended the talk": func(r *ring) {
			r.meet()
			r.answered()
			r.l.end(endByPhone, 0, 16)
			r.completed(callevent.EndedByAgent, wrapUp)
		},
		"the caller did": func(r *ring) { r.meet(); r.answered(); r.v.ending = true; r.completed(callevent.EndedByCaller, wrapUp) },
		"idle, and rests": func(r *ring) {
			r.l.end(endByTimeout, 0, 19)
			r.offered(queueflow.OutcomeNoAnswer)
			r.checks.offers.restUntil[r.phones[0].endpoint] = r.now.Add(1)
			r.device(queueflow.DeviceNotInUse)
			r.checks.fair(nil)
		},
		"idle, and not free": func(r *ring) {
			r.l.end(endByTimeout, 0, 19)
			r.offered(queueflow.OutcomeNoAnswer)
			r.device(queueflow.DeviceInUse)
			r.checks.fair(nil)
		},
	} {
		r := oneIsRung(t)
		tell(r)
		require.Empty(t, r.problems, name)
	}
}

func TestAFalseStoryOfAnAgentIsSeen(t *testing.T) {
	again := func(r *ring) { r.checks.offers.begin(r.leg(2)) }
	silent := func(r *ring) { r.l.end(endByTimeout, 0, 19); r.offered(queueflow.OutcomeNoAnswer) }
	for name, tell := range map[string]func(r *ring){
		"busy, but he rejected":            func(r *ring) { r.l.end(endByPhone, 603, 21); r.offered(queueflow.OutcomeBusy) },
		"rejected, but he was busy":        func(r *ring) { r.l.end(endByPhone, 486, 17); r.offered(queueflow.OutcomeRejected) },
		"unavailable, but he was busy":     func(r *ring) { r.l.end(endByPhone, 486, 17); r.offered(queueflow.OutcomeUnavailable) },
		"no answer, but he rejected":       func(r *ring) { r.l.end(endByPhone, 603, 21); r.offered(queueflow.OutcomeNoAnswer) },
		"forwarded, but he was silent":     func(r *ring) { r.l.end(endByTimeout, 0, 19); r.offered(queueflow.OutcomeForwarded) },
		"dropped, but he never answered":   func(r *ring) { r.l.end(endByTimeout, 0, 19); r.offered(queueflow.OutcomeDropped) },
		"not confirmed, but nobody asked":  func(r *ring) { r.l.answeredAt = r.now; r.offered(queueflow.OutcomeNotConfirmed) },
		"lost the race, but nobody won":    func(r *ring) { r.l.answeredAt = r.now; r.offered(queueflow.OutcomeLostRace) },
		"cancelled, but the caller waits":  func(r *ring) { r.l.end(endByPhone, 603, 21); r.offered(queueflow.OutcomeCancelled) },
		"an outcome twice":                 func(r *ring) { silent(r); r.offered(queueflow.OutcomeNoAnswer) },
		"answered, but they never met":     func(r *ring) { r.l.answeredAt = r.now; r.answered() },
		"answered twice":                   func(r *ring) { r.meet(); r.answered(); again(r); r.answered() },
		"rung twice at once":               again,
		"rung in a talk":                   func(r *ring) { r.meet(); r.answered(); again(r) },
		"rung in his wrap-up":              func(r *ring) { silent(r); r.checks.offers.restUntil[r.phones[0].endpoint] = r.now.Add(1); again(r) },
		"rung while paused":                func(r *ring) { silent(r); r.becomes(func(s *standing) { s.Paused = true }); again(r) },
		"rung, but no member":              func(r *ring) { silent(r); r.becomes(func(s *standing) { s.is = false }); again(r) },
		"rung beyond the caller's penalty": func(r *ring) { silent(r); r.limit(0, 1); again(r) },
		"rung without the skills": func(r *ring) {
			silent(r)
			r.checks.said.open[r.call()].asked.AnySkills = []string{"fr", "it"}
			again(r)
		},
		"rung while his phone is in use": func(r *ring) { silent(r); r.device(queueflow.DeviceInUse); again(r) },
		"rung for nobody":                func(r *ring) { clear(r.checks.said.open); again(r) },
		"idle beside a caller":           func(r *ring) { silent(r); r.device(queueflow.DeviceNotInUse); r.checks.fair(nil) },
		"idle for ever": func(r *ring) {
			silent(r)
			for range 2 {
				r.checks.auditIdle()
				r.agenda.now = r.now.Add(idleLimit + time.Second)
			}
			r.checks.auditIdle()
		},
		"by the agent, who is there":  func(r *ring) { r.meet(); r.answered(); r.completed(callevent.EndedByAgent, wrapUp) },
		"by the caller, who is there": func(r *ring) { r.meet(); r.answered(); r.completed(callevent.EndedByCaller, wrapUp) },
		"taken, but he is there":      func(r *ring) { r.meet(); r.answered(); r.completed(callevent.EndedByTaken, wrapUp) },
		"lost, but both are there":    func(r *ring) { r.meet(); r.answered(); r.completed(callevent.EndedByLost, wrapUp) },
		"by a transfer that was not":  func(r *ring) { r.meet(); r.answered(); r.completed(callevent.EndedByTransfer, wrapUp) },
		"a shorter rest": func(r *ring) {
			r.meet()
			r.answered()
			r.v.ending = true
			r.completed(callevent.EndedByCaller, wrapUp-1)
		},
		"completed, but he was never taken": func(r *ring) { r.completed(callevent.EndedByLost, wrapUp) },
	} {
		r := oneIsRung(t)
		require.Empty(t, r.problems, name)
		tell(r)
		require.NotEmpty(t, r.problems, name)
	}
}

// limit gives the agent a penalty, and lets callers reach no more than another.
func (r *ring) limit(highest, own int) {
	q := r.policies.Queues[support]
	q.Serving.Penalties.Max = new(highest)
	r.policies.Queues[support] = q
	r.becomes(func(s *standing) { s.Penalty = own })
}

// becomes changes how the agent stands.
func (r *ring) becomes(change func(s *standing)) {
	at := place{support, r.phones[0].endpoint}
	s := r.checks.roster.standings[at]
	change(&s)
	r.checks.roster.standings[at] = s
}

func TestAnAgentRungForTheWrongCallerIsSeen(t *testing.T) {
	r := oneIsRung(t)
	first := r.call()
	r.l.end(endByTimeout, 0, 19)
	r.offered(queueflow.OutcomeNoAnswer)
	r.device(queueflow.DeviceNotInUse)
	made := r.leg(2)
	later := *r.checks.said.open[first]
	later.enteredAt = later.enteredAt.Add(time.Second)
	r.checks.said.open["later"] = &later
	made.Channel.ID = application + "-leg-later-1-1"
	r.checks.offers.begin(made)
	r.checks.fair([]queueflow.Command{made})
	require.NotEmpty(t, r.problems)
}

func TestLegsAndCallersWhoAreLeftAloneAreSeen(t *testing.T) {
	audit := func(r *ring) {
		for range 2 {
			r.checks.auditLegs()
			r.agenda.now = r.now.Add(aloneLimit + time.Second)
		}
		r.checks.auditLegs()
	}
	r := oneIsRung(t)
	audit(r)
	require.Empty(t, r.problems, "it rings for a call")
	r.checks.offers.open = nil
	audit(r)
	require.NotEmpty(t, r.problems, "a leg of nobody's")

	r = oneIsRung(t)
	r.meet()
	audit(r)
	require.Empty(t, r.problems, "they talk")
	r.l.end(endByPhone, 0, 16)
	audit(r)
	require.NotEmpty(t, r.problems, "he is alone")
}

func TestMissedCallsThatStayOpenThoughTheirCallerGotThroughAreSeen(t *testing.T) {
	resolved := callevent.Resolved{CallID: "x", Episode: "x", How: callevent.ResolvedAnswered, By: "Anna"}
	r := oneIsRung(t)
	r.checks.closed(resolved)
	require.NotEmpty(t, r.problems, "nobody got through")

	r = oneIsRung(t)
	r.checks.owed.matters = append(r.checks.owed.matters, &matter{id: "x", number: "201", until: r.now.Add(time.Hour)})
	r.checks.owesAnEnd(callevent.Answered{CallID: "y", Caller: boss})
	resolved.ByCall = "y"
	r.checks.closed(resolved)
	r.checks.allClosed()
	require.Empty(t, r.problems)
	r.checks.owesAnEnd(callevent.Answered{CallID: "y", Caller: boss})
	r.checks.allClosed()
	require.NotEmpty(t, r.problems, "it stays open")
}
