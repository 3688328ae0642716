package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/target"
)

// errand is a job in hand.
type errand struct {
	*bus.Delivery
	job    job
	record *record
}

// progress is how far its delivery has come, in a try before or before it was a dead letter.
func (e *errand) progress() json.RawMessage {
	if p := e.record.tried(e.job.event.ID).progress(e.job.deliveryID()); len(p) > 0 {
		return p
	}
	return e.job.Progress
}

// earlierSaid is what was said of its matter before, without the message in which some were told of this very event.
func (e *errand) earlierSaid() (earlier []target.Said) {
	own := e.record.partlyTold(e.job.event.ID).Ref
	for _, said := range e.record.Said {
		if len(own) == 0 || string(said.Ref) != string(own) {
			earlier = append(earlier, said)
		}
	}
	return earlier
}

// The time a job waits for an earlier one of the same matter doubles from one of these to the other.
const (
	waitForEarlier    = 100 * time.Millisecond
	waitForEarlierMax = 5 * time.Second
)

// step is what is to be done with an errand.
type step struct {
	what   deed
	reason string        // of skip
	after  time.Duration // of later
}

type deed int

const (
	skip     deed = iota // nobody has to be told
	later                // not now
	expire               // it is too old
	announce             // tell it as news
	change               // change what was told before, or follow it up
	pass                 // its matter was moved on to the fallback, and it follows
)

// handle does what is to be done with a job.
func (s *sender) handle(ctx context.Context, d *bus.Delivery) {
	if e := s.receive(ctx, d); e != nil {
		s.do(ctx, e, s.judge(ctx, e, nil))
	}
}

// receive reads a job. One that cannot be read is buried, and nil.
func (s *sender) receive(ctx context.Context, d *bus.Delivery) *errand {
	j, err := decodeJob(d.Data)
	if err != nil {
		s.log.Error().Err(err).Uint64("seq", d.Seq).Msg("a job cannot be read")
		s.bury(ctx, &errand{Delivery: d}, target.Verdict{Reason: reasonUnreadable, Err: err}, "")
		return nil
	}
	s.at("fetched")
	return &errand{Delivery: d, job: j, record: &record{}}
}

// judge says what is to be done with an errand. together are the subjects of which an earlier job is about to be told, in a
// digest that this one may join. The record is read when no earlier job is left, because that one's process writes it
// before it lets go of the job.
func (s *sender) judge(ctx context.Context, e *errand, together map[string]bool) step {
	now, joins := time.Now(), together[e.job.subject()]
	if !joins {
		wait, gone := s.earlier(ctx, e, now)
		if gone {
			return step{what: skip, reason: "told_already"}
		}
		if wait > 0 {
			return step{what: later, after: wait}
		}
	}
	r, err := s.records.load(ctx, recordKey(s.policy.Name, e.job.Matter))
	if err != nil {
		s.log.Warn().Err(err).Msg("what was told before cannot be read")
		return step{what: later, after: s.tuning.firstPause}
	}
	e.record = r
	if r.wasTold(e.job.event.ID) {
		return step{what: skip, reason: "told_already"}
	}
	way := e.way(joins)
	switch {
	case way.what != skip && s.isExpired(e.job, now):
		return step{what: expire}
	case now.Before(e.job.Due):
		return step{what: later, after: e.job.Due.Sub(now)}
	case !e.job.Due.IsZero() && way.what == announce && s.settledMeanwhile(ctx, e):
		return step{what: skip, reason: "settled"}
	}
	return way
}

// way says how an event is told, by what was told of its matter before.
func (e *errand) way(joins bool) step {
	kind, told := e.job.event.Payload.Kind(), e.record.isKnown()
	switch {
	case e.movedTooLate():
		return step{what: skip, reason: "settled"}
	case isNews(kind) && e.job.Routed, joins && len(e.record.Said) == 0:
		return step{what: announce}
	case joins: // messages of before are to be changed, when it is its turn
		return step{what: later, after: waitForEarlier}
	case !told && e.record.MovedTo != "":
		return step{what: pass}
	case !told && !e.job.Routed:
		return step{what: skip, reason: "untold"}
	case e.record.Closed && !e.job.Routed && e.record.partlyTold(e.job.event.ID).Event == "":
		return step{what: skip, reason: "settled"}
	case len(e.record.Said) > 0:
		return step{what: change}
	}
	return step{what: announce} // asked for by a route, or what went before was told in a digest
}

// movedTooLate says whether news came here from another target after the end of its matter.
func (e *errand) movedTooLate() bool {
	return !settles(e.job.event.Payload.Kind()) && e.job.Hops > 0 && e.record.Closed && e.job.event.Time.Before(e.record.ClosedAt)
}

// earlier says how long to wait for an earlier job of the same matter, 0 when there is none. One that is known not to be
// due is waited for as long as that takes. gone says that the job itself is done: somebody else had it in hand, too.
func (s *sender) earlier(ctx context.Context, e *errand, now time.Time) (wait time.Duration, gone bool) {
	first, err := s.streams.Jobs.Next(ctx, e.job.subject(), 1)
	switch {
	case err == nil && first.Seq == e.Seq:
		return 0, false
	case err == nil && first.Seq > e.Seq, errors.Is(err, bus.ErrNone):
		return 0, true
	}
	wait = min(waitForEarlier<<min(e.Deliveries-1, 10), waitForEarlierMax)
	if err != nil {
		s.log.Warn().Err(err).Msg("earlier jobs of a matter cannot be looked for")
		return wait, false
	}
	if j, err := decodeJob(first.Data); err == nil {
		wait = max(wait, j.Due.Sub(now))
	}
	return wait, false
}

// maxFollowing bounds the jobs of a matter that are looked at behind one that was held.
const maxFollowing = 100

// settledMeanwhile says whether the matter is closed by the jobs behind this one. A callback that failed closes nothing.
func (s *sender) settledMeanwhile(ctx context.Context, e *errand) bool {
	var after record
	seq := e.Seq
	for range maxFollowing {
		next, err := s.streams.Jobs.Next(ctx, e.job.subject(), seq+1)
		if err != nil {
			break // there is none, or it is told rather than lost
		}
		if j, err := decodeJob(next.Data); err == nil {
			after.follow(j.event)
		}
		seq = next.Seq
	}
	return after.Closed
}

// do does what was judged.
func (s *sender) do(ctx context.Context, e *errand, st step) {
	switch st.what {
	case skip:
		s.observer.Skipped(s.policy.Name, st.reason)
		e.Ack()
	case later:
		e.Retry(st.after)
	case expire:
		s.bury(ctx, e, target.Verdict{Reason: reasonExpired}, "")
	case pass:
		s.move(ctx, e)
	case announce, change:
		if s.endElsewhere(ctx, e) {
			s.tell(ctx, e, st.what)
		}
	}
}
