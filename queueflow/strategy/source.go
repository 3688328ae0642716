package strategy

import "math/bits"

// Source is a source of chance whose state is a value: SplitMix64 (Steele, Lea and Flood, 2014). The same state gives the
// same numbers.
type Source struct{ State uint64 }

// Next is the next number, of all 64 bits.
func (s *Source) Next() uint64 {
	s.State += 0x9e3779b97f4a7c15
	x := s.State
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

// Below is a number from 0 to n-1. It favours none by more than one in 2^64/n.
func (s *Source) Below(n int) int {
	high, _ := bits.Mul64(s.Next(), uint64(n))
	return int(high)
}

// Unit is a number from 0 to below 1.
func (s *Source) Unit() float64 { return float64(s.Next()>>11) / (1 << 53) }
