package estimate

import "math"

// departures are the rates, per second, at which the callers ahead of one go: rate by the agents, and patience the
// additional rate for each who is still ahead.
type departures struct {
	rate, patience float64
	// least bounds the rate from below, so that callers who overtake make the wait long and never endless.
	least float64
}

// flat is the relative change of the rate along the line below which the closed forms lose more digits than they are
// worth; what replaces them there is exact to its square.
const flat = 1e-5

// moments are the mean and the standard deviation, in seconds, of the time until ahead callers and one more have gone.
// ahead need not be whole.
func (d departures) moments(ahead float64) (mean, deviation float64) {
	slow, ahead := d.slow(ahead)
	mean, variance := slow/d.least, slow/(d.least*d.least)
	if ahead >= 0 {
		sum, squares := departures{rate: max(d.rate+slow*d.patience, d.least), patience: d.patience}.sums(ahead)
		mean, variance = mean+sum, variance+squares
	}
	return mean, math.Sqrt(variance)
}

// slow counts the departures that come at no more than the least rate, and gives the callers ahead without them.
func (d departures) slow(ahead float64) (count, rest float64) {
	switch {
	case d.rate >= d.least:
		return 0, ahead
	case d.rate+ahead*d.patience < d.least:
		return ahead + 1, -1
	}
	count = math.Ceil((d.least - d.rate) / d.patience)
	return count, ahead - count
}

// sums are those of 1/(rate + j·patience) and of its square, for j from 0 to ahead.
func (d departures) sums(ahead float64) (sum, squares float64) {
	if change := ahead * d.patience / d.rate; change < flat {
		return (ahead + 1) / d.rate * (1 - change/2), (ahead + 1) / (d.rate * d.rate) * (1 - change)
	}
	a := d.rate / d.patience
	sum = (digamma(a+ahead+1) - digamma(a)) / d.patience
	squares = (trigamma(a) - trigamma(a+ahead+1)) / (d.patience * d.patience)
	return sum, squares
}
