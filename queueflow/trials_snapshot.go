package queueflow

import (
	"cmp"
	"slices"
	"time"
)

// TrialsSnapshot is what a call remembers of the agents that were rung for it in its present queue.
type TrialsSnapshot struct {
	// Round counts the rounds that are over, PausedUntil is when the next begins, if not at once.
	Round       int       `json:"round,omitempty"`
	PausedUntil time.Time `json:"paused_until,omitzero"`
	// Cursor is the place of the list at which the next choice begins.
	Cursor int `json:"cursor,omitempty"`
	// Agents in the order of their endpoints.
	Agents []TrialSnapshot `json:"agents,omitempty"`
}

// TrialSnapshot is one agent.
type TrialSnapshot struct {
	Endpoint    string    `json:"endpoint"`
	Silent      int       `json:"silent,omitempty"`
	Refusals    int       `json:"refusals,omitempty"`
	BarredUntil time.Time `json:"barred_until,omitzero"`
	Round       int       `json:"round"`
}

// trialsSnapshot is nil when there is nothing to remember. Whose phone still rings was not rung to the end: he may be rung
// again in this round.
func (m *Machine) trialsSnapshot(c *call) *TrialsSnapshot {
	t := &c.trials
	s := &TrialsSnapshot{Round: t.round, PausedUntil: t.pausedUntil, Cursor: t.cursor}
	for a, t := range t.of {
		if m.agents[a.endpoint] != a {
			continue // he is not known any more
		}
		one := TrialSnapshot{Endpoint: a.endpoint, Silent: t.silent, Refusals: t.refusals, BarredUntil: t.barredUntil, Round: t.round}
		if at := a.attempt; at != nil && at.call == c && at.live() {
			one.Round = c.trials.round - 1
		}
		s.Agents = append(s.Agents, one)
	}
	if len(s.Agents) == 0 && t.round == 0 {
		return nil
	}
	slices.SortFunc(s.Agents, func(a, b TrialSnapshot) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	return s
}

// restoreTrials gives a call back what it remembers of agents, once all are known: one may be so only from his talk.
func (m *Machine) restoreTrials(saved CallSnapshot) {
	c, s := m.calls[saved.Entered.CallID], saved.Trials
	if c == nil || s == nil {
		return
	}
	c.trials = trials{round: s.Round, pausedUntil: s.PausedUntil, cursor: s.Cursor, of: make(map[*agent]*trial, len(s.Agents))}
	for _, t := range s.Agents {
		if a := m.agents[t.Endpoint]; a != nil {
			c.trials.of[a] = &trial{silent: t.Silent, refusals: t.Refusals, barredUntil: t.BarredUntil, round: t.Round}
		}
	}
}

// replay takes up what came of the ringing of an agent. That he was rung twice in a round says that it was over between.
func (t *trials) replay(a *agent, o Outcome, when time.Time) {
	if before := t.of[a]; before != nil && before.round == t.round {
		t.round++
		t.pausedUntil = time.Time{}
	}
	t.ring(a)
	t.of[a].note(o, when)
}
