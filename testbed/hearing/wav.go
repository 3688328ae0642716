package hearing

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Formats of a WAV file's "fmt " chunk.
const (
	wavPCM  = 1
	wavULaw = 7
)

// Sound is something that may have been played.
type Sound struct {
	// Name is what the transcript calls it.
	Name string
	// Class makes it music on hold of that class: it is heard from any place on, and the transcript calls it "music" and the class.
	Class string
	// PCM is its sound, 8 kHz and 16 bit.
	PCM []int16
}

// ReadWAV makes a sound of a WAV file with one channel of 16-bit samples, or of µ-law. Other rates than 8 kHz are resampled, as Asterisk
// does when it plays them.
func ReadWAV(name string, file []byte) (Sound, error) {
	samples, rate, err := parseWAV(file)
	if err != nil {
		return Sound{}, fmt.Errorf("sound %s: %w", name, err)
	}
	return Sound{Name: name, PCM: resample(samples, rate, Rate)}, nil
}

// wavFormat is what the chunk "fmt " begins with.
type wavFormat struct {
	Format, Channels    uint16
	Rate, BytesASecond  uint32
	FrameBytes, BitsOne uint16
}

// parseWAV reads a RIFF file's chunks. A data chunk that says it is longer than the file ends with the file.
func parseWAV(file []byte) (samples []int16, rate int, err error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, 0, errors.New("not a WAV file")
	}
	var format wavFormat
	for rest := file[12:]; len(rest) >= 8; {
		kind, length := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		length = min(length, len(body))
		switch kind {
		case "fmt ":
			if _, err := binary.Decode(body[:length], binary.LittleEndian, &format); err != nil {
				return nil, 0, errors.New("WAV file: its format is cut short")
			}
		case "data":
			samples, err := format.decode(body[:length])
			return samples, int(format.Rate), err
		}
		rest = body[min(length+length%2, len(body)):]
	}
	return nil, 0, errors.New("WAV file: there is no sound in it")
}

func (f wavFormat) decode(data []byte) ([]int16, error) {
	switch {
	case f.Channels != 1 || f.Rate < 4000 || f.Rate > 192000:
		return nil, fmt.Errorf("WAV file: %d channels at %d Hz; one is needed, at 4000 Hz to 192000 Hz", f.Channels, f.Rate)
	case f.Format == wavULaw:
		return DecodeULaw(data), nil
	case f.Format == wavPCM && f.BitsOne == 16:
		samples := make([]int16, len(data)/2)
		for i := range samples {
			samples[i] = int16(binary.LittleEndian.Uint16(data[2*i:]))
		}
		return samples, nil
	}
	return nil, fmt.Errorf("WAV file: format %d with %d bits; 16-bit PCM or µ-law is needed", f.Format, f.BitsOne)
}

// WAV makes a WAV file of 8 kHz samples, at 8 kHz or another rate.
func WAV(samples []int16, rate int) []byte {
	samples = resample(samples, Rate, rate)
	length := 2 * len(samples)
	file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(36+length))
	file = append(file, "WAVEfmt \x10\x00\x00\x00"...)
	file = binary.LittleEndian.AppendUint16(file, wavPCM)
	file = binary.LittleEndian.AppendUint16(file, 1)
	file = binary.LittleEndian.AppendUint32(file, uint32(rate))
	file = binary.LittleEndian.AppendUint32(file, uint32(2*rate))
	file = binary.LittleEndian.AppendUint16(file, 2)
	file = binary.LittleEndian.AppendUint16(file, 16)
	file = binary.LittleEndian.AppendUint32(append(file, "data"...), uint32(length))
	for _, s := range samples {
		file = binary.LittleEndian.AppendUint16(file, uint16(s))
	}
	return file
}
