package hearing

import (
	"cmp"
	"math"
	"slices"
)

const (
	// likely is the score that makes a place worth a look at the full rate; a cut opening has less than a whole one.
	likely = 0.5
	// least is how much of a sound must be heard for it to be named, unless all of it is shorter, and surest the score it must have.
	least, surest = 80 * Rate / 1000, 0.94
	// piece is what is sought in all sounds at a time, and briefest the shortest that is.
	piece, briefest = 375 * Rate / 1000, 80 * Rate / 1000
	// longestStep is the longest way between two pieces.
	longestStep = 4 * piece
	// looks bounds the places of all sounds that are compared with a piece.
	looks = 128
	// crossing is by how much what is heard of two sounds may overlap: the block in which one is cut.
	crossing = 2 * block
	// blip is the longest sound that is not told when nothing is known about it.
	blip = 60 * Rate / 1000
)

// recognise finds the sounds of a library in content, in order and without overlaps, and the audible rest.
func (l *Library) recognise(c *content) (traces []trace, unknown []span) {
	traces = settle(l.openings(c))
	for _, rest := range c.unexplained(traces) {
		traces = append(traces, l.explain(c, rest, c.around(rest, traces))...)
	}
	slices.SortFunc(traces, func(x, y trace) int { return cmp.Compare(x.from, y.from) })
	traces = joined(c, traces)
	for i := 1; i < len(traces); i++ {
		before, t := &traces[i-1], &traces[i]
		if t.offset > 0 {
			// What was not heard from its beginning on leaves the other one its last silence.
			t.begin(max(t.from, min(before.to, t.core.from)))
		}
		before.to = min(before.to, t.from)
	}
	return traces, c.unexplained(traces)
}

// around is how far the content reaches on both sides of a stretch before another sound is heard.
func (c *content) around(s span, traces []trace) span {
	free := span{0, len(c.pcm)}
	for _, t := range traces {
		if t.core.from < s.from {
			free.from = max(free.from, t.core.to)
		} else {
			free.to = min(free.to, t.core.from)
		}
	}
	return free
}

// openings finds the prompts that are heard from their beginning on, wherever they may be: most that will be is wrong or told twice.
func (l *Library) openings(c *content) (traces []trace) {
	var prompts []*voice
	for _, v := range l.voices {
		if v.Class == "" {
			prompts = append(prompts, v)
		}
	}
	low := newHaystack(decimate(c.pcm, coarse))
	for pair := range slices.Chunk(prompts, 2) {
		needles := [2]needle{pair[0].opening, pair[len(pair)-1].opening}
		hits := low.search(needles, likely)
		for i, v := range pair {
			for _, h := range hits[i] {
				traces = append(traces, c.opened(v, h.at*coarse)...)
			}
		}
	}
	return traces
}

// opened is the trace of a prompt whose opening may be at a place, none if it is not.
func (c *content) opened(v *voice, place int) []trace {
	stretch := span{v.openingAt, v.openingAt + opening}
	a, ok := c.align(v, place-v.openingAt, coarse+1, stretch, span{0, len(c.pcm)})
	if !ok {
		return nil
	}
	t := a.follow(firstSame(a, stretch))
	if !t.sure() {
		return nil
	}
	return []trace{t}
}

// firstSame is the first block of a stretch that is the same, the stretch's beginning if none is.
func firstSame(a alignment, stretch span) int {
	for at := stretch.from - stretch.from%block; at < stretch.to; at += block {
		if a.compare(at) == same {
			return at
		}
	}
	return stretch.from
}

func (t trace) sure() bool {
	return t.score >= surest && t.loud >= min(least, (t.voice.loud.to-t.voice.loud.from)*3/4)
}

// settle chooses those that explain most among traces that overlap, in no order.
func settle(candidates []trace) (chosen []trace) {
	slices.SortStableFunc(candidates, func(x, y trace) int {
		return cmp.Or(-cmp.Compare(x.worth(), y.worth()), compareTrue(x.whole, y.whole), cmp.Compare(x.voice.Name, y.voice.Name))
	})
	for _, t := range candidates {
		if !slices.ContainsFunc(chosen, func(other trace) bool {
			return min(t.core.to, other.core.to)-max(t.core.from, other.core.from) > crossing
		}) {
			chosen = append(chosen, t)
		}
	}
	return chosen
}

// worth is how much a trace explains: a tone is alike to itself at many places, and exact at one.
func (t trace) worth() float64 {
	return float64(t.loud) * math.Pow(t.score, 16)
}

func compareTrue(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return -1
	}
	return 1
}

// unexplained is what is heard and belongs to no trace.
func (c *content) unexplained(traces []trace) (rest []span) {
	explained := make([]bool, len(c.pcm)/block+1)
	for _, t := range traces {
		for b := t.core.from / block; b <= (t.core.to-1)/block; b++ {
			explained[b] = true
		}
	}
	for from := 0; from < len(c.pcm); from += block {
		to := min(from+block, len(c.pcm))
		if explained[from/block] || isQuiet(c.pcm[from:to]) {
			continue
		}
		last := len(rest) - 1
		if last >= 0 && from-rest[last].to <= 5*block && !slices.Contains(explained[rest[last].to/block:from/block], true) {
			rest[last].to = to
		} else {
			rest = append(rest, span{from, to})
		}
	}
	return slices.DeleteFunc(rest, func(s span) bool { return s.to-s.from < blip })
}

// explain finds music, and prompts heard from the middle on, in a stretch that is not explained. What is found may go beyond it, as far
// as free says: its quiet parts do. Where nothing is found the steps grow, for what begins between two of them is followed back.
func (l *Library) explain(c *content, rest, free span) (traces []trace) {
	x := l.index()
	step := piece
	for at := rest.from; at+briefest <= rest.to; {
		t, ok := x.sought(c, span{at, rest.to}, free)
		if !ok {
			at += step
			step = min(2*step, longestStep)
			continue
		}
		step = piece
		traces = append(traces, t)
		free.from = t.core.to
		at = max(t.core.to, at+block)
	}
	return traces
}

// sought looks for the first piece of a stretch, or else for the one half a piece later, in all sounds.
func (x *index) sought(c *content, rest, free span) (best trace, ok bool) {
	var pieces [2]span
	var needles [2]needle
	for i := range pieces {
		from := min(rest.from+i*piece/2, rest.to-briefest)
		pieces[i] = span{from, min(from+piece, rest.to)}
		needles[i] = newNeedle(decimate(c.pcm[from:pieces[i].to], coarser))
	}
	hits := x.search(needles, likely)
	for i, p := range pieces {
		slices.SortFunc(hits[i], func(a, b hit) int { return -cmp.Compare(a.score, b.score) })
		for _, h := range hits[i][:min(len(hits[i]), looks)] {
			v, offset := x.voiceAt(h.at)
			stretch := span{offset, offset + min(p.to-p.from, opening)}
			a, aligned := c.align(v, p.from-offset, coarser+1, stretch, free)
			if !aligned {
				continue
			}
			if t := a.follow(firstSame(a, stretch)); t.sure() && t.worth() > best.worth() {
				best, ok = t, true
			}
		}
		if ok {
			break
		}
	}
	return best, ok
}

// joined makes one trace of two that follow each other in the sound as they do in time, with a disturbance between them.
func joined(c *content, traces []trace) (result []trace) {
	for _, t := range traces {
		if n := len(result); n > 0 && result[n-1].goesOn(c, t) {
			result[n-1] = result[n-1].with(t)
			continue
		}
		result = append(result, t)
	}
	return result
}

// apart is how much content may be between two traces of one sound that are made one, and how much more or less of the sound.
const apart = Rate / 2

func (t trace) goesOn(c *content, next trace) bool {
	heard, played := next.from-t.to, next.offset-(t.offset+t.to-t.from)
	paused := c.place(next.from) - c.place(max(t.to-1, 0)) - 1
	return t.voice == next.voice && played >= 0 && played <= apart && heard <= apart && paused <= apart
}

func (t trace) with(next trace) trace {
	t.score = (t.score*float64(t.loud) + next.score*float64(next.loud)) / float64(t.loud+next.loud)
	t.loud += next.loud
	t.to, t.core.to = next.to, next.core.to
	t.whole = t.offset <= t.voice.loud.from+block && next.offset+next.core.to-next.from >= t.voice.loud.to-block
	return t
}
