package queueflow

import (
	"cmp"
	"fmt"
	"slices"
)

// checkEstimates says whether the estimates of all queues know who waits, who is there to serve them, and who is busy.
func (m *Machine) checkEstimates() error {
	busy := make(map[string]int)
	for _, a := range m.agents {
		for _, at := range []*attempt{a.attempt, a.wrapping} {
			if at != nil && at.handling != nil {
				busy[at.member.queue]++
			}
		}
		if a.attempt != nil && a.attempt.handling == nil {
			return fmt.Errorf("agent %s is busy with %s, and no estimate knows", a.endpoint, a.attempt.id)
		}
	}
	for queue, l := range m.lines {
		if waiting, handling := l.waits.Counts(); waiting != l.len() || handling != busy[queue] {
			return fmt.Errorf("the estimate of %s counts %d callers of %d and %d busy agents of %d", queue, waiting, l.len(), handling, busy[queue])
		}
	}
	for queue, r := range m.rosters {
		if err := m.checkStaff(queue, r); err != nil {
			return err
		}
	}
	return nil
}

// checkStaff counts the agents of a queue, and those whom it shares with others.
func (m *Machine) checkStaff(queue string, r *roster) error {
	agents, members, common := 0, 0, make(map[string]int)
	for _, mb := range r.members {
		if mb.paused {
			continue
		}
		members++
		if mb.factors&(FactorUnavailable|FactorInvalid) == 0 {
			agents++
		}
		for _, other := range mb.agent.members {
			if other != mb && !other.paused {
				common[other.queue]++
			}
		}
	}
	s := m.line(queue).staff
	if s.agents != agents || s.members != members || len(s.shared) != len(common) {
		return fmt.Errorf("the estimate of %s counts %d agents of %d, %d members of %d", queue, s.agents, agents, s.members, members)
	}
	if !slices.IsSortedFunc(s.shared, func(a, b sharing) int { return cmp.Compare(a.with.queue, b.with.queue) }) {
		return fmt.Errorf("the queues that share agents with %s are not in order", queue)
	}
	for _, x := range s.shared {
		if x.common != common[x.with.queue] {
			return fmt.Errorf("queues %s and %s have %d members in common, thought to be %d", queue, x.with.queue, common[x.with.queue], x.common)
		}
	}
	return nil
}
