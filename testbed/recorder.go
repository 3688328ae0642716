package testbed

import (
	"encoding/binary"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"missedcalls/testbed/hearing"
)

// recorder is a caller's ear: a media port of its own, and one goroutine that puts what arrives there on tape.
type recorder struct {
	conn *net.UDPConn
	// done is closed when the goroutine has ended.
	done chan struct{}

	mu   sync.Mutex
	tape *hearing.Tape // guarded by mu
}

// newRecorder opens a port and records what comes to it, up to a length, until it is stopped.
func newRecorder(length time.Duration) (*recorder, error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	if err := stampArrivals(conn); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("record: arrival times: %w", err)
	}
	r := &recorder{conn: conn, done: make(chan struct{}), tape: hearing.NewTape(length)}
	go r.listen()
	return r, nil
}

// stampArrivals makes the kernel note when each datagram came: a busy machine may read it much later.
func stampArrivals(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var option error
	err = raw.Control(func(fd uintptr) {
		option = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	if err != nil {
		return err
	}
	return option
}

// listen is the recorder's one goroutine. It ends when the port is closed.
func (r *recorder) listen() {
	defer close(r.done)
	datagram, control := make([]byte, 2048), make([]byte, 256)
	for {
		n, controls, _, _, err := r.conn.ReadMsgUDP(datagram, control)
		if err != nil {
			return
		}
		at, ok := arrival(control[:controls])
		if !ok {
			at = time.Now()
		}
		r.mu.Lock()
		r.tape.Add(at, datagram[:n])
		r.mu.Unlock()
	}
}

// arrival reads the kernel's time from the control messages that came with a datagram: seconds and nanoseconds, as 64-bit Linux
// writes them.
func arrival(control []byte) (at time.Time, ok bool) {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, false
	}
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SCM_TIMESTAMPNS && len(m.Data) >= 16 {
			seconds, nanoseconds := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
			return time.Unix(int64(seconds), int64(nanoseconds)), true
		}
	}
	return time.Time{}, false
}

func (r *recorder) port() int {
	return r.conn.LocalAddr().(*net.UDPAddr).Port
}

// recording returns what is on the tape so far.
func (r *recorder) recording() hearing.Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tape.Recording()
}

// stop closes the port and waits for the goroutine. Stopping twice is harmless.
func (r *recorder) stop() {
	_ = r.conn.Close()
	<-r.done
}
