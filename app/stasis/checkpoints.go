package stasis

import (
	"context"
	"time"

	"missedcalls/queueflow"
)

// checkpoints save the state of the machine now and then. A state may be saved only with the place in CALLS of the last
// event in it, so one that was taken while events were on their way waits for their acknowledgement.
type checkpoints struct {
	every time.Duration
	save  func(seq uint64, state queueflow.Snapshot)

	next    time.Time // one is taken
	seq     uint64    // the last acknowledged place in CALLS
	spooled bool      // events are kept elsewhere than in CALLS, so no place stands for the state
	taken   *queueflow.Snapshot
	behind  int           // acknowledgements that taken waits for
	busy    chan struct{} // holds a token while a save runs
}

func newCheckpoints(c Config) *checkpoints {
	return &checkpoints{every: c.Every, save: c.Checkpoint, seq: c.Seq, busy: make(chan struct{}, 1)}
}

// consider takes a state if it is time for one.
func (c *checkpoints) consider(d *Driver) {
	if c.every == 0 || c.taken != nil || time.Now().Before(c.next) {
		return
	}
	started := time.Now()
	c.take(d)
	// A state of many calls takes long to copy: copying has at most a hundredth of the loop's time.
	c.next = started.Add(max(c.every, 100*time.Since(started)))
}

// soon asks for a state as soon as may be, because it holds what no event tells.
func (c *checkpoints) soon() { c.next = time.Time{} }

func (c *checkpoints) take(d *Driver) {
	d.step(time.Now(), queueflow.Tick{}) // so that the state knows until when all was seen
	state := d.Machine.Snapshot()
	c.taken, c.behind = &state, d.obligations.len()
	if c.behind == 0 {
		c.write()
	}
}

// acked tells that the oldest step on its way is durable, at a place in CALLS or elsewhere (0).
func (c *checkpoints) acked(seq uint64) {
	c.spooled = seq == 0
	c.seq = max(c.seq, seq)
	if c.taken == nil {
		return
	}
	if c.behind--; c.behind == 0 {
		c.write()
	}
}

// write saves the state taken, unless no place in CALLS stands for it or the save before is not done.
func (c *checkpoints) write() {
	state := c.taken
	c.taken = nil
	if c.spooled {
		return
	}
	select {
	case c.busy <- struct{}{}:
	default:
		return
	}
	seq := c.seq
	go func() { // wait waits for it
		c.save(seq, *state)
		<-c.busy
	}()
}

// last saves the state at the end, when nothing is on its way, once the save before is done.
func (c *checkpoints) last(ctx context.Context, d *Driver) {
	if c.every == 0 || d.obligations.len() > 0 {
		return
	}
	c.wait(ctx)
	c.take(d)
}

// wait returns when no save runs, or when ctx ends: a disk that hangs must not keep the process.
func (c *checkpoints) wait(ctx context.Context) {
	select {
	case c.busy <- struct{}{}:
		<-c.busy
	case <-ctx.Done():
	}
}
