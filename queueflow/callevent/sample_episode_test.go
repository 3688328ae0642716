package callevent_test

import (
	"time"

	"missedcalls/queueflow/callevent"
)

// resolved is the end of an episode of three missed calls, of which the sample call is the latest.
func resolved(change func(*callevent.Resolved)) callevent.Event {
	p := callevent.Resolved{
		CallID: sampleEpisode, Episode: sampleEpisode, Queue: "sales", QueueName: "Отдел продаж", DID: "74951234567", Language: "ru",
		Caller: anna, How: callevent.ResolvedByHand, By: "Вера", Why: "перезвонила с мобильного", Calls: 3,
		MissedAt: at(-30 * time.Minute), LastAt: at(10_240 * time.Millisecond), ClosedAt: at(12 * time.Minute),
		AfterMS: (42 * time.Minute).Milliseconds(),
	}
	change(&p)
	e := event(callevent.StepID(sampleEpisode, 7, 2), 12*time.Minute, p)
	e.Call = sampleEpisode
	return e
}

// goldenEpisodes are of missed calls that were settled.
func goldenEpisodes() map[string]callevent.Event {
	return map[string]callevent.Event{
		"resolved": resolved(func(*callevent.Resolved) {}),
		"resolved_answered": resolved(func(p *callevent.Resolved) {
			p.How, p.By, p.Why, p.ByCall = callevent.ResolvedAnswered, boris.Name, "", "d4vq7j0s6k3c73f0a1cg"
		}),
		"resolved_callback": resolved(func(p *callevent.Resolved) {
			p.How, p.By, p.Why = callevent.ResolvedCallback, boris.Name, ""
		}),
		"resolved_unknown_did": resolved(func(p *callevent.Resolved) {
			p.Queue, p.QueueName, p.DID, p.Language, p.Calls, p.LastAt = "", "", "74950000000", "", 1, p.MissedAt
		}),
	}
}
