package testbed

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
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

// portsKept is how many ports this program has handed out last are not handed out again: a phone's port is free until it is
// switched on, and tests may run at once. It is more than a few instances use, and leaves most ports of the range.
const portsKept = 2000

// handedOut are these ports, the oldest first.
var handedOut struct {
	sync.Mutex
	ports []int
}

var errNoFreePort = errors.New("no free loopback port between 25000 and 31999")

// freePort returns a loopback port that nobody has bound, neither UDP nor TCP.
func freePort() (int, error) {
	for range 200 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		if reserve(port) && bindable(port) {
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

// reserve tells whether a port was not handed out of late, and remembers it.
func reserve(port int) bool {
	handedOut.Lock()
	defer handedOut.Unlock()
	if slices.Contains(handedOut.ports, port) {
		return false
	}
	handedOut.ports = append(handedOut.ports, port)
	handedOut.ports = handedOut.ports[max(0, len(handedOut.ports)-portsKept):]
	return true
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

// bound tells whether somebody has bound a UDP port of this machine. It looks and does not try, for a trial could be in the way
// of the one it waits for.
func bound(port int) bool {
	table, err := os.ReadFile("/proc/net/udp")
	if err != nil {
		return false
	}
	end := fmt.Sprintf(":%04X", port)
	for line := range strings.Lines(string(table)) {
		if fields := strings.Fields(line); len(fields) > 1 && strings.HasSuffix(fields[1], end) {
			return true
		}
	}
	return false
}

// rtpRange picks one of a few ranges for an instance's media. Asterisk tries another port when one is taken, so two instances that
// met in one range would still work.
func rtpRange() (first, last int) {
	first = firstRTPPort + rtpPorts*rand.IntN(rtpPortRanges)
	return first, first + rtpPorts - 1
}
