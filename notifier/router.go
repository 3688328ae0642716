package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/queueflow/callevent"
)

// router writes jobs, for one event after the other, in the order of CALLS. Its place is stored soon after; of several
// routers, in as many processes, the one that stores it leads, and the others stand by. Should two lead for a moment, or
// one begin again where it was a moment ago, the same jobs are written in the same order, and the stream takes each once.
//
// A durable consumer would hand the events of one call to two processes side by side, and after a crash new ones before
// those that were in hand: the order of a matter would be lost.
type router struct {
	bus      *bus.Bus
	streams  *bus.Notifications
	records  records
	policy   func() *policy.Policy
	observer Observer
	at       func(step string)
	tuning   tuning
	log      zerolog.Logger

	lookedAt time.Time // at the room in JOBS, when there was enough
}

const (
	// positionKey has two parts, which no record has that an operator may write.
	positionKey = "notifier.position"
	// routedAtOnce bounds the events of a batch.
	routedAtOnce = 100
	// firstLook is how far back a notifier looks that never ran.
	firstLook = 10 * time.Minute
	// saveWithin is how long the place is not stored: less than a router stands by for.
	saveWithin = 100 * time.Millisecond
	// fullAt is how full JOBS may get, in eighths: the rest is for what is moved to a fallback.
	fullAt = 7
)

// position is the router's place in CALLS: the last event of which all jobs are written.
type position struct {
	Seq      uint64 `json:"seq"`
	revision uint64
}

// run leads or stands by until ctx ends.
func (r *router) run(ctx context.Context) {
	for ctx.Err() == nil {
		if err := r.lead(ctx); err != nil && ctx.Err() == nil {
			if !errors.Is(err, bus.ErrChanged) {
				r.log.Warn().Err(err).Msg("events cannot be routed at the moment")
			}
			r.standBy(ctx)
		}
	}
}

// lead routes events until somebody else does.
func (r *router) lead(ctx context.Context) error {
	at, err := r.position(ctx)
	if err != nil {
		return err
	}
	from := bus.From{Seq: at.Seq + 1}
	if at.revision == 0 {
		from = bus.From{Since: time.Now().Add(-firstLook)}
	}
	reader := r.bus.Read(from)
	defer reader.Close()
	for saveAt := (time.Time{}); ; {
		events, err := r.next(ctx, reader, saveAt)
		if err != nil {
			if !saveAt.IsZero() { // ctx ended
				_ = r.save(context.WithoutCancel(ctx), &at) // or the next one begins a moment earlier
			}
			return err
		}
		if len(events) > 0 {
			if err := r.write(ctx, r.plan(ctx, events)); err != nil {
				return err
			}
			r.at("routed")
			at.Seq = events[len(events)-1].Seq
			if saveAt.IsZero() {
				saveAt = time.Now().Add(saveWithin)
			}
		}
		if !saveAt.IsZero() && !time.Now().Before(saveAt) {
			if err := r.save(ctx, &at); err != nil {
				return err
			}
			saveAt = time.Time{}
		}
	}
}

// next waits for events, no longer than until the place is to be stored, if it is.
func (r *router) next(ctx context.Context, reader *bus.Reader, saveAt time.Time) ([]bus.Stored, error) {
	if saveAt.IsZero() {
		return reader.Next(ctx, routedAtOnce)
	}
	within, cancel := context.WithDeadline(ctx, saveAt)
	defer cancel()
	events, err := reader.Next(within, routedAtOnce)
	if err != nil && ctx.Err() == nil {
		return nil, nil
	}
	return events, err
}

func (r *router) position(ctx context.Context) (position, error) {
	value, revision, err := r.streams.Positions.Get(ctx, positionKey)
	if err != nil {
		return position{}, err
	}
	at := position{}
	if revision > 0 {
		if err := json.Unmarshal(value, &at); err != nil {
			return position{}, fmt.Errorf("key %s of bucket %s is no position: delete it, and the last %v are told again: %w", positionKey, bus.Bucket, firstLook, err)
		}
	}
	at.revision = revision
	return at, nil
}

func (r *router) save(ctx context.Context, at *position) error {
	value, err := json.Marshal(at)
	if err != nil {
		return err
	}
	at.revision, err = r.streams.Positions.Put(ctx, positionKey, value, at.revision)
	return err
}

// standBy waits until the one who leads has not moved for a while although there is something to route.
func (r *router) standBy(ctx context.Context) {
	for before := uint64(0); ; {
		if pause(ctx, r.tuning.standBy) != nil {
			return
		}
		at, err := r.position(ctx)
		if err != nil {
			continue
		}
		if at.revision == before {
			if last, err := r.bus.LastSeq(ctx); err == nil && last > at.Seq {
				r.log.Info().Msg("nobody routes events: this process does")
				return
			}
		}
		before = at.revision
	}
}

// write stores jobs, for as long as that takes. A work queue that is full keeps the router waiting, and the events in
// CALLS.
func (r *router) write(ctx context.Context, jobs []bus.Message) error {
	for said := false; len(jobs) > 0; {
		err := r.room(ctx)
		if err == nil {
			var seqs []uint64
			seqs, err = r.streams.Jobs.Publish(ctx, jobs)
			jobs = jobs[len(seqs):]
		}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil: // what is not written is planned again
			return ctx.Err()
		}
		r.lookedAt = time.Time{}
		if !said {
			r.log.Error().Err(err).Msg("jobs cannot be written: events wait in " + bus.Stream)
			said = true
		}
		if err := pause(ctx, r.tuning.fullPause); err != nil {
			return err
		}
	}
	return nil
}

// room says by an error that the rest of the work queue is for others. What a router writes within a second is much less
// than that.
func (r *router) room(ctx context.Context) error {
	if time.Since(r.lookedAt) < time.Second {
		return nil
	}
	s, err := r.streams.Jobs.State(ctx)
	if err != nil {
		return err
	}
	if s.MaxBytes > 0 && s.Bytes > s.MaxBytes/8*fullAt {
		return fmt.Errorf("%s: %w: %d jobs wait; see which targets take nothing, or raise its size", bus.JobsStream, bus.ErrFull, s.Messages)
	}
	r.lookedAt = time.Now()
	return nil
}

// plan makes the jobs of events, in their order.
func (r *router) plan(ctx context.Context, events []bus.Stored) []bus.Message {
	p := planner{router: r, policy: r.policy(), planned: make(map[string]bool)}
	for _, m := range events {
		e, err := callevent.Decode(m.Data)
		switch {
		case err == nil:
			p.add(ctx, e, m.Data)
		case !errors.Is(err, callevent.ErrUnknownKind): // one of a later version is nobody's fault
			r.log.Warn().Err(err).Uint64("seq", m.Seq).Msg("a message in " + bus.Stream + " is no event: nobody is told of it")
		}
	}
	return p.jobs
}
