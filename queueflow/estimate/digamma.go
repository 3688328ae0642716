package estimate

import "math"

// asymptotic is from where on the series below are as exact as a float64: their first term left out is below 1e-16.
const asymptotic = 12

// digamma is the logarithmic derivative of the gamma function, for x above 0: Abramowitz and Stegun, "Handbook of
// Mathematical Functions", 6.3.5 to reach large x and 6.3.18 there.
func digamma(x float64) float64 {
	lifted := 0.0
	for ; x < asymptotic; x++ {
		lifted += 1 / x
	}
	y := 1 / (x * x)
	series := y * (1./12 - y*(1./120-y*(1./252-y*(1./240-y*(1./132-y*(691./32760-y/12))))))
	return math.Log(x) - 1/(2*x) - series - lifted
}

// trigamma is the derivative of digamma, for x above 0: the same handbook, 6.4.6 and 6.4.12.
func trigamma(x float64) float64 {
	lifted := 0.0
	for ; x < asymptotic; x++ {
		lifted += 1 / (x * x)
	}
	y := 1 / (x * x)
	series := y * (1./6 - y*(1./30-y*(1./42-y*(1./30-y*(5./66-y*(691./2730-y*7/6))))))
	return 1/x + y/2 + series/x + lifted
}
