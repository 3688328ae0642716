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

// tellTogether tells many jobs at once: what is news in one digest, the rest by itself.
func (s *sender) tellTogether(ctx context.Context, deliveries []*bus.Delivery) {
	slices.SortFunc(deliveries, func(a, b *bus.Delivery) int { return cmp.Compare(a.Seq, b.Seq) })
	var news []*errand
	together := make(map[string]bool)
	for _, d := range deliveries {
		e := s.receive(ctx, d)
		if e == nil {
			continue
		}
		st := s.judge(ctx, e, together)
		if st.what == announce {
			news = append(news, e)
			together[e.job.subject()] = true
			continue
		}
		s.do(ctx, e, st)
	}
	if len(news) > s.policy.DigestOver && s.digest(ctx, news) {
		return
	}
	for _, e := range news {
		s.handle(ctx, e.Delivery)
	}
}

// digest tells news in one message. It says no when the channel refuses that message: then they are told one by one.
func (s *sender) digest(ctx context.Context, news []*errand) bool {
	if !s.pass(ctx, announce, news) {
		return true
	}
	id := s.digestID(news)
	_, v := s.attempt(ctx, id, func() target.Delivery {
		var events []callevent.Event
		for _, e := range news {
			event, _ := s.mask.apply(e.job)
			events = append(events, event)
		}
		progress := news[0].record.tried(news[0].job.event.ID).progress(id)
		return target.Delivery{ID: id, Message: s.worded(s.words.Digest(events)), Progress: progress}
	})
	s.observer.Delivered(s.policy.Name, s.policy.Channel(), v, time.Since(news[0].job.event.Time))
	switch {
	case v.Outcome == target.Sent:
		s.at("sent")
		s.observer.Digested(s.policy.Name, len(news))
		for i, e := range news {
			if i == len(news)/2 {
				s.at("half")
			}
			s.sent(ctx, e, func(r *record) { r.tell(e.job.event) })
		}
	case v.Outcome == target.Retry:
		s.failed(ctx, v, id, announce, news)
	case v.All:
		s.switchOff(ctx, v, id, announce, news)
	default:
		s.log.Error().Err(v.Err).Str("reason", v.Reason).Msg("a digest was refused: its events are told one by one")
		return false
	}
	return true
}

// digestID is the same for the same events.
func (s *sender) digestID(news []*errand) string {
	h := sha256.New()
	for _, e := range news {
		h.Write([]byte(e.job.event.ID + "\n"))
	}
	return "digest-" + hex.EncodeToString(h.Sum(nil)[:12]) + "." + s.policy.Name
}
