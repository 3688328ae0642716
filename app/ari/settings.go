package ari

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Settings say which Asterisk, as whom, and within which bounds. A zero bound stands for its default.
type Settings struct {
	URL         string // of ARI: http://127.0.0.1:8088/ari; https works too
	Username    string // a user of ari.conf
	Password    string
	Application string // the Stasis application; one live connection has it at a time, the newest

	RequestTimeout time.Duration // for one request, whatever its context allows; default 5s
	DialTimeout    time.Duration // for the websocket's handshake; default 5s
	EchoEvery      time.Duration // how often the connection must prove that it lives; default 2s
	EchoWithin     time.Duration // how long one proof may take; default 3s
	BackOffMin     time.Duration // before the first new attempt to connect; default 100ms
	BackOffMax     time.Duration // before any new attempt, each waiting twice as long as the last; default 10s

	// MaxConnections bounds the connections for requests, at least 2; default 32. A quarter of them is kept for requests
	// that Asterisk answers at once. Together with every other user of Asterisk's web server they must stay below
	// sessionlimit of http.conf (100 by default), where connections die without a word.
	MaxConnections int
	QueueLimit     int   // events read and not yet delivered; default 200000. Above it the connection is dropped
	QueueBytes     int   // the same in bytes; default 256 MiB
	FrameLimit     int64 // bytes of the largest event accepted; default 4 MiB

	// Disallowed are the event types that Asterisk must not send; nil stands for DefaultDisallowed, an empty list
	// for none. An event this package delivers or needs cannot be among them.
	Disallowed []string
}

const (
	defaultEchoEvery  = 2 * time.Second
	defaultEchoWithin = 3 * time.Second
)

// DeafFor is how long, with the default settings, a connection over which no event comes can go unnoticed.
const DeafFor = defaultEchoEvery + defaultEchoWithin + time.Second

// DefaultDisallowed are events that come in great numbers and say nothing a queue needs.
var DefaultDisallowed = []string{"ChannelVarset", "ChannelDialplan", "ChannelConnectedLine", "PeerStatusChange", "ContactStatusChange"}

// indispensable events are not in decoders, and yet the filter must let them pass.
var indispensable = []string{"RESTResponse"}

// withDefaults fills in what was left out.
func (s Settings) withDefaults() Settings {
	fill(&s.RequestTimeout, 5*time.Second)
	fill(&s.DialTimeout, 5*time.Second)
	fill(&s.EchoEvery, defaultEchoEvery)
	fill(&s.EchoWithin, defaultEchoWithin)
	fill(&s.BackOffMin, 100*time.Millisecond)
	fill(&s.BackOffMax, 10*time.Second)
	fill(&s.MaxConnections, 32)
	fill(&s.QueueLimit, 200_000)
	fill(&s.QueueBytes, 256<<20)
	fill(&s.FrameLimit, 4<<20)
	if s.Disallowed == nil {
		s.Disallowed = DefaultDisallowed
	}
	s.Disallowed = slices.Clone(s.Disallowed)
	s.URL = strings.TrimRight(s.URL, "/")
	return s
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// problems are all that is wrong with settings whose defaults are filled in.
func (s Settings) problems() error {
	return errors.Join(
		s.urlProblem(), s.identityProblem(), s.filterProblem(),
		positive("request timeout", s.RequestTimeout), positive("dial timeout", s.DialTimeout),
		positive("echo every", s.EchoEvery), positive("echo within", s.EchoWithin),
		positive("back-off min", s.BackOffMin), connectionsProblem(s.MaxConnections),
		positive("queue limit", s.QueueLimit), positive("queue bytes", s.QueueBytes), positive("frame limit", s.FrameLimit),
		ordered(s.BackOffMin, s.BackOffMax),
	)
}

func (s Settings) urlProblem() error {
	address, err := url.Parse(s.URL)
	switch {
	case err != nil: // the error quotes the URL, which may hold a password
		return errors.New("URL: it cannot be read; write http://host:8088/ari")
	case address.User != nil:
		return errors.New("URL: it must not hold credentials; set user name and password by themselves")
	case address.Scheme != "http" && address.Scheme != "https" || address.Host == "":
		return fmt.Errorf("URL %q: it must be http://host:port/ari or https", s.URL)
	case address.RawQuery != "" || address.Fragment != "":
		return fmt.Errorf("URL %q: nothing may follow the path", s.URL)
	default:
		return nil
	}
}

// Asterisk reads header lines of 4096 bytes and application names of 73 (ari_websockets.h); a comma in a name would
// make two applications of it.
func (s Settings) identityProblem() error {
	var problems []error
	if s.Username == "" || strings.Contains(s.Username, ":") || len(s.Username) > 1000 {
		problems = append(problems, errors.New("user name: it must be given, without a colon, in at most 1000 bytes"))
	}
	if s.Password == "" || len(s.Password) > 1000 {
		problems = append(problems, errors.New("password: it must be given, in at most 1000 bytes"))
	}
	if s.Application == "" || len(s.Application) > 73 || strings.ContainsAny(s.Application, ", \t\r\n") {
		problems = append(problems, fmt.Errorf("application %q: 1 to 73 bytes without comma or space", s.Application))
	}
	return errors.Join(problems...)
}

func (s Settings) filterProblem() error {
	for _, name := range s.Disallowed {
		if _, wanted := decoders[name]; wanted || slices.Contains(indispensable, name) {
			return fmt.Errorf("disallowed event %q: it is needed", name)
		}
	}
	return nil
}

func positive[T ~int | ~int64](name string, value T) error {
	if value <= 0 {
		return fmt.Errorf("%s %v: it must be above zero", name, value)
	}
	return nil
}

func connectionsProblem(most int) error {
	if most < 2 {
		return fmt.Errorf("max connections %d: there must be two at least", most)
	}
	return nil
}

func ordered(least, most time.Duration) error {
	if least > most {
		return fmt.Errorf("back-off min %v: it must not be above back-off max %v", least, most)
	}
	return nil
}
