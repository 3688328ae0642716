// Package conformance is what a stand-in Asterisk is held to: short scripts, each played on a World, and for each the
// trace that a real Asterisk left. The same scripts run on the real one and on the stand-in, and both must leave the
// trace in testdata, so that the two cannot drift apart unnoticed.
//
// A trace is text. It holds every request with its answer and whether the answer came at once, and every event whole,
// with the keys of its JSON in alphabetical order. What differs from run to run is named instead:
//
//   - channels that Asterisk named are <caller-1>, <caller-2> in the order in which they appear; other ids it made are
//     <id-1>, <id-2>; the counter in a channel's name is #;
//   - times are <time> when they have the layout 2006-01-02T15:04:05.000-0700, and are left as they are when they have
//     not; lengths of key presses are <ms>, a SIP Call-ID is <sip>, Asterisk's entity id <asterisk>.
//
// Asterisk promises an order among the events of one object, but none among objects, and none between events and answers
// to requests. So the events of a step of a script are sorted by object, and a step says which events end it: exactly
// these must have come, no others, before an event that the script sends to itself comes back. Lists without a promised
// order (channels, bridges, ids) are sorted.
//
// The client here is the suite's own and shares nothing with the program's: a suite that did could not catch a wrong
// name of a field. It may run in a bubble of testing/synctest: it waits for time and channels only, reaches the network
// through World.Dial only, and when a case is over its goroutines are gone and its connections closed.
//
// Traces are recorded with
//
//	go test -tags e2e ./ari-mock/conformance -run TestARealAsterisk -record
package conformance
