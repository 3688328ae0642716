package hearing

import (
	"slices"
	"time"
)

// mostLost is the longest loss that is filled up: lost packets of one sound leave a hole, not a break.
const mostLost = Rate

// content is what was played, in the order in which it was sent and without the times between. A sender that stalls in the middle of a
// word does not change it: sounds are sought here, and the marks tell when they were heard.
type content struct {
	start time.Time
	pcm   []int16
	// marks are the samples at which a new place in time begins, in order.
	marks []mark
	// lost are the samples that never came; they are zero.
	lost []span
}

// mark says that the sample, and those that follow it until the next mark, have their places in a row from this one on.
type mark struct{ sample, place int }

func newContent(r Recording) *content {
	frames, start := r.layout()
	c := &content{start: start}
	end := 0
	for i, f := range frames {
		hole := f.place - end
		switch {
		case i > 0 && hole > 0 && hole <= mostLost && continues(frames[i-1], f) && f.sequence > frames[i-1].sequence+1:
			c.lost = append(c.lost, span{len(c.pcm), len(c.pcm) + hole})
			c.pcm = append(c.pcm, make([]int16, hole)...)
		case i == 0 || hole != 0:
			c.marks = append(c.marks, mark{len(c.pcm), f.place})
		}
		c.pcm = append(c.pcm, f.Samples...)
		end = f.place + len(f.Samples)
	}
	return c
}

// markOf is the last mark at or before a sample.
func (c *content) markOf(sample int) mark {
	i, found := slices.BinarySearchFunc(c.marks, sample, func(m mark, sample int) int { return m.sample - sample })
	if !found {
		i--
	}
	return c.marks[max(i, 0)]
}

// place is where a sample is in time.
func (c *content) place(sample int) int {
	m := c.markOf(sample)
	return m.place + sample - m.sample
}

// at is when a sample was heard first.
func (c *content) at(sample int) time.Time {
	return c.start.Add(durationOf(c.place(sample)))
}

// until is when the sample before this one had been heard.
func (c *content) until(sample int) time.Time {
	if sample == 0 {
		return c.at(0)
	}
	return c.start.Add(durationOf(c.place(sample-1) + 1))
}

// breakIn is the first sample of a range, its beginning not included, before which the sender paused for at least a time; to if none.
func (c *content) breakIn(from, to, least int) int {
	for i, m := range c.marks {
		if i > 0 && m.sample > from && m.sample < to && m.place-c.place(m.sample-1)-1 >= least {
			return m.sample
		}
	}
	return to
}

// isLost tells whether a range holds samples that never came.
func (c *content) isLost(from, to int) bool {
	for _, l := range c.lost {
		if l.from < to && l.to > from {
			return true
		}
	}
	return false
}
