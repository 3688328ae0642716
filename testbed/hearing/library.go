package hearing

import (
	"slices"
	"sync"
)

const (
	// block is the unit in which sounds are compared and their ends are told: 10 ms.
	block = Rate / 100
	// quiet is the level (root mean square) below which nothing is heard: 52 dB below full scale, the noise of the prompts' own pauses.
	quiet = 80
	// coarse and coarser are by how much the rate is lowered to find where a prompt begins, and where in all sounds something is.
	coarse, coarser = 3, 6
	// opening is how much of a prompt is sought: short enough for a prompt cut after its first syllable.
	opening = 160 * Rate / 1000
	// lookahead is how far after the first sound the opening may begin.
	lookahead = 300 * Rate / 1000
)

// Library is the sounds that may have been played. It is safe for several goroutines.
type Library struct {
	voices []*voice
	// index makes all sounds one haystack. It is made when a recording first holds something that is no prompt from its beginning.
	index func() *index
}

// voice is a sound made ready to be recognised.
type voice struct {
	Sound
	// loud is from the first to the last block that is heard.
	loud span
	// opening is the needle for the prompt's beginning, and its place in the sound.
	opening   needle
	openingAt int
}

// NewLibrary makes a library. Sounds that are quiet all the way are left out: they cannot be told from silence.
func NewLibrary(sounds ...Sound) *Library {
	l := &Library{}
	for _, s := range sounds {
		s.PCM = DecodeULaw(EncodeULaw(s.PCM))
		v := &voice{Sound: s, loud: loudPart(s.PCM)}
		if v.loud.from == v.loud.to {
			continue
		}
		if s.Class == "" {
			v.makeOpening()
		}
		l.voices = append(l.voices, v)
	}
	l.index = sync.OnceValue(l.makeIndex)
	return l
}

// loudPart is from the first to the last block that is heard, empty if none is.
func loudPart(pcm []int16) (part span) {
	for from := 0; from < len(pcm); from += block {
		to := min(from+block, len(pcm))
		if isQuiet(pcm[from:to]) {
			continue
		}
		if part.to == 0 {
			part.from = from
		}
		part.to = to
	}
	return part
}

func isQuiet(samples []int16) bool {
	return power(samples) <= int64(len(samples))*quiet*quiet
}

func power(samples []int16) (sum int64) {
	for _, s := range samples {
		sum += int64(s) * int64(s)
	}
	return sum
}

// makeOpening picks the stretch by which the prompt is sought: the first one with sound in the band that is searched. A hiss has none.
func (v *voice) makeOpening() {
	end := min(len(v.PCM), v.loud.from+lookahead+opening)
	low := decimate(v.PCM[:end], coarse)
	for from := v.loud.from; ; from += block {
		to := min(from+opening, end)
		candidate := newNeedle(low[from/coarse : (to+coarse-1)/coarse])
		share := candidate.energy * coarse / float64(power(v.PCM[from:to])+1)
		if share > v.share() {
			v.opening, v.openingAt = candidate, from
		}
		if share > 0.25 || to == end || from >= v.loud.from+lookahead {
			return
		}
	}
}

// share is how much of the chosen opening's power is in the band that is searched.
func (v *voice) share() float64 {
	if v.opening.energy == 0 {
		return 0
	}
	to := min(v.openingAt+opening, len(v.PCM))
	return v.opening.energy * coarse / float64(power(v.PCM[v.openingAt:to])+1)
}

// index is all sounds of a library, one after another.
type index struct {
	*haystack
	// starts are the places at which the voices begin.
	starts []int
	voices []*voice
}

func (l *Library) makeIndex() *index {
	x := &index{voices: l.voices}
	var signal []float32
	for _, v := range l.voices {
		x.starts = append(x.starts, len(signal))
		signal = append(signal, decimate(v.PCM, coarser)...)
	}
	x.haystack = newHaystack(signal)
	return x
}

// voiceAt tells which voice is at a place, and how many samples of it are before.
func (x *index) voiceAt(place int) (v *voice, offset int) {
	i, found := slices.BinarySearch(x.starts, place)
	if !found {
		i--
	}
	return x.voices[i], (place - x.starts[i]) * coarser
}
