package hearing

import "math/bits"

// G.711's µ-law as tables: decoded holds the 16-bit sample of each code.
var decoded = func() (table [256]int16) {
	for code := range table {
		table[code] = expand(byte(code))
	}
	return table
}()

const (
	ulawBias = 0x84
	ulawClip = 32635
)

// expand decodes one µ-law code, as ITU-T G.711 defines it, to the 16-bit scale.
func expand(code byte) int16 {
	code = ^code
	magnitude := (int(code&0x0f)<<3 + ulawBias) << (code >> 4 & 7)
	if code&0x80 != 0 {
		return int16(ulawBias - magnitude)
	}
	return int16(magnitude - ulawBias)
}

// compress encodes one 16-bit sample to µ-law.
func compress(sample int16) byte {
	sign, magnitude := byte(0), int(sample)
	if magnitude < 0 {
		sign, magnitude = 0x80, -magnitude
	}
	magnitude = min(magnitude, ulawClip) + ulawBias
	exponent := bits.Len(uint(magnitude)) - 8
	mantissa := byte(magnitude>>(exponent+3)) & 0x0f
	return ^(sign | byte(exponent)<<4 | mantissa)
}

// DecodeULaw returns the 16-bit samples of µ-law codes.
func DecodeULaw(codes []byte) []int16 {
	samples := make([]int16, len(codes))
	for i, code := range codes {
		samples[i] = decoded[code]
	}
	return samples
}

// EncodeULaw returns the µ-law codes of 16-bit samples.
func EncodeULaw(samples []int16) []byte {
	codes := make([]byte, len(samples))
	for i, sample := range samples {
		codes[i] = compress(sample)
	}
	return codes
}
