package hearing

import (
	"encoding/binary"
	"errors"
	"time"
)

const (
	// Rate is the number of samples a second of everything here.
	Rate = 8000
	// rtpHeader is the length of RTP's fixed header (RFC 3550, 5.1).
	rtpHeader = 12
	// payloadPCMU is G.711 µ-law (RFC 3551, table 4). Comfort noise is 13, digits and RTCP have other numbers still.
	payloadPCMU = 0
)

var errNoAudio = errors.New("not an RTP packet with µ-law audio")

// Frame is one RTP packet with sound in it.
type Frame struct {
	// At is when the packet arrived.
	At time.Time
	// Sequence, Timestamp, SSRC and Marker are RTP's.
	Sequence  uint16
	Timestamp uint32
	SSRC      uint32
	Marker    bool
	// Samples are the packet's sound, 160 of them in 20 ms.
	Samples []int16
}

// parseRTP reads a datagram's header and returns a frame without samples, and the µ-law codes, which are part of the datagram.
func parseRTP(datagram []byte) (f Frame, codes []byte, err error) {
	if len(datagram) < rtpHeader || datagram[0]>>6 != 2 || datagram[1]&0x7f != payloadPCMU {
		return Frame{}, nil, errNoAudio
	}
	start, end := rtpHeader+4*int(datagram[0]&0x0f), len(datagram)
	if datagram[0]&0x10 != 0 {
		if end < start+4 {
			return Frame{}, nil, errNoAudio
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(datagram[start+2:]))
	}
	if datagram[0]&0x20 != 0 {
		end -= int(datagram[end-1])
	}
	if start >= end {
		return Frame{}, nil, errNoAudio
	}
	return Frame{
		Sequence:  binary.BigEndian.Uint16(datagram[2:]),
		Timestamp: binary.BigEndian.Uint32(datagram[4:]),
		SSRC:      binary.BigEndian.Uint32(datagram[8:]),
		Marker:    datagram[1]&0x80 != 0,
	}, datagram[start:end], nil
}
