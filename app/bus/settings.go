package bus

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// off as the listener means that nobody outside this process is let in.
const off = "off"

// Settings say which NATS is used and how. The zero value of a field stands for the default named beside it.
type Settings struct {
	// URL of a cluster, several separated by commas; empty for a server in this process.
	URL string
	// Username, Password, Token and CredsFile are shown to the cluster. With the server in this process, the first three
	// are asked of those who connect to its listener.
	Username, Password, Token, CredsFile string
	// TLSCA is a file of certificates that the cluster's certificate is checked against.
	TLSCA string
	// Listen is the address, as host:port, at which the server in this process lets subscribers in; empty or "off": none.
	Listen string
	// Guest says that another process owns stream CALLS and the bucket. They are waited for, and stay as they are: a process
	// that only reads must not shorten the time for which somebody else keeps his events.
	Guest bool
	// Dir is where the server in this process keeps its files. Its owner holds LockDir on the data directory.
	Dir string
	// Application is the name of the Stasis application; it names the connection and the epoch.
	Application string
	// MaxAge of an event in CALLS; 30 days.
	MaxAge time.Duration
	// MaxBytes of CALLS, the oldest events go first; 2 GiB.
	MaxBytes int64
	// MaxJobs bounds the bytes of what is to be told; 512 MiB. With more, events wait in CALLS.
	MaxJobs int64
	// MaxStore bounds all streams of the server in this process; 16 TiB, because every stream has a bound of its own, the
	// disk is watched by MinFree, and a server does not start with less than its streams have reserved before.
	MaxStore int64
	// MinFree is what is left free of the disk under Dir: with less, nothing is published; 64 MiB.
	MinFree uint64
	// AckWait is the time to an acknowledgement; 250 ms for a cluster, 2 s for the server in this process, which only the
	// disk keeps waiting.
	AckWait time.Duration
}

const (
	defaultMaxAge      = 30 * 24 * time.Hour
	defaultMaxBytes    = 2 << 30
	defaultMaxJobs     = 512 << 20
	defaultMaxStore    = 16 << 40
	defaultMinFree     = 64 << 20
	clusterAckWait     = 250 * time.Millisecond
	embeddedAckWait    = 2 * time.Second
	duplicatesWithin   = 15 * time.Minute
	defaultApplication = "missedcalls"
)

// Embedded says whether the server runs in this process.
func (s Settings) Embedded() bool { return s.URL == "" }

func (s Settings) listens() bool { return s.Listen != "" && s.Listen != off }

func (s Settings) withDefaults() Settings {
	s.Application = or(s.Application, defaultApplication)
	s.MaxAge = or(s.MaxAge, defaultMaxAge)
	s.MaxBytes = or(s.MaxBytes, defaultMaxBytes)
	s.MaxJobs = or(s.MaxJobs, defaultMaxJobs)
	s.MaxStore = or(s.MaxStore, defaultMaxStore)
	s.MinFree = or(s.MinFree, defaultMinFree)
	if s.Embedded() {
		s.AckWait = or(s.AckWait, embeddedAckWait)
	}
	s.AckWait = or(s.AckWait, clusterAckWait)
	return s
}

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// check refuses settings that would open the events to the network or have no place to keep them.
func (s Settings) check() error {
	if !s.Embedded() {
		return nil
	}
	if s.Dir == "" {
		return errors.New("open nats: no directory for the embedded server")
	}
	if !s.listens() {
		return nil
	}
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("open nats: MISSEDCALLS_NATS_LISTEN %q: %w; it is host:port or off", s.Listen, err)
	}
	if !isLoopback(host) && s.Token == "" && (s.Username == "" || s.Password == "") {
		return fmt.Errorf("open nats: MISSEDCALLS_NATS_LISTEN %s is not a loopback address: "+
			"set MISSEDCALLS_NATS_USERNAME and MISSEDCALLS_NATS_PASSWORD, or MISSEDCALLS_NATS_TOKEN, or listen on 127.0.0.1", s.Listen)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
