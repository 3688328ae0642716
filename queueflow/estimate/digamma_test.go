package estimate

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Values of Abramowitz and Stegun, tables 6.1 and 6.2, and of the identities in 6.3.2, 6.3.3 and 6.4.2.
func TestTheDigammaAndTheTrigammaFunction(t *testing.T) {
	const euler = 0.57721566490153286
	for _, c := range []struct{ x, digamma, trigamma float64 }{
		{1, -euler, math.Pi * math.Pi / 6},
		{.5, -euler - 2*math.Ln2, math.Pi * math.Pi / 2},
		{2, 1 - euler, math.Pi*math.Pi/6 - 1},
		{1.5, .03648997397857652, .9348022005446793},
		{10, 2.251752589066721, .1051663356816857},
		{100, 4.600161852738087, .0100501666633336},
		{1e6, 13.815510057964191, 1.0000005e-6},
	} {
		assert.InDelta(t, c.digamma, digamma(c.x), 2e-14*max(1, math.Abs(c.digamma)), "digamma of %v", c.x)
		assert.InEpsilon(t, c.trigamma, trigamma(c.x), 2e-13, "trigamma of %v", c.x)
	}
}
