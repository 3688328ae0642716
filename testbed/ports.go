package testbed

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports come from below the range the kernel hands out by itself (32768 and up), so that a port found free stays free for a
// restart. RTP has its own range below.
const (
	firstPort = 25000
	lastPort  = 31999

	firstRTPPort  = 10000
	rtpPorts      = 5000
	rtpPortRanges = 3
)

var errNoFreePort = errors.New("no free loopback port between 25000 and 31999")

// freePort returns a loopback port that nobody has bound, neither UDP nor TCP.
func freePort() (int, error) {
	for range 200 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if bindable(port) {
			return port, nil
		}
	}
	return 0, errNoFreePort
}

// freePorts returns n different free ports.
func freePorts(n int) ([]int, error) {
	taken := map[int]bool{}
	ports := make([]int, 0, n)
	for tries := 0; len(ports) < n; tries++ {
		if tries > 20*n {
			return nil, errNoFreePort
		}
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		if !taken[port] {
			taken[port] = true
			ports = append(ports, port)
		}
	}
	return ports, nil
}

func bindable(port int) bool {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	udp, err := net.ListenPacket("udp4", address)
	if err != nil {
		return false
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp4", address)
	if err != nil {
		return false
	}
	return tcp.Close() == nil
}

// rtpRange picks one of a few ranges for an instance's media. Asterisk tries another port when one is taken, so two instances that
// met in one range would still work.
func rtpRange() (first, last int) {
	first = firstRTPPort + rtpPorts*rand.IntN(rtpPortRanges)
	return first, first + rtpPorts - 1
}
