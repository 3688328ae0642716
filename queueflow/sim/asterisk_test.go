package sim

import (
	"fmt"
	"slices"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// maxLatency is the most that an event of the simulated Asterisk is late.
const maxLatency = 1500 * time.Millisecond

// asterisk is one simulated Asterisk: what is true, whoever is told of it.
type asterisk struct {
	w   *world
	url string
	// channels are alive, in the order of their making.
	channels   []*channel
	bridges    []string
	recordings []recording
	// recorded are the names that were used, files what was recorded under them.
	recorded, files map[string]bool
	// departed are those who left a bridge in which people talk.
	departed map[string][]departed
	// watched are the devices whose states the application asked for, with the time of the newest news of each.
	watched map[string]*time.Time
	// link is the websocket that the application is registered by; nil when nobody is.
	link *link
	// since is when the program last took a listing, zero when it knows that it hears nothing.
	since time.Time
	// cutAt is when its newest cut began, which may have been noticed later.
	cutAt time.Time
	// made counts channels over all restarts of this Asterisk.
	made int
}

func newAsterisk(w *world, url string) *asterisk {
	return &asterisk{w: w, url: url, recorded: make(map[string]bool), files: make(map[string]bool), departed: make(map[string][]departed), watched: make(map[string]*time.Time)}
}

// link is one connection of the program's websocket.
type link struct {
	program *program
	at      time.Time
	// dead is true from a cut that nobody has noticed: events go nowhere.
	dead bool
	// lastSeen is when the last event came through.
	lastSeen time.Time
	// listed is true once the machine knows the listing; events wait in early before.
	listed bool
	early  []told
}

// told is an input with the time of its arrival, and what follows from its having been told.
type told struct {
	at   time.Time
	in   queueflow.Input
	then func()
}

// channel is one channel: a caller's, one to an agent's phone, or one of Asterisk's own.
type channel struct {
	asterisk *asterisk
	id       string
	// leg is the attempt to reach an agent that this channel is, nil for others; legID stays when another channel has become it.
	leg   *leg
	legID string
	// guest is true for a channel that took an agent's place in a talk, peer is the other end of one that leads back to us.
	guest bool
	peer  *channel
	// linked is the channel that a guest, or the other end of it, is linked to: that of the caller whom the guest met first.
	linked string
	// visit is the present stay in the application, nil outside.
	visit *visit
	// left is the stay before, nil if there was none.
	left    *visit
	from    callevent.Caller
	dialled string
	args    []string
	up      bool
	bridge  string
	music   string
	// plays are the playbacks that the channel is to play, busyUntil is when it will be done with them.
	plays     []string
	busyUntil time.Time
	// lastTold keeps the channel's events in order. A channel and the one that replaces it share it.
	lastTold *time.Time
	// alone and silent are since when, in one connection, no call has the channel, or its caller hears nothing.
	alone, silent time.Time
	// lonely is since when it is alone where people should talk.
	lonely time.Time
}

// visit is the truth about one stay of a caller in the application, whatever channels he had in it.
type visit struct {
	at        *asterisk
	channels  []string
	enteredAt time.Time
	leftAt    time.Time // zero while he is there
	how       how
	replaced  time.Time
	leftTold  bool
	// ending is true once somebody ends the visit from outside.
	ending bool
	// command is true for a channel that is no caller but a command of the dialplan, again for one that was sent on and
	// came back: after a restart nobody can tell it from one that was never sent on.
	command, again bool

	// toldAt and toldTo are when and to which start of the program his being there was last told.
	toldAt time.Time
	toldTo *program
	// hangupToldTo is the start of the program that was told of his hanging up.
	hangupToldTo *program
	// goesAt is when the program was last told that somebody wants him to go.
	goesAt  time.Time
	from    callevent.Caller
	dialled string
	args    []string
	// calls are the calls of the machine that were this visit, in order.
	calls []string
}

// how a visit ended.
type how string

const (
	hungUp   how = "hung up"
	operator how = "hung up by an operator"
	takenOff how = "taken"
	sentOn   how = "sent on in the dialplan by us"
	cleared  how = "hung up by us"
	crashed  how = "crash of Asterisk"
)

func (a *asterisk) find(id string) *channel {
	for _, ch := range a.channels {
		if ch.id == id {
			return ch
		}
	}
	return nil
}

// newChannel makes a channel of a caller who is in the dialplan.
func (a *asterisk) newChannel() *channel {
	a.made++
	// Two Asterisks give the same ids.
	ch := &channel{asterisk: a, id: fmt.Sprintf("%d.%d", 1700000000, a.made), from: caller(a.made), lastTold: new(time.Time)}
	a.channels = append(a.channels, ch)
	return ch
}

// enter takes a channel into the application, if anybody is registered for it. A channel that was there before comes
// back only after its leaving could be known.
func (ch *channel) enter() bool {
	a := ch.asterisk
	if a.link == nil {
		return false
	}
	if v := ch.left; v != nil && !v.leftTold && !(a.link.listed && a.link.at.After(v.leftAt)) {
		return false
	}
	v := &visit{at: a, channels: []string{ch.id}, from: ch.from, dialled: ch.dialled, args: ch.args, enteredAt: a.w.now, command: len(ch.args) > 0 && ch.args[0] == "@agent"}
	v.again = ch.left != nil
	ch.visit, ch.alone, ch.silent = v, time.Time{}, time.Time{}
	a.w.visits = append(a.w.visits, v)
	ch.tell(ch.entered(""), func() { a.w.toldOf(v) })
	return true
}

// nobody is who calls on a channel that has no number.
var nobody = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}

// entered is the news of a channel that came in.
func (ch *channel) entered(replaces string) queueflow.CallerEntered {
	in := queueflow.CallerEntered{
		Call: ch.asterisk.w.newCall(), Channel: ch.key(), Name: ch.name(), Dialled: ch.dialled, Args: ch.args,
		Language: "en", Answered: ch.up, Caller: ch.from,
	}
	if ch.linked != "" {
		in.Caller = nobody // the number comes a moment later, and nobody is told
	}
	if replaces != "" {
		in.Replaces = queueflow.Channel{Node: ch.asterisk.url, ID: replaces}
	}
	return in
}

func (ch *channel) key() queueflow.Channel {
	return queueflow.Channel{Node: ch.asterisk.url, ID: ch.id}
}

// leave ends the visit of a channel; it is alive in the dialplan, or is removed when it is dead.
func (ch *channel) leave(why how, dead bool) {
	v := ch.visit
	if v != nil {
		v.leftAt, v.how = ch.asterisk.w.now, why
		ch.quit()
		ch.visit, ch.left = nil, v
		ch.tell(queueflow.CallerLeft{Channel: ch.key()}, func() { v.leftTold = true })
	}
	if dead {
		ch.asterisk.remove(ch)
	}
}

// hangUp ends a channel: the request is told first, the leaving a little later.
func (ch *channel) hangUp(why how, request queueflow.HangupRequested) {
	request.Channel = ch.key()
	v := ch.visit
	if v == nil {
		ch.leave(why, true)
		return
	}
	ch.tell(request, func() { v.hangupToldTo = ch.asterisk.w.program })
	ch.asterisk.w.after(ch.asterisk.w.upTo(20*time.Millisecond), func() {
		if ch.visit == v {
			ch.leave(why, true)
		}
	})
}

// replace lets a new channel take over the place of this one, as a pickup does.
func (ch *channel) replace() {
	a, v := ch.asterisk, ch.visit
	heir := a.newChannel()
	heir.visit, heir.from, heir.dialled, heir.up, heir.bridge, heir.lastTold = v, ch.from, ch.dialled, ch.up, ch.bridge, ch.lastTold
	v.channels = append(v.channels, heir.id)
	v.replaced = a.w.now
	ch.visit = nil
	a.remove(ch)
	heir.tell(heir.entered(ch.id), func() { a.w.toldOf(v) })
	if heir.bridge != "" {
		a.meet(heir)
		ch.tell(queueflow.BridgeLeft{Channel: ch.key(), Bridge: heir.bridge}, nil)
		heir.tell(queueflow.BridgeJoined{Channel: heir.key(), Bridge: heir.bridge}, nil)
	}
	ch.tell(queueflow.CallerLeft{Channel: ch.key()}, nil)
}

// tell publishes an event about a channel, in order with its others. then follows once the program knows.
func (ch *channel) tell(in queueflow.Input, then func()) {
	a, l := ch.asterisk, ch.asterisk.link
	if l == nil || l.dead {
		return
	}
	at := a.w.now.Add(a.w.latency())
	if at.Before(*ch.lastTold) {
		at = *ch.lastTold
	}
	*ch.lastTold = at
	times := 1
	if a.w.happens(a.w.faults.twice) {
		times = 2
	}
	a.w.at(at, func() {
		for range times {
			a.deliver(l, in, then)
		}
	})
}

// deliver brings an event to the program, unless its connection was cut.
func (a *asterisk) deliver(l *link, in queueflow.Input, then func()) {
	if a.link != l || l.dead {
		return
	}
	l.lastSeen = a.w.now
	news := told{at: a.w.now, in: arrived(in, a.w.now), then: then}
	if !l.listed {
		l.early = append(l.early, news)
		return
	}
	l.program.hear(news)
}

// arrived stamps an input as the reader of the websocket does.
func arrived(in queueflow.Input, at time.Time) queueflow.Input {
	switch in := in.(type) {
	case queueflow.CallerEntered:
		in.At, in.Timestamp = at, at.Format(time.RFC3339Nano)
		return in
	case queueflow.CallerLeft:
		in.At, in.Timestamp = at, at.Format(time.RFC3339Nano)
		return in
	case queueflow.ChannelGone:
		in.At, in.Timestamp = at, at.Format(time.RFC3339Nano)
		return in
	}
	return in
}

// crash ends every channel without a word.
func (a *asterisk) crash() {
	for _, ch := range slices.Clone(a.channels) {
		if ch.visit != nil {
			ch.visit.leftAt, ch.visit.how = a.w.now, crashed
			ch.visit = nil
		}
		if l := ch.leg; l != nil {
			l.by, l.leftAt = endByCrash, a.w.now
			l.phone.legs = slices.DeleteFunc(l.phone.legs, func(other *leg) bool { return other == l })
		}
	}
	a.channels, a.bridges, a.recordings, a.watched = nil, nil, nil, make(map[string]*time.Time)
}
