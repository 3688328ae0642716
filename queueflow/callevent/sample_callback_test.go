package callevent_test

import (
	"time"

	"missedcalls/queueflow/callevent"
)

// ticket is a callback that somebody asked for after waiting.
func ticket(change func(*callevent.Ticket)) callevent.Ticket {
	t := callevent.Ticket{
		CallID: sampleCall, TicketID: sampleTicket, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru",
		Caller: anna, Number: "+79161234567", RequestedAt: at(45 * time.Second),
	}
	change(&t)
	return t
}

func asked(*callevent.Ticket) {}

// recalled is a ticket that nobody asked for: a missed call brought it about.
func recalled(t *callevent.Ticket) { t.Episode = sampleEpisode }

func callback(n int, after time.Duration, p callevent.Payload) callevent.Event {
	return event(callevent.StepID(sampleCall, 7, n), after, p)
}

// goldenCallbacks are of the life of a callback.
func goldenCallbacks() map[string]callevent.Event {
	return map[string]callevent.Event{
		"callback_requested": event(callevent.EndID(sampleCall), 45*time.Second, callevent.CallbackRequested{
			Ticket: ticket(asked), EnteredAt: at(0), LeftAt: at(45 * time.Second), WaitedMS: 45_000, Position: 2, Keys: "11",
			Asterisk: sampleChannel,
		}),
		"callback_scheduled": callback(3, 46*time.Second, callevent.CallbackScheduled{
			Ticket: ticket(asked), Attempt: 1, DueAt: at(46 * time.Second),
		}),
		"callback_attempted": callback(4, 5*time.Minute, callevent.CallbackAttempted{
			Ticket: ticket(asked), Attempt: 1, AttemptedAt: at(5 * time.Minute), Outcome: "busy", RingMS: 1_200, Cause: 17, SIP: 486,
			Agent: &boris,
		}),
		"callback_attempted_dialplan": callback(4, 5*time.Minute, callevent.CallbackAttempted{
			Ticket: ticket(recalled), Attempt: 2, AttemptedAt: at(5 * time.Minute), Outcome: "unknown",
		}),
		"callback_completed": callback(5, 12*time.Minute, callevent.CallbackCompleted{
			Ticket: ticket(recalled), Attempts: 2, CompletedAt: at(12 * time.Minute), AfterMS: 555_000, TalkedMS: 120_000, Agent: &boris,
		}),
		"callback_completed_dialplan": callback(5, 12*time.Minute, callevent.CallbackCompleted{
			Ticket: ticket(asked), Attempts: 1, CompletedAt: at(12 * time.Minute), AfterMS: 555_000, TalkedMS: 120_000,
		}),
		"callback_failed": callback(6, 2*time.Hour, callevent.CallbackFailed{
			Ticket: ticket(recalled), Attempts: 4, FailedAt: at(2 * time.Hour), Outcome: "no_answer",
		}),
		"callback_expired": callback(7, 24*time.Hour, callevent.CallbackExpired{
			Ticket: ticket(asked), Attempts: 3, ExpiredAt: at(24 * time.Hour),
		}),
		"callback_cancelled": callback(8, 20*time.Minute, callevent.CallbackCancelled{
			Ticket: ticket(asked), CancelledAt: at(20 * time.Minute), By: "caller",
		}),
		"callback_cancelled_by_hand": callback(8, 20*time.Minute, callevent.CallbackCancelled{
			Ticket: ticket(recalled), CancelledAt: at(20 * time.Minute), By: "Вера", Why: "ответили письмом",
		}),
	}
}
