package hearing

import "math"

const (
	// sameEnough is the share of a block's power by which a copy may differ: resampling and G.711 together stay below.
	sameEnough = 0.3
	// steady is how many blocks in a row must be the same to go on after a difference, and lastDifferent how many different ones end it.
	steady, lastDifferent = 3, 6
	// leastScore is the correlation a beginning must have to be followed, perfect the one that no fraction of a sample can improve.
	leastScore, perfect = 0.8, 0.995
	// hiss is the level of noise that can be told from the steps of G.711.
	hiss = 6
	// pause is how long the sender must be silent for the end of what it played, longestStall how long it may be in what goes on.
	pause, longestStall = 60 * Rate / 1000, 2 * Rate
)

// trace is a stretch of content that is a copy of a stretch of a sound.
type trace struct {
	voice *voice
	// from and to are samples of the content; offset is the sample of the sound at from.
	from, to, offset int
	// core is from the first to the last block that is heard, and loud how many samples of those are the same.
	core  span
	loud  int
	whole bool
	score float64
}

// alignment is a supposition: the sound's first sample is at start of the content, and delay after it if not nil. Gain is how much
// louder it was played.
type alignment struct {
	content *content
	voice   *voice
	start   int
	delay   *delayFilter
	gain    float64
	// within bounds the content that may be compared.
	within span
}

// products are the sums over a stretch from which everything is told.
type products struct{ heard, played, both int64 }

func (p products) score() float64 {
	if p.heard == 0 || p.played == 0 {
		return 0
	}
	return float64(p.both) / math.Sqrt(float64(p.heard)*float64(p.played))
}

func (a alignment) products(from, to int) (p products) {
	from, to = max(from, 0, a.within.from-a.start), min(to, len(a.voice.PCM), a.within.to-a.start)
	if from >= to {
		return p
	}
	heard, played := a.content.pcm[a.start+from:a.start+to], a.voice.PCM[from:to]
	if a.delay != nil {
		played = a.delay.apply(a.voice.PCM, from, to)
	}
	for i, h := range heard {
		x, y := int64(h), int64(played[i])
		p.heard += x * x
		p.played += y * y
		p.both += x * y
	}
	return p
}

// align finds the best alignment near a supposed one by a stretch of the sound, to a part of a sample.
func (c *content) align(v *voice, start, near int, stretch, within span) (best alignment, ok bool) {
	best = alignment{content: c, voice: v, start: start, within: within}
	score := func(start int) float64 {
		a := best
		a.start = start
		return a.products(stretch.from, stretch.to).score()
	}
	most := 0.0
	for s := start - near; s <= start+near; s++ {
		if now := score(s); now > most {
			most, best.start = now, s
		}
	}
	if most < leastScore {
		return best, false
	}
	if most < perfect {
		best = best.fraction(most, score(best.start-1), score(best.start+1), stretch)
	}
	p := best.products(stretch.from, stretch.to)
	best.gain = float64(p.both) / float64(p.played)
	return best, true
}

// fraction delays the sound by a part of a sample if that makes it more alike: a parabola through three scores tells by how much.
func (a alignment) fraction(score, before, after float64, stretch span) alignment {
	bend := before - 2*score + after
	if bend >= 0 {
		return a
	}
	moved := a
	moved.delay = newDelayFilter(0.5 * (before - after) / bend)
	if moved.products(stretch.from, stretch.to).score() > score {
		return moved
	}
	return a
}

// verdict is what the comparison of one block says.
type verdict int

const (
	different verdict = iota
	same
	bothQuiet
	missing
	outside
)

func (a alignment) compare(from int) verdict {
	to := min(from+block, len(a.voice.PCM))
	if from < 0 || from >= to || a.start+to <= a.within.from || a.start+from >= a.within.to {
		return outside
	}
	if a.content.isLost(a.start+from, a.start+to) {
		return missing
	}
	p := a.products(from, to)
	floor := int64(to-from) * quiet * quiet
	if p.heard <= floor && p.played <= floor {
		return bothQuiet
	}
	heard, played := float64(p.heard), a.gain*a.gain*float64(p.played)
	if heard+played-2*a.gain*float64(p.both) <= sameEnough*max(heard, played) {
		return same
	}
	return different
}

// walk goes from a block on, forwards or backwards, for as long as sound and content are the same, and returns the first block that is
// not part of it.
func (a alignment) walk(from, step int) (end int) {
	end = from
	wrong, right := 0, 0
	for at := from; wrong < lastDifferent; at += step {
		switch a.compare(at) {
		case outside:
			return end
		case missing:
		case different:
			wrong++
			right = 0
		case bothQuiet:
			if wrong == 0 {
				end = at + step
			}
		case same:
			right++
			if wrong == 0 || right >= steady {
				wrong, end = 0, at+step
			}
		}
	}
	return end
}

// follow finds out how far around a block of the sound the content is a copy of it.
func (a alignment) follow(seed int) trace {
	seed -= seed % block
	first, last := a.walk(seed, -block)+block, min(a.walk(seed, block), len(a.voice.PCM))
	first = max(first, 0, a.within.from-a.start)
	last = min(last, a.within.to-a.start)
	t := trace{voice: a.voice, offset: first, from: a.start + first, to: a.start + last}
	var sum products
	for at := first - first%block; at < last; at += block {
		if a.compare(at) != same {
			continue
		}
		p := a.products(at, at+block)
		sum.heard, sum.played, sum.both = sum.heard+p.heard, sum.played+p.played, sum.both+p.both
		if t.loud == 0 {
			t.core.from = a.start + at
		}
		t.loud += block
		t.core.to = a.start + min(at+block, last)
	}
	t.score = sum.score()
	t.whole = first <= a.voice.loud.from+block && t.core.to >= a.start+a.voice.loud.to-block
	t.trim(a)
	return t
}

// begin makes the trace begin later.
func (t *trace) begin(from int) {
	t.offset += from - t.from
	t.from = from
}

// trim takes away what is not sure to be the sound's silence: before it, when it was not heard from its beginning on, what was sent
// before the sender paused; after it, when it was cut in one of its own pauses, what came after the sender paused, or after the last
// block that was not empty and the same.
func (t *trace) trim(a alignment) {
	c, full := a.content, a.start+len(a.voice.PCM)
	if t.offset > 0 {
		for at := t.from; at <= t.core.from; at = c.breakIn(at, t.core.from+1, pause) {
			t.begin(at)
		}
	}
	// Asterisk leaves out the last 44 bytes of a WAV file, so its last two blocks are not whole. A sender that stalls and then goes on
	// to the sound's end was busy.
	patience := pause
	if full-t.to <= 2*block {
		// What is missing is not taken from what comes after a pause.
		t.to = c.breakIn(max(t.core.to-1, full-2*block), min(full, len(c.pcm)), pause)
		patience = longestStall
	}
	paused := c.breakIn(t.core.to, t.to+1, patience)
	switch {
	case paused <= t.to:
		t.to = paused
	case t.to < full-2*block && t.to < len(c.pcm):
		last := t.core.to
		for last < t.to && a.quietlySame(last-a.start) {
			last += block
		}
		t.to = min(last, t.to)
	}
}

// quietlySame tells whether a block below hearing is the same nevertheless: the noise of a pause tells it from another silence.
func (a alignment) quietlySame(from int) bool {
	p := a.products(from, from+block)
	return p.heard > block*hiss*hiss && p.score() > leastScore
}
