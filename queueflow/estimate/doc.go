// Package estimate tells how long a caller who waits will go on waiting. It is pure: it is told what happens in a queue
// and when, learns from it how fast agents and how patient callers are, and answers from where the caller stands now.
//
// # The estimate
//
// A caller with k others ahead of him waits for k+1 departures from the front: those whom the s agents take, at the rate
// s·mu, and those who hang up, each of the j who are still ahead at the rate theta. With exponential times the mean of
// that wait is the sum of 1/(s·mu + j·theta) over j from 0 to k, and its variance the sum of the squares (Ibrahim and
// Whitt, "Real-Time Delay Estimation in Overloaded Multiserver Queues with Abandonments", Management Science 55(10),
// 2009, where it is called QLm). Both sums have closed forms, so an estimate costs the same however long the line is.
//
// Three things are added to it. Callers of other queues who want the same agents and will be served first are counted
// with the share of agents that the queues have in common. The rate of the agents is lessened by the arrivals of callers
// who will be served before this one although they come later. And where handling times are much alike, which is when
// an exponential time describes them badly, each agent's present call is followed from how long it has lasted already;
// see residual.go.
//
// An estimate is the wait that remains. It is made anew from where the caller stands whenever it is told; nothing is
// subtracted from an earlier one.
//
// # Learning
//
// mu is the number of calls handled by the seconds that agents were busy with calls, theta the number of callers who hung
// up by the seconds that callers waited; calls that go on and callers who still wait count in both. Both forget: what
// happened long ago weighs less, by a memory of some 150 calls an agent pool handles, and four times that for theta. What
// is taken for granted at the beginning counts as five calls and two callers who hung up.
//
// # Cost
//
// Each thing told costs the same small number of operations. An estimate costs that for each of the queues that share
// agents, and where agents are followed one by one, it grows with their number.
package estimate
