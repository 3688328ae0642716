package sim

import (
	"fmt"
	"slices"
	"time"

	"missedcalls/queueflow"
)

// phone is an agent's telephone and the person beside it: what is true of them, whoever is told.
type phone struct {
	w                *world
	endpoint, device string
	// registered are the Asterisks that can reach it.
	registered []*asterisk
	// stateless is true for a phone whose state no Asterisk knows.
	stateless bool
	// waiting is true for a phone that rings while its owner talks; others are busy then.
	waiting bool
	// private is the Asterisk of a talk of his own, nil when he has none.
	private *asterisk
	// legs are our channels to it that are alive, in the order of their making.
	legs []*leg
	// habits are how the owner treats a call.
	habits habits
}

// habits are the weights of what an owner does when his phone rings.
type habits struct {
	answers, ignores, refuses, forwards, isPickedUp int
	// quick is the mean time to an answer, talks that of a talk.
	quick, talks time.Duration
}

// reply is what a phone does about one call.
type reply string

const (
	replyAnswer   reply = "answers"
	replyNone     reply = "lets it ring"
	replyDead     reply = "says nothing at all"
	replyRefuse   reply = "refuses"
	replyForward  reply = "forwards"
	replyPickedUp reply = "is picked up by a colleague"
)

// newPhones draws the agents of a world.
func newPhones(w *world) []*phone {
	var phones []*phone
	for i := range 2 + w.IntN(9) {
		p := &phone{w: w, endpoint: fmt.Sprintf("PJSIP/%d", 101+i), waiting: w.happens(0.3), stateless: w.happens(0.1)}
		p.device = p.endpoint
		if w.happens(0.2) {
			p.endpoint, p.device = fmt.Sprintf("Local/%d@agents/n", 101+i), fmt.Sprintf("Custom:agent-%d", 101+i)
		}
		p.habits = habits{
			answers: 1 + w.IntN(20), ignores: w.IntN(5), refuses: w.IntN(5), forwards: w.IntN(2), isPickedUp: w.IntN(2),
			quick: time.Second + w.upTo(8*time.Second), talks: 2*time.Second + w.upTo(40*time.Second),
		}
		for _, a := range w.asterisks {
			if len(p.registered) == 0 || w.happens(0.8) {
				p.registered = append(p.registered, a)
			}
		}
		phones = append(phones, p)
	}
	return phones
}

func (w *world) phoneOf(endpoint string) *phone {
	for _, p := range w.phones {
		if p.endpoint == endpoint {
			return p
		}
	}
	return nil
}

// reaches says whether an Asterisk can ring a phone.
func (p *phone) reaches(a *asterisk) bool { return slices.Contains(p.registered, a) }

// occupied says whether the owner talks, or is being rung otherwise than by a leg.
func (p *phone) occupied(but *leg) bool {
	return p.private != nil || slices.ContainsFunc(p.legs, func(l *leg) bool { return l != but && !l.answeredAt.IsZero() })
}

// react draws what a phone does about a leg that rings it from now on.
func (p *phone) react(l *leg) reply {
	switch {
	case !p.reaches(l.asterisk):
		return replyRefuse
	case p.occupied(l) && !p.waiting:
		return replyRefuse
	}
	h := p.habits
	n := p.w.IntN(h.answers + h.ignores + h.refuses + h.forwards + h.isPickedUp)
	for _, choice := range []struct {
		weight int
		reply  reply
	}{{h.answers, replyAnswer}, {h.ignores, replyNone}, {h.refuses, replyRefuse}, {h.forwards, replyForward}} {
		if n -= choice.weight; n < 0 {
			if choice.reply == replyNone && p.w.happens(0.2) {
				return replyDead
			}
			return choice.reply
		}
	}
	return replyPickedUp
}

// refusal is how a phone refuses: a SIP response and its cause.
func (p *phone) refusal(l *leg) (sip, cause int) {
	switch {
	case !p.reaches(l.asterisk):
		return 480, 20
	case p.occupied(l) && !p.waiting:
		return 486, 17
	}
	r := pick(p.w.chance, [2]int{486, 17}, [2]int{486, 17}, [2]int{603, 21}, [2]int{603, 21}, [2]int{600, 17}, [2]int{480, 20}, [2]int{404, 1}, [2]int{503, 34}, [2]int{488, 58})
	return r[0], r[1]
}

// changed tells those Asterisks of the phone's state that are asked about it.
func (p *phone) changed() {
	for _, a := range p.w.asterisks {
		a.tellDevice(p.device)
	}
}

// state is how an Asterisk sees the phone.
func (p *phone) state(a *asterisk) queueflow.DeviceState {
	ringing, up, held := false, p.private == a, false
	for _, l := range p.legs {
		if l.asterisk != a {
			continue
		}
		ringing = ringing || !l.rangAt.IsZero() && l.answeredAt.IsZero()
		up = up || !l.answeredAt.IsZero()
		held = held || l.held
	}
	switch {
	case p.stateless:
		return queueflow.DeviceUnknown
	case !p.reaches(a):
		return queueflow.DeviceUnavailable
	case ringing && up:
		return queueflow.DeviceRingInUse
	case ringing:
		return queueflow.DeviceRinging
	case held:
		return queueflow.DeviceOnHold
	case up && p.private == a && !p.waiting:
		return queueflow.DeviceBusy
	case up:
		return queueflow.DeviceInUse
	}
	return queueflow.DeviceNotInUse
}

// live is what agents do that has nothing to do with our calls: phones come and go, and people talk with others.
func (w *world) live() {
	p := pick(w.chance, w.phones...)
	switch a := pick(w.chance, w.asterisks...); {
	case w.happens(0.6):
		p.talkPrivately(a)
	case p.reaches(a):
		p.registered = slices.DeleteFunc(p.registered, func(b *asterisk) bool { return a == b })
		w.after(w.around(20*time.Second), func() { p.register(a) })
	default:
		p.register(a)
	}
	p.changed()
}

func (p *phone) register(a *asterisk) {
	if !p.reaches(a) {
		p.registered = append(p.registered, a)
		p.changed()
	}
}

// talkPrivately lets the owner talk with somebody else for a while, unless he talks already.
func (p *phone) talkPrivately(a *asterisk) {
	if p.occupied(nil) || !p.reaches(a) {
		return
	}
	p.private = a
	p.w.after(p.w.around(15*time.Second), func() {
		p.private = nil
		p.changed()
	})
}
