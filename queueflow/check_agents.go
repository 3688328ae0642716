package queueflow

import (
	"fmt"

	"missedcalls/queueflow/strategy"
)

// checkAgents says whether every agent is reserved once, scheduled, and counted by his queues as he stands.
func (m *Machine) checkAgents() error {
	for endpoint, a := range m.agents {
		if err := m.checkAgent(endpoint, a); err != nil {
			return err
		}
	}
	for _, c := range m.calls {
		for _, at := range c.attempts {
			if a := at.member.agent; !at.over && at.outcome == "" && at.state != hangingUp && a.attempt != at {
				return fmt.Errorf("agent %s is rung for call %s and reserved for another", a.endpoint, c.id)
			}
		}
	}
	for queue, r := range m.rosters {
		if err := m.checkRoster(queue, r); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) checkAgent(endpoint string, a *agent) error {
	if err := m.checkMemberships(a); err != nil {
		return err
	}
	before := a.standing
	switch {
	case a.endpoint != endpoint, a.device == nil, m.devices[a.device.name] != a.device:
		return fmt.Errorf("agent %s is not where it is looked for", endpoint)
	case m.stand(a) != before:
		return fmt.Errorf("agent %s stands otherwise than is known", endpoint)
	case !a.standing.able && a.attempt == nil && a.alarm.index == 0 && a.standing.factors&FactorWrapUp != 0:
		return fmt.Errorf("agent %s wraps up, and nothing will end it", endpoint)
	case a.settles && (a.attempt != nil || a.alarm.index == 0 || a.askAt.IsZero()):
		return fmt.Errorf("agent %s settles, and nothing will end it", endpoint)
	case len(a.members) == 0 && a.attempt == nil && a.alarm.index == 0:
		return fmt.Errorf("agent %s is nobody's and not forgotten", endpoint)
	}
	return nil
}

func (m *Machine) checkMemberships(a *agent) error {
	for i, mb := range a.members {
		switch {
		case mb.agent != a, mb.roster == nil, m.rosters[mb.queue] != mb.roster:
			return fmt.Errorf("agent %s is a member of %s, which does not know", a.endpoint, mb.queue)
		case i > 0 && compareQueues(a.members[i-1], mb) >= 0:
			return fmt.Errorf("the queues of agent %s are not in order", a.endpoint)
		}
	}
	return nil
}

// checkRoster says whether the counts of a queue are right, and whether no idle agent is beside a caller he could serve.
func (m *Machine) checkRoster(queue string, r *roster) error {
	var counts [agentStates]int
	enterable, stayable := 0, 0
	for i, mb := range r.members {
		if i > 0 && r.members[i-1].position >= mb.position {
			return fmt.Errorf("the members of %s are not in order", queue)
		}
		if mb.seat.Key() != r.key(mb) || mb.state >= agentStates {
			return fmt.Errorf("member %s of %s is not where its strategy has it", mb.agent.endpoint, queue)
		}
		counts[mb.state]++
		if mb.factors&r.serving.RefuseWhenAll == 0 {
			enterable++
		}
		if mb.factors&r.serving.LeaveWhenAll == 0 {
			stayable++
		}
	}
	if r.order.Len() != len(r.members) || counts != r.counts || enterable != r.enterable || stayable != r.stayable {
		return fmt.Errorf("the members of %s are miscounted", queue)
	}
	if err := r.checkFree(); err != nil {
		return err
	}
	return m.checkDemands(queue, r)
}

// checkFree says whether those are free, or settle, who are said to.
func (r *roster) checkFree() error {
	settling := 0
	for _, mb := range r.members {
		if free, settles := mb.free(); mb.settling != settles || mb.seat.Free() != (free || settles) {
			return fmt.Errorf("member %s of %s is not as free as his phone is", mb.agent.endpoint, r.queue)
		}
		if mb.settling {
			settling++
		}
	}
	if settling != r.settling {
		return fmt.Errorf("the members of %s who settle are miscounted", r.queue)
	}
	return nil
}

func (m *Machine) checkDemands(queue string, r *roster) error {
	wanting := 0
	for key, d := range r.demands {
		for c := range d.all() {
			wanting++
			switch mb, over, _ := m.choose(c, strategy.Later); {
			case c.demand != d, c.step != key.step, c.queue != queue:
				return fmt.Errorf("call %s wants an agent of %s among others than its like", c.id, queue)
			case mb != nil && m.calls[c.id] == c:
				return fmt.Errorf("call %s waits in %s beside agent %s, who is idle", c.id, queue, mb.agent.endpoint)
			case over:
				return fmt.Errorf("call %s waits in %s, though all agents were rung and may be again", c.id, queue)
			case m.forgotten(r, c):
				return fmt.Errorf("call %s waits in %s for an agent who settles, and will not be looked at then", c.id, queue)
			}
		}
	}
	for _, c := range m.calls {
		if c.queue == queue && c.wanting != nil != m.wants(c) {
			return fmt.Errorf("call %s of %s: wanting an agent is %t, said to be %t", c.id, queue, m.wants(c), c.wanting != nil)
		}
	}
	if wanting != r.wanting {
		return fmt.Errorf("%d calls of %s want an agent, %d are known", wanting, queue, r.wanting)
	}
	return nil
}

// forgotten says whether a call that waits for nothing but an agent who settles will not be looked at once he has.
func (m *Machine) forgotten(r *roster, c *call) bool {
	mb, over, settles := m.choose(c, strategy.No)
	_, held := r.held[c]
	return settles && (mb != nil || over) && !held
}
