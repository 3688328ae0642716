package queueflow

// failures counts the failed attempts of a member in a row, for Autopause.
type failures struct{ noAnswer, busy, unavailable int }

// failures gives the count that an outcome belongs to, nil for one that is no failure.
func (mb *member) failures(o Outcome) *int {
	switch o {
	case OutcomeNoAnswer, OutcomeNotConfirmed, OutcomeDropped:
		return &mb.failed.noAnswer
	case OutcomeBusy, OutcomeRejected:
		return &mb.failed.busy
	case OutcomeUnavailable:
		return &mb.failed.unavailable
	}
	return nil
}

// limitOf is how many failures of the kind of an outcome pause a member, and the reason that is told; 0 is without limit.
func (a Autopause) limitOf(o Outcome) (limit int, reason string) {
	switch o {
	case OutcomeBusy, OutcomeRejected:
		return a.Busy, "busy"
	case OutcomeUnavailable:
		return a.Unavailable, "unavailable"
	}
	return a.NoAnswer, "no_answer"
}

// fail counts a failed attempt, and pauses the member when it was one too many. What Asterisk did not do is held against
// nobody: one that is too slow would pause everybody.
func (m *Machine) fail(at *attempt) {
	mb := at.member
	failed := mb.failures(at.outcome)
	if failed == nil || mb.roster == nil || at.undone {
		return
	}
	*failed++
	rule := mb.roster.serving.Autopause
	limit, reason := rule.limitOf(at.outcome)
	if limit == 0 || *failed < limit || m.inGrace(mb.agent, rule) {
		return
	}
	paused := []*member{mb}
	if rule.AllQueues {
		paused = mb.agent.members
	}
	for _, mb := range paused {
		if !mb.paused {
			m.pause(mb, true, reason, byQueue)
		}
	}
}

// inGrace says whether an agent's last talk ended so short a time ago that he is not paused.
func (m *Machine) inGrace(a *agent, rule Autopause) bool {
	return rule.Grace > 0 && !a.endedAt.IsZero() && m.now.Sub(a.endedAt) < rule.Grace
}

// byQueue is who made a pause that the queue made itself, and byConfiguration who changes members by a reload.
const (
	byQueue         = "queue"
	byConfiguration = "configuration"
)
