package ari

import "time"

// Observer holds functions that are told what happens, for metrics. Any of them may be nil. They are called from the
// goroutines that do the work, several at a time, so they must be quick and safe for that.
type Observer struct {
	// Requested is told of each request, repeated or not, how it ended and how long it took.
	Requested func(op string, kind Kind, took time.Duration)
	// Delivered is told the type of each event that is delivered.
	Delivered func(eventType string)
	// Skipped is told of each frame that is not delivered, and why: SkippedType or SkippedMalformed.
	Skipped func(why string)
	// Queued is told how many frames have been read and not yet delivered, each time the deliverer takes some.
	Queued func(frames int)
	// Connected is told of each websocket that was established.
	Connected func()
	// Gap is told of each websocket that ended other than by our own wish, and why: one of the Gap constants.
	// Events may have been missed.
	Gap func(why string)
}

// Why a frame was not delivered.
const (
	SkippedType      = "type"      // an event of a type this package does not know
	SkippedMalformed = "malformed" // not JSON, or not an event that can be used
)

// Why a connection ended.
const (
	GapLost     = "lost"     // the network or Asterisk closed it
	GapDeaf     = "deaf"     // it was open and no event of ours came back over it
	GapOverflow = "overflow" // events came faster than they were handled, until QueueLimit
)

func (o Observer) requested(op string, kind Kind, took time.Duration) {
	if o.Requested != nil {
		o.Requested(op, kind, took)
	}
}

func (o Observer) delivered(eventType string) {
	if o.Delivered != nil {
		o.Delivered(eventType)
	}
}

func (o Observer) skipped(why string) {
	if o.Skipped != nil {
		o.Skipped(why)
	}
}

func (o Observer) queued(frames int) {
	if o.Queued != nil {
		o.Queued(frames)
	}
}

func (o Observer) connected() {
	if o.Connected != nil {
		o.Connected()
	}
}

func (o Observer) gap(why string) {
	if o.Gap != nil {
		o.Gap(why)
	}
}
