package hearing

import (
	"math"
	"math/bits"
)

// fft transforms blocks of one length, a power of two: the iterative algorithm of Cooley and Tukey. The standard library has none, and
// a dependency for these forty lines would bring far more than them.
type fft struct {
	n int
	// roots are exp(-2πik/n) for the first half of k.
	roots []complex128
	// swaps are the pairs that exchange places: indices whose bits are each other's in reverse.
	swaps [][2]int
}

func newFFT(n int) *fft {
	f := &fft{n: n, roots: make([]complex128, n/2)}
	for k := range f.roots {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
		f.roots[k] = complex(cos, sin)
	}
	shift := 64 - bits.Len(uint(n-1))
	for i := range n {
		if j := int(bits.Reverse64(uint64(i)) >> shift); j > i {
			f.swaps = append(f.swaps, [2]int{i, j})
		}
	}
	return f
}

// transform replaces x, of length n, by its spectrum.
func (f *fft) transform(x []complex128) {
	x = x[:f.n]
	for _, s := range f.swaps {
		x[s[0]], x[s[1]] = x[s[1]], x[s[0]]
	}
	// The first round turns nothing.
	for i := 0; i < f.n; i += 2 {
		x[i], x[i+1] = x[i]+x[i+1], x[i]-x[i+1]
	}
	for half := 2; half < f.n; half *= 2 {
		stride := f.n / (2 * half)
		for block := 0; block < f.n; block += 2 * half {
			low, high := x[block:block+half], x[block+half:block+2*half]
			for k := range low {
				turned := f.roots[k*stride] * high[k]
				low[k], high[k] = low[k]+turned, low[k]-turned
			}
		}
	}
}
