package sim

import (
	"math"
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// erlangExchange is a machine with an Asterisk that does at once and without faults what it is told, whose phones are
// answered when they ring.
type erlangExchange struct {
	agenda
	chance
	erlangCentre
	machine *queueflow.Machine
	news    []queueflow.Input
	calls   map[string]*erlangCall
	members int
	// hung are the callers who hung up and would wait still, in the order of their entry.
	hung []*erlangCall
	run  erlangRun
	// waiting and talking are how many there are, since the moment counted.
	waiting, talking int
	counted          time.Time
	closed           bool
	bridges          map[string]string // by the id of the channel
}

// erlangCall is a caller; one who was there at the beginning does not count.
type erlangCall struct {
	erlangCaller
	id     string
	counts bool
	ended  bool
}

const erlangNode = "http://127.0.0.1:8088/ari"

var erlangBegan = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

func newErlangExchange(c erlangCentre, members int, chance chance) *erlangExchange {
	p := queueflow.Policy{ID: "q", Name: "q", Serving: queueflow.Serving{Strategy: queueflow.LeastRecent}}
	for n := range members {
		p.Serving.Members = append(p.Serving.Members, queueflow.Member{Endpoint: "PJSIP/" + strconv.Itoa(100+n)})
	}
	e := &erlangExchange{
		erlangCentre: c, members: members, chance: chance, calls: make(map[string]*erlangCall), bridges: make(map[string]string),
		machine: queueflow.New(
			// A missed call stays open for a moment only: no number is known, and a day of them would only cost memory.
			queueflow.Settings{Application: "erlang", Epoch: 1, OpenFor: time.Second},
			queueflow.Policies{DefaultQueue: "q", Queues: map[string]queueflow.Policy{"q": p}},
		),
		counted: erlangBegan,
	}
	e.now = erlangBegan
	e.tell(queueflow.Listed{Node: erlangNode, At: e.now})
	return e
}

// play lets callers come for so many seconds, after those who are there at the beginning: as nothing remembers how long it
// has lasted, they may all have come at this moment. All are followed to their end, but the time after the last counts not.
func (e *erlangExchange) play(length float64) erlangRun {
	for range e.there() {
		e.enter(false)
	}
	e.at(erlangBegan.Add(duration(length)), func() {
		e.count()
		e.closed = true
	})
	e.arrive()
	for e.next() {
	}
	return e.run
}

// there draws how many callers are in the centre at a moment, from the birth-and-death process that the row is.
func (e *erlangExchange) there() (n int) {
	weights, sum := []float64{1}, 1.0
	for weight := 1.0; weight > 1e-12*sum || float64(len(weights)) < e.arrivals*e.handling; {
		k := len(weights)
		waiting := float64(max(k-e.agents, 0))
		weight *= e.arrivals / (float64(min(k, e.agents))/e.handling + waiting/e.patience)
		weights, sum = append(weights, weight), sum+weight
	}
	for left := e.Float64() * sum; n < len(weights)-1 && left >= weights[n]; n++ {
		left -= weights[n]
	}
	return n
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// count adds the time since the last change.
func (e *erlangExchange) count() {
	passed := e.now.Sub(e.counted).Seconds()
	e.counted = e.now
	if e.closed {
		return
	}
	e.run.lasted += passed
	e.run.waiting += passed * float64(e.waiting)
	e.run.talking += passed * float64(e.talking) / float64(e.agents)
}

// arrive lets the next caller come.
func (e *erlangExchange) arrive() {
	e.after(duration(e.ExpFloat64()/e.arrivals), func() {
		if !e.closed {
			e.enter(true)
			e.arrive()
		}
	})
}

// enter lets a caller come now.
func (e *erlangExchange) enter(counts bool) {
	c := &erlangCall{id: "c" + strconv.FormatUint(e.agenda.count, 10), erlangCaller: erlangCaller{entered: e.now}, counts: counts}
	e.calls[c.id] = c
	if patience := e.ExpFloat64() * e.patience; !math.IsInf(patience, 1) {
		e.after(duration(patience), func() { e.hangUp(c) })
	}
	e.agenda.count++
	e.tell(queueflow.CallerEntered{
		At: e.now, Call: c.id, Channel: erlangChannel(c.id), Caller: callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true},
	})
}

func erlangChannel(id string) queueflow.Channel { return queueflow.Channel{Node: erlangNode, ID: id} }

func (e *erlangExchange) hangUp(c *erlangCall) {
	if c.served.IsZero() && !c.ended {
		e.leave(erlangChannel(c.id))
	}
}

// leave ends a channel as its phone does.
func (e *erlangExchange) leave(ch queueflow.Channel) {
	e.tell(queueflow.HangupRequested{Channel: ch, Cause: 16}, queueflow.CallerLeft{At: e.now, Channel: ch}, e.gone(ch))
}

func (e *erlangExchange) gone(ch queueflow.Channel) queueflow.Input {
	delete(e.bridges, ch.ID)
	return queueflow.ChannelGone{At: e.now, Channel: ch, Cause: 16}
}

// tell tells the machine what happened, does what it commands, and so on until there is nothing more.
func (e *erlangExchange) tell(news ...queueflow.Input) {
	e.news = append(e.news, news...)
	for len(e.news) > 0 {
		in := e.news[0]
		e.news = e.news[1:]
		out := e.machine.Step(e.now, in)
		for _, event := range out.Events {
			e.hear(event)
		}
		for _, cmd := range out.Commands {
			e.news = append(e.news, e.do(cmd)...)
		}
	}
	if e.talking < e.members {
		e.wouldBeServed(func(*erlangCall) bool { return true })
	}
}

// do is what Asterisk tells of a command.
func (e *erlangExchange) do(cmd queueflow.Command) []queueflow.Input {
	switch cmd := cmd.(type) {
	case queueflow.AskCaller:
		return []queueflow.Input{queueflow.CallerKnown{Channel: cmd.Channel}}
	case queueflow.Answer:
		return []queueflow.Input{queueflow.CallerAnswered(cmd)}
	case queueflow.Hold:
		return e.join(cmd.Channel, cmd.Bridge)
	case queueflow.Connect:
		return e.join(cmd.Channel, cmd.Bridge)
	case queueflow.CreateLeg:
		return []queueflow.Input{queueflow.LegEntered{Channel: cmd.Channel, Leg: cmd.Channel.ID}}
	case queueflow.DialLeg:
		return []queueflow.Input{queueflow.LegRinging{Channel: cmd.Channel}, queueflow.CallerAnswered{Channel: cmd.Channel}}
	case queueflow.HangupLeg:
		return []queueflow.Input{queueflow.CallerLeft{At: e.now, Channel: cmd.Channel}, e.gone(cmd.Channel)}
	case queueflow.Hangup:
		return []queueflow.Input{queueflow.CallerLeft{At: e.now, Channel: cmd.Channel}, e.gone(cmd.Channel)}
	case queueflow.WatchDevices:
		states := make([]queueflow.Input, 0, len(cmd.Devices))
		for _, device := range cmd.Devices {
			states = append(states, queueflow.DeviceChanged{Node: cmd.Node, Device: device, State: queueflow.DeviceNotInUse})
		}
		return states
	}
	return nil
}

func (e *erlangExchange) join(ch queueflow.Channel, bridge string) (news []queueflow.Input) {
	if old := e.bridges[ch.ID]; old != "" {
		news = append(news, queueflow.BridgeLeft{Channel: ch, Bridge: old})
	}
	e.bridges[ch.ID] = bridge
	return append(news, queueflow.BridgeJoined{Channel: ch, Bridge: bridge})
}

// hear takes up an event.
func (e *erlangExchange) hear(event callevent.Event) {
	e.count()
	c := e.calls[event.Call]
	switch p := event.Payload.(type) {
	case callevent.Entered:
		e.waiting++
	case callevent.Answered:
		e.waiting--
		e.talking++
		c.served = p.AnsweredAt
		e.wouldBeServed(func(before *erlangCall) bool { return before.entered.Before(c.entered) })
		e.settle(c)
		e.after(duration(e.ExpFloat64()*e.handling), func() { e.leave(erlangChannel(p.AgentChannel)) })
	case callevent.Completed:
		e.talking--
		delete(e.calls, c.id)
	case callevent.Missed:
		if p.Reason != callevent.ReasonAbandoned {
			panic("a caller left for " + strings.TrimSpace(string(p.Reason)))
		}
		e.waiting--
		c.left, c.ended = p.LeftAt, true
		e.hung = append(e.hung, c)
		delete(e.calls, c.id)
	}
}

// wouldBeServed ends the offered wait of those who hung up and for whom an agent would be there now.
func (e *erlangExchange) wouldBeServed(which func(*erlangCall) bool) {
	still := e.hung[:0]
	for _, c := range e.hung {
		if !which(c) {
			still = append(still, c)
			continue
		}
		c.served = e.now
		e.settle(c)
	}
	e.hung = still
}

// settle lets a caller whose waits are known count.
func (e *erlangExchange) settle(c *erlangCall) {
	if c.counts {
		e.run.callers = append(e.run.callers, c.erlangCaller)
	}
}
