package stasis

import (
	"time"

	"missedcalls/queueflow"
)

// ringings are the agents whose channels a step wants made and who wait for its events to be durable: since when, by the
// channel. It belongs to Run's goroutine.
type ringings map[queueflow.Channel]time.Time

// wanted notes the channels that a step at a time wants made.
func (r ringings) wanted(at time.Time, commands []queueflow.Command) {
	for _, c := range commands {
		if leg, is := c.(queueflow.CreateLeg); is {
			r[leg.Channel] = at
		}
	}
}

// handedOut says since when a command was wanted, if it makes a channel to an agent.
func (r ringings) handedOut(c queueflow.Command) (since time.Time, is bool) {
	leg, is := c.(queueflow.CreateLeg)
	if !is {
		return time.Time{}, false
	}
	since, is = r[leg.Channel]
	delete(r, leg.Channel)
	return since, is
}
