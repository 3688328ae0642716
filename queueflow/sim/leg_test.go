package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
)

// leg is the truth about one channel that the program made to an agent's phone, whatever channel it is now.
type leg struct {
	*channel
	// id is the one that the program gave; the channel has another when a colleague picked the call up.
	id    string
	phone *phone
	// command is what the program asked for.
	command queueflow.CreateLeg
	reply   reply
	// sip and cause are how the phone refused, or how the channel ended.
	sip, cause int
	// timeout is how long it was to ring at most.
	timeout                                               time.Duration
	madeAt, dialledAt, rangAt, answeredAt, doneAt, leftAt time.Time
	// confirmed is true once the owner pressed 1, held while he has the other on hold, crossed when he answered as we hung up.
	confirmed, held, crossed bool
	// heldAt is when the present hold began, heldFor how long all together lasted.
	heldAt  time.Time
	heldFor time.Duration
	// by is who ended it.
	by legEnd
	// transferredAt and transferKind are when and how the owner handed his side on.
	transferredAt time.Time
	// joinedAt is when it last came into a bridge.
	joinedAt     time.Time
	transferKind string
	// stray is since when, in one connection, no call has it.
	stray time.Time
}

// legEnd says who ended a leg.
type legEnd string

const (
	endByPhone   legEnd = "the phone"
	endByUs      legEnd = "us"
	endByTimeout legEnd = "the limit of its ringing"
	endByCrash   legEnd = "a crash of Asterisk"
)

// createLeg makes a channel to a phone, which is in the application at once and rings nobody.
func (a *asterisk) createLeg(c queueflow.CreateLeg) answer {
	w := a.w
	p := w.phoneOf(c.Endpoint)
	if p == nil {
		w.complain("%s is to be rung, which nobody has", c.Endpoint)
		return answer{err: true}
	}
	if !p.reaches(a) || a.find(c.Channel.ID) != nil {
		return answer{err: true}
	}
	ch := &channel{asterisk: a, id: c.Channel.ID, legID: c.Channel.ID, lastTold: new(time.Time)}
	l := &leg{channel: ch, id: ch.id, phone: p, command: c, madeAt: w.now}
	ch.leg = l
	a.channels, p.legs, w.legs[l.id] = append(a.channels, ch), append(p.legs, l), l
	ch.tell(queueflow.LegEntered{Channel: ch.key(), Leg: l.id}, nil)
	return answer{}
}

// over says whether the channel of a leg is no more.
func (l *leg) over() bool { return !l.leftAt.IsZero() }

// dial lets the phone ring, and plans what comes of it.
func (l *leg) dial(timeout time.Duration) answer {
	w := l.asterisk.w
	if !l.dialledAt.IsZero() {
		return answer{err: true}
	}
	l.dialledAt, l.timeout = w.now, timeout
	l.reply = l.phone.react(l)
	if timeout > 0 {
		w.after(timeout, func() {
			if l.answeredAt.IsZero() {
				l.end(endByTimeout, pick(w.chance, 0, 480), 19)
			}
		})
	}
	if l.reply == replyDead {
		return answer{}
	}
	w.after(w.upTo(300*time.Millisecond), l.ring)
	delay := w.around(l.phone.habits.quick)
	switch l.reply {
	case replyAnswer:
		if w.happens(0.1) { // as the ringing ends
			delay = timeout + pick(w.chance, -time.Millisecond, 0, time.Millisecond)
		}
		w.after(delay, l.answer)
	case replyPickedUp:
		w.after(delay, l.pickUp)
	case replyRefuse:
		w.after(min(delay, w.upTo(2*time.Second)), l.refuse)
	case replyForward:
		w.after(w.upTo(100*time.Millisecond), l.forward)
	}
	return answer{}
}

func (l *leg) ring() {
	if l.over() || !l.answeredAt.IsZero() {
		return
	}
	l.rangAt = l.asterisk.w.now
	l.tell(queueflow.LegRinging{Channel: l.key()}, nil)
	l.phone.changed()
}

// answer lets the owner take the call, and plans what he does then.
func (l *leg) answer() {
	w := l.asterisk.w
	if l.over() || !l.answeredAt.IsZero() || l.dialledAt.IsZero() {
		return
	}
	l.reply, l.answeredAt, l.up = replyAnswer, w.now, true
	l.tell(queueflow.CallerAnswered{Channel: l.key()}, nil)
	l.phone.changed()
	l.converse()
	if w.happens(0.01) && w.arrivals > 0 && w.faults.kill < time.Hour {
		w.after(w.upTo(20*time.Millisecond), w.kill)
	}
}

// refuse ends the call as the phone wants.
func (l *leg) refuse() {
	if l.over() || !l.answeredAt.IsZero() {
		return
	}
	l.reply = replyRefuse
	sip, cause := l.phone.refusal(l)
	l.end(endByPhone, sip, cause)
}

// forward asks for the call to go elsewhere, which Asterisk tells more than once and does not do.
func (l *leg) forward() {
	if l.over() {
		return
	}
	for range 1 + l.asterisk.w.IntN(3) {
		l.tell(queueflow.LegForwarded{Channel: l.key(), To: "Local/79160000000@agents"}, nil)
	}
	l.end(endByPhone, 302, 23)
}

// pickUp lets a colleague take the call that rings: another channel stands for it from now on.
func (l *leg) pickUp() {
	if l.over() || !l.answeredAt.IsZero() {
		return
	}
	a, old := l.asterisk, l.channel
	heir := a.newChannel()
	heir.leg, heir.legID, heir.lastTold = l, l.id, old.lastTold
	old.leg = nil
	l.channel = heir
	a.w.pickedUp[heir.key()] = l
	l.reply, l.answeredAt, l.up = replyPickedUp, a.w.now, true
	a.remove(old)
	heir.tell(queueflow.LegEntered{Channel: heir.key(), Leg: l.id, Up: true}, nil)
	old.tell(queueflow.ChannelGone{Channel: old.key(), Cause: 26}, nil)
	l.phone.changed()
	l.converse()
}

// hangUpByUs does what the program said. A phone that answers in the same instant did so before.
func (l *leg) hangUpByUs() {
	w := l.asterisk.w
	if !l.rangAt.IsZero() && l.answeredAt.IsZero() && w.happens(0.05) {
		l.crossed = true
		l.answeredAt, l.up = w.now, true
		if w.happens(0.5) {
			l.tell(queueflow.CallerAnswered{Channel: l.key()}, nil)
		}
	}
	l.end(endByUs, 0, 16)
}

// end takes the channel of a leg away.
func (l *leg) end(by legEnd, sip, cause int) {
	if l.over() {
		return
	}
	a := l.asterisk
	l.by, l.sip, l.cause, l.leftAt = by, sip, cause, a.w.now
	l.unhold()
	ch := l.channel
	ch.quit()
	ch.tell(queueflow.CallerLeft{Channel: ch.key()}, nil)
	ch.tell(queueflow.ChannelGone{Channel: ch.key(), Cause: cause, SIP: sip}, nil)
	a.remove(ch)
	l.phone.legs = slices.DeleteFunc(l.phone.legs, func(other *leg) bool { return other == l })
	l.phone.changed()
}
