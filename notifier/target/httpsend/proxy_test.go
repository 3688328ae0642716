package httpsend_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// proxy takes one connection after another, does handshake on each, and then joins it with where that says.
type proxy struct {
	net.Listener
	wait sync.WaitGroup
}

func serveProxy(t *testing.T, handshake func(net.Conn) (to string, err error)) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &proxy{Listener: listener}
	p.wait.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			p.wait.Go(func() { join(connection, handshake) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		p.wait.Wait()
	})
	return p
}

func join(from net.Conn, handshake func(net.Conn) (string, error)) {
	defer from.Close()
	address, err := handshake(from)
	if err != nil {
		return
	}
	to, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer to.Close()
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(to, from); to.Close() })
	both.Go(func() { _, _ = io.Copy(from, to); from.Close() })
	both.Wait()
}

// connect is the handshake of an HTTP proxy (RFC 9110, 9.3.6), which wants a password.
func connect(status int) func(net.Conn) (string, error) {
	return func(c net.Conn) (string, error) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return "", err
		}
		if r.Header.Get("Proxy-Authorization") == "" {
			status = http.StatusProxyAuthRequired
		}
		fmt.Fprintf(c, "HTTP/1.1 %d %s\r\n\r\n", status, http.StatusText(status))
		if status != http.StatusOK {
			return "", fmt.Errorf("refused with %d", status)
		}
		return r.Host, nil
	}
}

// socks5 is the handshake of RFC 1928, without a password, to an address of IPv4.
func socks5(c net.Conn) (string, error) {
	b := make([]byte, 10)
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return "", err
	}
	if _, err := io.CopyN(io.Discard, c, int64(b[1])); err != nil { // the ways to log in
		return "", err
	}
	if _, err := c.Write([]byte{5, 0}); err != nil {
		return "", err
	}
	if _, err := io.ReadFull(c, b); err != nil {
		return "", err
	}
	_, err := c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	return net.JoinHostPort(net.IP(b[4:8]).String(), fmt.Sprint(binary.BigEndian.Uint16(b[8:]))), err
}

// refuse is a handshake of SOCKS5 that lets nobody in.
func refuse(c net.Conn) (string, error) {
	if _, err := io.CopyN(io.Discard, c, 3); err != nil {
		return "", err
	}
	_, err := c.Write([]byte{5, 0xff})
	return "", fmt.Errorf("refused: %w", err)
}

// hang is a handshake that never ends while the client waits.
func hang(c net.Conn) (string, error) {
	_, err := io.Copy(io.Discard, c)
	return "", fmt.Errorf("the client went away: %w", err)
}

func TestARefusalOfTheTestsProxyIsOne(t *testing.T) {
	p := serveProxy(t, connect(http.StatusForbidden))
	c, err := net.Dial("tcp", p.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	fmt.Fprint(c, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nProxy-Authorization: x\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "HTTP/1.1 403 Forbidden\r\n", line)
}
