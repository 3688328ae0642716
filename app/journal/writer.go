package journal

import (
	"context"
	"time"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// writer is the journal's goroutine. It alone has the spool, what is held, and the state.
//
// Obligations, in this order: what is held was recorded after what is in the spool, and before what is in the queue.
// Nothing is published while something older is kept. A done is called when its events have left the writer's hands for
// the disk, or were added to what is held.
type writer struct {
	j     *Journal
	spool *spool
	held  []bus.Message

	acked   uint64         // highest place in CALLS of what was recorded
	attempt chan attempted // the result of publishing what is kept, nil while none is under way
	retry   time.Duration  // pause before the next attempt
	timer   *time.Timer    // fires when one is due
	cause   error          // why something is kept
}

// attempted is what became of an attempt to publish what is kept.
type attempted struct {
	fromSpool bool
	seqs      []uint64
	err       error
}

func newWriter(j *Journal, s *spool) *writer {
	w := &writer{j: j, spool: s, timer: time.NewTimer(0)}
	w.tell()
	return w
}

// run ends after ctx did, when the queue is empty and everything was written once more.
func (w *writer) run(ctx context.Context) {
	defer close(w.j.ended)
	defer w.timer.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-w.j.wake:
			w.step(ctx)
		case <-w.timer.C:
			w.begin(ctx)
		case a := <-w.attempt:
			w.finish(a)
		case answer := <-w.j.snapshots:
			s, err := w.spool.snapshot()
			answer <- opened{spooled: s, err: err}
		}
		w.tell()
	}
	w.end(ctx)
}

// step writes a batch of what was recorded and tells those who wait for it.
func (w *writer) step(ctx context.Context) {
	records := w.j.take()
	if len(records) == 0 {
		return
	}
	w.j.awake() // there may be more
	messages, counts := w.encode(records)
	inCalls, seqs := w.write(ctx, messages)
	w.tell() // whoever is called next may ask
	w.call(records, counts, inCalls, seqs)
}

// write brings messages to CALLS, or keeps them. straight says that nothing older was kept; then the first of the
// messages, as many as seqs, are in CALLS at these places.
func (w *writer) write(ctx context.Context, messages []bus.Message) (straight bool, seqs []uint64) {
	if !w.straight() {
		w.keep(messages)
		return false, nil
	}
	if len(messages) == 0 {
		return true, nil
	}
	seqs, err := w.j.publisher.Publish(ctx, messages)
	w.durable(len(seqs))
	if err != nil {
		w.cause = err
		w.keep(messages[len(seqs):])
		w.later(firstRetry)
	}
	return true, seqs
}

// straight holds when nothing is kept, so that the next event may go to CALLS.
func (w *writer) straight() bool { return w.spool.empty() && len(w.held) == 0 }

// keep puts messages behind everything that is kept already: into the spool, or into memory when that cannot be.
func (w *writer) keep(messages []bus.Message) {
	if len(messages) == 0 {
		return
	}
	w.held = append(w.held, messages...)
	if len(w.held) == len(messages) {
		w.spoolHeld()
	}
}

// spoolHeld brings what is held to the disk, as much as it takes. An embedded server has failed on the same disk.
func (w *writer) spoolHeld() {
	for len(w.held) > 0 && !w.j.publisher.Embedded() {
		n := min(len(w.held), batch)
		if err := w.spool.append(w.held[:n]); err != nil {
			w.cause = err
			return
		}
		w.letGo(n)
	}
}

// letGo takes the n oldest messages off what is held, because they are on disk.
func (w *writer) letGo(n int) {
	w.durable(n)
	if w.held = w.held[n:]; len(w.held) == 0 {
		w.held = nil
	}
}

// durable counts messages that are in memory no more.
func (w *writer) durable(n int) {
	w.j.mu.Lock()
	defer w.j.mu.Unlock()
	w.j.status.Held -= n
}

// call tells those who recorded. When the batch went straight, its first messages are in CALLS at the places seqs, and a
// record is when all up to its last one are.
func (w *writer) call(records []record, counts []int, straight bool, seqs []uint64) {
	for i, r := range records {
		if straight = straight && counts[i] <= len(seqs); !straight {
			r.done(0)
			continue
		}
		for _, seq := range seqs[:counts[i]] {
			w.acked = max(w.acked, seq)
		}
		seqs = seqs[counts[i]:]
		r.done(w.acked)
	}
}

// encode makes messages of records, and counts those of each. What cannot be encoded could be published by nobody; the
// machine does not make such events.
func (w *writer) encode(records []record) (messages []bus.Message, counts []int) {
	for _, r := range records {
		before := len(messages)
		for _, e := range r.events {
			b, err := callevent.Encode(e)
			if err != nil {
				w.j.refuse(e, err)
				continue
			}
			messages = append(messages, bus.Message{Subject: e.Subject(), ID: e.ID, Data: b})
		}
		counts = append(counts, len(messages)-before)
	}
	return messages, counts
}

// end writes what is left, without waiting for anybody: ctx has ended, so that the publisher takes nothing.
func (w *writer) end(ctx context.Context) {
	if w.attempt != nil {
		w.finish(<-w.attempt)
	}
	for records := w.j.take(); len(records) > 0; records = w.j.take() {
		messages, counts := w.encode(records)
		straight, seqs := w.write(ctx, messages)
		w.call(records, counts, straight, seqs)
	}
	w.spoolHeld()
	w.tell()
	if err := w.spool.closeFile(); err != nil {
		w.j.log.Error().Err(err).Msg("the spool could not be closed")
	}
}
