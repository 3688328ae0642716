// Package sim holds the seeded simulation of the queue: callers, several Asterisks and the program around the machine,
// in virtual time and with faults, watched by checkers that share no code with the machine. It is made of test files only.
//
//	go test ./queueflow/sim                                          some twenty seeds
//	go test ./queueflow/sim -run TestSimulation -seed=12345          one seed again
//	go test ./queueflow/sim -run TestSimulation -seeds=200 -calls=5000
//
// A seed decides everything: the same seed gives the same conversation, event by event.
//
// What the simulated Asterisk does not do, because no program could tell it from what it does: tell of the same channel
// out of order, tell something that never was, or take a channel in again that left it while nobody was told of either.
package sim
