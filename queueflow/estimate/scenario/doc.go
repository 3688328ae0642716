// Package scenario holds the estimate of the wait against fifteen simulated call centres, beside what app_queue tells
// its callers there and beside a predictor that knows the true rates. It has tests only.
//
// A run is seeded. Callers come, wait for one of the agents, and hang up when their patience ends; each who has to wait
// is told a wait when he comes and every 30 s. A telling is compared with the wait that he has from then on, or, if he
// hangs up, would have had: he stays in the simulated line as a ghost that nobody serves, until an agent takes somebody
// behind him. The first four hours teach and are not scored.
package scenario
