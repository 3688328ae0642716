package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// checks compare what the machine says with what is true. They know the world, the events and the commands, and of the
// machine only what it shows.
type checks struct {
	w *world
	// said is what the running machine said, durable what would survive a kill.
	said, durable *book
	// owed is the missed calls that the running machine said, owedDurable those that would survive a kill.
	owed, owedDurable *ledger
	// told are the stays the program was told of, by the channel they had then.
	told map[queueflow.Channel]*visit
	// stays are the visits of calls, known from the first event.
	stays map[string]*visit
	// recorded are calls with a durable event; resumed says under which call one was before.
	recorded map[string]bool
	resumed  map[string]string
	// policies are the newest of each queue, limits the shortest each ever had.
	policies map[string]queueflow.Policy
	limits   map[string]time.Duration
	// reloadedAt is when they last changed.
	reloadedAt time.Time
	// regimes say when which queue was open, in order of time; byHand is what holds that was said by hand, given all that
	// ever was, by who said it.
	regimes       map[string][]regime
	byHand, given map[string]queueflow.QueueOverride
	// roster is who is a member of what, offers are the attempts to reach agents.
	roster *roster
	offers *offers
	// devices are the states that the running program was told of those that it watches, begun is when it began.
	devices map[device]news
	watched map[device]bool
	begun   time.Time
	// exits are when a call was last about to leave by an exit.
	exits map[string]time.Time
	// spent are calls for which nobody answered in as many rounds as there might be when they were last about to leave.
	spent map[string]bool
	// beside are since when an agent idles beside a caller, by the call and the agent.
	beside map[place]time.Time
	// toClose are the missed calls that are to be closed in this step, with the call by which their caller got through.
	toClose map[string]string
}

func newChecks(w *world) checks {
	c := checks{
		w: w, said: newBook(), durable: newBook(), owed: &ledger{openFor: w.openFor}, owedDurable: &ledger{openFor: w.openFor}, told: make(map[queueflow.Channel]*visit), stays: make(map[string]*visit),
		recorded: make(map[string]bool), resumed: make(map[string]string), limits: make(map[string]time.Duration),
		regimes: make(map[string][]regime),
		byHand:  make(map[string]queueflow.QueueOverride), given: make(map[string]queueflow.QueueOverride),
	}
	c.roster, c.offers, c.devices = newRoster(w), newOffers(w), make(map[device]news)
	c.watched = make(map[device]bool)
	c.exits, c.spent, c.toClose = make(map[string]time.Time), make(map[string]bool), make(map[string]string)
	c.reloaded(w.policies)
	return c
}

func (c *checks) reloaded(p queueflow.Policies) {
	if c.policies == nil {
		c.policies = make(map[string]queueflow.Policy)
	}
	c.reloadedAt = c.w.now
	for id, q := range p.Queues {
		c.policies[id] = q
		if shortest, known := c.limits[id]; !known || q.MaxWait < shortest {
			c.limits[id] = q.MaxWait
		}
		if id == shop || id == office {
			c.rule(id)
		}
	}
}

// toldOf notes that the program was told that a caller is there.
func (w *world) toldOf(v *visit) {
	if w.program == nil {
		return
	}
	if v.toldTo != w.program {
		v.toldAt, v.toldTo = w.now, w.program
	}
	for _, id := range v.channels {
		w.checks.told[queueflow.Channel{Node: v.at.url, ID: id}] = v
	}
}

// observe checks a step.
func (w *world) observe(p *program, in queueflow.Input, out queueflow.Output) {
	w.trace("%T%+v\n\t%+v\n\t%+v", in, in, out.Events, out.Commands)
	if err := p.machine.Check(); err != nil {
		w.complain("after %T: %v", in, err)
	}
	for _, n := range out.Notices {
		if n.Kind == queueflow.NoticeViolation {
			w.complain("after %T: %s", in, n.Detail)
		}
	}
	if entered, ok := in.(queueflow.CallerEntered); ok {
		w.checks.comes(entered)
	}
	if listed, ok := in.(queueflow.Listed); ok {
		for _, caller := range listed.Callers {
			w.checks.comes(caller)
		}
	}
	w.checks.hears(in)
	w.checks.offers.look(out.Commands)
	for _, e := range out.Events {
		w.checks.event(p, e)
	}
	w.checks.allClosed()
	for _, command := range out.Commands {
		w.checks.commanded(command)
	}
	w.checks.offers.judge()
	w.checks.roster.judge()
	w.checks.fair(out.Commands)
}

// hears takes up what the program is told that the checks go by.
func (c *checks) hears(in queueflow.Input) {
	switch in := in.(type) {
	case queueflow.DeviceChanged:
		if at := (device{in.Node, in.Device}); c.watched[at] { // late news of one that it watched before tells it nothing
			c.devices[at] = news{in.State, c.w.now}
		}
	case queueflow.HangupRequested:
		if v := c.told[in.Channel]; v != nil {
			v.goesAt = c.w.now
		}
	case queueflow.CallerLeft:
		c.parts(in.Channel, false)
	case queueflow.ChannelGone:
		c.parts(in.Channel, false)
	case queueflow.CallerEntered:
		c.parts(in.Replaces, false)
	case queueflow.Listed:
		c.listed(in)
	}
}

// listed notes that the agents of talks are not there any more whom a listing does not show.
func (c *checks) listed(in queueflow.Listed) {
	for call, s := range c.said.open {
		v := c.stays[call]
		if s.agent == "" || v == nil || v.at.url != in.Node {
			continue
		}
		here := slices.ContainsFunc(in.Legs, func(l queueflow.LegListed) bool { return l.Channel.ID == s.agentChannel && l.Bridge != "" })
		if !here {
			c.parts(queueflow.Channel{Node: in.Node, ID: s.agentChannel}, true)
		}
	}
}

// commanded takes up what the program wants done.
func (c *checks) commanded(command queueflow.Command) {
	switch command := command.(type) {
	case queueflow.CreateLeg:
		c.offers.begin(command)
	case queueflow.HangupLeg:
		c.offers.release(command)
		c.parts(command.Channel, false)
	case queueflow.WatchDevices:
		for _, name := range command.Devices {
			c.watched[device{command.Node, name}] = true
		}
	case queueflow.UnwatchDevices:
		for _, name := range command.Devices {
			delete(c.devices, device{command.Node, name})
			delete(c.watched, device{command.Node, name})
		}
	case queueflow.StoreMember:
		c.roster.stored(command.Record)
	case queueflow.AskExit:
		if v := c.told[command.Channel]; v != nil {
			if call, s := c.callOf(v); s != nil {
				c.exits[call], c.spent[call] = c.w.now, c.roundsOver(call, s.queue)
			}
		}
	}
}

// comes notes whose channel it is before the step's events are looked at.
func (c *checks) comes(in queueflow.CallerEntered) {
	for _, v := range slices.Backward(c.w.visits) {
		if v.at.url == in.Channel.Node && slices.Contains(v.channels, in.Channel.ID) {
			c.told[in.Channel] = v
			return
		}
	}
}

// event checks one event as the machine says it.
func (c *checks) event(p *program, e callevent.Event) {
	before := c.said.open[e.Call]
	var was stay
	if before != nil {
		was = *before
	}
	if err := c.said.take(e); err != nil {
		c.w.complain("%v", err)
		return
	}
	if err := c.owed.take(e, c.w.now); err != nil {
		c.w.complain("%v", err)
	}
	if e.Payload.Kind().Ends() {
		defer c.forget(e.Call)
	}
	switch payload := e.Payload.(type) {
	case callevent.Offered:
		c.offers.told(payload)
	case callevent.Answered:
		c.whoCalls(e.Call, payload.Caller)
		c.answered(payload)
		c.owesAnEnd(payload)
	case callevent.Completed:
		c.whoCalls(e.Call, payload.Caller)
		c.completed(payload, was)
	case callevent.Resolved:
		c.closed(payload)
	case callevent.MemberAdded:
		c.roster.told(payload.Member, true)
	case callevent.MemberRemoved:
		c.roster.told(payload.Member, false)
	case callevent.MemberPaused:
		c.roster.told(payload.Member, true)
	case callevent.MemberUnpaused:
		c.roster.told(payload.Member, true)
	case callevent.Entered:
		c.belongs(e.Call, payload.Asterisk)
		c.whoCalls(e.Call, payload.Caller)
		c.resumed[e.Call] = payload.ResumedFrom
		c.room(payload)
		c.admitted(e.Call, payload.Queue, payload.EnteredAt, c.w.now)
		c.turnedAway(e.Call, payload.RefusedBy, payload.EnteredAt)
	case callevent.Moved:
		delete(c.spent, e.Call)
		c.admitted(e.Call, payload.Queue, payload.MovedAt, payload.MovedAt)
	case callevent.Missed:
		c.belongs(e.Call, payload.Asterisk)
		c.whoCalls(e.Call, payload.Caller)
		c.resumed[e.Call] = payload.ResumedFrom
		c.reason(p, payload, before)
		c.offers.attempts(e.Call, payload.Attempts)
		if payload.Reason == callevent.ReasonClosed {
			c.closedOn(payload, was.queue, was.queuedAt)
		}
	}
}

// whoCalls says whether an event tells of the caller whose call it is, or of nobody.
func (c *checks) whoCalls(call string, said callevent.Caller) {
	if v := c.stays[call]; v != nil && said.Raw != "" && said != v.from {
		c.w.complain("%s is said to be of %q, but is of %q", call, said.Raw, v.from.Raw)
	}
}

// forget drops what is known of a call that is over.
func (c *checks) forget(call string) {
	c.offers.forget(call)
	delete(c.exits, call)
	delete(c.spent, call)
}

// belongs finds the visit of a call.
func (c *checks) belongs(call string, at callevent.Asterisk) {
	if c.stays[call] != nil {
		return
	}
	v := c.told[queueflow.Channel{Node: at.URL, ID: at.ChannelID}]
	if v == nil {
		c.w.complain("%s is of channel %s, of which nobody told", call, at.ChannelID)
		return
	}
	c.stays[call] = v
}

// room says whether a queue was allowed to take one more.
func (c *checks) room(p callevent.Entered) {
	q := c.policies[p.Queue]
	if q.MaxCallers > 0 && c.said.waiting(p.Queue) > q.MaxCallers {
		c.w.complain("%s entered %s, where %d wait already", p.CallID, p.Queue, q.MaxCallers)
	}
}

// reason compares the reason of an ending with what is true.
func (c *checks) reason(p *program, m callevent.Missed, s *stay) {
	v := c.stays[m.CallID]
	if v == nil {
		return
	}
	left := v.how == hungUp || v.how == operator
	switch m.Reason {
	case callevent.ReasonAbandoned:
		if !left && v.hangupToldTo != p { // he had hung up, and his Asterisk crashed before he was gone
			c.w.complain("%s is said to be abandoned, but the caller was %q", m.CallID, v.how)
		}
	case callevent.ReasonTaken:
		if left && v.hangupToldTo == p {
			c.w.complain("%s is said to be taken, but the caller %q and the machine was told", m.CallID, v.how)
		}
	case callevent.ReasonLost:
		c.window(m, v)
	case callevent.ReasonMaxWait:
		c.limit(m, s)
	case callevent.ReasonError:
		if _, known := c.w.policies.Queues[m.Queue]; known { // its queue went with a reload, and the old policy with a restart
			c.w.complain("%s ended as an error", m.CallID)
		}
	}
}

// window says whether the true end of a lost call lies where it is said to lie. A caller who was given up while his
// Asterisk was away may still be there.
func (c *checks) window(m callevent.Missed, v *visit) {
	w := m.LostWindow
	if w == nil || w.To.Before(w.From) || !w.From.Equal(m.LeftAt) {
		c.w.complain("%s is lost in the window %v", m.CallID, w)
		return
	}
	away := v.at.link == nil || v.at.link.dead || !v.at.link.listed
	switch {
	case v.leftAt.IsZero() && !away && v.replaced.IsZero():
		c.w.complain("%s is said to be lost and is there", m.CallID)
	case v.leftAt.IsZero():
	case v.leftAt.After(w.To) && (away || !v.replaced.IsZero()): // given up, or his channel was lost and he had another one
	case v.leftAt.Before(w.From.Add(-maxLatency)), v.leftAt.After(w.To):
		c.w.complain("%s left at %s, but is said to be lost from %s to %s", m.CallID, v.leftAt, w.From, w.To)
	}
}

// limit says whether a call that ended by its queue's limit had waited that long.
func (c *checks) limit(m callevent.Missed, s *stay) {
	if s == nil {
		c.w.complain("%s reached the limit of %s, but never entered", m.CallID, m.Queue)
		return
	}
	if c.spent[m.CallID] || c.roundsOver(m.CallID, m.Queue) {
		return
	}
	limit := c.limits[m.Queue]
	if s.asked.MaxWaitMS != nil && s.queuedAt.Equal(s.enteredAt) {
		limit = time.Duration(*s.asked.MaxWaitMS) * time.Millisecond
	}
	if waited := m.LeftAt.Sub(s.queuedAt); waited < limit {
		c.w.complain("%s reached the limit of %s after %s", m.CallID, m.Queue, waited)
	}
}

// roundsOver says whether nobody answered a call in as many rounds as its queue has at present. One that was about to leave
// before a reload goes by the rounds of then.
func (c *checks) roundsOver(call, queue string) bool {
	q := c.policies[queue].Serving
	return q.Rounds > 0 && len(c.offers.tried[call]) >= q.Rounds
}

// recorded takes an event that is durable now.
func (w *world) recorded(e callevent.Event) {
	c := &w.checks
	if err := c.durable.take(e); err != nil {
		w.complain("durable: %v", err)
	}
	if err := c.owedDurable.take(e, w.now); err != nil {
		w.complain("durable: %v", err)
	}
	c.offers.recorded(e)
	if c.recorded[e.Call] {
		return
	}
	c.recorded[e.Call] = true
	if v := c.stays[e.Call]; v != nil {
		v.calls = append(v.calls, e.Call)
	}
}

// settled is how long after having been told of a caller, and after his Asterisk was listed, the program may be killed
// without having said anything durable of him.
const settled = 10 * time.Second

// owed is true for a visit that must become a call once it was told of.
func (v *visit) owed() bool { return !v.command && !(v.again && v.toldTo.epoch > 1) }

// killed checks that nobody is forgotten who was told of long ago, and falls back to what is durable.
func (c *checks) killed(p *program) {
	for _, v := range c.w.visits {
		heard := !v.at.since.IsZero() && c.w.now.Sub(v.at.since) > settled
		if v.toldTo == p && v.owed() && len(v.calls) == 0 && heard && c.w.now.Sub(v.toldAt) > settled {
			c.w.complain("nothing is durable of the caller on channel %s, told of at %s", v.channels[0], v.toldAt)
		}
	}
	c.said.fallBack(c.durable)
	c.offers.killed()
	c.roster.killed()
	clear(c.devices)
	clear(c.watched)
	clear(c.exits)
	clear(c.spent)
	c.owed.fallBack(c.owedDurable)
}

// restarted compares the state of a new start with the durable events.
func (c *checks) restarted(m *queueflow.Machine) {
	if err := m.Check(); err != nil {
		c.w.complain("after the restart: %v", err)
	}
	c.begun = c.w.now
	c.roster.begins()
	c.remembered(m.Snapshot())
	c.policies = nil // queues that were taken away are not known after a restart
	c.reloaded(c.w.policies)
	state := m.Snapshot()
	if err := c.owedDurable.compare(state.Episodes, c.w.now); err != nil {
		c.w.complain("after the restart: %v", err)
	}
	waiting := 0
	for _, call := range state.Calls {
		s := c.durable.open[call.Entered.CallID]
		switch {
		case call.Talk != nil && call.Talk.HandedOn:
			c.handedOver(call, s)
		case call.Going != nil && s != nil:
			c.w.complain("%s waits, but after the restart it is sent away", call.Entered.CallID)
		case call.Going != nil:
		case s == nil:
			c.w.complain("%s is over, but after the restart it waits", call.Entered.CallID)
		case s.queue != call.Queue, !s.enteredAt.Equal(call.Entered.EnteredAt), !s.queuedAt.Equal(call.QueuedAt), s.priority != call.Entered.Priority:
			c.w.complain("%s has another queue or entry after the restart: %+v, was %+v", call.Entered.CallID, call, *s)
		case (call.Talk != nil) != (s.agent != ""), call.Talk != nil && (call.Talk.Agent.Endpoint != s.agent || call.Talk.Channel != s.agentChannel):
			c.w.complain("%s has another talk after the restart: %+v, was %+v", call.Entered.CallID, call.Talk, *s)
		default:
			waiting++
		}
	}
	if waiting != len(c.durable.open) {
		c.w.complain("%d wait after the restart, %d before", waiting, len(c.durable.open))
	}
	c.again(state)
}

// handedOver says whether a caller who is said to talk on with somebody else has had his ending.
func (c *checks) handedOver(call queueflow.CallSnapshot, s *stay) {
	if s != nil {
		c.w.complain("%s is open, but after the restart he was handed on", call.Entered.CallID)
	}
}
