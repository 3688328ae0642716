package testbed

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Phones 101 to 110 exist on every instance, and 121 to 123, which cannot be called before they register. Those of a crowd begin with
// 2001.
const (
	firstAgent   = 101
	agentCount   = 10
	firstRoaming = 121
	roamingCount = 3
	firstOfCrowd = 2001
	maxCrowd     = 1000
)

// Option changes what an instance is started with.
type Option func(*settings)

// settings is everything the configuration files are rendered from.
type settings struct {
	App          string
	Username     string
	Password     string
	WriteTimeout time.Duration
	Dialplan     string
	LogLevels    string
	CDR          bool
	EntityID     string
	NoLoad       []string

	SIPPort, HTTPPort, AMIPort int
	// TrunkPort is where Asterisk sends calls to the outside (PJSIP/<number>@trunk).
	TrunkPort        int
	RTPStart, RTPEnd int
	Agents           []agentPort
	// Roaming are phones without a contact of their own, Crowd those that share a port.
	Roaming, Crowd []agentPort
	crowd          int
	// Members are the devices in app_queue's queues.
	Members []string

	// extra is text to append to files, by file name.
	extra map[string]string
}

// agentPort is a phone's number and the loopback port it is reached at.
type agentPort struct {
	Number string
	Port   int
}

// WithApp names the Stasis application the dialplan calls. The default is missedcalls.
func WithApp(name string) Option {
	return func(s *settings) { s.App = name }
}

// WithCredentials sets the user of ARI and of the manager interface. The default is testbed with a password of the same name.
func WithCredentials(username, password string) Option {
	return func(s *settings) { s.Username, s.Password = username, password }
}

// WithDialplan adds contexts and extensions to extensions.conf. Text may open a context of its own or add to from-trunk.
func WithDialplan(text string) Option {
	return func(s *settings) { s.Dialplan += text + "\n" }
}

// WithWriteTimeout sets how long Asterisk waits for the websocket's reader before it gives the application up. The default is a
// second.
func WithWriteTimeout(d time.Duration) Option {
	return func(s *settings) { s.WriteTimeout = d }
}

// WithCDR makes Asterisk keep call detail records, in Master.csv of the instance's log folder.
func WithCDR() Option {
	return func(s *settings) { s.CDR = true }
}

// WithVerbose makes Asterisk log every step of the dialplan, which costs it time.
func WithVerbose() Option {
	return func(s *settings) { s.LogLevels += ",verbose(5)" }
}

// WithConfig appends text to a file of /etc/asterisk, such as queues.conf, or makes that file.
func WithConfig(file, text string) Option {
	return func(s *settings) { s.extra[file] += text + "\n" }
}

// WithCrowd adds n phones, 2001 and so on, that are switched on together with Crowd.
func WithCrowd(n int) Option {
	return func(s *settings) { s.crowd = n }
}

// WithQueueMembers says which phones are members of app_queue's queues, in their order. The default is 101.
func WithQueueMembers(numbers ...string) Option {
	return func(s *settings) { s.Members = numbers }
}

// newSettings applies the options and finds free ports.
func newSettings(opts []Option) (settings, error) {
	s := settings{
		App:          "missedcalls",
		Username:     "testbed",
		Password:     "testbed",
		WriteTimeout: time.Second,
		LogLevels:    "notice,warning,error",
		NoLoad:       unusedModules,
		Members:      []string{"101"},
		extra:        map[string]string{},
	}
	for _, opt := range opts {
		opt(&s)
	}
	if s.crowd < 0 || s.crowd > maxCrowd {
		return settings{}, fmt.Errorf("settings: a crowd of %d phones; at most %d", s.crowd, maxCrowd)
	}
	ports, err := freePorts(5 + agentCount + roamingCount)
	if err != nil {
		return settings{}, err
	}
	s.SIPPort, s.HTTPPort, s.AMIPort, s.TrunkPort = ports[0], ports[1], ports[2], ports[3]
	s.RTPStart, s.RTPEnd = rtpRange()
	s.EntityID = entityID(s.SIPPort)
	s.Agents = phones(firstAgent, ports[5:5+agentCount])
	s.Roaming = phones(firstRoaming, ports[5+agentCount:])
	s.Crowd = phones(firstOfCrowd, slices.Repeat(ports[4:5], s.crowd))
	return s, nil
}

// phones are numbered in the order of their ports.
func phones(first int, ports []int) []agentPort {
	numbered := make([]agentPort, len(ports))
	for i, port := range ports {
		numbered[i] = agentPort{Number: strconv.Itoa(first + i), Port: port}
	}
	return numbered
}

// entityID makes the id that events carry as asterisk_id: locally administered, and another one for each instance.
func entityID(port int) string {
	return fmt.Sprintf("02:00:00:00:%02x:%02x", port>>8&0xff, port&0xff)
}
