package message

import (
	"slices"
	"strconv"
	"strings"

	"missedcalls/queueflow/callevent"
)

func (s *story) entered(p callevent.Entered) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.EnteredAt = s.local(p.EnteredAt)
	s.Position, s.PositionAtEntry = p.Position, p.Position
	s.who()
	s.when(p.EnteredAt, p.EnteredAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.fact(s.in.label.place, count(p.Position))
	s.refusals(p.RefusedBy)
	s.end()
}

func (s *story) offered(p callevent.Offered) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.waited(p.WaitedMS)
	s.Position = p.Position
	s.attempts([]callevent.Attempt{p.Attempt})
	s.Agent, s.Outcome, s.OutcomeText = s.Attempts[0].Agent, s.Attempts[0].Outcome, s.Rung
	s.who()
	s.fact(s.in.label.rung, s.Rung)
	s.fact(s.in.label.waited, s.Waited)
	s.when(p.OfferedAt, p.OfferedAt)
	s.fact(s.in.label.place, count(p.Position))
	s.end()
}

func (s *story) announced(p callevent.Announced) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.waited(p.WaitedMS)
	s.Position = p.Position
	var told []string
	if p.PositionTold != nil {
		place := s.in.phrases.place
		if p.MoreThan {
			place = s.in.phrases.beyond
		}
		told = append(told, fill(place, "{n}", strconv.Itoa(*p.PositionTold)))
	}
	if p.EstimateToldMS != nil {
		told = append(told, fill(s.in.phrases.estimate, "{span}", s.in.span(*p.EstimateToldMS)))
	}
	s.who()
	s.fact(s.in.label.told, strings.Join(told, "; "))
	s.fact(s.in.label.waited, s.Waited)
	s.when(p.AnnouncedAt, p.AnnouncedAt)
	s.fact(s.in.label.place, count(p.Position))
	s.end()
}

func (s *story) answered(p callevent.Answered) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.EnteredAt = s.local(p.EnteredAt)
	s.waited(p.WaitedMS)
	s.Position = p.Position
	s.Agent = agentName(p.Agent)
	s.attempts(p.Attempts)
	s.who()
	s.fact(s.in.label.agent, s.Agent)
	s.fact(s.in.label.waited, s.Waited)
	s.when(p.EnteredAt, p.AnsweredAt)
	s.fact(s.in.label.dialled, s.Dialled)
	s.fact(s.in.label.rung, s.Rung)
	s.end()
}

func (s *story) moved(p callevent.Moved) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.EnteredAt = s.local(p.EnteredAt)
	s.waited(p.WaitedMS)
	s.Position = p.Position
	s.Keys = clean(p.Keys, maxNumber)
	from := clean(p.FromName, maxQueue)
	if from == "" {
		from = clean(p.From, maxQueue)
	}
	s.who()
	s.fact(s.in.label.from, from)
	s.fact(s.in.label.what, s.why(p.Reason, p.WaitedMS))
	s.when(p.EnteredAt, p.MovedAt)
	s.fact(s.in.label.place, count(p.Position))
	s.fact(s.in.label.keys, s.Keys)
	s.end()
}

func (s *story) completed(p callevent.Completed) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	s.from(p.Caller)
	s.EnteredAt, s.LeftAt = s.local(p.EnteredAt), s.local(p.EndedAt)
	s.waited(p.WaitedMS)
	s.talked(p.TalkedMS)
	s.Agent = agentName(p.Agent)
	s.who()
	s.fact(s.in.label.agent, s.Agent)
	s.fact(s.in.label.waited, s.Waited)
	s.fact(s.in.label.talked, s.Talked)
	s.when(p.EnteredAt, p.EndedAt)
	s.fact(s.in.label.endedBy, wordOr(s.in.endedBy, p.EndedBy))
	s.transfers(p.Transfers)
	s.fact(s.in.label.dialled, s.Dialled)
	s.fact(s.in.label.recording, clean(p.Recording, maxWhy))
	s.end()
}

func (s *story) missed(p callevent.Missed) {
	s.about(p.Language, p.Queue, p.QueueName, p.DID)
	if p.Reason == callevent.ReasonTaken {
		s.Title = s.in.taken + strings.TrimPrefix(s.Title, s.in.titles[callevent.KindMissed])
		s.Icon = icons[callevent.KindMoved]
	}
	s.from(p.Caller)
	s.EnteredAt, s.LeftAt = s.local(p.EnteredAt), s.local(p.LeftAt)
	s.waited(p.WaitedMS)
	s.PositionAtEntry, s.Position = p.PositionAtEntry, p.Position
	s.Keys = clean(p.Keys, maxNumber)
	s.Episode, s.EpisodeCalls = clean(p.Episode, maxID), p.EpisodeCalls
	s.attempts(p.Attempts)
	if p.EpisodeCalls > 1 {
		s.EpisodeText = fill(s.in.phrases.missedOfNumber, "{nth}", s.in.nth(p.EpisodeCalls))
	}
	s.who()
	s.fact(s.in.label.note, s.EpisodeText)
	s.fact(s.in.label.what, s.why(p.Reason, p.WaitedMS))
	s.when(p.EnteredAt, p.LeftAt)
	if p.LostWindow != nil {
		s.fact(s.in.label.lost, s.in.period(s.local(p.LostWindow.From), s.local(p.LostWindow.To)))
	}
	s.fact(s.in.label.dialled, s.Dialled)
	s.fact(s.in.label.place, s.places(p.PositionAtEntry, p.Position))
	s.fact(s.in.label.rung, s.Rung)
	s.fact(s.in.label.agents, s.agents(p.Agents))
	s.fact(s.in.label.callback, s.offer(p.Callback))
	s.fact(s.in.label.keys, s.Keys)
	s.fact(s.in.label.sentTo, clean(p.SentTo, maxWhy))
	s.refusals(p.RefusedBy)
	s.end()
}

// why says why the caller left, or was moved, and after how long.
func (s *story) why(r callevent.Reason, waitedMS int64) string {
	s.Reason = clean(string(r), maxName)
	s.ReasonText = s.reason(r, waitedMS)
	if waitedMS <= 0 {
		return s.ReasonText
	}
	after := s.in.phrases.after
	if r == callevent.ReasonLost {
		after = s.in.phrases.atLeast
	}
	return fill(after, "{span}", s.Waited) + " " + s.ReasonText
}

// reason is a reason in words. One of a later contract is told as error, with its name.
func (s *story) reason(r callevent.Reason, waitedMS int64) string {
	if text, other := s.in.atDoor[r]; other && waitedMS <= 0 {
		return text
	}
	if text, known := s.in.reasons[r]; known {
		return text
	}
	return s.in.reasons[callevent.ReasonError] + " (" + plainWord(string(r)) + ")"
}

func (s *story) refusals(all []callevent.Refusal) {
	var told []string
	for _, r := range all[:min(len(all), maxTold)] {
		told = append(told, clean(r.Queue, maxQueue)+" ("+s.reason(r.Reason, 0)+")")
	}
	s.fact(s.in.label.refusedBy, s.list(told, len(all)))
}

func (s *story) transfers(all []callevent.Transfer) {
	var told []string
	for _, t := range all[:min(len(all), maxTold)] {
		told = append(told, fill(s.in.phrases.transfer,
			"{kind}", wordOr(s.in.transfers, t.Kind), "{who}", clean(t.By, maxName), "{to}", clean(t.Target, maxName)))
	}
	s.fact(s.in.label.transfers, s.list(told, len(all)))
}

func (s *story) places(atEntry, last int) string {
	if atEntry <= 0 || last <= 0 || atEntry == last {
		return count(max(atEntry, last))
	}
	return fill(s.in.phrases.places, "{from}", strconv.Itoa(atEntry), "{to}", strconv.Itoa(last))
}

// agents says what the agents of the queue did when the caller left.
func (s *story) agents(n callevent.AgentCounts) string {
	w := s.in.phrases
	counted := []string{
		tally(w.free, n.Ready), tally(w.talking, n.Talking), tally(w.wrappingUp, n.WrappingUp), tally(w.paused, n.Paused),
		tally(w.unavailable, n.Unavailable),
	}
	return strings.Join(slices.DeleteFunc(counted, func(s string) bool { return s == "" }), ", ")
}

// offer says whether the caller was offered to be called back.
func (s *story) offer(o callevent.CallbackOffered) string {
	if o.Offered <= 0 && !o.Requested {
		return ""
	}
	chosen := s.in.phrases.notChosen
	if o.Requested {
		chosen = s.in.phrases.chosen
	}
	if o.Offered <= 0 {
		return chosen
	}
	return fill(s.in.phrases.offered, "{times}", s.in.count(int64(o.Offered), s.in.phrases.times)) + ", " + chosen
}

// agentName is what people call an agent.
func agentName(a callevent.Agent) string {
	if name := clean(a.Name, maxName); name != "" {
		return name
	}
	return clean(a.Endpoint, maxName)
}

// tally is a number of something, and nothing for none.
func tally(pattern string, n int) string {
	if n <= 0 {
		return ""
	}
	return fill(pattern, "{n}", strconv.Itoa(n))
}

// count is a number that counts from 1, and nothing below.
func count(n int) string { return tally("{n}", n) }

// wordOr is the word for a code of the contract, or the code.
func wordOr[C ~string](words map[C]string, code C) string {
	if word, known := words[code]; known {
		return word
	}
	return plainWord(string(code))
}
