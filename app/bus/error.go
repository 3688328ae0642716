package bus

import "errors"

// ErrAway is wrapped when nothing answered in time: the cluster is not reachable, or too slow. The fate of what was
// published is unknown; publishing it again with the same id is safe for 15 minutes.
var ErrAway = errors.New("nats is away")

// ErrStorage is wrapped when events cannot be stored: the disk is full, the limits of the server are reached, or its
// store is broken. It may have been stored all the same; publishing it again with the same id is safe for 15 minutes.
var ErrStorage = errors.New("nats cannot store")

// ErrFull is wrapped when a stream that discards nothing, or a bucket, holds all it may. Nothing was stored.
var ErrFull = errors.New("full")

// ErrChanged is wrapped when somebody else has stored a value meanwhile.
var ErrChanged = errors.New("changed meanwhile")

// ErrNone is wrapped when there is no such message.
var ErrNone = errors.New("no such message")

// ErrLocked is wrapped when another process holds the data directory.
var ErrLocked = errors.New("data directory is in use")
