package message

import (
	"time"

	"missedcalls/queueflow/callevent"
)

func pointer[T any](v T) *T { return &v }

// sampleCalls are what happens to a call before it ends, and a talk.
func sampleCalls() []callevent.Event {
	at, waited := sampleTime(65*time.Second), int64(65_000)
	return []callevent.Event{
		sample("entered", sampleTime(0), callevent.Entered{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			EnteredAt: sampleTime(0), Position: 3, Asterisk: sampleAsterisk,
		}),
		sample("offered", at, callevent.Offered{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			OfferedAt: at, WaitedMS: waited, Position: 1, Attempt: sampleAttempts[0], Asterisk: sampleAsterisk,
		}),
		sample("announced", at, callevent.Announced{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			AnnouncedAt: at, WaitedMS: waited, Position: 2, PositionTold: pointer(2), EstimateToldMS: pointer(int64(120_000)),
			Media: []string{"sound:queue-thereare", "sound:digits/2", "sound:queue-callswaiting"}, Asterisk: sampleAsterisk,
		}),
		sample("answered", at, callevent.Answered{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			EnteredAt: sampleTime(0), AnsweredAt: at, WaitedMS: waited, Position: 1, Agent: sampleAgent,
			Attempts: append(sampleAttempts[1:2:2], callevent.Attempt{Agent: "Анна", Endpoint: "PJSIP/101", Outcome: "answered", RingMS: 4_000}),
			Asterisk: sampleAsterisk,
		}),
		sample("moved", at, callevent.Moved{
			From: sampleQueue, FromName: sampleName, Queue: "support", QueueName: "Поддержка", DID: sampleDID, Language: "ru",
			Caller: sampleCaller, Reason: callevent.ReasonExitKey, EnteredAt: sampleTime(0), MovedAt: at, WaitedMS: waited,
			Position: 1, Keys: "9", Asterisk: sampleAsterisk,
		}),
		sample("completed", sampleTime(10*time.Minute), callevent.Completed{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			EnteredAt: sampleTime(0), AnsweredAt: at, EndedAt: sampleTime(10 * time.Minute), WaitedMS: waited, TalkedMS: 535_000,
			Agent: sampleAgent, EndedBy: callevent.EndedByTransfer,
			Transfers: []callevent.Transfer{{Kind: "blind", By: "Анна", Target: "205"}}, Asterisk: sampleAsterisk,
		}),
	}
}

func sampleTicket() callevent.Ticket {
	return callevent.Ticket{
		TicketID: "sample-ticket", Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru",
		Caller: sampleCaller, Number: "+79161234567", RequestedAt: sampleTime(90 * time.Second), Episode: "sample-episode",
	}
}

// sampleCallbacks are the life of a ticket.
func sampleCallbacks() []callevent.Event {
	t := sampleTicket()
	at := t.RequestedAt.Add(80 * time.Minute)
	late := t.RequestedAt.Add(24 * time.Hour)
	other := t
	other.Caller, other.Number = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}, "+79037654321"
	return []callevent.Event{
		sample("callback-requested", t.RequestedAt, callevent.CallbackRequested{
			Ticket: t, EnteredAt: sampleTime(0), LeftAt: sampleTime(90 * time.Second), WaitedMS: 90_000, Position: 2, Keys: "11",
			Asterisk: sampleAsterisk,
		}),
		sample("callback-requested-other-number", t.RequestedAt, callevent.CallbackRequested{
			Ticket: other, EnteredAt: sampleTime(0), LeftAt: sampleTime(90 * time.Second), WaitedMS: 90_000, Position: 2,
			Keys: "12890376543211", Asterisk: sampleAsterisk,
		}),
		sample("callback-scheduled", t.RequestedAt, callevent.CallbackScheduled{Ticket: t, Attempt: 2, DueAt: at}),
		sample("callback-attempted", at, callevent.CallbackAttempted{
			Ticket: t, Attempt: 2, AttemptedAt: at, Outcome: "no_answer", RingMS: 45_000, Cause: 19, SIP: 480, Agent: &sampleAgent,
		}),
		sample("callback-completed", at, callevent.CallbackCompleted{
			Ticket: t, Attempts: 2, CompletedAt: at, AfterMS: 4_800_000, TalkedMS: 125_000, Agent: &sampleAgent,
		}),
		sample("callback-failed", at, callevent.CallbackFailed{Ticket: t, Attempts: 3, FailedAt: at, Outcome: "busy"}),
		sample("callback-expired", late, callevent.CallbackExpired{Ticket: t, Attempts: 1, ExpiredAt: late}),
		sample("callback-cancelled", at, callevent.CallbackCancelled{Ticket: t, CancelledAt: at, By: "Пётр", Why: "ответили по почте"}),
		sample("callback-cancelled-by-caller", at, callevent.CallbackCancelled{Ticket: t, CancelledAt: at, By: "caller"}),
	}
}

// sampleResolved are the ways in which missed calls are closed.
func sampleResolved() []callevent.Event {
	var all []callevent.Event
	for _, how := range []callevent.ResolvedHow{callevent.ResolvedByHand, callevent.ResolvedAnswered, callevent.ResolvedCallback} {
		p := callevent.Resolved{
			Queue: sampleQueue, QueueName: sampleName, DID: sampleDID, Language: "ru", Caller: sampleCaller,
			How: how, By: "Анна", Calls: 3, MissedAt: sampleTime(0), LastAt: sampleTime(8 * time.Minute),
			ClosedAt: sampleTime(12 * time.Minute), AfterMS: 720_000,
		}
		switch how {
		case callevent.ResolvedByHand:
			p.Why = "договорились на понедельник"
		case callevent.ResolvedAnswered:
			p.ByCall = "sample-answered"
		}
		e := sample("resolved-"+string(how), p.ClosedAt, p)
		p.CallID, p.Episode = e.Call, e.Call
		e.Payload = p
		all = append(all, e)
	}
	return all
}

// sampleMembers are what happens to an agent in a queue.
func sampleMembers() []callevent.Event {
	m := callevent.Member{
		Queue: sampleQueue, QueueName: sampleName, Language: "ru", Agent: sampleAgent, Penalty: 1, At: sampleTime(0), By: "Пётр",
	}
	paused := m
	paused.Paused, paused.Reason, paused.By = true, "no_answer", "queue"
	back := m
	back.By = "agent"
	all := []callevent.Event{
		sample("member-added", m.At, callevent.MemberAdded{Member: m}),
		sample("member-removed", m.At, callevent.MemberRemoved{Member: m}),
		sample("member-paused", m.At, callevent.MemberPaused{Member: paused}),
		sample("member-unpaused", m.At, callevent.MemberUnpaused{Member: back}),
	}
	for i := range all { // an agent's events belong to no call
		all[i].Call = callevent.MemberSubject(sampleAgent.Endpoint)
	}
	return all
}
