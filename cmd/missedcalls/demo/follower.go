package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"missedcalls/app/bus"
	"missedcalls/app/config"
)

// follower is a subscriber like any other: it has a connection of its own, and knows what the events say. A message that
// it cannot take in time is dropped by the library; the audit reads the stream and misses none.
type follower struct {
	nc *nats.Conn
	// messages are events in order, nil when nobody can follow.
	messages chan *nats.Msg
	// after is the last message of the stream before the demo's first.
	after uint64
}

// followAhead is how many messages wait for the show.
const followAhead = 8192

// natsURL is where subscribers connect, empty for nowhere.
func natsURL(n config.NATSSettings) string {
	switch {
	case n.URL != "":
		return n.URL
	case n.Listen.Off():
		return ""
	}
	return "nats://" + reachable(string(n.Listen))
}

// follow subscribes. With the listener off it follows nothing.
func follow(ctx context.Context, n config.NATSSettings) (*follower, error) {
	if natsURL(n) == "" {
		return &follower{}, nil
	}
	nc, err := nats.Connect(natsURL(n), credentials(n)...)
	if err != nil {
		return nil, fmt.Errorf("follow the events at %s: %w", natsURL(n), err)
	}
	f := &follower{nc: nc, messages: make(chan *nats.Msg, followAhead)}
	if err := f.subscribe(ctx); err != nil {
		nc.Close()
		return nil, fmt.Errorf("follow the events at %s: %w", natsURL(n), err)
	}
	return f, nil
}

func credentials(n config.NATSSettings) []nats.Option {
	options := []nats.Option{nats.Name("missedcalls demo"), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond)}
	if n.Username != "" {
		options = append(options, nats.UserInfo(n.Username, n.Password.Reveal()))
	}
	if n.Token != "" {
		options = append(options, nats.Token(n.Token.Reveal()))
	}
	if n.CredsFile != "" {
		options = append(options, nats.UserCredentials(n.CredsFile))
	}
	if n.TLS.CA != "" {
		options = append(options, nats.RootCAs(n.TLS.CA))
	}
	return options
}

func (f *follower) subscribe(ctx context.Context) error {
	if _, err := f.nc.ChanSubscribe("calls.>", f.messages); err != nil {
		return err
	}
	js, err := jetstream.New(f.nc)
	if err != nil {
		return err
	}
	s, err := js.Stream(ctx, bus.Stream) // the server has the subscription when it answers
	if err != nil {
		return err
	}
	f.after = s.CachedInfo().State.LastSeq
	return nil
}

// follows tells whether there is anything to follow.
func (f *follower) follows() bool { return f.nc != nil }

func (f *follower) stop() {
	if f.nc != nil {
		f.nc.Close()
	}
}
