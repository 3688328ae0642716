package hearing

import (
	"math"
)

// blockLength is the length of the transforms by which needles are sought, longestNeedle what they may be long.
const (
	blockLength   = 4096
	longestNeedle = 512
	// faintest is how many times weaker than the needle a place may be, in power.
	faintest = 16
	// neighbourhood is the samples around a place that are one place: a tone has a place in each of its periods.
	neighbourhood = 2
)

// plan is shared by all searches; it is never changed.
var plan = newFFT(blockLength)

// haystack is a signal made ready to be searched.
type haystack struct {
	// blocks are the conjugate spectra of overlapping pieces, one each blockLength-longestNeedle samples.
	blocks [][]complex128
	// energy holds the sums of squares of all samples before each, and one for all.
	energy []float64
	length int
}

// needle is what is sought: at most longestNeedle samples.
type needle struct {
	samples []float32
	energy  float64
}

// hit is a place where a needle may be: score is the normalised cross-correlation, 1 for a copy.
type hit struct {
	at    int
	score float64
}

func newHaystack(signal []float32) *haystack {
	h := &haystack{energy: make([]float64, len(signal)+1), length: len(signal)}
	for i, s := range signal {
		h.energy[i+1] = h.energy[i] + float64(s)*float64(s)
	}
	for from := 0; from < len(signal); from += blockLength - longestNeedle {
		block := make([]complex128, blockLength)
		for i, s := range signal[from:min(from+blockLength, len(signal))] {
			block[i] = complex(float64(s), 0)
		}
		plan.transform(block)
		for i, s := range block {
			block[i] = complex(real(s), -imag(s))
		}
		h.blocks = append(h.blocks, block)
	}
	return h
}

func newNeedle(samples []float32) needle {
	n := needle{samples: samples}
	for _, s := range samples {
		n.energy += float64(s) * float64(s)
	}
	return n
}

// search returns for each of two needles where in the haystack its score is at least a threshold, the best place of each neighbourhood
// alone. Two needles cost as much as one: they are the real and the imaginary part of one signal.
func (h *haystack) search(pair [2]needle, threshold float64) (hits [2][]hit) {
	spectrum, work := make([]complex128, blockLength), make([]complex128, blockLength)
	for i, s := range pair[0].samples {
		spectrum[i] = complex(float64(s), 0)
	}
	for i, s := range pair[1].samples {
		spectrum[i] += complex(0, float64(s))
	}
	plan.transform(spectrum)
	const step = blockLength - longestNeedle
	for b, block := range h.blocks {
		for i, s := range block {
			work[i] = s * spectrum[i]
		}
		plan.transform(work)
		for i, sum := range work[:min(step, h.length-b*step)] {
			at := b*step + i
			hits[0] = h.keep(hits[0], pair[0], at, real(sum)/blockLength, threshold)
			hits[1] = h.keep(hits[1], pair[1], at, imag(sum)/blockLength, threshold)
		}
	}
	return hits
}

// keep adds a place to the hits if its score is enough and it is the best of its neighbourhood so far.
func (h *haystack) keep(hits []hit, n needle, at int, sum, threshold float64) []hit {
	if sum <= 0 {
		return hits
	}
	energy := h.energy[min(at+len(n.samples), h.length)] - h.energy[at]
	// Next to nothing is not alike to anything, whatever the quotient says.
	if energy < n.energy/faintest || sum*sum < threshold*threshold*n.energy*energy {
		return hits
	}
	found := hit{at, sum / math.Sqrt(n.energy*energy)}
	last := len(hits) - 1
	switch {
	case last < 0 || hits[last].at+neighbourhood <= at:
		return append(hits, found)
	case hits[last].score < found.score:
		hits[last] = found
	}
	return hits
}
