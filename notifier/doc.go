// Package notifier tells people of missed calls, by Telegram, Slack, e-mail, webhook and NATS.
//
// # How a message travels
//
// The router reads stream CALLS in order and asks the routes (Choose) who is told of an event. For each target it writes a
// job into the work queue JOBS, on a subject of its own for each matter: the episode an event belongs to, or its call. It
// keeps its place in CALLS itself; see router for why no consumer does that.
//
// Each target has a sender with a consumer of its own, workers, a pace and a gate. A worker takes a job, looks whether an
// earlier one of the same matter is still there and waits for that one, reads the record of what the target was told of
// the matter, delivers, writes the record, and only then lets go of the job. See sender and errand.
//
// # What it guarantees
//
// Nothing is lost: an event whose jobs are not written stays before the router's place, a job that is not done stays in
// JOBS, and what is given up is a dead letter. A full work queue keeps events waiting in CALLS.
//
// A target is told of an event once. A kill repeats what was on its way to a channel and not yet noted: one message for
// each worker at most. So does a cut between this process and NATS that lasts longer than the consumer's wait, if there is
// another process.
//
// The messages of one matter reach a target in their order, from however many processes.
//
// A target that is slow, silent or broken delays no other, and one message that fails delays no other of its target.
//
// # Who owns what
//
// Run starts the router, the senders and the burial of jobs whose target is gone, and waits for all. A sender's goroutine
// waits for its workers. Reconfigure ends all senders and starts new ones; jobs wait in the stream meanwhile.
package notifier
