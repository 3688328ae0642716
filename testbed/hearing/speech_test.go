package hearing

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"
)

// began is when every test's first packet is due.
var began = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// word is a stand-in for a spoken word: a voice whose pitch and vowels wander, with a pause between its syllables, and a little hiss all
// through it. Each seed is another word.
func word(seed uint64, length time.Duration) []int16 {
	rng := rand.New(rand.NewPCG(seed, 7))
	pcm := make([]int16, samplesIn(length))
	pitch, phase := 90+rng.Float64()*120, 0.0
	syllable := Rate/5 + rng.IntN(Rate/10)
	var formants [4]float64
	for i := range pcm {
		if i%syllable == 0 {
			for k := range formants {
				formants[k] = rng.Float64()
			}
			pitch *= 0.8 + 0.4*rng.Float64()
		}
		phase += 2 * math.Pi * pitch * (1 + 0.2*math.Sin(float64(i)/3000)) / Rate
		value := 0.0
		for k, strength := range formants {
			value += 3000 * strength * math.Sin(phase*float64(1+k*k))
		}
		// The last sixth of each syllable is a pause.
		if i%syllable > syllable*5/6 {
			value = 0
		}
		pcm[i] = int16(value + rng.NormFloat64()*30)
	}
	return pcm
}

// tune is a stand-in for music: two notes at a time, each seed another melody.
func tune(seed uint64, length time.Duration) []int16 {
	rng := rand.New(rand.NewPCG(seed, 11))
	pcm := make([]int16, samplesIn(length))
	var low, high, a, b float64
	for i := range pcm {
		if i%(Rate/4) == 0 {
			low, high = 60*math.Pow(2, float64(rng.IntN(24))/12), 240*math.Pow(2, float64(rng.IntN(24))/12)
		}
		a += 2 * math.Pi * low / Rate
		b += 2 * math.Pi * high / Rate
		pcm[i] = int16(4000*math.Sin(a) + 2500*math.Sin(b) + rng.NormFloat64()*100)
	}
	return pcm
}

func nothing(length time.Duration) []int16 { return make([]int16, samplesIn(length)) }

// sender sends sound as Asterisk does: 20 ms to a packet, the last of a sound shorter.
type sender struct {
	tape      *Tape
	at        time.Time
	sequence  uint16
	timestamp uint32
	ssrc      uint32
	// late and lost, if given, tell how late the n-th packet comes and whether it comes at all.
	late func(n int) time.Duration
	lost func(n int) bool
	n    int
}

func newSender() *sender {
	return &sender{tape: NewTape(10 * time.Minute), at: began, sequence: 65530, timestamp: 4294967000, ssrc: 1}
}

// play sends a sound, after all that was sent before.
func (s *sender) play(pcm []int16) *sender {
	codes := EncodeULaw(pcm)
	for len(codes) > 0 {
		n := min(160, len(codes))
		s.packet(codes[:n])
		codes = codes[n:]
	}
	return s
}

// pause sends nothing for a time. Asterisk's timestamps go on when it is long, and do not when it is short.
func (s *sender) pause(d time.Duration) *sender {
	s.at = s.at.Add(d)
	if d >= 80*time.Millisecond {
		s.timestamp += uint32(samplesIn(d))
	}
	return s
}

func (s *sender) packet(codes []byte) {
	at := s.at
	if s.late != nil {
		at = at.Add(s.late(s.n))
	}
	if s.lost == nil || !s.lost(s.n) {
		s.tape.Add(at, rtp(payloadPCMU, s.sequence, s.timestamp, s.ssrc, codes))
	}
	s.n++
	s.sequence++
	s.timestamp += uint32(len(codes))
	s.at = s.at.Add(durationOf(len(codes)))
}

// rtp makes a datagram.
func rtp(payload byte, sequence uint16, timestamp, ssrc uint32, codes []byte) []byte {
	header := []byte{2 << 6, payload}
	header = binary.BigEndian.AppendUint16(header, sequence)
	header = binary.BigEndian.AppendUint32(header, timestamp)
	header = binary.BigEndian.AppendUint32(header, ssrc)
	return append(header, codes...)
}
