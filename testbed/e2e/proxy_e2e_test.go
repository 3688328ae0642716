//go:build e2e

package e2e

import (
	"bytes"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// proxy stands between the program and Asterisk's HTTP server, so that a test can break what is between them.
type proxy struct {
	listener net.Listener
	target   string

	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
	// tamper may answer a request in Asterisk's place: it is given the request's first bytes and returns the bytes to
	// send back before closing, and whether it took the request. A nil answer to a taken request leaves it hanging.
	tamper func(request string) (answer []byte, taken bool)
	// cutFrames lets that many bytes of Asterisk's answer on a websocket through and then cuts; 0 is no limit.
	cutFrames int
	running   sync.WaitGroup
}

func interpose(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{listener: l, target: target, conns: map[net.Conn]struct{}{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.running.Wait()
	})
	return p
}

// url is ARI's address through the proxy.
func (p *proxy) url() string { return "http://" + p.listener.Addr().String() + "/ari" }

func (p *proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(conn) })
	}
}

func (p *proxy) serve(conn net.Conn) {
	defer conn.Close()
	if !p.keep(conn) {
		return
	}
	defer p.drop(conn)
	asterisk, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer asterisk.Close()
	if !p.keep(asterisk) {
		return
	}
	defer p.drop(asterisk)
	answers := make(chan struct{})
	websocket := make(chan int, 1)
	go func() {
		defer close(answers)
		defer conn.Close()
		p.answers(conn, asterisk, websocket)
	}()
	p.requests(conn, asterisk, websocket)
	asterisk.Close()
	<-answers
}

// requests copies what the program sends, unless a test takes it.
func (p *proxy) requests(conn, asterisk net.Conn, websocket chan<- int) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		tamper, limit := p.tamper, p.cutFrames
		p.mu.Unlock()
		request := string(buffer[:n])
		if strings.HasPrefix(request, "GET ") && strings.Contains(request, "/events?") && limit > 0 {
			websocket <- limit
		}
		if tamper != nil {
			if answer, taken := tamper(request); taken {
				if answer == nil {
					_, _ = io.Copy(io.Discard, conn) // hangs until the program gives up
					return
				}
				_, _ = io.Copy(conn, bytes.NewReader(answer))
				return
			}
		}
		if _, err := asterisk.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// answers copies what Asterisk sends, up to the limit of a websocket that is to be cut.
func (p *proxy) answers(conn, asterisk net.Conn, websocket <-chan int) {
	buffer := make([]byte, 64<<10)
	left := -1
	for {
		n, err := asterisk.Read(buffer)
		if err != nil {
			return
		}
		select {
		case left = <-websocket:
		default:
		}
		if left >= 0 && n >= left {
			_, _ = conn.Write(buffer[:left]) // half a frame
			return
		}
		if left >= 0 {
			left -= n
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) keep(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.conns[conn] = struct{}{}
	return true
}

func (p *proxy) drop(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

// cut breaks every connection and refuses new ones until mend.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for conn := range p.conns {
		conn.Close()
	}
}

// mend lets connections through again.
func (p *proxy) mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = false
}

// tampering sets what answers in Asterisk's place; nil is Asterisk itself.
func (p *proxy) tampering(tamper func(request string) (answer []byte, taken bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = tamper
}

// halfFrames cuts every new websocket after some bytes; 0 ends it.
func (p *proxy) halfFrames(after int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cutFrames = after
}
