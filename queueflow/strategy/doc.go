// Package strategy chooses who is rung: the arithmetic of strategies, penalties and chance, without a word about calls.
//
// The members of a queue stand in an Order: by penalty, the lower first, and inside of a penalty as the strategy has it.
// An Order knows which of them are free, so that the first free one is found in the logarithm of their number, and that one
// becomes free or not costs next to nothing. Choose takes from it the one whom a caller gets.
//
// # Where it is not app_queue
//
// On purpose, and each with a test: who stayed silent for a caller is chosen behind those of his penalty who did not; ties
// are won by who is idle for longest, and then by the order of the list, where app_queue takes the last of its container;
// leastrecent counts that somebody was rung as well as that he talked, so that a phone nobody answers is not rung for ever.
package strategy
