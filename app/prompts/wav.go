package prompts

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// What Asterisk's format_wav plays.
const (
	sampleRate     = 8000
	bytesPerSample = 2
	pcm            = 1
)

// errHalf is a file that is shorter than its header says: somebody is writing it, or was interrupted.
var errHalf = errors.New("the file is not whole: it is shorter than its header says; write it elsewhere and move it here")

// errFormat is any other file that Asterisk would not play.
var errFormat = errors.New("what Asterisk plays over HTTP is WAV of 8000 Hz, mono, 16-bit PCM: sox IN.wav -r 8000 -c 1 -b 16 -e signed-integer OUT.wav")

// cannotPlay says why Asterisk would not play a file.
func cannotPlay(why string, values ...any) error {
	return fmt.Errorf("%s; %w", fmt.Sprintf(why, values...), errFormat)
}

// length checks that Asterisk plays a file, and tells for how long. The error is errHalf or wraps errFormat, which says
// what to do.
func length(file []byte) (time.Duration, error) {
	if len(file) < 12 {
		return 0, errHalf
	}
	if !bytes.HasPrefix(file, []byte("RIFF")) || string(file[8:12]) != "WAVE" {
		return 0, cannotPlay("it is not a WAV file")
	}
	known := false // whether the format was read, which comes before the sound
	for rest := file[12:]; ; {
		if len(rest) < 8 {
			return 0, errHalf
		}
		id, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		switch {
		case id == "data" && !known:
			return 0, cannotPlay("its sound comes before its format")
		case size > int64(len(rest)):
			return 0, errHalf
		case id == "data" && size < bytesPerSample:
			return 0, cannotPlay("it holds no sound")
		case id == "data":
			return time.Duration(size/bytesPerSample) * time.Second / sampleRate, nil
		case size%2 != 0: // padded by one byte, which Asterisk does not pass over
			return 0, cannotPlay("the part %q before its sound has an odd length", id)
		case id == "fmt ":
			if err := checkFormat(rest[:size]); err != nil {
				return 0, err
			}
			known = true
		}
		rest = rest[size:]
	}
}

// checkFormat judges the fmt part of a WAV file.
func checkFormat(part []byte) error {
	if len(part) < 16 {
		return cannotPlay("its format cannot be read")
	}
	number := binary.LittleEndian.Uint16
	encoding, channels, rate, bits := number(part), number(part[2:]), binary.LittleEndian.Uint32(part[4:]), number(part[14:])
	switch {
	case encoding == 0xFFFE:
		return cannotPlay("it has the extensible header (WAVE_FORMAT_EXTENSIBLE)")
	case encoding != pcm:
		return cannotPlay("its encoding is number %d, not PCM", encoding)
	case channels != 1 || rate != sampleRate || bits != 8*bytesPerSample:
		return cannotPlay("it has %d Hz, channels: %d, bits: %d", rate, channels, bits)
	case number(part[12:]) != bytesPerSample:
		return cannotPlay("its format contradicts itself")
	}
	return nil
}
