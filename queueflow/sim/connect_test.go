package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
)

// deafFor is how long a cut may go unnoticed, with what was on its way then.
const deafFor = 10*time.Second + maxLatency

// connect opens the websocket to an Asterisk after a time, and lists what is there.
func (p *program) connect(a *asterisk, after time.Duration) {
	a.w.after(after, func() {
		if p.killed || a.link != nil && !a.link.dead {
			return
		}
		l := &link{program: p, at: a.w.now, lastSeen: a.w.now}
		a.link = l
		there := a.inside()
		a.w.after(a.w.around(50*time.Millisecond), func() { p.list(a, l, there) })
	})
}

// presence is who is in the application on one Asterisk at one moment.
type presence struct {
	visits []*visit
	// legs and guests are with the channels that they have at that moment.
	legs, guests []*channel
}

func (a *asterisk) inside() (there presence) {
	for _, ch := range a.channels {
		switch {
		case ch.visit != nil:
			there.visits = append(there.visits, ch.visit)
		case ch.leg != nil:
			there.legs = append(there.legs, ch)
		case ch.guest:
			there.guests = append(there.guests, ch)
		}
	}
	return there
}

// list tells the machine what was there at the beginning of the connection, and then every event since.
func (p *program) list(a *asterisk, l *link, there presence) {
	if p.killed || a.link != l || l.dead {
		return
	}
	in := queueflow.Listed{Node: a.url, At: l.at, Bridges: slices.Clone(a.bridges)}
	for _, v := range there.visits {
		in.Callers = append(in.Callers, v.listed(l))
	}
	for _, ch := range there.guests {
		guest := ch.entered("")
		guest.Bridge = l.bridgeAtConnect(ch)
		in.Callers = append(in.Callers, guest)
	}
	for _, ch := range there.legs {
		in.Legs = append(in.Legs, ch.listedLeg(l))
	}
	a.w.chance.Shuffle(len(in.Callers), func(i, j int) { in.Callers[i], in.Callers[j] = in.Callers[j], in.Callers[i] })
	l.listed, a.since = true, a.w.now
	p.stepAt(l.at, in)
	for _, v := range there.visits {
		a.w.toldOf(v)
	}
	for _, news := range l.early {
		if p.killed {
			return
		}
		p.hear(news)
	}
	l.early = nil
}

// listed is a caller as the listing shows him: the channel he had at the beginning of the connection, in its present
// state if he still has it.
func (v *visit) listed(l *link) queueflow.CallerEntered {
	id := v.channels[len(v.channels)-1]
	if v.replaced.After(l.at) {
		id = v.channels[len(v.channels)-2]
	}
	in := queueflow.CallerEntered{
		Call: v.at.w.newCall(), Channel: queueflow.Channel{Node: v.at.url, ID: id}, Dialled: v.dialled, Args: v.args, Language: "en", Caller: v.from,
	}
	if ch := v.now(); ch != nil && ch.id == id {
		in.Answered, in.Bridge = ch.up, l.bridgeAtConnect(ch)
		if ch.linked != "" {
			in.Name, in.Caller = ch.name(), nobody
		}
	}
	return in
}

// listedLeg is a channel to an agent as the listing shows it, in its present state.
func (ch *channel) listedLeg(l *link) queueflow.LegListed {
	return queueflow.LegListed{Channel: ch.key(), Leg: ch.legID, Up: ch.up, Bridge: l.bridgeAtConnect(ch)}
}

// bridgeAtConnect is the bridge that a channel is in, or which it has left since the beginning of the connection.
func (l *link) bridgeAtConnect(ch *channel) string {
	for _, news := range l.early {
		switch in := news.in.(type) {
		case queueflow.BridgeLeft:
			if in.Channel == ch.key() {
				return in.Bridge
			}
		case queueflow.BridgeJoined:
			if in.Channel == ch.key() {
				return ch.bridge
			}
		}
	}
	return ch.bridge
}

// cut ends the connection to an Asterisk, which at once or some time later is known here and there.
func (p *program) cut(a *asterisk) {
	l, w := a.link, a.w
	if l == nil || l.dead {
		return
	}
	l.dead, a.cutAt = true, w.now
	noticed := time.Duration(0)
	if w.happens(0.5) {
		noticed = w.upTo(10 * time.Second)
	} else {
		a.link = nil
	}
	w.after(noticed, func() {
		if a.link == l {
			a.link = nil
		}
		if p.killed {
			return
		}
		seen := l.lastSeen
		if !l.listed {
			seen = time.Time{}
		}
		a.since = time.Time{}
		p.step(queueflow.NodeAway{Node: a.url, LastSeen: seen})
		outage := w.around(w.faults.outage)
		if w.happens(0.1) {
			outage = w.lostAfter - time.Second + w.upTo(time.Minute)
		}
		p.connect(a, outage)
	})
}
