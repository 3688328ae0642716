package notifier

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/message"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// Reasons of verdicts that no channel gives.
const (
	reasonPanic     = "panic"
	reasonNoVerdict = "no_verdict"
)

// tell delivers one event, or has the fallback do so.
func (s *sender) tell(ctx context.Context, e *errand, what deed) {
	if !s.pass(ctx, what, []*errand{e}) {
		return
	}
	id := e.job.deliveryID()
	d, v := s.attempt(ctx, id, func() target.Delivery { return s.delivery(e, what) })
	s.warn(id, v)
	s.observer.Delivered(s.policy.Name, s.policy.Channel(), v, time.Since(e.job.event.Time))
	switch v.Outcome {
	case target.Sent:
		s.at("sent")
		s.sent(ctx, e, func(r *record) { noteSaid(r, e.job.event, what, d, v) })
	case target.Retry:
		if after, moves := s.failed(ctx, v, id, what, []*errand{e}); moves {
			s.move(ctx, e)
		} else if ctx.Err() == nil {
			e.Retry(s.handBack(after))
		}
	default:
		if v.All {
			s.switchOff(ctx, v, id, what, []*errand{e})
			return
		}
		s.log.Error().Err(v.Err).Str("delivery", id).Str("reason", v.Reason).Msg("a message was refused for good")
		s.refused(ctx, v, what, e, func(r *record) { noteSome(r, e.job, what, d, v) })
	}
}

// warn tells what a channel has noticed that the operator should mend.
func (s *sender) warn(id string, v target.Verdict) {
	if v.Note != "" {
		s.log.Warn().Str("delivery", id).Str("note", v.Note).Msg("the channel has something to be mended")
	}
}

// pass waits until the target may be told something. When it takes nothing, announcements go to the fallback, and the rest
// is handed back; both are done then.
func (s *sender) pass(ctx context.Context, what deed, errands []*errand) bool {
	if s.stopping.Err() != nil {
		return false // what is in hand is handed back
	}
	if p := s.gate.look(time.Now()); p.open {
		if s.pace.pass(s.stopping) != nil {
			return false
		}
	}
	p := s.gate.look(time.Now()) // it may have been told to stop meanwhile
	if p.open {
		return true
	}
	for _, e := range errands {
		switch {
		case p.divert && what == announce:
			s.move(ctx, e)
		case p.divert && p.wait == 0:
			e.Retry(s.tuning.lookAgain) // the target is off, and its jobs are fetched for the fallback
		default:
			e.Retry(s.handBack(p.wait))
		}
	}
	return false
}

// handBack is when a job comes back from a pause. One that waits for a token to be mended comes soon: the gate keeps it, and when
// the configuration is loaded again it is tried at once.
func (s *sender) handBack(pause time.Duration) time.Duration {
	if s.gate.awaitsMending(time.Now()) {
		return min(pause, s.tuning.comeBack)
	}
	return pause
}

// attempt makes a delivery and tries it. A panic is a failure like any other.
func (s *sender) attempt(ctx context.Context, id string, compose func() target.Delivery) (d target.Delivery, v target.Verdict) {
	ctx, cancel := context.WithTimeout(ctx, deliverWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			s.log.Error().Str("delivery", id).Bytes("stack", debug.Stack()).Msgf("a delivery panicked: %v", p)
			v = target.Verdict{Outcome: target.Retry, Reason: reasonPanic, Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	d = compose()
	v = s.target.Deliver(ctx, d)
	if v.Outcome != target.Sent && v.Outcome != target.Retry && v.Outcome != target.Permanent {
		v = target.Verdict{Outcome: target.Retry, Reason: reasonNoVerdict, Err: fmt.Errorf("the channel says %q", v.Outcome)}
	}
	return d, v
}

// delivery puts an event into words.
func (s *sender) delivery(e *errand, what deed) target.Delivery {
	event, data := s.mask.apply(e.job)
	id := e.job.deliveryID()
	d := target.Delivery{ID: id, Event: event, Data: data, Progress: e.progress()}
	d.Message = s.worded(s.words.Announce(e.job.event))
	d.Earlier = e.earlierSaid()
	if what == change {
		d.Changes = true
		for i := range d.Earlier {
			d.Earlier[i].Message = s.words.Changed(d.Earlier[i].Message, e.job.event)
		}
	}
	return d
}

// worded tells of a template that failed; the message is the built-in one then.
func (s *sender) worded(m message.Message, err error) message.Message {
	if err != nil {
		s.observer.TemplateFailed(s.policy.Name)
		s.log.Error().Err(err).Msg("a template failed: the built-in text stands in")
	}
	return m
}

// noteSaid notes in a record what a delivery has said.
func noteSaid(r *record, e callevent.Event, what deed, d target.Delivery, v target.Verdict) {
	r.tell(e)
	noteWords(r, what, d, v)
}

// noteSome notes in a record what a delivery has said to some, while others were refused.
func noteSome(r *record, j job, what deed, d target.Delivery, v target.Verdict) {
	own := v.Ref
	if r.hasSaid(v.Ref) {
		own = nil
	}
	noteWords(r, what, d, v)
	r.tellSome(j.event, own, r.tried(j.event.ID).reached(j.deliveryID(), v.Progress))
}

func noteWords(r *record, what deed, d target.Delivery, v target.Verdict) {
	for i := range r.Said {
		if what == change && i < len(d.Earlier) && string(r.Said[i].Ref) == string(d.Earlier[i].Ref) {
			r.Said[i].Message = d.Earlier[i].Message
		}
	}
	if what == announce || len(v.Ref) > 0 {
		r.say(target.Said{Ref: v.Ref, Message: d.Message})
	}
}

// sent notes that an event was told, and ends its errand. While it cannot be noted nothing more is told by this worker.
func (s *sender) sent(ctx context.Context, e *errand, note func(*record)) {
	s.gate.taken()
	if s.remember(ctx, e, note) {
		s.at("recorded")
		e.Ack()
	}
}

const (
	rememberPause    = 100 * time.Millisecond
	rememberPauseMax = 5 * time.Second
)

// remember stores what became of an errand. It says no when ctx ended before that could be done: the errand is handed back,
// and its message said once more.
func (s *sender) remember(ctx context.Context, e *errand, note func(*record)) bool {
	for wait := rememberPause; ; wait = min(2*wait, rememberPauseMax) {
		err := s.records.change(context.WithoutCancel(ctx), e.record, note)
		if err == nil {
			return true
		}
		if errors.Is(err, bus.ErrFull) {
			s.log.Error().Err(err).Str("event", e.job.event.ID).Msg("what was told cannot be remembered: what follows of the matter will be news")
			return true
		}
		s.log.Warn().Err(err).Str("event", e.job.event.ID).Msg("what was told cannot be remembered yet")
		if pause(ctx, wait) != nil {
			return false
		}
	}
}

// failed counts a delivery that was not taken, and says after how long to try again, or whether its errands move on because
// the target has taken nothing for too long. When ctx has ended, the delivery was cut short: its errands are handed back.
func (s *sender) failed(ctx context.Context, v target.Verdict, id string, what deed, errands []*errand) (after time.Duration, moves bool) {
	if ctx.Err() != nil {
		return 0, false
	}
	now := time.Now()
	first := errands[0].record.tried(errands[0].job.event.ID).again(now, id, v.Progress)
	after = s.gate.failed(now, v, id, first)
	s.log.Warn().Err(v.Err).Str("delivery", id).Str("reason", v.Reason).Int("attempt", first.Attempts).Dur("again_in", after).
		Msg("a message was not taken")
	for _, e := range errands {
		s.count(ctx, e, now, id, v)
	}
	return after, what == announce && s.gate.look(now).divert
}

// count notes that an errand has failed. It is tried once: nothing but a number depends on it.
func (s *sender) count(ctx context.Context, e *errand, now time.Time, id string, v target.Verdict) {
	t := e.record.tried(e.job.event.ID).again(now, id, v.Progress)
	if err := s.records.change(ctx, e.record, func(r *record) { r.Trying = &t }); err != nil {
		s.log.Warn().Err(err).Str("event", e.job.event.ID).Msg("an attempt could not be counted")
	}
}

// refused gives a delivery up. some notes what those have who were not refused: a Ref says that there are such.
func (s *sender) refused(ctx context.Context, v target.Verdict, what deed, e *errand, some func(*record)) {
	if len(v.Ref) > 0 {
		s.gate.taken()
		if !s.remember(ctx, e, some) {
			return
		}
	}
	fallback := ""
	if what == announce && s.policy.Fallback != "" && e.job.Hops < maxHops {
		fallback = s.policy.Fallback
		if !s.publishFor(ctx, e, fallback) || !s.remember(ctx, e, func(r *record) { r.MovedTo = fallback }) {
			return
		}
	}
	s.bury(ctx, e, v, fallback)
}

// switchOff keeps the jobs of a target that will take none until it is configured anew.
func (s *sender) switchOff(ctx context.Context, v target.Verdict, id string, what deed, errands []*errand) {
	now := time.Now()
	s.gate.failed(now, v, id, trying{Since: now})
	s.log.Error().Err(v.Err).Str("reason", v.Reason).Stringer("max_age", s.policy.MaxAge).
		Msg("the target is off: it refuses everything. Mend it and reload the configuration; its jobs are kept for max_age")
	for _, e := range errands {
		s.count(ctx, e, now, id, v)
		if what == announce && s.gate.look(now).divert {
			s.move(ctx, e)
		} else {
			e.Retry(0)
		}
	}
}
