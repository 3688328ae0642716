package estimate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheWaitOfKnownRates(t *testing.T) {
	for _, c := range []struct {
		name            string
		d               departures
		ahead           float64
		mean, deviation float64
	}{
		{"the next one, one agent of 180 s", departures{rate: 1. / 180}, 0, 180, 180},
		{"four ahead, two agents of 240 s, nobody hangs up", departures{rate: 2. / 240}, 4, 600, 120 * math.Sqrt(5)},
		{"nine ahead, ten agents of 180 s, patience of 300 s", departures{rate: 10. / 180, patience: 1. / 300}, 9, 144.43, 46.1104},
		{"half a caller ahead, of those of another queue", departures{rate: 1. / 100}, .5, 150, 122.474},
	} {
		c.d.least = c.d.rate / 20
		mean, deviation := c.d.moments(c.ahead)
		assert.InDelta(t, c.mean, mean, .005, c.name)
		assert.InDelta(t, c.deviation, deviation, .005, c.name)
	}
}

// sum adds term by term what the closed forms stand for.
func (d departures) sum(ahead int) (mean, deviation float64) {
	variance := 0.0
	for j := range ahead + 1 {
		rate := max(d.rate+float64(j)*d.patience, d.least)
		mean += 1 / rate
		variance += 1 / (rate * rate)
	}
	return mean, math.Sqrt(variance)
}

func TestTheClosedFormIsTheSum(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		whole := math.Pow(10, -4+5*r.Float64())
		d := departures{rate: whole * 2 * (r.Float64() - .5), patience: math.Pow(10, -9+8*r.Float64()), least: leastRate * whole}
		if r.IntN(10) == 0 {
			d.patience = 0
		}
		ahead := r.IntN(300)
		mean, deviation := d.moments(float64(ahead))
		wantMean, wantDeviation := d.sum(ahead)
		assert.InEpsilon(t, wantMean, mean, 1e-5, "%+v, %d ahead", d, ahead)
		assert.InEpsilon(t, wantDeviation, deviation, 1e-5, "%+v, %d ahead", d, ahead)
	}
}

func TestALongerLineNeverMeansAShorterWait(t *testing.T) {
	for _, patience := range []float64{0, 1e-9, 1e-6, 1e-5, 1e-4, 1e-2} {
		last := 0.0
		for ahead := 0.0; ahead < 3000; ahead += .5 {
			mean, deviation := departures{rate: .1, patience: patience, least: .005}.moments(ahead)
			assert.Greater(t, mean, last)
			assert.False(t, math.IsNaN(deviation))
			last = mean
		}
	}
}
