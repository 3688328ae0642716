package message

import "missedcalls/queueflow/callevent"

// member says what became of an agent in a queue. There is no caller.
func (s *story) member(p callevent.Member) {
	s.about(p.Language, p.Queue, p.QueueName, "")
	s.Agent = agentName(p.Agent)
	s.By, s.Why = clean(p.By, maxName), wordOr(s.in.outcomes, p.Reason)
	switch p.By {
	case "agent":
		s.By = s.in.phrases.self
	case "queue":
		s.By = s.in.phrases.queue
	}
	who := s.Agent
	if endpoint := clean(p.Agent.Endpoint, maxName); endpoint != "" && endpoint != who {
		who += " (" + endpoint + ")"
	}
	s.fact(s.in.label.agent, who)
	s.fact(s.in.label.reason, s.Why)
	s.fact(s.in.label.by, s.By)
	s.when(p.At, p.At)
}
