package message

import (
	"strconv"

	"missedcalls/queueflow/callevent"
)

var english = language{
	name:   "en",
	plural: englishPlural,
	months: [12]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	},
	second:   forms{"second", "", "seconds"},
	minute:   forms{"minute", "", "minutes"},
	hour:     forms{"hour", "", "hours"},
	day:      forms{"day", "", "days"},
	ordinals: [10]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"},
	ordinal:  englishOrdinal,

	titles: map[callevent.Kind]string{
		callevent.KindEntered:           "New call",
		callevent.KindOffered:           "An agent was rung",
		callevent.KindAnnounced:         "Announcement to a caller",
		callevent.KindAnswered:          "Call answered",
		callevent.KindMoved:             "Call moved to another queue",
		callevent.KindCompleted:         "Talk ended",
		callevent.KindMissed:            "Missed call",
		callevent.KindCallbackRequested: "Callback requested",
		callevent.KindCallbackScheduled: "Callback scheduled",
		callevent.KindCallbackAttempted: "Callback tried",
		callevent.KindCallbackCompleted: "Called back",
		callevent.KindCallbackFailed:    "Callback failed",
		callevent.KindCallbackExpired:   "Callback expired",
		callevent.KindCallbackCancelled: "Callback cancelled",
		callevent.KindResolved:          "Missed call resolved",
		callevent.KindMemberAdded:       "Agent added to the queue",
		callevent.KindMemberRemoved:     "Agent removed from the queue",
		callevent.KindMemberPaused:      "Agent paused",
		callevent.KindMemberUnpaused:    "Agent takes calls again",
	},
	taken: "Call taken by somebody else",
	reasons: map[callevent.Reason]string{
		callevent.ReasonAbandoned:         "the caller hung up before anybody answered",
		callevent.ReasonMaxWait:           "the queue's time limit ran out",
		callevent.ReasonNoAgents:          "the call was sent away: no agents were left in the queue",
		callevent.ReasonQueueFull:         "the call was sent away: the queue was full",
		callevent.ReasonClosed:            "the call was sent away: business hours were over",
		callevent.ReasonExitKey:           "the caller left the queue by pressing a key",
		callevent.ReasonUnknownDID:        "no queue stands for the dialled number",
		callevent.ReasonDeclined:          "the queue gave the call back to the dialplan, which may have served it",
		callevent.ReasonTaken:             "somebody else took the waiting call: a pickup, a transfer or a bridge",
		callevent.ReasonCallbackAbandoned: "the caller hung up in the callback menu, and no callback was registered",
		callevent.ReasonLost:              "the call was lost while the program or Asterisk was down",
		callevent.ReasonError:             "a fault: the queue could not go on with the call",
	},
	atDoor: map[callevent.Reason]string{
		callevent.ReasonNoAgents:  "the call was refused: the queue has no agents",
		callevent.ReasonQueueFull: "the call was refused: the queue was full",
		callevent.ReasonClosed:    "the call was refused: outside of business hours",
	},
	rung: map[string]string{
		"answered":      "{who} answered",
		"no_answer":     "{who} did not answer{for}",
		"busy":          "{who} was busy",
		"rejected":      "{who} rejected the call",
		"unavailable":   "{who} could not be reached",
		"cancelled":     "{who} was rung{for}, then the ringing was cancelled",
		"forwarded":     "{who} had calls forwarded, which is not followed",
		"dropped":       "{who} answered and hung up",
		"not_confirmed": "{who} answered but did not confirm",
		"lost_race":     "{who} answered too late",
		"":              "{who}: {outcome}",
	},
	outcomes: map[string]string{
		"answered":          "answered",
		"reached":           "reached",
		"completed":         "reached",
		"no_answer":         "no answer",
		"busy":              "busy",
		"rejected":          "rejected",
		"congestion":        "the network had no free line",
		"unavailable":       "could not be reached",
		"invalid":           "there is no such number",
		"machine":           "an answering machine",
		"hung_up":           "the customer hung up",
		"customer_hung_up":  "the customer hung up",
		"not_confirmed":     "nobody confirmed",
		"agent_unconfirmed": "the agent did not confirm",
		"cancelled":         "cancelled",
		"dropped":           "the agent hung up",
	},
	endedBy: map[callevent.EndedBy]string{
		callevent.EndedByCaller:      "the caller",
		callevent.EndedByAgent:       "the agent",
		callevent.EndedByApplication: "the queue",
		callevent.EndedByTransfer:    "a transfer",
		callevent.EndedByTaken:       "somebody else took the call",
		callevent.EndedByLost:        "unknown, the end was not seen",
	},
	transfers: map[string]string{"blind": "unannounced", "attended": "announced"},
	settled: map[callevent.Kind]string{
		callevent.KindCallbackCompleted: "Called back{after}{agent}{talked}",
		callevent.KindCallbackFailed:    "Callback failed{attempts}{within}{outcome}",
		callevent.KindCallbackExpired:   "Callback expired{after}{made}",
		callevent.KindCallbackCancelled: "Callback cancelled{after}{by}{why}",
	},
	resolved: map[callevent.ResolvedHow]string{
		callevent.ResolvedAnswered: "Got through{after}{answered}{why}",
		callevent.ResolvedCallback: "Called back{after}{agent}{why}",
		callevent.ResolvedByHand:   "Resolved{by}{after}{why}",
	},
	settledShort: map[callevent.Kind]string{
		callevent.KindCallbackCompleted: "called back",
		callevent.KindCallbackFailed:    "callback failed",
		callevent.KindCallbackExpired:   "callback expired",
		callevent.KindCallbackCancelled: "callback cancelled",
		callevent.KindResolved:          "resolved",
	},

	label: labels{
		who: "Who", what: "What happened", when: "When", lost: "Lost", dialled: "Dialled", place: "Place in line",
		agents: "Agents", rung: "Agents rung", agent: "Agent", waited: "Waited", talked: "Talked", told: "Announced", note: "Note",
		callback: "Callback", keys: "Keys", sentTo: "Sent to", refusedBy: "Refused before by", from: "From",
		endedBy: "Ended by", transfers: "Transfers", recording: "Recording", number: "Number to call", attempt: "Attempt",
		attempts: "Attempts", due: "Due", requested: "Requested", outcome: "Outcome", result: "Result", missed: "Missed", calls: "Missed calls",
		reason: "Reason", by: "By", callID: "Call id", also: "Also", byQueue: "By queue", more: "More",
	},
	phrases: phrases{
		unknownQueue: "unknown queue", unknownDialled: "unknown queue, dialled {did}",
		withheld: "number withheld", noNumber: "number unknown", extension: "extension {number}",
		after: "after {span}", atLeast: "after at least {span}",
		places: "{from} on entry, {to} when leaving", place: "place {n}", beyond: "place beyond {n}", estimate: "a wait of {span}",
		offered: "offered {times}", notChosen: "not chosen", chosen: "chosen",
		attempts:    forms{"attempt", "", "attempts"},
		missedCalls: forms{"missed call", "", "missed calls"}, events: forms{"event", "", "events"},
		numbers: forms{"caller", "", "callers"}, times: forms{"time", "", "times"},
		missedOfNumber: "{nth} missed call of this number",
		free:           "{n} free", talking: "{n} talking", wrappingUp: "{n} wrapping up", paused: "{n} paused", unavailable: "{n} unavailable",
		ringing: " for {span}", afterAttempts: " after {attempts}",
		byPerson: " by {who}", byAgent: " by {who}", answeredBy: ", answered by {who}", within: " within {span}", reason: ": {why}", talked: ", talked for {span}",
		outcome: ": {outcome}", made: ", {attempts} made",
		fromCaller: "the caller got through", self: "the agent", queue: "the queue",
		transfer: "{kind}, by {who} to {to}", more: "and {n} more", others: "others", something: "Event",
	},
}

func englishPlural(n int64) category {
	if n == 1 {
		return categoryOne
	}
	return categoryOther
}

func englishOrdinal(n int) string {
	suffix := "th"
	if n%100/10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}
