package demo

import (
	"fmt"
	"net"
	"net/netip"

	"missedcalls/app/config"
)

// free gives the address itself when nobody listens there, and else one with a port that is free now. An address that
// the user gave is taken as it is, so that he is told when it is not free; only its port 0 is replaced, because those who
// are to connect must be told one.
func free(address config.Listen, given bool) (config.Listen, error) {
	if address.Off() {
		return address, nil
	}
	host, port, err := net.SplitHostPort(string(address))
	if err != nil {
		return "", fmt.Errorf("read address %s: %w", address, err)
	}
	switch {
	case given && port != "0":
		return address, nil
	case port != "0":
		if l, err := net.Listen("tcp", string(address)); err == nil {
			return address, l.Close()
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return config.Listen(net.JoinHostPort(host, port)), l.Close()
}

// reachable is an address that somebody on this machine can connect to: one that stands for every interface is
// replaced by loopback.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
