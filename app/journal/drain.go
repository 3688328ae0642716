package journal

import (
	"context"
	"time"
)

// begin publishes the oldest of what is kept, in a goroutine of its own, so that a cluster that does not answer keeps
// nobody waiting. finish takes the result.
func (w *writer) begin(ctx context.Context) {
	if w.attempt != nil {
		return
	}
	if w.spoolHeld(); w.straight() {
		return
	}
	messages, fromSpool := w.held[:min(len(w.held), batch)], !w.spool.empty()
	if fromSpool {
		var err error
		if messages, err = w.spool.read(batch); err != nil || len(messages) == 0 {
			w.failed(err)
			return
		}
	}
	result := make(chan attempted, 1)
	go func() {
		seqs, err := w.j.publisher.Publish(ctx, messages)
		result <- attempted{fromSpool: fromSpool, seqs: seqs, err: err}
	}()
	w.attempt = result
}

// finish lets go of what is in CALLS and goes on at once, or later when something failed.
func (w *writer) finish(a attempted) {
	w.attempt = nil
	for _, seq := range a.seqs {
		w.acked = max(w.acked, seq)
	}
	if !a.fromSpool {
		w.letGo(len(a.seqs))
	} else if err := w.spool.advance(len(a.seqs)); err != nil {
		w.j.log.Error().Err(err).Msg("the spool cannot be cleared; its events may come again after a restart")
	}
	if a.err != nil {
		w.failed(a.err)
		return
	}
	w.retry = 0
	w.later(0)
}

// failed comes back after a pause that doubles.
func (w *writer) failed(err error) {
	w.cause = err
	w.retry = min(max(2*w.retry, firstRetry), w.j.settings.RetryMax)
	w.later(w.retry)
}

func (w *writer) later(pause time.Duration) { w.timer.Reset(pause) }
