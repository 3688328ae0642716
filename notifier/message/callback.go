package message

import (
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// ticket says what every event of a callback tells. Number is what is dialled: the caller may have typed another one than
// that he called from, or have hidden that.
func (s *story) ticket(p callevent.Ticket) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.Episode, s.TicketID = clean(p.Episode, maxID), clean(p.TicketID, maxID)
	s.who()
	if called := clean(p.Number, maxNumber); called != "" {
		caller := s.Number
		s.number(called, "")
		if s.Number != caller {
			s.Facts = append(s.Facts, Fact{Label: s.in.label.number, Value: s.Number, Tel: s.Tel})
		}
	}
}

func (s *story) callbackRequested(p callevent.CallbackRequested) {
	s.ticket(p.Ticket)
	s.EnteredAt, s.LeftAt = s.local(p.EnteredAt), s.local(p.LeftAt)
	s.waited(p.WaitedMS)
	s.Position, s.Keys = p.Position, clean(p.Keys, maxNumber)
	s.fact(s.in.label.waited, s.Waited)
	s.when(p.EnteredAt, p.LeftAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.fact(s.in.label.place, count(p.Position))
	s.end()
}

func (s *story) callbackScheduled(p callevent.CallbackScheduled) {
	s.ticket(p.Ticket)
	s.Try, s.DueAt = p.Attempt, s.local(p.DueAt)
	s.fact(s.in.label.attempt, count(p.Attempt))
	if !p.DueAt.IsZero() {
		s.fact(s.in.label.due, s.in.moment(s.DueAt))
	}
	s.requested(p.Ticket)
	s.end()
}

func (s *story) callbackAttempted(p callevent.CallbackAttempted) {
	s.ticket(p.Ticket)
	s.Try = p.Attempt
	s.outcome(p.Outcome)
	s.fact(s.in.label.attempt, count(p.Attempt))
	outcome := s.OutcomeText
	if p.RingMS > 0 {
		outcome += s.in.ringing(p.RingMS)
	}
	s.fact(s.in.label.outcome, outcome)
	if p.Agent != nil {
		s.Agent = agentName(*p.Agent)
		s.fact(s.in.label.agent, s.Agent)
	}
	s.when(p.AttemptedAt, p.AttemptedAt)
	s.requested(p.Ticket)
	s.end()
}

func (s *story) callbackCompleted(p callevent.CallbackCompleted) {
	s.ticket(p.Ticket)
	s.Try = p.Attempts
	s.after(p.AfterMS)
	s.talked(p.TalkedMS)
	if p.Agent != nil {
		s.Agent = agentName(*p.Agent)
	}
	s.settle(s.in.settled[callevent.KindCallbackCompleted], "{talked}", piece(s.in.phrases.talked, "{span}", s.spanOf(p.TalkedMS)))
	s.fact(s.in.label.attempts, count(p.Attempts))
	s.when(p.RequestedAt, p.CompletedAt)
	s.end()
}

func (s *story) callbackFailed(p callevent.CallbackFailed) {
	s.ticket(p.Ticket)
	s.Try = p.Attempts
	s.after(between(p.RequestedAt, p.FailedAt))
	s.outcome(p.Outcome)
	s.settle(s.in.settled[callevent.KindCallbackFailed],
		"{attempts}", piece(s.in.phrases.afterAttempts, "{attempts}", s.attemptsMade()),
		"{within}", piece(s.in.phrases.within, "{span}", s.After),
		"{outcome}", piece(s.in.phrases.outcome, "{outcome}", s.OutcomeText))
	s.when(p.RequestedAt, p.FailedAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.end()
}

func (s *story) callbackExpired(p callevent.CallbackExpired) {
	s.ticket(p.Ticket)
	s.Try = p.Attempts
	s.after(between(p.RequestedAt, p.ExpiredAt))
	s.settle(s.in.settled[callevent.KindCallbackExpired], "{made}", piece(s.in.phrases.made, "{attempts}", s.attemptsMade()))
	s.when(p.RequestedAt, p.ExpiredAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.end()
}

func (s *story) callbackCancelled(p callevent.CallbackCancelled) {
	s.ticket(p.Ticket)
	s.after(between(p.RequestedAt, p.CancelledAt))
	s.By, s.Why = clean(p.By, maxName), clean(p.Why, maxWhy)
	if p.By == "caller" {
		s.By = ""
		if s.Why == "" {
			s.Why = s.in.phrases.fromCaller
		}
	}
	s.settle(s.in.settled[callevent.KindCallbackCancelled])
	s.when(p.RequestedAt, p.CancelledAt)
	s.end()
}

func (s *story) resolved(p callevent.Resolved) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.Episode, s.EpisodeCalls = clean(p.Episode, maxID), p.Calls
	s.How, s.By, s.Why = clean(string(p.How), maxName), clean(p.By, maxName), clean(p.Why, maxWhy)
	s.after(p.AfterMS)
	pattern, known := s.in.resolved[p.How]
	if !known {
		pattern = s.in.resolved[callevent.ResolvedByHand]
	}
	if p.How == callevent.ResolvedAnswered || p.How == callevent.ResolvedCallback {
		s.Agent = s.By
	}
	s.who()
	s.settle(pattern)
	s.fact(s.in.label.calls, count(p.Calls))
	if !p.LastAt.IsZero() {
		s.fact(s.in.label.missed, s.in.period(s.local(p.MissedAt), s.local(p.LastAt)))
	}
	s.when(p.ClosedAt, p.ClosedAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.end()
}

// settle fills the pattern of a status, and tells it. A place whose value is missing disappears.
func (s *story) settle(pattern string, placesAndValues ...string) {
	w := s.in.phrases
	s.Status = strings.TrimSpace(fill(pattern, append(placesAndValues,
		"{after}", piece(" "+w.after, "{span}", s.After),
		"{by}", piece(w.byPerson, "{who}", s.By),
		"{agent}", piece(w.byAgent, "{who}", s.Agent),
		"{answered}", piece(w.answeredBy, "{who}", s.Agent),
		"{why}", piece(w.reason, "{why}", s.Why))...))
	s.fact(s.in.label.result, s.Status)
}

// piece is a part of a sentence that is missing when its value is.
func piece(pattern, place, value string) string {
	if value == "" {
		return ""
	}
	return fill(pattern, place, value)
}

func (s *story) after(ms int64) {
	s.After, s.AfterSeconds = s.spanOf(ms), seconds(ms)
}

// spanOf is a duration, and nothing for none.
func (s *story) spanOf(ms int64) string {
	if ms <= 0 {
		return ""
	}
	return s.in.span(ms)
}

func (s *story) outcome(code string) {
	s.Outcome = clean(code, maxName)
	s.OutcomeText = wordOr(s.in.outcomes, code)
}

func (s *story) attemptsMade() string {
	if s.Try <= 0 {
		return ""
	}
	return s.in.count(int64(s.Try), s.in.phrases.attempts)
}

func (s *story) requested(p callevent.Ticket) {
	if !p.RequestedAt.IsZero() {
		s.fact(s.in.label.requested, s.in.moment(s.local(p.RequestedAt)))
	}
}

// between is the time from one moment to another in milliseconds, 0 when one is unknown.
func between(from, to time.Time) int64 {
	if from.IsZero() || to.IsZero() {
		return 0
	}
	return to.Sub(from).Milliseconds()
}
