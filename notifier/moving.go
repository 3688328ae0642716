package notifier

import (
	"context"
	"fmt"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/target"
)

// maxHops bounds how often a job is moved on. The configuration has no loops; two processes with different ones might make
// one.
const maxHops = 4

// move gives a job to the fallback: the one that has the matter already, or that of the policy.
func (s *sender) move(ctx context.Context, e *errand) {
	to := s.policy.Fallback
	if e.record.MovedTo != "" {
		to = e.record.MovedTo
	}
	if to == "" || e.job.Hops >= maxHops {
		s.bury(ctx, e, target.Verdict{Reason: reasonTooMany}, "")
		return
	}
	if !s.publishFor(ctx, e, to) {
		return
	}
	if e.record.MovedTo != to && !s.remember(ctx, e, func(r *record) { r.MovedTo = to }) {
		return
	}
	s.observer.Moved(s.policy.Name, to)
	e.Ack()
}

// publishFor publishes a job again, for another target. One that has a job of the event anyway, or had, is told once: its
// record knows. When it cannot be published, the errand is handed back.
func (s *sender) publishFor(ctx context.Context, e *errand, to string) bool {
	j := e.job
	j.Target, j.Due, j.Progress = to, time.Time{}, nil
	j.Hops++
	m, err := j.message()
	m.ID = fmt.Sprintf("%s.%s.%d", m.ID, s.policy.Name, j.Hops) // the stream must not take it for that of the routes
	if err == nil {
		_, err = s.streams.Jobs.Publish(ctx, []bus.Message{m})
	}
	if err != nil {
		s.log.Error().Err(err).Str("fallback", to).Msg("a job cannot be moved to the fallback yet")
		e.Retry(s.tuning.firstPause)
	}
	return err == nil
}

// endElsewhere has the fallback told of the end of a matter, too, of which it was told a part: when the end was routed it
// may not have known of that yet. It says no when the errand was handed back.
func (s *sender) endElsewhere(ctx context.Context, e *errand) bool {
	if e.record.MovedTo == "" || e.job.Hops >= maxHops || !settles(e.job.event.Payload.Kind()) || e.record.tried(e.job.event.ID).Attempts > 0 {
		return true
	}
	other := *e
	other.job.Routed = false // for those who were told
	return s.publishFor(ctx, &other, e.record.MovedTo)
}

// bury makes a dead letter of a job. When it cannot be stored, the errand is handed back.
func (s *sender) bury(ctx context.Context, e *errand, v target.Verdict, fallback string) {
	l := newLetter(s.policy.Name, v.Reason, e.Data).withError(v.Err)
	l.Fallback = fallback
	if v.Outcome == target.Permanent && len(v.Progress) <= maxProgress {
		l.Progress = v.Progress
	}
	if e.record != nil {
		l.Attempts = e.record.tried(e.job.event.ID).Attempts
	}
	if v.Outcome == target.Permanent {
		l.Attempts++
	}
	m, err := l.message(e.Seq)
	if err == nil {
		_, err = s.streams.Dead.Publish(ctx, []bus.Message{m})
	}
	if err != nil {
		s.log.Error().Err(err).Msg("a dead letter cannot be stored yet")
		e.Retry(s.tuning.firstPause)
		return
	}
	s.observer.Dead(s.policy.Name, v.Reason)
	s.log.Warn().Str("event", e.job.event.ID).Str("reason", v.Reason).Msg("a message is given up: see `missedcalls dead list`")
	e.Ack()
}
