package sim

import (
	"slices"

	"missedcalls/queueflow"
)

// answer is what came back for a command.
type answer struct {
	input queueflow.Input // to a question
	err   bool
	gone  bool
}

// execute does what a command says, with the faults of the world.
func (a *asterisk) execute(c queueflow.Command) answer {
	w := a.w
	if w.happens(w.faults.refused) {
		return answer{err: true}
	}
	if b, ok := c.(queueflow.DestroyBridge); ok {
		a.bridges = slices.DeleteFunc(a.bridges, func(id string) bool { return id == b.Bridge })
		return answer{}
	}
	ch := a.find(c.On().ID)
	if ch == nil || ch.visit == nil {
		return answer{err: true, gone: true}
	}
	if _, music := c.(queueflow.StartMusic); !music && w.happens(w.faults.ignored) {
		return answer{} // a 2xx is a promise
	}
	return ch.execute(c)
}

func (ch *channel) execute(c queueflow.Command) answer {
	a := ch.asterisk
	switch c := c.(type) {
	case queueflow.AskCaller:
		return answer{input: queueflow.CallerKnown{Channel: c.Channel, LinkedID: ch.id, Withheld: a.w.happens(0.1)}}
	case queueflow.AskExit:
		return answer{input: queueflow.ExitChecked{Channel: c.Channel, Exists: c.Target != neverThere}}
	case queueflow.Answer:
		if !ch.up {
			ch.up = true
			ch.tell(queueflow.CallerAnswered{Channel: ch.key()}, nil)
		}
	case queueflow.Hold:
		if !slices.Contains(a.bridges, c.Bridge) {
			a.bridges = append(a.bridges, c.Bridge)
		}
		ch.bridge = c.Bridge
		ch.tell(queueflow.BridgeJoined{Channel: ch.key(), Bridge: c.Bridge}, nil)
	case queueflow.StartMusic:
		ch.music = c.Class
	case queueflow.Leave:
		ch.leave(sentOn, false)
		ch.inDialplan()
	case queueflow.Hangup:
		ch.leave(cleared, true)
	}
	return answer{}
}

// inDialplan is what becomes of a caller who was sent on: he hears something and hangs up, or comes back as a new call.
func (ch *channel) inDialplan() {
	w := ch.asterisk.w
	w.after(w.around(w.stay), func() {
		if ch.asterisk.find(ch.id) != ch || ch.visit != nil {
			return
		}
		ch.args = nil
		if w.arrivals > 0 && w.happens(0.5) && ch.enter() {
			ch.behave()
			return
		}
		ch.leave(hungUp, true)
	})
}
