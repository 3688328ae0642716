package notifier

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// tellTogether tells many jobs at once: what is news in one digest, and then, one by one, what changes messages of before.
func (s *sender) tellTogether(ctx context.Context, deliveries []*bus.Delivery) {
	slices.SortFunc(deliveries, func(a, b *bus.Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	var news, singly []*errand
	together := make(map[string]bool)
	for _, d := range deliveries {
		e := s.receive(ctx, d)
		if e == nil {
			continue
		}
		switch st := s.judge(ctx, e, together); st.what {
		case announce:
			if !s.endElsewhere(ctx, e) {
				continue
			}
			news = append(news, e)
			together[e.job.subject()] = true
		case change:
			singly = append(singly, e)
		default:
			s.do(ctx, e, st)
		}
	}
	if len(news) > s.policy.DigestOver {
		news = s.digest(ctx, news)
	}
	for _, e := range append(news, singly...) {
		s.handle(ctx, e.Delivery)
	}
}

// digest tells news in one message, and tries until it is taken: with others among them, those who have it already would
// get another one. It gives those that are to be told one by one, because the channel refuses the digest.
func (s *sender) digest(ctx context.Context, news []*errand) []*errand {
	first := news[0]
	progress := first.record.tried(first.job.event.ID).progress(s.digestID(news))
	for {
		if news = s.buryExpired(ctx, news); len(news) == 0 || !s.pass(ctx, announce, news) {
			return nil
		}
		id := s.digestID(news)
		_, v := s.attempt(ctx, id, func() target.Delivery {
			return target.Delivery{ID: id, Message: s.worded(s.words.Digest(eventsOf(news))), Progress: progress}
		})
		s.warn(id, v)
		s.observer.Delivered(s.policy.Name, s.policy.Channel(), v, time.Since(news[0].job.event.Time))
		switch {
		case v.Outcome == target.Sent:
			s.digested(ctx, news)
			return nil
		case v.Outcome == target.Permanent && v.All:
			s.switchOff(ctx, v, id, announce, news)
			return nil
		case v.Outcome == target.Permanent && len(v.Ref) > 0:
			s.log.Error().Err(v.Err).Str("reason", v.Reason).Msg("a digest was refused for some recipients: for them its events are dead letters")
			s.refusedTogether(ctx, v, news)
			return nil
		case v.Outcome == target.Permanent:
			s.log.Error().Err(v.Err).Str("reason", v.Reason).Msg("a digest was refused: its events are told one by one")
			return news
		}
		if len(v.Progress) > 0 {
			progress = v.Progress
		}
		if !s.failedTogether(ctx, v, id, news) {
			return nil
		}
	}
}

func eventsOf(news []*errand) (events []callevent.Event) {
	for _, e := range news {
		events = append(events, e.job.event)
	}
	return events
}

// digested notes that news were told, all at once if it can be. They have no message of their own that could be changed.
func (s *sender) digested(ctx context.Context, news []*errand) {
	s.at("sent")
	s.observer.Digested(s.policy.Name, len(news))
	var all []*record
	for _, e := range news {
		all = append(all, e.record)
	}
	err := s.records.changeAll(context.WithoutCancel(ctx), all, func(i int, r *record) { r.tell(news[i].job.event) })
	if err != nil {
		s.log.Debug().Err(err).Msg("a digest is noted for one event after the other")
	} else {
		s.gate.taken()
		s.at("recorded")
	}
	for i, e := range news {
		if i == len(news)/2 {
			s.at("half")
		}
		if err == nil {
			e.Ack()
			continue
		}
		s.sent(ctx, e, func(r *record) { r.tell(e.job.event) })
	}
}

// refusedTogether gives news up for those to whom the digest was refused. The others have it.
func (s *sender) refusedTogether(ctx context.Context, v target.Verdict, news []*errand) {
	for _, e := range news {
		s.refused(ctx, v, announce, e, func(r *record) {
			r.tellSome(e.job.event, nil, r.tried(e.job.event.ID).reached(e.job.deliveryID(), v.Progress))
		})
	}
}

// failedTogether waits before a digest is tried again. It says no when it is not: the fallback is told, or the notifier
// ends and hands everything back.
func (s *sender) failedTogether(ctx context.Context, v target.Verdict, id string, news []*errand) bool {
	after, moves := s.failed(ctx, v, id, announce, news)
	switch {
	case ctx.Err() != nil:
		return false
	case moves:
		for _, e := range news {
			s.move(ctx, e)
		}
		return false
	}
	if pause(s.stopping, after) != nil {
		return false
	}
	for p := s.gate.look(time.Now()); !p.open && !p.divert && p.wait > 0; p = s.gate.look(time.Now()) { // others failed meanwhile
		if pause(s.stopping, p.wait) != nil {
			return false
		}
	}
	return true
}

// buryExpired buries what has become too old, and gives the rest.
func (s *sender) buryExpired(ctx context.Context, news []*errand) (fresh []*errand) {
	for _, e := range news {
		if s.isExpired(e.job, time.Now()) {
			s.bury(ctx, e, target.Verdict{Reason: reasonExpired}, "")
			continue
		}
		fresh = append(fresh, e)
	}
	return fresh
}

// digestID is the same for the same events.
func (s *sender) digestID(news []*errand) string {
	h := sha256.New()
	for _, e := range news {
		h.Write([]byte(e.job.event.ID + "\n"))
	}
	return "digest-" + hex.EncodeToString(h.Sum(nil)[:12]) + "." + s.policy.Name
}
