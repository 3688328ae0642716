package sim

import (
	"slices"
	"time"

	"missedcalls/queueflow"
)

// arrive brings the next caller, and plans the one after.
func (w *world) arrive() {
	if w.arrivals == 0 {
		return
	}
	w.arrivals--
	ch := pick(w.chance, w.asterisks...).newChannel()
	ch.dialled = pick(w.chance, "74951234567", "78121234567", "78001234567", "+74951234567", "123")
	ch.args = w.someArgs()
	ch.up = w.happens(0.3)
	if ch.enter() {
		ch.behave()
	} else {
		ch.leave(hungUp, true) // the dialplan's fallback has him
	}
	w.after(w.around(w.between), w.arrive)
}

// someCode is what an agent may dial, or a mistake in the dialplan.
func (w *world) someCode() []string {
	code := pick(w.chance, "login", "logout", "pause", "unpause", "toggle", "pause-toggle", "dance")
	return []string{"@agent", code, pick(w.chance, slices.Concat(served, []string{"", "unknown"})...), "endpoint=" + pick(w.chance, w.phones...).endpoint}
}

func (w *world) someArgs() []string {
	queue := pick(w.chance, "", "", sales, support, small, tiny, tiny, chained, ringing, empty, extra, shop, shop, shop, office, "unknown")
	args := []string{queue}
	if w.happens(0.2) {
		args = append(args, pick(w.chance, "priority=1", "priority=-1", "priority=5"))
	}
	if w.happens(0.1) {
		args = append(args, pick(w.chance, "max_wait=3", "max_wait=0", "max_wait=20s"))
	}
	if w.happens(0.05) {
		args = append(args, pick(w.chance, "skills=ru", "skills=en|ru", "skills=en+ru"))
	}
	if w.happens(0.01) {
		return w.someCode()
	}
	return args
}

// behave plans what a caller does in this visit: digits, and how it ends if nobody ends it for him.
func (ch *channel) behave() {
	w, v := ch.asterisk.w, ch.visit
	for range w.IntN(3) {
		w.after(w.upTo(w.stay), func() { v.press(pick(w.chance, byte('1'), '5', '7', '8', '9', '*', '#')) })
	}
	patience := w.around(w.stay)
	if w.happens(0.05) {
		patience = w.upTo(10 * time.Millisecond)
	}
	w.after(patience, v.end)
}

// now is the channel that a visit has at present, nil when it is over.
func (v *visit) now() *channel {
	if !v.leftAt.IsZero() {
		return nil
	}
	ch := v.at.find(v.channels[len(v.channels)-1])
	if ch == nil || ch.visit != v {
		return nil
	}
	return ch
}

func (v *visit) press(digit byte) {
	if ch := v.now(); ch != nil {
		ch.tell(queueflow.DigitPressed{Channel: ch.key(), Digit: digit}, nil)
	}
}

// end is how a visit ends from outside.
func (v *visit) end() {
	ch := v.now()
	if ch == nil || v.ending {
		return
	}
	v.ending = true
	w := v.at.w
	switch n := w.IntN(100); {
	case n < 80:
		ch.hangUp(hungUp, queueflow.HangupRequested{Cause: pick(w.chance, 0, 16, 127, 31)})
	case n < 85:
		ch.hangUp(operator, queueflow.HangupRequested{Cause: 32, Soft: true})
	case n < 90: // redirected: a soft request to go elsewhere
		ch.tell(queueflow.HangupRequested{Channel: ch.key(), Cause: 2, Soft: true}, nil)
		ch.leave(takenOff, true)
	case n < 95: // bridged away
		ch.leave(takenOff, true)
	default: // replaced; the newcomer hangs up later
		ch.replace()
		v.ending = false
		w.after(w.around(w.stay), v.end)
	}
}
