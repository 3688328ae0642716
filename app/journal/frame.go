package journal

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// A frame is one message in the spool, numbers in little endian:
//
//	length of the body  4 bytes
//	CRC-32C of the body 4 bytes
//	body: length of the subject 2 bytes, subject, length of the id 2 bytes, id, data
const frameHeader = 8

// maxBody bounds a body, so that a damaged length is recognised before it is believed.
const maxBody = callevent.MaxSize + 4<<10

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn says that the bytes are no whole frame.
var errTorn = errors.New("torn or damaged frame")

// appendFrame appends the frame of a message.
func appendFrame(b []byte, m bus.Message) []byte {
	start := len(b)
	b = append(b, make([]byte, frameHeader)...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.Subject)))
	b = append(b, m.Subject...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(m.ID)))
	b = append(b, m.ID...)
	b = append(b, m.Data...)
	body := b[start+frameHeader:]
	binary.LittleEndian.PutUint32(b[start:], uint32(len(body)))
	binary.LittleEndian.PutUint32(b[start+4:], crc32.Checksum(body, castagnoli))
	return b
}

// readFrame reads one message and its size in bytes. The error is io.EOF at the end and wraps errTorn before it.
func readFrame(r *bufio.Reader) (bus.Message, int64, error) {
	var header [frameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return bus.Message{}, 0, tornUnlessEnd(err)
	}
	length := binary.LittleEndian.Uint32(header[:])
	if length > maxBody {
		return bus.Message{}, 0, fmt.Errorf("%w: body of %d bytes", errTorn, length)
	}
	body := make([]byte, length)
	if n, err := io.ReadFull(r, body); err != nil {
		return bus.Message{}, 0, fmt.Errorf("%w: %d of %d bytes", errTorn, n, length)
	}
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(header[4:]) {
		return bus.Message{}, 0, fmt.Errorf("%w: wrong checksum", errTorn)
	}
	m, err := parseBody(body)
	return m, frameHeader + int64(length), err
}

func tornUnlessEnd(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: half a header", errTorn)
	}
	return err
}

func parseBody(body []byte) (m bus.Message, err error) {
	if m.Subject, body, err = cutText(body); err != nil {
		return bus.Message{}, err
	}
	if m.ID, body, err = cutText(body); err != nil {
		return bus.Message{}, err
	}
	m.Data = body
	return m, nil
}

func cutText(b []byte) (text string, rest []byte, err error) {
	if len(b) < 2 || len(b)-2 < int(binary.LittleEndian.Uint16(b)) {
		return "", nil, fmt.Errorf("%w: no text", errTorn)
	}
	n := 2 + int(binary.LittleEndian.Uint16(b))
	return string(b[2:n]), b[n:], nil
}
