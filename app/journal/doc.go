// Package journal makes events durable before anything is done about them.
//
// # What it guarantees
//
// Record never waits for a disk or a network. The done of a Record is called once, in the order of the calls, when its
// events are on disk: acknowledged by the stream CALLS, or written through to the spool here while the cluster is away.
// When neither can be had, events are held in memory and done is called all the same, so that the calls in line go on;
// Status says Holding then, and new calls must be declined. A crash in that state is the only way to lose an event.
//
// The events reach CALLS in the order of the calls of Record. Each reaches it at least once, with the same id: what was
// under way when an acknowledgement failed to come is published again, and the stream recognises ids for 15 minutes. An
// event can be there twice only when it was stored, its acknowledgement was lost, and more than 15 minutes passed before
// it could be published again.
//
// # Where events are
//
//	Record -> queue -> CALLS                          Writing
//	               `-> spool -> CALLS                 Spooling: nothing passes the spool until it is empty
//	               `-> held -> spool or CALLS         Holding: nothing passes what is held until it is written
//
// With the server embedded there is no spool: it would be on the disk that failed. A spool left by an earlier process
// is published all the same.
//
// At most MaxHeld events are held. Of more, those that end a call are kept up to as many again, because every call has
// one ending, and others are refused: counted in Status.Lost and logged as an error. The oldest are never dropped for
// newer ones; what is written in the end is what happened first, without holes.
//
// # Checkpoints
//
// A state may be saved for a start to begin with, labelled with the place in CALLS up to which it contains everything.
// The driver takes the state right after a step, records the events of that step, and saves that state with the seq its
// done is given. When seq is 0 the events are not all in CALLS yet, and the state is not saved. A step without events is
// labelled in the same way: Record(nil, done) tells the place of what was recorded before it.
//
// A start calls Fold from the sequence after the checkpoint. It visits the rest of CALLS and then what is only in the
// spool. An event may be visited again that the checkpoint contains, after a crash with a spool; to take it in again
// must change nothing.
package journal
