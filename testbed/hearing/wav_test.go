package hearing

import (
	"encoding/binary"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wav makes a WAV file; odd chunks before the sound are what editors leave in them.
func wav(format, channels, bitsOne uint16, rate uint32, data []byte) []byte {
	body := []byte("WAVELIST\x03\x00\x00\x00abc\x00fmt \x10\x00\x00\x00")
	body, _ = binary.Append(body, binary.LittleEndian, wavFormat{Format: format, Channels: channels, Rate: rate, BitsOne: bitsOne})
	body = append(body, "data"...)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(data)))
	body = append(body, data...)
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	return append(file, body...)
}

func pcm16(samples []int16) []byte {
	data, _ := binary.Append(nil, binary.LittleEndian, samples)
	return data
}

func TestAWAVFileIsRead(t *testing.T) {
	sound, err := ReadWAV("hello", wav(wavPCM, 1, 16, 8000, pcm16([]int16{1, -2, 300})))
	require.NoError(t, err)
	assert.Equal(t, Sound{Name: "hello", PCM: []int16{1, -2, 300}}, sound)

	sound, err = ReadWAV("hello", wav(wavULaw, 1, 8, 8000, []byte{0x80, 0xff}))
	require.NoError(t, err)
	assert.Equal(t, []int16{32124, 0}, sound.PCM)

	cut := wav(wavPCM, 1, 16, 8000, pcm16([]int16{1, -2, 300}))
	sound, err = ReadWAV("hello", cut[:len(cut)-2])
	require.NoError(t, err, "a file that is shorter than it says is played as far as it goes")
	assert.Equal(t, []int16{1, -2}, sound.PCM)
}

func TestAFileThatIsNoSoundIsRefused(t *testing.T) {
	good := wav(wavPCM, 1, 16, 8000, nil)
	for want, file := range map[string][]byte{
		"not a WAV file":       []byte("ID3"),
		"no sound in it":       good[:24],
		"cut short":            append(append([]byte{}, good[:24]...), "fmt \x04\x00\x00\x00abcddata\x00\x00\x00\x00"...),
		"2 channels":           wav(wavPCM, 2, 16, 8000, nil),
		"at 1000 Hz":           wav(wavPCM, 1, 16, 1000, nil),
		"format 49":            wav(49, 1, 0, 8000, nil),
		"format 1 with 8 bits": wav(wavPCM, 1, 8, 8000, nil),
	} {
		_, err := ReadWAV("hello", file)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "hello")
	}
}

func TestAWAVFileThatIsWrittenIsRead(t *testing.T) {
	for _, rate := range []int{Rate, 16000} {
		sound, err := ReadWAV("tone", WAV(tone(1000, Rate), rate))
		require.NoError(t, err)
		require.Len(t, sound.PCM, Rate)
		want := tone(1000, Rate)
		for i := 100; i < Rate-100; i++ {
			require.InDelta(t, want[i], sound.PCM[i], 200)
		}
	}
}

func FuzzAWAVFile(f *testing.F) {
	f.Add(wav(wavPCM, 1, 16, 16000, pcm16([]int16{1, -2, 300})))
	f.Fuzz(func(_ *testing.T, file []byte) { _, _ = ReadWAV("x", file) })
}

// tone is a sine of a frequency at a rate.
func tone(frequency float64, rate int) []int16 {
	pcm := make([]int16, rate)
	for i := range pcm {
		pcm[i] = int16(10000 * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
	}
	return pcm
}

func TestOtherRatesAreResampled(t *testing.T) {
	for _, rate := range []int{4000, 16000, 44100, 48000} {
		sound, err := ReadWAV("tone", wav(wavPCM, 1, 16, uint32(rate), pcm16(tone(1000, rate))))
		require.NoError(t, err)
		require.Len(t, sound.PCM, Rate)
		want := tone(1000, Rate)
		for i := 100; i < Rate-100; i++ {
			require.InDelta(t, want[i], sound.PCM[i], 200, "rate %d sample %d", rate, i)
		}
	}
	high, err := ReadWAV("tone", wav(wavPCM, 1, 16, 16000, pcm16(tone(6000, 16000))))
	require.NoError(t, err)
	assert.Less(t, power(high.PCM[100:7900]), int64(7800*200*200), "what 8 kHz cannot carry is not folded back")
}

func TestASoundIsDelayedByAPartOfASample(t *testing.T) {
	fine := tone(1000, 4*Rate)
	for quarters := -3; quarters <= 3; quarters++ {
		delayed := newDelayFilter(float64(quarters)/4).apply(tone(1000, Rate), 100, 200)
		for i, got := range delayed {
			require.InDelta(t, fine[(100+i)*4-quarters], got, 200, "%d quarters", quarters)
		}
	}
}

func TestATransformIsThatOfFourier(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]complex128, 64)
	for i := range x {
		x[i] = complex(rng.NormFloat64(), rng.NormFloat64())
	}
	want := make([]complex128, len(x))
	for k := range want {
		for i := range x {
			want[k] += x[i] * cmplx.Exp(complex(0, -2*math.Pi*float64(k*i)/float64(len(x))))
		}
	}
	newFFT(len(x)).transform(x)
	for k := range x {
		assert.InDelta(t, 0, cmplx.Abs(want[k]-x[k]), 1e-9)
	}
}

func TestANeedleIsFoundWhereverItIs(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	signal := make([]float32, 20000)
	for i := range signal {
		signal[i] = float32(rng.NormFloat64())
	}
	h := newHaystack(signal)
	const step = blockLength - longestNeedle
	for _, at := range []int{0, 1, step - 1, step, step + 1, blockLength - 1, blockLength, 20000 - longestNeedle} {
		one, other := newNeedle(signal[at:at+longestNeedle]), newNeedle(signal[at:at+100])
		hits := h.search([2]needle{one, other}, 0.8)
		for _, found := range hits {
			require.Len(t, found, 1, at)
			assert.Equal(t, at, found[0].at)
			assert.InDelta(t, 1, found[0].score, 1e-6)
		}
	}
	silent := newHaystack(make([]float32, 20000))
	hits := silent.search([2]needle{newNeedle(signal[:100]), newNeedle(signal[:100])}, 0.1)
	assert.Empty(t, hits[0], "nothing is alike to nothing")
}

// Half of this minute is unknown, which takes the longest: a minute of prompts and music takes a third of it.
func BenchmarkListenToAMinute(b *testing.B) {
	l, r := minute()
	l.Listen(r)
	for b.Loop() {
		l.Listen(r)
	}
}

// minute is a library of 60 words and ten minutes of music, and a minute in which half is played from it, and half is not in it.
func minute() (*Library, Recording) {
	var sounds []Sound
	for n := range 60 {
		sounds = append(sounds, Sound{Name: string(rune('A' + n)), PCM: word(uint64(n), 2*time.Second)})
	}
	sounds = append(sounds, Sound{Name: "tune", Class: "default", PCM: tune(1, 10*time.Minute)})
	s := newSender()
	for n := range 10 {
		s.play(sounds[n*6].PCM).play(sounds[60].PCM[n*Rate*20 : (n*20+1)*Rate]).play(word(uint64(100+n), 3*time.Second))
	}
	return NewLibrary(sounds...), s.tape.Recording()
}
