package notifier

import (
	"fmt"
	"time"

	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// missed is a caller who hung up now, in an episode of his own unless told otherwise.
func missed(call string, changes ...func(*callevent.Missed)) callevent.Event {
	at := time.Now().UTC()
	m := callevent.Missed{
		CallID: call, Queue: "sales", DID: "74951234567", Language: "ru", Reason: callevent.ReasonAbandoned,
		Caller:    callevent.Caller{Raw: "89161234567", E164: "+79161234567", Kind: callevent.CallerExternal},
		EnteredAt: at, LeftAt: at, Attempts: []callevent.Attempt{}, Episode: call, EpisodeCalls: 1,
	}
	for _, change := range changes {
		change(&m)
	}
	return callevent.Event{ID: callevent.EndID(call), Source: "/missedcalls/test/pbx", Call: call, Time: m.LeftAt, Payload: m}
}

// again is one more call of an episode.
func again(call, episode string) callevent.Event {
	return missed(call, func(m *callevent.Missed) { m.Episode, m.EpisodeCalls = episode, 2 })
}

// ago is a call that was missed some time ago.
func ago(call string, d time.Duration) callevent.Event {
	return missed(call, func(m *callevent.Missed) { m.LeftAt = m.LeftAt.Add(-d) })
}

// resolved closes an episode.
func resolved(episode string) callevent.Event {
	at := time.Now().UTC()
	return callevent.Event{
		ID: episode + ".resolved", Source: "/missedcalls/test/pbx", Call: episode, Time: at,
		Payload: callevent.Resolved{
			CallID: episode, Episode: episode, Queue: "sales", How: callevent.ResolvedByHand, By: "Anna", Calls: 1,
			MissedAt: at, LastAt: at, ClosedAt: at,
		},
	}
}

func ticket(episode string) callevent.Ticket {
	return callevent.Ticket{CallID: episode, TicketID: episode, Queue: "sales", Episode: episode, RequestedAt: time.Now().UTC()}
}

// callback is an event of an episode's callback.
func callback(episode string, p callevent.Payload) callevent.Event {
	return callevent.Event{
		ID: fmt.Sprintf("%s.%s", episode, p.Kind()), Source: "/missedcalls/test/pbx", Call: episode, Time: time.Now().UTC(), Payload: p,
	}
}

// number names the n-th call.
func number(n int) string { return fmt.Sprintf("c%05d", n) }

// someMissed are the missed calls of n callers.
func someMissed(first, n int) (events []callevent.Event) {
	for i := range n {
		events = append(events, missed(number(first+i)))
	}
	return events
}

// webhook is a target of a policy, with what a test changes.
func webhook(changes ...func(*policy.Target)) policy.Target {
	t := policy.Target{Webhook: &policy.Webhook{}, Workers: 4, MaxAge: 24 * time.Hour}
	for _, change := range changes {
		change(&t)
	}
	return t
}

// everybody tells all targets of all missed calls.
func everybody(targets map[string]policy.Target) policy.Policy {
	p := policy.Policy{Targets: targets}
	for name := range targets {
		p.CopyAll = append(p.CopyAll, name)
	}
	return p
}

// one is a policy with one target, crm.
func one(changes ...func(*policy.Target)) policy.Policy {
	return everybody(map[string]policy.Target{"crm": webhook(changes...)})
}
