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
		var there []*visit
		for _, ch := range a.channels {
			if ch.visit != nil {
				there = append(there, ch.visit)
			}
		}
		a.w.after(a.w.around(50*time.Millisecond), func() { p.list(a, l, there) })
	})
}

// list tells the machine what was there at the beginning of the connection, and then every event since.
func (p *program) list(a *asterisk, l *link, there []*visit) {
	if p.killed || a.link != l || l.dead {
		return
	}
	in := queueflow.Listed{Node: a.url, At: l.at, Bridges: slices.Clone(a.bridges)}
	for _, v := range there {
		in.Callers = append(in.Callers, v.listed(l.at))
	}
	a.w.chance.Shuffle(len(in.Callers), func(i, j int) { in.Callers[i], in.Callers[j] = in.Callers[j], in.Callers[i] })
	l.listed, a.since = true, a.w.now
	p.stepAt(l.at, in)
	for _, v := range there {
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
func (v *visit) listed(connected time.Time) queueflow.CallerEntered {
	id := v.channels[len(v.channels)-1]
	if v.replaced.After(connected) {
		id = v.channels[len(v.channels)-2]
	}
	in := queueflow.CallerEntered{
		Call: v.at.w.newCall(), Channel: queueflow.Channel{Node: v.at.url, ID: id}, Dialled: v.dialled, Args: v.args, Language: "en", Caller: v.from,
	}
	if ch := v.now(); ch != nil && ch.id == id {
		in.Answered, in.Bridge = ch.up, ch.bridge
	}
	return in
}

// cut ends the connection to an Asterisk, which at once or some time later is known here and there.
func (p *program) cut(a *asterisk) {
	l, w := a.link, a.w
	if l == nil || l.dead {
		return
	}
	l.dead = true
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
