package queueflow

import (
	"cmp"
	"time"

	"missedcalls/queueflow/callevent"
)

// state of a call; the drawing is in the package's comment.
type state uint8

const (
	// arriving: it is not known yet whether the caller's number may be shown.
	arriving state = iota
	// waiting: in a line.
	waiting
	// checking: about to leave by an exit that is being looked for; still in line if it was.
	checking
	// connected: talks with an agent, in no line. talk is the attempt that led to it.
	connected
	// leaving: the ending event is made; the channel is told to go and not gone yet.
	leaving
	// handedOn: the ending event is made; an agent transferred the caller, who talks on with the channel of talk.
	handedOn
)

// call is one stay of a caller's channel in the application.
type call struct {
	id string
	// order is the nanosecond of its entry. It never changes, and a restart reads it from the event of the entry.
	order   int64
	channel Channel
	node    *node
	// bridge is the call's own holding bridge. One each, because Asterisk lists all channels of a bridge in every event
	// about it: a shared one would make the traffic grow with the square of the line.
	bridge string
	// foundAlone is true for a channel that nobody saw enter, and which a listing showed in no bridge. tookOver is true once the end of a
	// Local channel came for the caller's: the caller known until then is who asked first, an agent who handed somebody on.
	foundAlone, tookOver bool
	// name, linkedID and timestamp are Asterisk's.
	name, linkedID, timestamp string

	did      string
	caller   callevent.Caller
	language string // of the channel
	priority int
	asked    callevent.Asked
	// named is the queue the dialplan asked for, kept until the call is routed; byDID is what the dialled number stands for.
	named string
	byDID Route

	queue           string
	refusedBy       []callevent.Refusal
	resumedFrom     string
	enteredAt       time.Time
	queuedAt        time.Time // into the present queue
	positionAtEntry int
	// admitted is true once the entered event exists.
	admitted bool
	keys     []byte
	// dialled are the digits of a key that may go on.
	dialled string
	hears   hearing
	// waitTold is the wait that the caller was told last, in whatever queue.
	waitTold waitTold

	state state
	place *place // in the line of its queue, nil outside
	// kept is true once the queue closed and the caller's way out did not exist, so that he waits on.
	kept bool
	// going is how the call leaves, from checking on.
	going departure
	// steps counts the events of this epoch.
	steps int

	// attempts are those of which nothing is told yet, in the order of their beginning; tried is what was told of the others.
	// triedBy are the ids of the events of tried; legs counts the attempts of this epoch.
	attempts []*attempt
	tried    []callevent.Attempt
	triedBy  []string
	legs     int
	// talk is the attempt whose agent the caller is being connected to, or talks with.
	talk *attempt
	// recordings counts those that were begun.
	recordings int

	// trials are what came of the agents rung so far, as far as it decides who is rung next.
	trials trials
	// step counts the steps of the queue's escalation that are behind the call.
	step int
	// demand is where the call stands while it wants an agent, and wanting its place there; nil while it does not.
	demand  *demand
	wanting *place
	// roused is true while match is to look for an agent, doubted while it is to ask whether the call wants one.
	roused, doubted bool
	// keptSpell is the spell of emptiness of its queue in which the caller's way out did not exist, so that he waits on.
	keptSpell int

	answered bool
	// joined is true while the channel is in its holding bridge, music the class it was last told to play.
	joined     bool
	music      string
	receptions int
	// hangup is the newest request to hang up, hangupAt when it came; seenAt is when the channel was last heard of.
	hangup           *HangupRequested
	hangupAt, seenAt time.Time

	due     [deadlines]time.Time
	alarm   alarm
	touched bool
}

// ended says whether the ending event is made.
func (c *call) ended() bool { return c.state == leaving || c.state == handedOn }

// musicClass is what the caller should hear in a queue.
func (c *call) musicClass(p Policy) string {
	return cmp.Or(c.asked.Music, c.byDID.Music, p.Music)
}

// spokenLanguage is the language of what the caller hears and of what people read about him.
func (c *call) spokenLanguage(p Policy) string {
	return cmp.Or(c.asked.Language, c.byDID.Language, p.Language, c.language)
}

// maxWait is how long the call may wait in a queue; what the dialplan asked holds in the queue of entry.
func (c *call) maxWait(p Policy) time.Duration {
	if c.asked.MaxWaitMS != nil && c.queuedAt.Equal(c.enteredAt) {
		return time.Duration(*c.asked.MaxWaitMS) * time.Millisecond
	}
	return p.MaxWait
}

func (c *call) asterisk(timestamp string) callevent.Asterisk {
	return callevent.Asterisk{
		URL: c.channel.Node, ChannelID: c.channel.ID, Channel: c.name, LinkedID: c.linkedID, Timestamp: timestamp,
	}
}

// keyLimit bounds the digits that are kept for the event.
const keyLimit = 64

func (c *call) addKey(digit byte) {
	if len(c.keys) < keyLimit {
		c.keys = append(c.keys, digit)
	}
}

// stepID is the id of the call's next event that is not its ending.
func (c *call) stepID(epoch uint64) string {
	c.steps++
	return callevent.StepID(c.id, epoch, c.steps)
}
