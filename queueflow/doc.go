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
//	   |            |     | |  |  \                      |
//	   |        (exit)    | |  |   moved to another queue|
//	   |            \     | |  |                         |
//	   |           checking-+  |  does the exit exist? --+ (no, and the policy says stay)
//	   |             |  ^  |   |
//	   |             |  |  connected     an agent and he hear each other: answered
//	   |             |  |   |  |   \
//	   |   the agent hung up   |    handedOn   an agent transferred him; he talks on with somebody else
//	   |             |         |    /
//	   +---------- leaving <---+---+   the ending event is made here, and by the transfer, and only in end
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
// # Who is rung
//
// An agent is one person, by his endpoint, in however many queues: one reservation, one wrap-up, one last call. He is free
// when he is reserved for no attempt, wraps up from no talk, and his device is not in use; an unknown state
// is as good as free, and one that says in use after our own attempt is over is asked for again. Between two steps no
// agent who is free stands beside a call that wants one and may have him.
//
// A call wants an agent while it waits and none is rung for it; with ringall and ringprogressively also beside those who
// ring. It may have the members of its queue who are in its window of penalties, which an escalation changes as it waits,
// and who have the skills that the queue and the dialplan ask for. Of these it gets one of the lowest penalty, who stayed
// silent for it least often, and then as the strategy has it; see package strategy. An agent whose attempt or talk has just
// ended settles while his device is still said to be in use by it, for half a second at most: nobody of a higher penalty is
// rung for a call that may have him, and those of his own do not wait. When the device is told anew, or the time is over, the
// calls that wait for him are looked at in that step. Who was rung in a round is not rung in
// it again, and is for those of a higher penalty as if he might still answer, unless WidenOnTimeout says otherwise. Who
// refused is kept from the same caller, and who was busy or out of reach from all, for a second at first, doubling.
//
// A freed agent goes to the first call of all his queues that he may serve, by the weight of the queue and then by the order
// of the line; a caller whom he may not serve holds up nobody.
//
// The machine is the truth about members while it runs. What is decided beside the configuration is an event, is stored
// (StoreMember) for the next start, and the newest holds. A penalty alone has no event, only the record.
//
// # Attempts
//
// An attempt is one ringing of one agent for one call and, if he answers, their talk:
//
//	creating -> ringing -> whispering -> joining -> talking -> hangingUp -> gone
//	    |          |            |           |                     ^
//	    +----------+------------+-----------+---------------------+  every attempt is told once, with its outcome
//
// His channel is made (CreateLeg), enters the application (LegEntered), rings (DialLeg), and is up. He hears what his queue
// says to him, and presses 1 if he must; the caller hears what he heard, and the phones of others go on ringing. Then what
// the caller hears is cut off, what his queue says to him right before is played, and both are put into a bridge. That
// both are seen there is the fact: only then is the call answered and out of its line, and only then are the others told
// that it was answered elsewhere. Until then nothing has ended: an agent who drops, who does not press 1, whose phone
// refuses, is forwarded or does not answer leaves the caller where he was.
//
// The outcome of a phone that did not answer is that of the end of its channel: the final response of SIP, or else the
// cause. A forward is a refusal. One who answers when another has, or as he is told that the call is over, has lost the
// race. One whose caller left, or went elsewhere, is cancelled, and so is one of whom a cut or a restart leaves nothing.
//
// Who wins where two things meet:
//
//   - of two answers, the one that arrived first;
//   - an answer against the caller's hang-up: a hang-up that was requested before the two hear each other wins;
//   - an answer, or the end of the ringing, against the end of the wait or closing time: at one instant the limit wins. It
//     cuts ringing, but no connection to somebody who has answered; if that comes to nothing, it counts then;
//   - a key that leads elsewhere wins over an agent who hears his whisper, and loses once the two are being connected;
//   - of two hang-ups in a talk, the one that was requested first.
//
// A talk ends by whoever leaves. The agent's wrap-up begins at that moment, also after a transfer, and a caller whose
// agent hung up goes where his queue sends such callers. A phone's transfer is Asterisk's own: another channel takes the
// agent's place in the bridge, which completes the call; the caller talks on with it until one of the two leaves, and the
// other is hung up. A caller who hands his side on leaves the agent talking with somebody else: that is no end.
//
// Recordings are named application-call-number; an ending tells the first that did not fail.
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
// an episode each. It is open until it is resolved, which is told by one event (a caller who reaches an agent resolves his),
// or until 24 hours after its latest missed call was known, of which there is none. At most 100,000 are open; the one that
// would be closed next makes room.
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
// Phones that still ring then ring on, talks go on, and channels to agents that no attempt wants are hung up. An attempt
// does not survive a restart; a talk does, and so does a caller who was handed on.
//
// # Cost
//
// A step touches what changed. Lines are ordered trees that know ranks, deadlines are in one heap: a step costs the
// logarithm of the number of calls and of open episodes. Only a listing, a cut, a closing time, an emptiness and a change
// of policies look at all calls concerned. An agent who becomes free, or is so no longer, costs a look at each of his
// queues; a choice costs the logarithm of the members, and a look at each free one who may not be had before it. An
// estimate of the wait looks at each queue that shares agents with the caller's.
package queueflow
