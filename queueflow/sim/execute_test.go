package sim

import (
	"cmp"
	"slices"
	"time"

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
		w.disturb(c)
		return answer{err: true}
	}
	switch c := c.(type) {
	case queueflow.DestroyBridge:
		a.destroyBridge(c.Bridge)
		return answer{}
	case queueflow.WatchDevices:
		a.watch(c.Devices, true)
		return answer{}
	case queueflow.UnwatchDevices:
		a.watch(c.Devices, false)
		return answer{}
	case queueflow.CreateLeg:
		return a.createLeg(c)
	case queueflow.StopRecording:
		a.stopRecording(c.Name)
		return answer{}
	}
	ch := a.find(c.On().ID)
	if ch == nil || ch.visit == nil && ch.leg == nil && !ch.guest {
		return answer{err: true, gone: true}
	}
	if _, music := c.(queueflow.StartMusic); !music && w.happens(w.faults.ignored) {
		w.disturb(c)
		return answer{} // a 2xx is a promise
	}
	return ch.execute(c)
}

func (ch *channel) execute(c queueflow.Command) answer {
	a := ch.asterisk
	switch c := c.(type) {
	case queueflow.Connect:
		ch.join(c.Bridge)
	case queueflow.StartRecording:
		return a.startRecording(c)
	case queueflow.DialLeg:
		if ch.leg == nil {
			return answer{err: true}
		}
		return ch.leg.dial(c.Timeout)
	case queueflow.HangupLeg:
		ch.clear()
	case queueflow.Hangup:
		ch.clear()
	case queueflow.Leave:
		if ch.visit == nil {
			ch.clear()
			break
		}
		ch.leave(sentOn, false)
		ch.inDialplan()
	default:
		return ch.entertain(c)
	}
	return answer{}
}

// clear ends a channel because the application said so.
func (ch *channel) clear() {
	switch {
	case ch.leg != nil:
		ch.leg.hangUpByUs()
	case ch.guest:
		ch.depart()
	default:
		ch.leave(cleared, true)
	}
}

// entertain does what concerns one channel alone.
func (ch *channel) entertain(c queueflow.Command) answer {
	a := ch.asterisk
	switch c := c.(type) {
	case queueflow.AskCaller:
		known := queueflow.CallerKnown{Channel: c.Channel, LinkedID: cmp.Or(ch.linked, ch.id), Withheld: a.w.happens(0.1)}
		if c.Number {
			known.Caller = ch.from
		}
		return answer{input: known}
	case queueflow.AskExit:
		return answer{input: queueflow.ExitChecked{Channel: c.Channel, Exists: c.Target != neverThere}}
	case queueflow.Answer:
		if !ch.up {
			ch.up = true
			ch.tell(queueflow.CallerAnswered{Channel: ch.key()}, nil)
		}
	case queueflow.Hold:
		ch.join(c.Bridge)
	case queueflow.StartMusic:
		ch.music = c.Class
	case queueflow.StopMusic:
		ch.music = ""
	case queueflow.Ring:
		ch.music = queueflow.MusicRinging
	case queueflow.StopRinging:
		if ch.music == queueflow.MusicRinging {
			ch.music = ""
		}
	case queueflow.Play:
		ch.play(c.Playback)
	case queueflow.StopPlaying:
		ch.stopPlaying(c.Playback)
	}
	return answer{}
}

// play lets a channel play something for a while, after what it plays already. Some of it says that it failed, and some
// says nothing at all.
func (ch *channel) play(playback string) {
	w := ch.asterisk.w
	begins := w.now
	if ch.busyUntil.After(begins) {
		begins = ch.busyUntil
	}
	visit, ends := ch.visit, begins.Add(w.around(3*time.Second))
	ch.busyUntil, ch.plays = ends, append(ch.plays, playback)
	w.at(begins, func() {
		if ch.visit == visit && slices.Contains(ch.plays, playback) {
			ch.tell(queueflow.PromptStarted{Channel: ch.key(), Playback: playback}, nil)
		}
	})
	w.at(ends, func() {
		if ch.visit == visit && slices.Contains(ch.plays, playback) && !w.happens(0.02) {
			ch.played(playback, w.happens(0.05))
		}
	})
}

func (ch *channel) stopPlaying(playback string) {
	if slices.Contains(ch.plays, playback) {
		ch.busyUntil = ch.asterisk.w.now
		ch.played(playback, false)
	}
}

func (ch *channel) played(playback string, failed bool) {
	ch.plays = slices.DeleteFunc(ch.plays, func(p string) bool { return p == playback })
	ch.tell(queueflow.PromptFinished{Channel: ch.key(), Playback: playback, Failed: failed}, nil)
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
