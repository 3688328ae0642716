package sim

import (
	"fmt"
	"io"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

const application = "missedcalls"

// world is everything around the machine, in virtual time.
type world struct {
	agenda
	chance
	seed   uint64
	faults faults

	asterisks []*asterisk
	phones    []*phone
	program   *program // nil while nobody runs
	journal   journal
	checks    checks

	policies queueflow.Policies
	// timetables are when queues are open; the others always are. overrides counts what was said by hand.
	timetables map[string]timetable
	overrides  int

	lostAfter, openFor time.Duration
	epoch              uint64
	calls              int
	visits             []*visit
	steps              int
	// metBy are those who were in one bridge at one time, disturbed the channels of which a command went wrong, stored the
	// newest records of members.
	metBy     map[queueflow.Channel][]meeting
	disturbed map[queueflow.Channel]bool
	// legs are all that ever were, by the id that the program gave them, pickedUp those that a colleague took, by his channel.
	legs     map[string]*leg
	pickedUp map[queueflow.Channel]*leg
	stored   map[place]queueflow.MemberRecord

	// punctual is true when no news comes late and no command goes wrong.
	punctual bool
	// arrivals are the callers still to come, between them the mean time between two, stay the mean time of a stay.
	arrivals      int
	between, stay time.Duration
	problems      []string
	out           io.Writer // of the trace, nil for none
}

// newWorld draws a world from a seed.
func newWorld(seed uint64, arrivals int) *world {
	w := &world{
		chance: newChance(seed), seed: seed, arrivals: arrivals, metBy: make(map[queueflow.Channel][]meeting), legs: make(map[string]*leg), pickedUp: make(map[queueflow.Channel]*leg),
		disturbed: make(map[queueflow.Channel]bool), stored: make(map[place]queueflow.MemberRecord),
	}
	w.agenda.now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	w.faults = newFaults(w.chance)
	w.punctual = w.faults.late+w.faults.refused == 0
	for i := range 1 + w.IntN(3) {
		w.asterisks = append(w.asterisks, newAsterisk(w, fmt.Sprintf("http://10.0.0.%d:8088/ari", i+1)))
	}
	w.phones = newPhones(w)
	w.policies, w.timetables = newPolicies(w.chance, w.phones)
	w.lostAfter = 20*time.Second + w.upTo(2*time.Minute)
	w.openFor = 20*time.Second + w.upTo(10*time.Minute)
	w.stay = 5*time.Second + w.upTo(40*time.Second)
	w.between = w.stay / time.Duration(1+w.IntN(30))
	w.journal.w = w
	w.checks = newChecks(w)
	return w
}

// run plays the world to its end: callers come, faults strike, and then everything comes to rest.
func (w *world) run() {
	w.start()
	w.after(time.Second, w.arrive)
	w.plagues()
	for w.arrivals > 0 && w.next() && len(w.problems) == 0 {
	}
	w.faults = faults{cut: time.Hour, outage: time.Second, downtime: time.Second}
	rest := w.now.Add(w.lostAfter + w.openFor + 30*time.Minute)
	for len(w.problems) == 0 && len(w.items) > 0 && w.items[0].at.Before(rest) {
		w.next()
	}
	if len(w.problems) == 0 {
		w.checks.atRest()
	}
}

// start starts the program anew from what is durable.
func (w *world) start() {
	w.epoch++
	s := queueflow.Settings{Application: application, Epoch: w.epoch, LostAfter: w.lostAfter, DeafFor: deafFor, OpenFor: w.openFor}
	p := &program{w: w, epoch: w.epoch, lanes: make(map[queueflow.Channel][]queueflow.Command)}
	p.machine = w.journal.restore(s, w.policies)
	w.program = p
	w.checks.restarted(p.machine)
	p.machine.Begin(w.now)
	p.step(w.storedMembers())
	for _, a := range w.asterisks {
		p.connect(a, w.upTo(time.Second))
	}
	p.arm()
}

// kill ends the program as kill -9 does, and starts another some time later.
func (w *world) kill() {
	p := w.program
	if p == nil {
		return
	}
	p.killed, w.program = true, nil
	for _, a := range w.asterisks {
		a.link = nil
	}
	w.journal.crash()
	w.checks.killed(p)
	w.after(w.around(w.faults.downtime), w.start)
}

// plagues plans the faults that come by themselves, and what an administrator does.
func (w *world) plagues() {
	w.every(w.faults.cut, func() { w.program.cut(pick(w.chance, w.asterisks...)) })
	w.every(w.faults.kill, w.kill)
	w.every(w.faults.crash, w.crash)
	w.every(w.faults.strike, w.strike)
	w.every(w.faults.reload, w.reload)
	w.every(w.faults.override, w.override)
	w.every(w.faults.resolve, w.resolve)
	w.every(w.faults.staff, w.changeMember)
	w.every(w.faults.live, w.live)
	w.every(w.faults.intake, func() { w.program.step(queueflow.IntakeChanged{Closed: w.happens(0.5)}) })
	w.every(5*time.Second, func() { w.journal.checkpoint(w.program) })
	w.every(10*time.Second, func() { w.checks.audit() })
}

// every does something again and again while callers come and the program runs.
func (w *world) every(mean time.Duration, do func()) {
	w.after(w.around(mean), func() {
		if w.arrivals == 0 {
			return
		}
		if w.program != nil {
			do()
		}
		w.every(mean, do)
	})
}

// crash restarts an Asterisk: its channels are no more, and its connections.
func (w *world) crash() {
	a := pick(w.chance, w.asterisks...)
	a.crash()
	w.program.cut(a)
}

func (w *world) reload() {
	before := w.policies
	w.policies, w.timetables = newPolicies(w.chance, w.phones)
	w.checks.reloaded(w.policies)
	w.checks.roster.reloaded(before)
	w.program.step(queueflow.PolicyChanged{Policies: w.policies})
}

// strike does something at the worst moment: together with the next deadline, just before or just after it.
func (w *world) strike() {
	at, ok := w.program.machine.NextDeadline()
	if !ok {
		return
	}
	a := pick(w.chance, w.asterisks...)
	at = at.Add(pick(w.chance, -time.Millisecond, 0, 0, time.Millisecond))
	w.at(at, func() {
		if w.program == nil || len(a.channels) == 0 {
			return
		}
		ch := pick(w.chance, a.channels...)
		switch {
		case ch.leg != nil:
			w.strikeLeg(ch.leg)
		case ch.visit == nil:
		case w.happens(0.4):
			ch.visit.end()
		case w.happens(0.7):
			ch.visit.press(pick(w.chance, byte('*'), '9', '7'))
		case w.happens(0.5):
			w.program.cut(a)
		default:
			w.kill()
		}
	})
}

// strikeLeg lets an agent do something at the worst moment, and perhaps others in the same instant.
func (w *world) strikeLeg(l *leg) {
	call := callOfLeg(l.id)
	switch {
	case !l.answeredAt.IsZero() && w.happens(0.5):
		l.hangUp()
	case !l.answeredAt.IsZero():
		l.finish()
	case w.happens(0.8):
		l.answer()
	default:
		l.refuse()
	}
	for _, other := range slices.Clone(l.asterisk.channels) {
		switch {
		case other.leg != nil && other.leg != l && callOfLeg(other.leg.id) == call && w.happens(0.7):
			other.leg.answer()
		case other.visit != nil && w.checks.stays[call] == other.visit && w.happens(0.3):
			other.visit.end()
		}
	}
	if w.happens(0.05) {
		w.kill()
	}
}

// disturb notes that a command on a channel went wrong, or that nobody knows.
func (w *world) disturb(c queueflow.Command) { w.disturbed[c.On()] = true }

func (w *world) asteriskAt(url string) *asterisk {
	for _, a := range w.asterisks {
		if a.url == url {
			return a
		}
	}
	return nil
}

// latency of an event: mostly a millisecond, sometimes none, seldom late.
func (w *world) latency() time.Duration {
	switch {
	case w.happens(w.faults.late):
		return w.upTo(maxLatency)
	case w.happens(0.2):
		return 0
	}
	return min(w.around(time.Millisecond), maxLatency)
}

// newCall gives an id that sorts by time, as the program's do.
func (w *world) newCall() string {
	w.calls++
	return fmt.Sprintf("c%07d", w.calls)
}

// read is an event as it is read back from the stream. Reading costs more than all else, so only some are.
func (w *world) read(e callevent.Event) callevent.Event {
	if w.IntN(8) > 0 {
		return e
	}
	b, err := callevent.Encode(e)
	if err != nil {
		w.complain("encode: %v", err)
		return e
	}
	decoded, err := callevent.Decode(b)
	if err != nil {
		w.complain("decode: %v", err)
		return e
	}
	return decoded
}

// trace tells what happens, if anybody wants to know.
func (w *world) trace(format string, args ...any) {
	if w.out != nil {
		fmt.Fprintf(w.out, w.now.Format("15:04:05.000000 ")+format+"\n", args...)
	}
}

func (w *world) complain(format string, args ...any) {
	w.problems = append(w.problems, w.now.Format("15:04:05.000000 ")+fmt.Sprintf(format, args...))
}
