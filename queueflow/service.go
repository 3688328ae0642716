package queueflow

import "missedcalls/queueflow/callevent"

// Service counts, since this start, how many callers of a queue were answered, or gave up, and how many of them within its
// service level.
type Service struct {
	Answered        int `json:"answered"`
	AnsweredInTime  int `json:"answered_in_time"`
	Abandoned       int `json:"abandoned"`
	AbandonedInTime int `json:"abandoned_in_time"`
}

// Levels are the two service levels of app_queue as parts of 1: of those who were answered, how many were so in time; and
// of all, how many were answered or gave up in time. Both are 0 where there was nobody.
func (s Service) Levels() (ofAnswered, ofAll float64) {
	if s.Answered > 0 {
		ofAnswered = float64(s.AnsweredInTime) / float64(s.Answered)
	}
	if all := s.Answered + s.Abandoned; all > 0 {
		ofAll = float64(s.AnsweredInTime+s.AbandonedInTime) / float64(all)
	}
	return ofAnswered, ofAll
}

// countService counts what became of a caller. As in app_queue, one whose wait ran out gave up.
func (m *Machine) countService(payload callevent.Payload) {
	switch p := payload.(type) {
	case callevent.Answered:
		s := &m.roster(p.Queue).service
		s.Answered++
		s.AnsweredInTime += m.inTime(p.Queue, p.WaitedMS)
	case callevent.Missed:
		if p.Reason != callevent.ReasonAbandoned && p.Reason != callevent.ReasonMaxWait {
			return
		}
		s := &m.roster(p.Queue).service
		s.Abandoned++
		s.AbandonedInTime += m.inTime(p.Queue, p.WaitedMS)
	}
}

// inTime is 1 for a wait within the service level of a queue, and 0 for a longer one.
func (m *Machine) inTime(queue string, waitedMS int64) int {
	if waitedMS <= m.roster(queue).serving.ServiceLevel.Milliseconds() {
		return 1
	}
	return 0
}
