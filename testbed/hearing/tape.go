package hearing

import (
	"slices"
	"time"
)

// leastCost is how many samples a frame takes of the tape at least: its header is kept as well.
const leastCost = 80

// Tape collects datagrams up to a bound. It is for one goroutine at a time.
type Tape struct {
	frames []taped
	// left is how many samples still fit.
	left    int
	ignored int
	full    bool
}

// taped is a frame whose samples are still µ-law, which is half as long.
type taped struct {
	frame Frame
	codes []byte
}

// NewTape returns a tape for sound of a length. It takes about 12 kB for each second recorded.
func NewTape(length time.Duration) *Tape {
	return &Tape{left: samplesIn(length)}
}

// Add takes a datagram that arrived at a time and keeps none of the slice. What is no µ-law sound (RTCP, comfort noise, digits, anything
// else) is counted only, and what does not fit is dropped.
func (t *Tape) Add(at time.Time, datagram []byte) {
	frame, codes, err := parseRTP(datagram)
	cost := max(len(codes), leastCost)
	switch {
	case err != nil:
		t.ignored++
	case t.left < cost:
		t.full = true
	default:
		frame.At = at
		t.left -= cost
		t.frames = append(t.frames, taped{frame, slices.Clone(codes)})
	}
}

// Recording returns what is on the tape so far. The tape goes on.
func (t *Tape) Recording() Recording {
	r := Recording{Frames: make([]Frame, len(t.frames)), Ignored: t.ignored, Full: t.full}
	for i, taped := range t.frames {
		r.Frames[i] = taped.frame
		r.Frames[i].Samples = DecodeULaw(taped.codes)
	}
	return r
}

// Recording is what came to a caller's media port.
type Recording struct {
	// Frames are in the order of arrival.
	Frames []Frame
	// Ignored is how many datagrams were no µ-law sound.
	Ignored int
	// Full says that the tape ended before the sound did.
	Full bool
}

func samplesIn(d time.Duration) int {
	return int(d * Rate / time.Second)
}

func durationOf(samples int) time.Duration {
	return time.Duration(samples) * time.Second / Rate
}
