// Package stasis drives a queueflow.Machine with what the Asterisks say.
//
// One goroutine, Run's, owns the machine. Its loop is one screen in driver.go: take the next input or the earliest
// deadline, step, give the events to the journal, and hand out the commands once their events are durable. Everything
// else stands around it:
//
//   - a listener per Asterisk only passes signals on, and blocks when the loop is behind, so that the bounded queue of
//     the ARI client, and nothing else, holds a backlog;
//   - a lane per channel carries out the commands on it, one after the other, each bounded in time; lanes of different
//     channels run at once. What fails comes back as an input;
//   - devices are watched beside the lanes, each with its newest wish only, until that is done; how they stand is read after
//     they are subscribed to, and counts only when no event of theirs came since;
//   - after every connect a listing is taken while the events of the connection wait, and it is rolled back by them to
//     the beginning of the connection: the machine learns what was there then, and after it every event.
//
// Nothing here decides about a call.
package stasis
