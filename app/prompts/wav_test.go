package prompts

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// part is one part of a WAV file.
func part(id string, content []byte) []byte {
	out := append([]byte(id), binary.LittleEndian.AppendUint32(nil, uint32(len(content)))...)
	out = append(out, content...)
	if len(content)%2 != 0 {
		out = append(out, 0)
	}
	return out
}

func riff(parts ...[]byte) []byte {
	return part("RIFF", append([]byte("WAVE"), bytes.Join(parts, nil)...))
}

// format is the fmt part of a WAV file.
func format(encoding, channels uint16, rate uint32, bits uint16) []byte {
	b := binary.LittleEndian.AppendUint16(nil, encoding)
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate*uint32(channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, channels*bits/8)
	return part("fmt ", binary.LittleEndian.AppendUint16(b, bits))
}

// wav is a file that Asterisk plays for a time, told from others by a number.
func wav(d time.Duration, number byte) []byte {
	return riff(format(1, 1, 8000, 16), part("data", bytes.Repeat([]byte{number, 1}, int(d*sampleRate/time.Second))))
}

// Each of these was played by a real Asterisk 22.10.1.
func TestWhatAsteriskPlaysIsTakenWithItsLength(t *testing.T) {
	sound := part("data", make([]byte, 16000))
	for name, file := range map[string][]byte{
		"plain":                      riff(format(1, 1, 8000, 16), sound),
		"a comment before the sound": riff(format(1, 1, 8000, 16), part("LIST", make([]byte, 28)), sound),
		"a part before the format":   riff(part("JUNK", make([]byte, 28)), format(1, 1, 8000, 16), sound),
		"a comment after the sound":  riff(format(1, 1, 8000, 16), sound, part("LIST", make([]byte, 16000))),
		"a long format":              riff(part("fmt ", append(format(1, 1, 8000, 16)[8:], 0, 0)), sound),
	} {
		got, err := length(file)
		assert.NoError(t, err, name)
		assert.Equal(t, time.Second, got, name)
	}
}

// Each of these was refused by a real Asterisk 22.10.1, and nothing was heard.
func TestWhatAsteriskDoesNotPlayIsRefusedWithWhatToDo(t *testing.T) {
	sound := part("data", make([]byte, 16000))
	for says, file := range map[string][]byte{
		"it has 16000 Hz, channels: 1, bits: 16":                                riff(format(1, 1, 16000, 16), sound),
		"it has 44100 Hz, channels: 2, bits: 16":                                riff(format(1, 2, 44100, 16), sound),
		"it has 8000 Hz, channels: 2, bits: 16":                                 riff(format(1, 2, 8000, 16), sound),
		"it has 8000 Hz, channels: 1, bits: 8":                                  riff(format(1, 1, 8000, 8), sound),
		"its encoding is number 6, not PCM":                                     riff(format(6, 1, 8000, 8), sound),
		"its encoding is number 3, not PCM":                                     riff(format(3, 1, 8000, 32), sound),
		"it has the extensible header":                                          riff(format(0xFFFE, 1, 8000, 16), sound),
		`the part "LIST" before its sound has an odd length`:                    riff(format(1, 1, 8000, 16), part("LIST", make([]byte, 29)), sound),
		"it holds no sound":                                                     riff(format(1, 1, 8000, 16), part("data", nil)),
		"its sound comes before its format":                                     riff(sound, format(1, 1, 8000, 16)),
		"its format cannot be read":                                             riff(part("fmt ", make([]byte, 4)), sound),
		"it is not a WAV file":                                                  []byte("ID3 an MP3 under the name of a WAV"),
		"it is not a WAV file; what Asterisk plays over HTTP is WAV of 8000 Hz": []byte("RIFF1234AVI and so on"),
	} {
		_, err := length(file)
		require.ErrorIs(t, err, errFormat, says)
		assert.ErrorContains(t, err, says)
		assert.ErrorContains(t, err, "sox IN.wav -r 8000 -c 1 -b 16 -e signed-integer OUT.wav", says)
	}
}

func TestAFileThatIsNotWholeIsToldFromAWrongOne(t *testing.T) {
	whole := wav(100*time.Millisecond, 1)
	for n := range len(whole) {
		_, err := length(whole[:n])
		require.ErrorIs(t, err, errHalf, "%d of %d bytes", n, len(whole))
	}
	piped := bytes.Clone(whole) // what sox and ffmpeg write into a pipe: the length was not known
	binary.LittleEndian.PutUint32(piped[40:], 0xFFFFFFFF)
	_, err := length(piped)
	assert.ErrorIs(t, err, errHalf)
}

func FuzzLength(f *testing.F) {
	f.Add(wav(time.Millisecond, 1))
	f.Add(riff(format(1, 2, 44100, 16), part("data", nil)))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := length(file)
		if err == nil {
			assert.Positive(t, d)
			assert.LessOrEqual(t, d, time.Duration(len(file))*time.Second/(sampleRate*bytesPerSample))
		}
	})
}
