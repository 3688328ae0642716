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
func (c *call) trialsSnapshot() *TrialsSnapshot {
	t := &c.trials
	if len(t.of) == 0 && t.round == 0 {
		return nil
	}
	s := &TrialsSnapshot{Round: t.round, PausedUntil: t.pausedUntil, Cursor: t.cursor}
	for a, t := range t.of {
		one := TrialSnapshot{Endpoint: a.endpoint, Silent: t.silent, Refusals: t.refusals, BarredUntil: t.barredUntil, Round: t.round}
		if at := a.attempt; at != nil && at.call == c && at.live() {
			one.Round = c.trials.round - 1
		}
		s.Agents = append(s.Agents, one)
	}
	slices.SortFunc(s.Agents, func(a, b TrialSnapshot) int { return cmp.Compare(a.Endpoint, b.Endpoint) })
	return s
}

func (m *Machine) restoreTrials(c *call, s TrialsSnapshot) {
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
