package hearing

import "math"

// lobes is how many zero crossings of the sinc on each side a resampling filter keeps.
const lobes = 12

// resample changes the rate by windowed-sinc interpolation; what the new rate cannot carry is filtered out.
func resample(samples []int16, from, to int) []int16 {
	if from == to {
		return samples
	}
	result := make([]int16, len(samples)*to/from)
	step := float64(from) / float64(to)
	// Of the lower of the two rates the band to 95 % of its half is kept.
	cutoff := 0.95 * min(1, 1/step)
	for i := range result {
		result[i] = interpolate(samples, float64(i)*step, cutoff)
	}
	return result
}

// delayFilter delays a sound by a part of a sample.
type delayFilter [2*lobes + 1]float64

func newDelayFilter(delay float64) *delayFilter {
	var f delayFilter
	for k := range f {
		x := float64(k-lobes) + delay
		f[k] = sinc(x) * (0.5 + 0.5*math.Cos(math.Pi*x/(lobes+1)))
	}
	return &f
}

// apply is a stretch of the delayed sound.
func (f *delayFilter) apply(samples []int16, from, to int) []int16 {
	result := make([]int16, to-from)
	for i := range result {
		sum := 0.0
		first := from + i - lobes
		for k := max(0, -first); k < min(len(f), len(samples)-first); k++ {
			sum += f[k] * float64(samples[first+k])
		}
		result[i] = clip(sum)
	}
	return result
}

func clip(value float64) int16 {
	return int16(max(math.MinInt16, min(math.MaxInt16, math.Round(value))))
}

// interpolate is the value between samples, filtered to a part of the band.
func interpolate(samples []int16, at, cutoff float64) int16 {
	reach := lobes / cutoff
	sum := 0.0
	for k := max(0, int(math.Ceil(at-reach))); k <= min(len(samples)-1, int(at+reach)); k++ {
		x := (at - float64(k)) * cutoff
		window := 0.5 + 0.5*math.Cos(math.Pi*x/lobes)
		sum += float64(samples[k]) * cutoff * sinc(x) * window
	}
	return clip(sum)
}

func sinc(x float64) float64 {
	if math.Abs(x) < 1e-9 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// decimate keeps every n-th sample of the sound's lowest band, that below a quarter of the new rate: so an alignment that is off by half
// a sample still scores 0.7.
func decimate(samples []int16, n int) []float32 {
	filter := lowPass(n)
	result := make([]float32, (len(samples)+n-1)/n)
	for i := range result {
		middle := i * n
		var sum float32
		for k, weight := range filter {
			if j := middle + k - len(filter)/2; j >= 0 && j < len(samples) {
				sum += weight * float32(samples[j])
			}
		}
		result[i] = sum
	}
	return result
}

// lowPass is the filter of decimate.
func lowPass(n int) []float32 {
	length := 8*n + 1
	filter := make([]float32, length)
	cutoff := 0.5 / float64(n)
	for k := range filter {
		x := float64(k - length/2)
		window := 0.5 + 0.5*math.Cos(2*math.Pi*x/float64(length+1))
		filter[k] = float32(cutoff * sinc(x*cutoff) * window)
	}
	return filter
}
