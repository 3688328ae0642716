// Package sim holds the seeded simulation of the queue: callers, agents and their phones, several Asterisks and the
// program around the machine, in virtual time and with faults, watched by checkers that share no code with the machine. It
// is made of test files only.
//
//	go test ./queueflow/sim                                          some twenty seeds
//	go test ./queueflow/sim -run TestSimulation -seed=12345          one seed again
//	go test ./queueflow/sim -run TestSimulation -seeds=200 -calls=5000
//	make soak SOAK=700                                               a million calls
//
// A seed decides everything: the same seed gives the same conversation, event by event.
//
// Agents answer, let it ring, refuse, forward, are picked up by colleagues, press 1 or not, hang up before they hear
// anybody, talk, hold and transfer; their phones come and go and are used for other talks; people pause, add and remove
// them. What an agent does at the worst moment, he does: answer together with another, as the caller hangs up, as the
// ringing ends, as he is told to stop.
//
// A checker knows what is true in the world, what the program was told, and what it said and wanted done. Where the truth
// and what was told differ, because news was late or a command went wrong, it claims only what must hold all the same.
//
// What the simulated Asterisk does not do, because no program could tell it from what it does: tell of the same channel
// out of order, tell something that never was, or take a channel in again that left it while nobody was told of either.
package sim
