// Package queueflow is the queue: a pure value machine. It has no goroutine, no clock, no network, no file, no log and
// no randomness of its own. It is told what happened (Input) and the time, and answers what the business must be told
// (events), what must be done (commands), and when it wants to be asked again (NextDeadline).
//
// # The rules of the queue
//
// A call is one entry of a caller's channel into the application; it has an id of its own and exactly one ending event.
// The queue is the one the dialplan named, else the one of the dialled number, else the default queue; a call that has
// none goes back to the dialplan as unknown_did. Its place in the line is by priority, higher first, and then by first
// entry, which nothing changes: not a move to another queue, not a restart.
//
//	          CallerEntered
//	                |
//	            arriving ----- may he show his number? (bounded by a deadline)
//	            /       \
//	refused at the door   waiting <----------------------+
//	   |            |       |  |  \                      |
//	   |        (exit)      |  |   moved to another queue|
//	   |            \       |  |                         |
//	   |           checking-+  |  does the exit exist? --+ (no, and the policy says stay)
//	   |               |       |
//	   +---------- leaving <---+   the ending event is made here, and only here
//	                   |
//	               CallerLeft      the channel is gone; the call is forgotten
//
// A caller who hangs up is abandoned; one whom somebody else takes (redirect, bridge, pickup) is taken; one who was gone
// when Asterisk listed its channels after a cut is lost, and the event says between which moments.
//
// A queue takes callers while it is open: by what was said by hand (QueueOverride), and otherwise by its hours. Whether a
// caller comes in time is decided at the moment in which he would join the line. Those who are in line at closing time
// stay, or leave at that moment in the order of the line, as the policy says. A reload, or a word said by hand, that
// closes a queue is its closing time; so is the end of a restart, or of an Asterisk's being away, if the queue is closed
// then. Who was to leave and had nowhere to go to, and may stay then, stays until the next closing.
//
// # Codes of agents
//
// A channel that comes with a command in place of a queue (Stasis(missedcalls,@agent,login,sales)) is nobody's call: no
// event of a call tells of it. What it asks for is done in the step of its entry, as by hand and by "agent"; it hears what
// came of that and goes on in the dialplan. One that a listing shows goes on at once, since nobody knows whether it was
// done before: nothing is done twice.
//
// # Episodes
//
// The missed calls of one number are one matter, an episode, as long as nobody has seen to it. The first opens one, whose
// id is that call's, and each further one joins it; every missed event says to which it belongs. A call that somebody
// else took (taken) does neither, and calls of callers who cannot be told apart (number withheld, missing or invalid) are
// an episode each. It is open until it is resolved, which is told by one event, or until 24 hours after its latest missed
// call was known, of which there is none. At most 100,000 are open; the one that would be closed next makes room.
//
// # Time
//
// Step is given the arrival of the input. Deadlines due at or before it fire first, in order; so a hang-up that arrived
// before a limit ran out wins over the limit, and one that arrived at the same instant loses. Asterisk tells a hang-up
// twice, as a request and as the leaving a little later; between the two the caller is left to go his own way, for five
// seconds at most. At one instant the limit of the wait comes before closing time, and callers go in the order of the
// line. Times in events are those of arrival, durations are monotonic as long as the process lives.
//
// While an Asterisk is away, its calls keep their place and none of their deadlines fires: nobody can tell whether they
// are still there. They go on when Asterisk lists its channels, or end as lost after Settings.LostAfter.
//
// # Cost
//
// A step touches what changed. Lines are ordered trees that know ranks, deadlines are in one heap: a step costs the
// logarithm of the number of calls and of open episodes. Only a listing, a cut, a closing time and a change of policies look at all calls
// concerned. An estimate of the wait, which is made when it is told, looks at each queue that shares agents with the caller's.
package queueflow
