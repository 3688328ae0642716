package sim

import (
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// program is one start of the application around the machine, as its driver is: events are durable before the commands
// that depend on them, commands on one channel are carried out one after the other, deadlines fire at their own time.
type program struct {
	w       *world
	epoch   uint64
	machine *queueflow.Machine
	// killed is true once nothing more may be done.
	killed bool
	// alarm counts plans of the next deadline; only the newest counts.
	alarm uint64
	// owed are the steps whose events are on their way, oldest first.
	owed []obligation
	// lanes holds a key for every channel of which a command is being carried out, and the commands behind it.
	lanes map[queueflow.Channel][]queueflow.Command
}

type obligation struct {
	events   []callevent.Event
	commands []queueflow.Command
}

// hear steps news of Asterisk.
func (p *program) hear(t told) {
	p.stepAt(t.at, t.in)
	if t.then != nil {
		t.then()
	}
}

func (p *program) step(in queueflow.Input) { p.stepAt(p.w.now, in) }

// stepAt steps an input that arrived at a time.
func (p *program) stepAt(at time.Time, in queueflow.Input) {
	w := p.w
	w.steps++
	out := p.machine.Step(at, in)
	w.observe(p, in, out)
	p.dispatch(out)
	p.arm()
}

// dispatch takes on what a step obliges to.
func (p *program) dispatch(out queueflow.Output) {
	if len(out.Events) > 0 {
		p.owed = append(p.owed, obligation{out.Events, out.Commands})
		p.w.journal.record(p, out.Events)
		return
	}
	for _, c := range out.Commands {
		if !p.behind(c) {
			p.submit(c)
		}
	}
}

// behind puts a command behind those on the same channel that wait for their events.
func (p *program) behind(c queueflow.Command) bool {
	for i := len(p.owed) - 1; i >= 0; i-- {
		for _, earlier := range p.owed[i].commands {
			if earlier.On() == c.On() {
				last := &p.owed[len(p.owed)-1]
				last.commands = append(last.commands, c)
				return true
			}
		}
	}
	return false
}

// durable hands out the commands of the oldest step.
func (p *program) durable() {
	o := p.owed[0]
	p.owed = p.owed[1:]
	for _, c := range o.commands {
		p.submit(c)
	}
}

func (p *program) submit(c queueflow.Command) {
	if waiting, busy := p.lanes[c.On()]; busy {
		p.lanes[c.On()] = append(waiting, c)
		return
	}
	p.lanes[c.On()] = nil
	p.carryOut(c)
}

const (
	requestTime = 3 * time.Millisecond
	// promptRequest is the most that a request takes which disturbs nothing.
	promptRequest = 20 * requestTime
	// requestTimeout is when a request is given up; whether it was carried out nobody knows.
	requestTimeout = 5 * time.Second
)

// carryOut sends a command: it takes effect some time later, and its answer is there some time after that. A request
// that was on the wire when the program was killed may still take effect.
func (p *program) carryOut(c queueflow.Command) {
	w := p.w
	took := w.around(requestTime)
	if record, ok := c.(queueflow.StoreMember); ok {
		w.after(took, func() { p.store(record) })
		return
	}
	if w.happens(w.faults.slow) {
		took = w.upTo(requestTimeout)
	}
	lost, silent := w.happens(w.faults.unknown/2), w.happens(w.faults.unknown/2)
	if lost || silent || took > promptRequest {
		w.disturb(c)
	}
	w.after(took, func() {
		if lost || p.killed && w.happens(0.5) {
			w.after(requestTimeout, func() { p.done(c, answer{err: true}) })
			return
		}
		a := w.asteriskAt(c.On().Node).execute(c)
		if silent {
			w.after(requestTimeout, func() { p.done(c, answer{err: true}) })
			return
		}
		w.after(w.around(requestTime), func() { p.done(c, a) })
	})
}

// done steps the answer to a command and goes on with its lane.
func (p *program) done(c queueflow.Command, a answer) {
	if p.killed {
		return
	}
	ch := c.On()
	if waiting := p.lanes[ch]; len(waiting) > 0 {
		p.lanes[ch] = waiting[1:]
		p.carryOut(waiting[0])
	} else {
		delete(p.lanes, ch)
	}
	switch {
	case a.err:
		p.step(queueflow.CommandFailed{Command: c, Gone: a.gone, Why: "simulated"})
	case a.input != nil:
		p.step(a.input)
	}
}

// arm plans the next deadline. A timer may be late; what arrives before it fires counts before it.
func (p *program) arm() {
	p.alarm++
	at, ok := p.machine.NextDeadline()
	if !ok {
		return
	}
	if p.w.happens(0.05) {
		at = at.Add(p.w.upTo(10 * time.Millisecond))
	}
	mine := p.alarm
	p.w.at(at, func() {
		if !p.killed && p.alarm == mine {
			p.step(queueflow.Tick{})
		}
	})
}
