package sim

import (
	"encoding/json"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// journal makes events durable, in order, and keeps checkpoints. It survives the program.
type journal struct {
	w *world
	// events are durable; pending are on their way.
	events  []callevent.Event
	pending [][]callevent.Event
	last    time.Time // the last acknowledgement that is planned
	// checkpoints hold states, and how many events are in each.
	checkpoints []checkpoint
}

type checkpoint struct {
	state  []byte
	events int
}

// record answers once, in order, when the events are durable.
func (j *journal) record(p *program, events []callevent.Event) {
	j.pending = append(j.pending, events)
	at := j.w.now.Add(j.w.around(4 * time.Millisecond))
	if at.Before(j.last) {
		at = j.last
	}
	j.last = at
	j.w.at(at, func() {
		if p.killed {
			return
		}
		j.settle()
		p.durable()
	})
}

// settle makes the oldest record durable.
func (j *journal) settle() {
	events := j.pending[0]
	j.pending = j.pending[1:]
	j.events = append(j.events, events...)
	for _, e := range events {
		j.w.recorded(e)
	}
}

// crash loses what is on its way, but for a part of it from the front.
func (j *journal) crash() {
	for range j.w.IntN(len(j.pending) + 1) {
		j.settle()
	}
	j.pending, j.last = nil, time.Time{}
}

// checkpoint keeps the state of a machine. It counts only once the events in it are durable.
func (j *journal) checkpoint(p *program) {
	b, err := json.Marshal(p.machine.Snapshot())
	if err != nil {
		j.w.complain("snapshot: %v", err)
		return
	}
	in := len(j.events)
	for _, events := range j.pending {
		in += len(events)
	}
	j.checkpoints = append(j.checkpoints, checkpoint{state: b, events: in})
}

// restore gives the machine of a new start: a checkpoint, mostly the newest, and the events since it.
func (j *journal) restore(s queueflow.Settings, p queueflow.Policies) *queueflow.Machine {
	from := checkpoint{}
	for back := j.w.IntN(3); len(j.checkpoints) > 0 && back >= 0; back-- {
		last := len(j.checkpoints) - 1
		if from = j.checkpoints[last]; from.events > len(j.events) || back > 0 {
			j.checkpoints, from = j.checkpoints[:last], checkpoint{}
		}
	}
	var state queueflow.Snapshot
	if from.state != nil {
		if err := json.Unmarshal(from.state, &state); err != nil {
			j.w.complain("snapshot: %v", err)
		}
	}
	m := queueflow.Restore(s, p, state, j.w.now)
	since := j.events[from.events:]
	if j.w.happens(0.2) { // some that are in the checkpoint already
		since = j.events[max(0, from.events-j.w.IntN(20)):]
	}
	for _, e := range since {
		m.Replay(j.w.read(e))
	}
	return m
}
