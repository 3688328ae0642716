package config

import (
	"net"
	"net/netip"
	"strconv"
)

// Listen is a TCP address to listen at, or off.
type Listen string

// Off says whether nothing is to be listened at.
func (l Listen) Off() bool { return l == "off" }

// rule is what the address breaks, empty for a good one. Port 0 lets the system choose.
func (l Listen) rule() string {
	if l.Off() {
		return ""
	}
	_, port, err := net.SplitHostPort(string(l))
	if err != nil {
		return "must be host:port, such as 127.0.0.1:8080, or off"
	}
	if _, err = strconv.ParseUint(port, 10, 16); err != nil {
		return "the port must be a number from 0 to 65535"
	}
	return ""
}

// loopback says whether only this machine can connect. A name other than localhost is not looked up, and counts as
// reachable from elsewhere.
func (l Listen) loopback() bool {
	host, _, err := net.SplitHostPort(string(l))
	return err == nil && isLoopback(host)
}

// isLoopback says whether a host is this machine, whichever it is.
func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.Unmap().IsLoopback()
}

// at is the host and port at which a process on this machine connects. port is the one in use.
func (l Listen) at(port string) string {
	host, _, err := net.SplitHostPort(string(l))
	if address, bad := netip.ParseAddr(host); err != nil || host == "" || bad == nil && address.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// Port is the port of the address as it is written, empty when it is off.
func (l Listen) Port() string {
	_, port, err := net.SplitHostPort(string(l))
	if err != nil {
		return ""
	}
	return port
}
