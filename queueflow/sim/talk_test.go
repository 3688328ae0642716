package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"missedcalls/queueflow"
)

// talkPrefix begins the id of every bridge in which people are to talk.
const talkPrefix = application + "-talk-"

// meeting is another channel that was in one bridge with one at one time.
type meeting struct{ bridge, other string }

// join brings a channel into a bridge, which is made if it does not exist.
func (ch *channel) join(bridge string) {
	a := ch.asterisk
	if !slices.Contains(a.bridges, bridge) {
		a.bridges = append(a.bridges, bridge)
	}
	if ch.bridge != bridge {
		ch.quitBridge()
	}
	if ch.bridge = bridge; ch.leg != nil {
		ch.leg.joinedAt = a.w.now
	}
	ch.tell(queueflow.BridgeJoined{Channel: ch.key(), Bridge: bridge}, nil)
	a.meet(ch)
}

// meet writes down whom a channel meets in its bridge: who is there, and who has left it so shortly before that nobody may
// have been told.
func (a *asterisk) meet(ch *channel) {
	for _, other := range a.channels {
		if other != ch && other.bridge == ch.bridge {
			a.met(ch.id, other.id, ch.bridge)
		}
	}
	for _, gone := range a.departed[ch.bridge] {
		if gone.id != ch.id && a.w.now.Sub(gone.at) <= maxLatency {
			a.met(ch.id, gone.id, ch.bridge)
		}
	}
}

func (a *asterisk) met(one, other, bridge string) {
	for range 2 {
		by := queueflow.Channel{Node: a.url, ID: one}
		a.w.metBy[by] = append(a.w.metBy[by], meeting{bridge, other})
		one, other = other, one
	}
}

// departed is a channel that left a bridge.
type departed struct {
	id string
	at time.Time
}

// others are the channels in a channel's bridge beside it.
func (ch *channel) others() (found []*channel) {
	for _, other := range ch.asterisk.channels {
		if other != ch && ch.bridge != "" && other.bridge == ch.bridge {
			found = append(found, other)
		}
	}
	return found
}

// inTalk says whether a channel is in a bridge in which people talk; talks, whether it is not alone there.
func (ch *channel) inTalk() bool { return strings.HasPrefix(ch.bridge, talkPrefix) }

func (ch *channel) talks() bool { return ch.inTalk() && len(ch.others()) > 0 }

func (ch *channel) quitBridge() {
	if ch.bridge != "" {
		ch.tell(queueflow.BridgeLeft{Channel: ch.key(), Bridge: ch.bridge}, nil)
		if a := ch.asterisk; ch.inTalk() {
			a.departed[ch.bridge] = append(a.departed[ch.bridge], departed{ch.id, a.w.now})
		}
		ch.bridge = ""
	}
}

// quit takes a channel out of everything it is in.
func (ch *channel) quit() {
	ch.quitBridge()
	ch.plays, ch.music = nil, ""
}

// destroyBridge takes a bridge away; who is in it goes on without.
func (a *asterisk) destroyBridge(bridge string) {
	for _, ch := range a.channels {
		if ch.bridge == bridge {
			ch.quitBridge()
		}
	}
	a.bridges = slices.DeleteFunc(a.bridges, func(id string) bool { return id == bridge })
	for _, r := range slices.Clone(a.recordings) {
		if r.bridge == bridge {
			a.stopRecording(r.name)
		}
	}
}

// recording is one that runs.
type recording struct{ name, bridge string }

func (a *asterisk) startRecording(c queueflow.StartRecording) answer {
	if !slices.Contains(a.bridges, c.Bridge) || a.recorded[c.Name] {
		return answer{err: true}
	}
	a.recorded[c.Name], a.files[c.Name+"."+c.Format] = true, true
	a.recordings = append(a.recordings, recording{c.Name, c.Bridge})
	return answer{}
}

func (a *asterisk) stopRecording(name string) {
	l, before := a.link, len(a.recordings)
	a.recordings = slices.DeleteFunc(a.recordings, func(r recording) bool { return r.name == name })
	if l == nil || l.dead || before == len(a.recordings) {
		return
	}
	in := queueflow.RecordingEnded{Node: a.url, Name: name, Failed: !a.w.punctual && a.w.happens(0.05)}
	a.w.after(a.w.latency(), func() { a.deliver(l, in, nil) })
}

// converse plans what the owner of a phone does once he has answered.
func (l *leg) converse() {
	w := l.asterisk.w
	if w.happens(0.05) { // before he hears anybody
		w.after(w.upTo(2*time.Second), l.hangUp)
	}
	if w.happens(0.8) {
		w.after(w.around(2*time.Second), func() { l.press('1') })
	}
	for range w.IntN(3) {
		w.after(w.around(5*time.Second), func() { l.press(pick(w.chance, byte('2'), '*', '1', '#')) })
	}
	if w.happens(0.3) {
		w.after(w.around(l.phone.habits.talks/2), l.hold)
	}
	w.after(w.around(l.phone.habits.talks), l.finish)
}

func (l *leg) press(digit byte) {
	if l.over() {
		return
	}
	l.confirmed = l.confirmed || digit == '1'
	l.tell(queueflow.DigitPressed{Channel: l.key(), Digit: digit}, nil)
}

// hold lets the other wait for a moment.
func (l *leg) hold() {
	if l.over() || l.held || !l.talks() {
		return
	}
	w := l.asterisk.w
	l.held, l.heldAt = true, w.now
	l.tell(queueflow.Held{Channel: l.key(), On: true}, nil)
	l.phone.changed()
	w.after(w.around(4*time.Second), func() {
		if !l.over() && l.held && l.talks() {
			l.unhold()
			l.tell(queueflow.Held{Channel: l.key()}, nil)
			l.phone.changed()
		}
	})
}

func (l *leg) unhold() {
	if l.held {
		l.heldFor += l.asterisk.w.now.Sub(l.heldAt)
		l.held = false
	}
}

// finish is how the owner ends a talk, or the wait for one. Whom he has hardly heard he does not hand on.
func (l *leg) finish() {
	w := l.asterisk.w
	switch {
	case l.over() || !l.transferredAt.IsZero():
	case !l.talks() || w.now.Sub(l.joinedAt) < 2*requestTimeout || w.happens(0.6):
		l.hangUp()
	case w.happens(0.2): // it fails, and he tries again
		l.tell(queueflow.Transferred{Bridge: l.bridge, Channel: l.key(), Target: "999@nowhere", Failed: true}, nil)
		w.after(w.around(2*time.Second), l.finish)
	default:
		l.transfer(w.happens(0.5))
	}
}

// hangUp ends the leg from the phone: the request is told first, the leaving a little later.
func (l *leg) hangUp() {
	if l.over() || l.doneAt != (time.Time{}) {
		return
	}
	w := l.asterisk.w
	l.doneAt = w.now
	l.tell(queueflow.HangupRequested{Channel: l.key(), Cause: pick(w.chance, 0, 16)}, nil)
	w.after(w.upTo(20*time.Millisecond), func() { l.end(endByPhone, 0, pick(w.chance, 0, 16)) })
}

// transfer hands the owner's side of a talk on: a channel of Asterisk's own takes his place in the bridge.
func (l *leg) transfer(attended bool) {
	a, w, old := l.asterisk, l.asterisk.w, l.channel
	bridge := old.bridge
	guest := a.newChannel()
	guest.guest, guest.up, guest.lastTold, guest.dialled, guest.args = true, true, old.lastTold, "", nil
	if others := old.others(); len(others) > 0 {
		guest.linked = others[0].id
	}
	entered := guest.entered(old.id)
	guest.tell(entered, nil)
	old.quitBridge()
	guest.join(bridge)
	l.transferredAt, l.transferKind = w.now, "blind"
	target := "200@agents"
	if attended {
		l.transferKind, target = "attended", "PJSIP/200-00000001"
	}
	old.tell(queueflow.Transferred{Bridge: bridge, Channel: old.key(), Attended: attended, Target: target}, nil)
	switch {
	case attended:
		w.after(w.upTo(50*time.Millisecond), func() { l.end(endByPhone, 0, 16) })
	case w.happens(0.7):
		w.after(w.around(time.Second), l.hangUp)
	}
	w.after(w.around(l.phone.habits.talks), guest.depart)
	if !attended && w.arrivals > 0 && w.happens(0.15) {
		guest.backToUs()
	}
}

// name is what Asterisk calls a channel: one of its own, in an agent's place or the other end of it, or a caller's.
func (ch *channel) name() string {
	switch {
	case ch.guest:
		return fmt.Sprintf("Local/200@agents-%s;1", ch.id)
	case ch.linked != "":
		return fmt.Sprintf("Local/200@agents-%s;2", ch.id)
	}
	return "PJSIP/trunk-" + ch.id
}

// depart ends a channel that stands in an agent's place, and with it what it leads to.
func (ch *channel) depart() {
	if !ch.guest || ch.asterisk.find(ch.id) != ch {
		return
	}
	ch.quit()
	ch.tell(queueflow.CallerLeft{Channel: ch.key()}, nil)
	ch.asterisk.remove(ch)
}

// backToUs leads a transfer to one of our own numbers: its other end is a new caller, and each ends with the other.
func (ch *channel) backToUs() {
	a := ch.asterisk
	end := a.newChannel()
	end.dialled, end.args, end.up = "78121234567", []string{support}, true
	end.peer, ch.peer = ch, end
	if caller := a.find(ch.linked); caller != nil {
		end.linked, end.from = ch.linked, caller.from
	}
	if !end.enter() {
		end.leave(hungUp, true)
		return
	}
	end.behave()
}

// remove takes a channel away that is no more; what it leads to ends a little later.
func (a *asterisk) remove(ch *channel) {
	a.channels = slices.DeleteFunc(a.channels, func(other *channel) bool { return other == ch })
	peer := ch.peer
	if peer == nil {
		return
	}
	ch.peer, peer.peer = nil, nil
	a.w.after(a.w.upTo(20*time.Millisecond), func() {
		peer.depart()
		if v := peer.visit; v != nil {
			v.ending = true
			peer.leave(hungUp, true)
		}
	})
}
