package arimock

import (
	"fmt"
	"time"
)

// dialLimit is how long the dialplan lets a phone ring that another one has dialled.
const dialLimit = 30 * time.Second

// linkPause is how long Asterisk takes to put the two ends of an attended transfer into place: it waits that long for media.
const linkPause = 500 * time.Millisecond

// local is what is at the far side of one end of a Local channel: the other end, or nil when a phone is played there.
type local struct{ end, other *channel }

func (*local) heardMedia() {}

func (k *local) rang() {
	if k.other != nil {
		k.other.hear(stateRinging, "RINGING")
	}
}

func (k *local) answered() {
	if k.other != nil {
		k.other.hear(stateUp, "ANSWER")
	}
}

func (k *local) released(int) {
	if k.other != nil {
		k.other.hangUp(&channelHangupRequest{Cause: causeNormal}, causeNormal, 0)
	}
}

// hear moves one end of a Local channel to what the other end is. The mutex is held.
func (c *channel) hear(state, status string) {
	if c.hungUp || c.state == state {
		return
	}
	c.setState(state)
	c.publish(&dialEvent{event: c.s.head("Dial"), Status: status, Peer: c.model()})
	if other := c.partner(); other != nil && state == stateUp && c.caller.Number != "" {
		other.connected = c.caller
	}
}

// newLocal makes the two ends of a Local channel to an extension. The mutex is held.
func (s *Server) newLocal(exten, context string) (one, two *channel) {
	s.made++
	name := fmt.Sprintf("Local/%s@%s-%08x", exten, context, s.made)
	ends := [2]*channel{}
	for i := range ends {
		c := s.newChannel("", "Local/"+exten+"@"+context)
		c.name, c.protocolID = fmt.Sprintf("%s;%d", name, i+1), ""
		c.context, c.exten, c.priority = context, exten, 1
		ends[i] = c
	}
	return ends[0], ends[1]
}

// forget takes a channel out of Asterisk that is in no application. The mutex is held.
func (c *channel) forget() {
	if !c.hungUp {
		c.hungUp, c.cause = true, causeNormal
		close(c.gone)
	}
	c.destroy()
}

// partner is who a channel talks with; nil unless there is one.
func (c *channel) partner() *channel {
	if c.bridge == nil || c.bridge.kind == "holding" {
		return nil
	}
	for _, other := range c.bridge.channels {
		if other != c {
			return other
		}
	}
	return nil
}

// transfer sends whoever the phone talks with to a number at once, as a phone's REFER does. Who is transferred stays in the bridge: the
// phone's leg is replaced there by one end of a Local channel, whose other end is in the dialplan. The mutex is held.
func (l *leg) transfer(number string) {
	c, s := l.channel, l.channel.s
	transferee := c.partner()
	phone, application := s.destination(number)
	if transferee == nil || c.stay == nil || phone == "" && !application {
		return
	}
	c.unhold()
	b := c.bridge.model()
	one, two := s.newLocal(number, phoneContext)
	replacement := one.model()
	one.appName, one.appData = "Stasis", c.stay.app.name
	before := c.bridge
	entered := false
	if phone == "" { // the other end is in the application before this one is
		one.far, two.far = &local{one, two}, &local{two, one}
		two.state, two.appName, two.appData = stateRing, "Stasis", s.options.Dialplan.App
		two.unseenCaller, two.linkedID = transferee.caller, transferee.linkedID
		entered = two.knock([]string{})
	}
	c.replace(one)
	s.publishBridge(before.id, c.id, &bridgeBlindTransfer{
		s.head("BridgeBlindTransfer"), c.model(), replacement, transferee.model(), b, number, phoneContext, "Success", true,
	})
	l.transferred = true
	one.connected, one.linkedID = transferee.caller, transferee.linkedID
	if phone == "" {
		s.running.Go(func() { two.afterKnock(entered) })
		return
	}
	s.running.Go(func() { s.ringFor(one, two, phone) })
}

// ringFor lets a phone ring for a Local channel, and talk with whoever is in the bridge of its other end, until one of them ends it.
func (s *Server) ringFor(one, two *channel, name string) {
	s.mu.Lock()
	target, p := s.ringPhone(name, one.connected)
	one.caller = target.caller
	one.setState(stateRinging)
	one.tellCallerID()
	one.publish(&dialEvent{event: s.head("Dial"), Status: "RINGING", Peer: one.model()})
	s.mu.Unlock()
	cause := s.await(target, p, one.gone)
	if cause == 0 {
		s.mu.Lock()
		target.setState(stateUp)
		one.hear(stateUp, "ANSWER")
		s.mu.Unlock()
		cause = causeNormal
		select {
		case <-alarm(p.TalkFor):
		case <-one.gone:
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	target.forget()
	one.hangUp(&channelHangupRequest{Cause: cause}, cause, 0)
	two.forget()
}

// ringPhone makes the channel of a phone that the dialplan dials for somebody, and lets it ring. The mutex is held.
func (s *Server) ringPhone(name string, caller party) (*channel, Phone) {
	target := s.newChannel("", name)
	target.caller, target.connected, target.context, target.priority = s.phoneParty(name), caller, phoneContext, 1
	target.appName, target.appData = "AppDial", "(Outgoing Line)"
	s.show(name, target)
	target.setState(stateRinging)
	p, on := s.phones[name]
	if !on {
		p = Phone{Status: sipTimedOut}
	}
	return target, p
}

// await waits until a phone that rings answers, which is 0, or gives the cause for which it does not.
func (s *Server) await(target *channel, p Phone, givenUp <-chan struct{}) (cause int) {
	select {
	case <-alarm(p.RingFor):
	case <-time.After(dialLimit):
		return causeNoAnswer
	case <-givenUp:
		return causeNormal
	case <-target.gone:
		return causeNormal
	}
	return sipCauses[p.Status]
}

// consultation is a call that a phone makes while it talks in another, to transfer whoever it talks with.
type consultation struct {
	l      *leg
	second *channel
	// target is the phone that was called; nil when the call is in the application.
	target *channel
	phone  Phone
}

// consult calls a number, talks with whoever answers for a time, and connects him with whoever the phone talks with. It returns when that
// is done, or cannot be.
func (l *leg) consult(step Step) {
	s := l.channel.s
	s.mu.Lock()
	phone, application := s.destination(step.Transfer)
	k := &consultation{l: l, second: s.newChannel("", l.channel.endpoint())}
	k.second.caller, k.second.context = s.phoneParty(l.channel.endpoint()), phoneContext
	k.second.exten, k.second.priority, k.second.state = step.Transfer, 1, stateRing
	s.mu.Unlock()
	switch {
	case phone != "":
		k.withPhone(phone, step)
	case application:
		k.withApplication(step)
	default:
		k.end()
	}
}

// end ends the call that was made.
func (k *consultation) end() {
	s := k.second.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.target != nil {
		k.target.forget()
	}
	k.second.forget()
}

// withPhone consults another phone.
func (k *consultation) withPhone(name string, step Step) {
	s, first := k.second.s, k.l.channel
	s.mu.Lock()
	k.target, k.phone = s.ringPhone(name, k.second.caller)
	k.second.appName, k.second.appData = "Dial", "PJSIP/"+step.Transfer+",30"
	s.mu.Unlock()
	if s.await(k.target, k.phone, first.gone) != 0 {
		k.end()
		return
	}
	s.mu.Lock()
	k.target.setState(stateUp)
	k.second.setState(stateUp)
	k.second.connected = k.target.caller
	s.mu.Unlock()
	talks := alarm(k.phone.TalkFor)
	if !first.sleep(step.ConsultFor, nil) || !k.link() {
		k.end()
		return
	}
	s.mu.Lock()
	one, two := s.newLocal("_attended", "transfer")
	one.caller, two.connected, two.state = k.target.caller, k.target.caller, stateUp
	k.connect(one, two)
	k.second.forget()
	s.mu.Unlock()
	s.running.Go(func() {
		select {
		case <-talks:
		case <-one.gone:
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		k.target.forget()
		one.hangUp(&channelHangupRequest{Cause: causeNormal}, causeNormal, 0)
		two.forget()
	})
}

// withApplication consults somebody through the application, which the call enters as any other does.
func (k *consultation) withApplication(step Step) {
	s, first := k.second.s, k.l.channel
	answered := make(chan struct{})
	s.mu.Lock()
	k.second.appName, k.second.appData = "Stasis", s.options.Dialplan.App
	k.second.far = &consultedFar{answers: answered}
	s.mu.Unlock()
	s.running.Go(func() { k.second.callerThread([]string{}) })
	select {
	case <-answered:
	case <-k.second.gone:
		return
	case <-first.gone:
	}
	if !first.sleep(step.ConsultFor, k.second.gone) || !k.link() {
		s.mu.Lock()
		defer s.mu.Unlock()
		k.second.hangUp(&channelHangupRequest{}, 0, 0)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.second.bridge == nil || k.second.stay == nil {
		k.second.hangUp(&channelHangupRequest{}, 0, 0)
		return
	}
	one, two := s.newLocal("_attended", "transfer")
	two.state = stateUp
	one.far, two.far = &local{one, two}, &local{two, one}
	if !k.connect(one, two) {
		k.second.hangUp(&channelHangupRequest{}, 0, 0)
	}
}

// consultedFar is the phone's side of a call that entered the application.
type consultedFar struct{ answers chan struct{} }

func (*consultedFar) rang()        {}
func (*consultedFar) heardMedia()  {}
func (*consultedFar) released(int) {}
func (k *consultedFar) answered()  { close(k.answers) }

// link begins the transfer; false means that whoever was to be transferred is gone.
func (k *consultation) link() bool {
	s, first := k.second.s, k.l.channel
	s.mu.Lock()
	if first.hungUp || first.partner() == nil {
		s.mu.Unlock()
		return false
	}
	first.unhold()
	if k.second.stay != nil {
		k.second.unhold()
	}
	s.mu.Unlock()
	return first.sleep(linkPause, nil)
}

// connect puts one end of a Local channel into the place of the phone's leg, and the other into that of its second call if that is in the
// application; false means that whoever was to be transferred is gone. The mutex is held.
func (k *consultation) connect(one, two *channel) bool {
	s, first, second := k.second.s, k.l.channel, k.second
	transferee := first.partner()
	if transferee == nil || first.stay == nil {
		one.forget()
		two.forget()
		return false
	}
	one.linkedID, two.linkedID, two.unseenCaller = transferee.linkedID, transferee.linkedID, transferee.caller
	e := &bridgeAttendedTransfer{
		event: s.head("BridgeAttendedTransfer"), FirstLeg: first.model(), SecondLeg: second.model(), FirstBridge: first.bridge.model(),
		Transferee: transferee.model(), DestinationType: "link", Result: "Success",
	}
	if k.target != nil {
		e.SecondBridge = k.basicBridge()
		m := k.target.model()
		e.Target = &m
	} else {
		e.SecondBridge = second.bridge.model()
		two.appName, two.appData = "Stasis", second.stay.app.name
		second.replace(two)
		second.hungUp = true
		close(second.gone)
	}
	one.appName, one.appData = "Stasis", first.stay.app.name
	b := first.bridge
	first.replace(one)
	e.FirstLink, e.SecondLink = one.model(), two.model()
	one.connected = transferee.caller
	s.publishBridge(b.id, first.id, e)
	one.hear(stateUp, "ANSWER")
	k.l.transferred = true
	return true
}

// basicBridge is the bridge of the dialplan in which a phone and the one it consults talk.
func (k *consultation) basicBridge() bridgeModel {
	return bridgeModel{
		ID: k.second.s.uuid(), Technology: "native_rtp", Type: "mixing", Class: "basic",
		Channels: []string{k.second.id, k.target.id}, CreationTime: stamp(time.Now()), VideoMode: "none",
	}
}
