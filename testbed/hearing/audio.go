package hearing

import (
	"cmp"
	"slices"
	"time"
)

// How frames get their places in time. A packet is never early, so the earliest of those around it tells when its sound was due.
const (
	// around is how many packets tell when one was due: half a second's.
	around = 25
	// stall is how much later than due the sound has to be for the listener to hear a gap: less is the network's unevenness.
	stall = 15 * Rate / 1000
	// ahead is how much sound a listener keeps back that came too early. More than that is another time scale.
	ahead = 200 * Rate / 1000
	// restart is a difference of sequence numbers that is no loss and no disorder.
	restart = 500
)

// span is a stretch of samples, the end not included.
type span struct{ from, to int }

// Audio is a recording laid out in time.
type Audio struct {
	// Start is the time of the first sample.
	Start time.Time
	// PCM is 8 kHz, 16 bit; where there were no packets it is zero.
	PCM []int16
	// gaps are the places without packets, in order.
	gaps []span
}

// At is the time of a sample.
func (a Audio) At(sample int) time.Time {
	return a.Start.Add(durationOf(sample))
}

// End is the time after the last sample.
func (a Audio) End() time.Time {
	return a.At(len(a.PCM))
}

// queued is a frame on its way into the timeline.
type queued struct {
	Frame
	// stream counts the senders' streams, sequence and stamp go on where RTP's numbers wrap round.
	stream          int
	sequence, stamp int64
	// delay is the arrival less the stamp, in samples.
	delay int64
	place int
}

// Audio lays the frames out in time. Sound that came without a break is laid out without a break, by RTP's timestamps; sound that came
// 15 ms or more later than it was due leaves a gap. Packets that came twice count once, and those in disorder are put in order.
func (r Recording) Audio() Audio {
	frames, start := r.layout()
	if len(frames) == 0 {
		return Audio{}
	}
	slices.SortStableFunc(frames, func(x, y queued) int { return cmp.Compare(x.place, y.place) })
	a := Audio{Start: start}
	for _, f := range frames {
		if missing := f.place - len(a.PCM); missing > 0 {
			a.gaps = append(a.gaps, span{len(a.PCM), f.place})
			a.PCM = append(a.PCM, make([]int16, missing)...)
		}
		over := copy(a.PCM[f.place:], f.Samples)
		a.PCM = append(a.PCM, f.Samples[over:]...)
	}
	return a
}

// layout returns the frames in the order in which they were sent, each with its place, and the time of place 0, the first.
func (r Recording) layout() (frames []queued, start time.Time) {
	if len(r.Frames) == 0 {
		return nil, time.Time{}
	}
	start = r.Frames[0].At
	frames = unwrap(r.Frames, start)
	first := place(frames)
	for i := range frames {
		frames[i].place -= first
	}
	return frames, start.Add(durationOf(first))
}

// unwrap numbers the frames and puts them in the order in which they were sent.
func unwrap(frames []Frame, start time.Time) []queued {
	last := map[uint32]queued{}
	streams := 0
	result := make([]queued, 0, len(frames))
	for _, f := range frames {
		q := queued{Frame: f, sequence: int64(f.Sequence), stamp: int64(f.Timestamp)}
		before, known := last[f.SSRC]
		step := int64(int16(f.Sequence - before.Sequence))
		if known && step > -restart && step < restart {
			q.stream = before.stream
			q.sequence = before.sequence + step
			q.stamp = before.stamp + int64(int32(f.Timestamp-before.Timestamp))
		} else {
			streams++
			q.stream = streams
		}
		q.delay = int64(f.At.Sub(start)*Rate/time.Second) - q.stamp
		last[f.SSRC] = q
		result = append(result, q)
	}
	slices.SortStableFunc(result, func(x, y queued) int {
		return cmp.Or(cmp.Compare(x.stream, y.stream), cmp.Compare(x.sequence, y.sequence))
	})
	return slices.CompactFunc(result, func(x, y queued) bool { return x.stream == y.stream && x.sequence == y.sequence })
}

// place gives each frame its place, in samples from the first arrival, and returns the first place.
func place(frames []queued) (first int) {
	base, end := int64(0), int64(0)
	for i := range frames {
		f := &frames[i]
		due := end
		if i > 0 && continues(frames[i-1], *f) {
			due = base + f.stamp
		}
		came := earliest(frames, i) + f.stamp
		if late := came - due; i == 0 || late >= stall || late < -ahead {
			due = came
		}
		base = due - f.stamp
		f.place = int(due)
		if i == 0 || f.place < first {
			first = f.place
		}
		end = due + int64(len(f.Samples))
	}
	return first
}

// continues tells whether a frame follows another one on the sender's time scale, lost packets between them or not.
func continues(before, f queued) bool {
	return f.stream == before.stream && f.stamp-before.stamp == (f.sequence-before.sequence)*int64(len(before.Samples))
}

// earliest is the smallest delay of a frame and those sent after it on the same time scale.
func earliest(frames []queued, i int) int64 {
	least := frames[i].delay
	for j := i + 1; j < len(frames) && j < i+around && continues(frames[j-1], frames[j]); j++ {
		least = min(least, frames[j].delay)
	}
	return least
}
