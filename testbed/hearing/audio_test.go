package hearing

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMuLawIsThatOfG711(t *testing.T) {
	// The ends of the range, and the two zeros, as ITU-T G.711 has them on the 16-bit scale.
	assert.Equal(t, []int16{-32124, 32124, 0, 0, -8, 8}, DecodeULaw([]byte{0x00, 0x80, 0x7f, 0xff, 0x7e, 0xfe}))
	for code := range 256 {
		again := EncodeULaw(DecodeULaw([]byte{byte(code)}))[0]
		if code == 0x7f {
			code = 0xff
		}
		assert.Equal(t, byte(code), again)
	}
	for sample := -32768; sample <= 32767; sample += 7 {
		back := int(DecodeULaw(EncodeULaw([]int16{int16(sample)}))[0])
		assert.InDelta(t, sample, back, float64(max(8, sample/25, -sample/25)))
	}
}

func TestATapeKeepsSoundAndCountsTheRest(t *testing.T) {
	tape := NewTape(time.Minute)
	sound := []byte{1, 2, 3, 4}
	tape.Add(began, rtp(payloadPCMU|0x80, 7, 8, 9, sound))

	padded := rtp(payloadPCMU, 8, 168, 9, append(slices.Clone(sound), 0, 0, 3))
	padded[0] |= 0x20
	tape.Add(began, padded)

	extended := rtp(payloadPCMU, 9, 328, 9, append([]byte{0, 0, 0, 1, 1, 1, 1, 1, 0xbe, 0xde, 0, 1, 5, 5, 5, 5}, sound...))
	extended[0] |= 0x10 | 2
	tape.Add(began, extended)

	for _, other := range [][]byte{
		nil, {0x80}, rtp(13, 1, 2, 3, sound), rtp(101, 1, 2, 3, sound), rtp(200, 1, 2, 3, sound), rtp(payloadPCMU, 1, 2, 3, nil),
		append([]byte{0x40}, rtp(payloadPCMU, 1, 2, 3, sound)[1:]...),
		append([]byte{0x90}, rtp(payloadPCMU, 1, 2, 3, []byte{1, 2})[1:]...),
		append([]byte{0xa0}, rtp(payloadPCMU, 1, 2, 3, []byte{200})[1:]...),
	} {
		tape.Add(began, other)
	}
	r := tape.Recording()
	assert.Equal(t, 9, r.Ignored)
	require.Len(t, r.Frames, 3)
	assert.Equal(t, Frame{At: began, Sequence: 7, Timestamp: 8, SSRC: 9, Marker: true, Samples: DecodeULaw(sound)}, r.Frames[0])
	assert.Equal(t, DecodeULaw(sound), r.Frames[1].Samples)
	assert.Equal(t, DecodeULaw(sound), r.Frames[2].Samples)
}

func TestATapeIsBounded(t *testing.T) {
	tape := NewTape(time.Second)
	for n := range 51 {
		require.Equal(t, n > 50, tape.Recording().Full)
		tape.Add(began, rtp(payloadPCMU, uint16(n), uint32(n*160), 1, make([]byte, 160)))
	}
	assert.Len(t, tape.Recording().Frames, 50)
	assert.True(t, tape.Recording().Full)

	crumbs := NewTape(time.Second)
	for n := range 1000 {
		crumbs.Add(began, rtp(payloadPCMU, uint16(n), uint32(n), 1, []byte{1}))
	}
	assert.Len(t, crumbs.Recording().Frames, Rate/leastCost, "small packets take their share as well")
}

func FuzzATapeTakesAnything(f *testing.F) {
	f.Add(rtp(payloadPCMU, 1, 2, 3, []byte{1, 2, 3}), uint16(1))
	f.Add([]byte{0xbf, 0}, uint16(2))
	f.Fuzz(func(t *testing.T, datagram []byte, step uint16) {
		tape := NewTape(time.Second)
		tape.Add(began, rtp(payloadPCMU, 1, 2, 3, make([]byte, 160)))
		tape.Add(began.Add(ms(20)), datagram)
		if len(datagram) >= rtpHeader {
			binary.BigEndian.PutUint16(datagram[2:], step)
			tape.Add(began.Add(ms(40)), datagram)
		}
		r := tape.Recording()
		audio := r.Audio()
		assert.LessOrEqual(t, len(audio.PCM), Rate, "nothing that is in a packet can make the recording long")
		newContent(r)
	})
}

// heard plays a word with a sender made by a test, and returns the recording laid out.
func heard(arrange func(*sender)) Audio {
	s := newSender()
	arrange(s)
	return s.play(word(1, time.Second)).tape.Recording().Audio()
}

// assertSamples compares sound without printing it.
func assertSamples(t *testing.T, want, got []int16, message ...any) {
	t.Helper()
	assert.Equal(t, len(want), len(got), message...) //nolint:testifylint // Len would print every sample
	assert.True(t, slices.Equal(want, got), append([]any{"the samples differ"}, message...)...)
}

func coded(pcm []int16) []int16 { return DecodeULaw(EncodeULaw(pcm)) }

func TestSoundIsLaidOutAsItWasSent(t *testing.T) {
	a := heard(func(*sender) {})
	assertSamples(t, coded(word(1, time.Second)), a.PCM, "numbers that wrap round included")
	assert.Equal(t, began, a.Start)
	assert.Equal(t, began.Add(time.Second), a.End())
	assert.Empty(t, a.gaps)
}

func TestUnevenArrivalLeavesNoGap(t *testing.T) {
	a := heard(func(s *sender) { s.late = func(n int) time.Duration { return ms((49 - n) * 7 % 60) } })
	assertSamples(t, coded(word(1, time.Second)), a.PCM)
	assert.Empty(t, a.gaps, "packets in disorder, and the first ones late")
	assert.InDelta(t, 0, a.Start.Sub(began).Seconds(), 0.001, "the punctual ones tell when it began")
}

func TestPacketsThatComeTwiceCountOnce(t *testing.T) {
	r := newSender().play(word(1, time.Second)).tape.Recording()
	r.Frames = append(r.Frames, r.Frames...)
	assertSamples(t, coded(word(1, time.Second)), r.Audio().PCM)
}

func TestALostPacketIsAGap(t *testing.T) {
	a := heard(func(s *sender) { s.lost = func(n int) bool { return n == 10 } })
	want := coded(word(1, time.Second))
	clear(want[1600:1760])
	assertSamples(t, want, a.PCM)
	assert.Equal(t, []span{{1600, 1760}}, a.gaps)
}

func TestASenderThatStallsLeavesAGap(t *testing.T) {
	for stalled, want := range map[time.Duration][]span{
		ms(14): nil, ms(16): {{1600, 1600 + 128}}, ms(300): {{1600, 1600 + 2400}},
	} {
		a := heard(func(s *sender) {
			s.late = func(n int) time.Duration {
				if n >= 10 {
					return stalled
				}
				return 0
			}
		})
		assert.Equal(t, want, a.gaps, stalled)
	}
}

func TestAPauseIsAGapWhateverTheTimestampsSay(t *testing.T) {
	for _, d := range []time.Duration{ms(60), ms(79), ms(80), 5 * time.Second} {
		s := newSender().play(word(1, ms(400))).pause(d).play(word(2, ms(400)))
		a := s.tape.Recording().Audio()
		assert.Equal(t, []span{{3200, 3200 + samplesIn(d)}}, a.gaps, d)
	}
}

func TestAnotherStreamGoesOnInTime(t *testing.T) {
	s := newSender().play(word(1, ms(400)))
	s.ssrc, s.sequence, s.timestamp = 2, 100, 5
	s.play(word(2, ms(400)))
	s.sequence, s.timestamp = 30000, 77
	a := s.pause(ms(100)).play(word(3, ms(400))).tape.Recording().Audio()
	assert.Equal(t, []span{{6400, 7200}}, a.gaps)
	assertSamples(t, coded(word(2, ms(400))), a.PCM[3200:6400])
	assertSamples(t, coded(word(3, ms(400))), a.PCM[7200:])
}

func TestSoundThatComesTooEarlyWaits(t *testing.T) {
	s := newSender().play(word(1, ms(400)))
	s.at = s.at.Add(-ms(100))
	a := s.play(word(2, ms(400))).tape.Recording().Audio()
	assertSamples(t, append(coded(word(1, ms(400))), coded(word(2, ms(400)))...), a.PCM)
}

func TestNothingRecordedIsNoAudio(t *testing.T) {
	assert.Empty(t, Recording{}.Audio().PCM)
	assert.Empty(t, NewLibrary().Listen(Recording{}).Heard)
}
