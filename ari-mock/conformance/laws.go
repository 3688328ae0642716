package conformance

// observable are the laws of how to live with ARI, by their numbers in the project's reference, that a case can show: what
// Asterisk does, or what it does to those who do not keep the law.
var observable = map[int]string{
	1:  "ids are ours: a second use of a channel's or a bridge's is refused",
	3:  "a source is subscribed to once: an endpoint's events come twice, a caller's end only to those who asked",
	4:  "StasisEnd is the end of a leg; ChannelDestroyed may come after it",
	5:  "the outcome of an offer is the cause of ChannelDestroyed",
	6:  "cause 0 is normal clearing",
	7:  "an answer is a promise, an event is a fact",
	8:  "every wait has a way out: the event may never come",
	9:  "a playback is stopped before what waits for the channel",
	10: "what waits for a channel does not keep other connections waiting",
	11: "a filter is part of the application and lives and dies with it",
	12: "a reader that stands still is cut off",
	13: "an event sent to ourselves proves that we hear; the answer to it does not",
	14: "the newer of two connections has the application",
	15: "after a reconnect nothing is told again; the application's channels are what is ours",
	16: "calls outlive the connection, with their variables",
	17: "the dialplan goes on when the application is not there, or says so",
	18: "an idle connection is closed without a word",
	19: "a request may take as long as the channel's thread is busy",
	20: "a status means something else for each operation",
	21: "paths are escaped, and lengths limited; values are strings",
	22: "callers wait in a holding bridge with music and playbacks of their own",
	23: "nothing is said to a caller, then ringing, sound or an answer",
	24: "an offer is made with our id, a timeout and arguments",
	25: "a phone that rings for nothing is told so",
	26: "a reason is always given",
	27: "every start is told by id and arguments, or by the channel whose place is taken",
	28: "a phone's transfer leaves the caller in our bridge, with a channel we did not make",
	29: "a talk has a bridge of its own, which keeps who is left",
	30: "a phone's state is a hint",
	31: "the version is asked for",
}

// unobservable are the others, and why.
var unobservable = map[int]string{
	2: "a subscription to everything can stop all of ARI for good, and then there is no trace; a stand-in need not do it, too",
}

const lawCount = 31
