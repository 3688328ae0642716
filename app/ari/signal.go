package ari

import (
	"errors"
	"time"
)

// Signal is what Listen gives: Connected, then any number of Received, then Disconnected, and so on; or Replaced as
// the last one. Every moment in it is our own clock with its monotonic reading.
type Signal interface{ signal() }

// Connected says that a websocket to Asterisk is open and comes before every event of it. It is no proof yet that
// events come: Sync is. What happened between LastSeen and At is unknown, and Asterisk replays nothing, so whoever
// keeps a picture of Asterisk must list what is there.
type Connected struct {
	At time.Time // when the websocket was established
	// LastSeen is when the last frame of an earlier connection arrived, zero when there was none.
	LastSeen time.Time
	Info     Info // asked just before
}

// Received is an event.
type Received struct {
	At    time.Time // when it arrived, before anything waited for anything
	Event Event
}

// Disconnected says that the connection is over; it comes after every event of it that arrived.
type Disconnected struct {
	At time.Time
	// LastSeen is when the last frame arrived: the last moment at which nothing had been missed. A connection that
	// brought nothing leaves that of the one before, so it is zero when nothing was ever received.
	LastSeen time.Time
	Err      error
}

// Replaced says that another connection has taken the application over. It is the last signal; from the moment At,
// which is before it is delivered, the client sends nothing more.
type Replaced struct{ At time.Time }

func (Connected) signal()    {}
func (Received) signal()     {}
func (Disconnected) signal() {}
func (Replaced) signal()     {}

// Errors of Listen, Sync and Health.
var (
	// ErrReplaced: another connection has registered the application; this client is fenced for good.
	ErrReplaced = errors.New("another connection has taken the application over")
	// ErrListening: Listen is running already.
	ErrListening = errors.New("there is a listener already")
	// ErrDisconnected: there is no connection, or it ended before the answer.
	ErrDisconnected = errors.New("not connected to asterisk's events")
	// ErrDeaf: the connection was open, and no event came over it.
	ErrDeaf = errors.New("an event sent to ourselves did not come back: the websocket is open and deaf")
	// ErrOverflow: more events arrived than could be handled.
	ErrOverflow = errors.New("events arrive faster than they are handled: the queue is full")
)
