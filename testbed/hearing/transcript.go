package hearing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Unknown is the name of what is heard and is in no sound of the library.
const Unknown = "unknown"

// oneMusic is the longest pause between two places of a class's music that are one hearing of it: a busy sender needs a while for the
// next file.
const oneMusic = 500 * time.Millisecond

// Heard is one sound a caller heard.
type Heard struct {
	// Name is the sound's, "music" and the class for music on hold, or Unknown.
	Name string
	// File is the name of the first sound of music, and the sound's otherwise.
	File string
	// From and To are when it began and ended. A sound ends with its file, its last silence included, unless it was cut.
	From, To time.Time
	// Offset is how much of the sound was left out at its beginning.
	Offset time.Duration
	// Whole says that all of the sound that is to be heard was heard.
	Whole bool
	// Match is the normalised cross-correlation with the sound, 1 for a copy.
	Match float64
}

// Lasted is how long it was heard.
func (h Heard) Lasted() time.Duration {
	return h.To.Sub(h.From)
}

// Silence is a time in which nothing was heard.
type Silence struct {
	From, To time.Time
	// Missing is for how much of it there were no packets; for the rest there was silence in them.
	Missing time.Duration
}

// Lasted is how long it was silent.
func (s Silence) Lasted() time.Duration {
	return s.To.Sub(s.From)
}

// Transcript is what a caller heard.
type Transcript struct {
	// Heard is in the order of time.
	Heard []Heard
	// From and To are when the first packet came and the last one's sound was over. Both are zero when none came.
	From, To time.Time
	// audible and packets are the times in which something was heard, and came, in order.
	audible, packets []period
}

// period is a stretch of time, the end not included.
type period struct{ from, to time.Time }

// Listen recognises the library's sounds in a recording. A minute of sound takes about a second.
func (l *Library) Listen(r Recording) Transcript {
	if len(r.Frames) == 0 {
		return Transcript{}
	}
	c := newContent(r)
	traces, unknown := l.recognise(c)
	t := Transcript{From: c.at(0), To: c.until(len(c.pcm)), packets: c.periods(span{0, len(c.pcm)})}
	for _, trace := range traces {
		t.Heard = append(t.Heard, c.heard(trace)...)
		t.audible = append(t.audible, c.periods(span{trace.from, trace.to})...)
	}
	for _, s := range unknown {
		t.Heard = append(t.Heard, Heard{Name: Unknown, File: Unknown, From: c.at(s.from), To: c.until(s.to)})
		t.audible = append(t.audible, c.periods(s)...)
	}
	slices.SortStableFunc(t.Heard, func(x, y Heard) int { return x.From.Compare(y.From) })
	slices.SortFunc(t.audible, func(x, y period) int { return cmp.Or(x.from.Compare(y.from), x.to.Compare(y.to)) })
	t.Heard = oneOf(t.Heard)
	return t
}

// heard is what a trace is in the transcript: music that paused for longer than a sender stalls was heard twice, a word once.
func (c *content) heard(t trace) (result []Heard) {
	h := Heard{
		Name: t.voice.Name, File: t.voice.Name, From: c.at(t.from), To: c.until(t.to),
		Offset: durationOf(t.offset), Whole: t.whole, Match: t.score,
	}
	if t.voice.Class == "" {
		return []Heard{h}
	}
	h.Name = "music " + t.voice.Class
	for from := t.from; from < t.to; {
		to := c.breakIn(from, t.to, longestStall)
		h.From, h.To, h.Offset = c.at(from), c.until(to), durationOf(t.offset+from-t.from)
		result = append(result, h)
		from = to
	}
	return result
}

// periods are when packets with a stretch of content came.
func (c *content) periods(s span) (result []period) {
	add := func(from, to int) {
		for from < to {
			next := c.breakIn(from, to, 1)
			result = append(result, period{c.at(from), c.until(next)})
			from = next
		}
	}
	from := s.from
	for _, l := range c.lost {
		if l.from < s.to && l.to > from {
			add(from, l.from)
			from = l.to
		}
	}
	add(from, s.to)
	return result
}

// oneOf joins music that goes on with another file of its class, and unknown sound that goes on.
func oneOf(heard []Heard) (result []Heard) {
	for _, h := range heard {
		last := len(result) - 1
		joins := last >= 0 && h.Name == result[last].Name && h.From.Sub(result[last].To) < oneMusic &&
			(h.Name == Unknown || h.Name != h.File)
		if !joins {
			result = append(result, h)
			continue
		}
		before := result[last].Lasted().Seconds()
		after := h.Lasted().Seconds()
		result[last].Match = (before*result[last].Match + after*h.Match) / (before + after)
		result[last].To = h.To
	}
	return result
}

// Names are the names of what was heard, in order.
func (t Transcript) Names() []string {
	names := make([]string, len(t.Heard))
	for i, h := range t.Heard {
		names[i] = h.Name
	}
	return names
}

// Silences are the times of at least a length, between the first packet and the last, in which nothing was heard: there were no packets,
// or what was in them is below hearing. The pauses a sound has in itself are no silence.
func (t Transcript) Silences(least time.Duration) []Silence {
	return t.SilencesBetween(t.From, t.To, least)
}

// SilencesBetween does the same between two times, such as a call's answer and its end.
func (t Transcript) SilencesBetween(from, to time.Time, least time.Duration) (silences []Silence) {
	reached := from
	for _, a := range append(slices.Clone(t.audible), period{to, to}) {
		end := earlier(a.from, to)
		if end.Sub(reached) >= least && end.After(reached) {
			silences = append(silences, Silence{From: reached, To: end, Missing: t.missing(reached, end)})
		}
		if a.to.After(reached) {
			reached = a.to
		}
	}
	return silences
}

// Stalled is how long no packets came in the middle of something heard: the sender was busy, or they were lost.
func (t Transcript) Stalled(h Heard) time.Duration {
	return t.missing(h.From, h.To)
}

// missing is for how much of a time there were no packets.
func (t Transcript) missing(from, to time.Time) time.Duration {
	missing := to.Sub(from)
	for _, p := range t.packets {
		begin, end := p.from, earlier(p.to, to)
		if begin.Before(from) {
			begin = from
		}
		missing -= max(0, end.Sub(begin))
	}
	return missing
}

func earlier(x, y time.Time) time.Time {
	if x.Before(y) {
		return x
	}
	return y
}

// String lists what was heard, a line each, in seconds from the first packet.
func (t Transcript) String() string {
	var text strings.Builder
	for _, h := range t.Heard {
		fmt.Fprintf(&text, "%8.3f to %8.3f  %s", h.From.Sub(t.From).Seconds(), h.To.Sub(t.From).Seconds(), h.Name)
		if h.Name != h.File {
			fmt.Fprintf(&text, " (%s)", h.File)
		}
		if h.Offset > 0 {
			fmt.Fprintf(&text, ", from %.3f on", h.Offset.Seconds())
		}
		if !h.Whole && h.Name == h.File && h.Name != Unknown {
			text.WriteString(", cut")
		}
		fmt.Fprintf(&text, ", match %.3f\n", h.Match)
	}
	for _, s := range t.Silences(time.Second / 2) {
		fmt.Fprintf(&text, "%8.3f to %8.3f  nothing, %.3f of it without packets\n",
			s.From.Sub(t.From).Seconds(), s.To.Sub(t.From).Seconds(), s.Missing.Seconds())
	}
	return text.String()
}
