package stasis

import (
	"context"
	"errors"
	"time"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// node is one Asterisk as the loop sees it. Its fields belong to Run's goroutine, but for url and asterisk, which do
// not change.
type node struct {
	url      string
	asterisk Asterisk

	// connection counts connects, so that a listing of an earlier one is recognised.
	connection  uint64
	connectedAt time.Time
	// listing is true from a connect until its listing was given to the machine; events wait in early meanwhile.
	listing    bool
	early      []ari.Received
	endListing context.CancelFunc
	// heard is when the last event of each device came over this connection.
	heard   map[string]time.Time
	errands *errands
	// relisten ends the connection; Listen begins anew.
	relisten context.CancelFunc
}

// earlyLimit bounds the events that wait for a listing. Beyond it the connection is given up: a gap, as if it were cut.
const earlyLimit = 200_000

// signal is what one Asterisk said.
type signal struct {
	node   *node
	signal ari.Signal
}

// listen passes the signals of one Asterisk on until ctx ends or the application is replaced.
func (d *Driver) listen(ctx context.Context, n *node) {
	for ctx.Err() == nil {
		again, cancel := context.WithCancel(ctx)
		d.put(question{ask: func(*Driver) any { n.relisten = cancel; return nil }, answer: make(chan any, 1)})
		err := n.asterisk.Listen(again, func(s ari.Signal) { d.put(signal{n, s}) })
		cancel()
		switch {
		case errors.Is(err, ari.ErrReplaced):
			return
		case errors.Is(err, ari.ErrUnsupported):
			d.Log.Error().Err(err).Str("asterisk", n.url).Msg("this Asterisk is not used; upgrade it and start again")
			return
		}
	}
}

func (d *Driver) takeSignal(s signal) {
	switch sig := s.signal.(type) {
	case ari.Connected:
		d.connected(s.node, sig)
	case ari.Received:
		d.received(s.node, sig)
	case ari.Disconnected:
		d.disconnected(s.node, sig)
	case ari.Replaced:
		d.replaced(s.node)
	}
}

func (d *Driver) connected(n *node, c ari.Connected) {
	n.connection++
	n.connectedAt, n.listing, n.early = c.At, true, nil
	n.heard = make(map[string]time.Time)
	d.Log.Info().Str("asterisk", n.url).Str("version", c.Info.Version).Msg("connected to Asterisk")
	d.startListing(n)
}

func (d *Driver) received(n *node, r ari.Received) {
	if !n.listing {
		d.observe(n, r)
		return
	}
	if len(n.early) >= earlyLimit {
		d.Log.Error().Str("asterisk", n.url).Int("events", len(n.early)).
			Msg("too many events while Asterisk does not list its channels: connecting again")
		n.connection++ // a listing on its way does not know the events that are not kept
		n.relisten()
		return
	}
	n.early = append(n.early, r)
}

// observe gives the machine what an event means to it.
func (d *Driver) observe(n *node, r ari.Received) {
	if changed, is := r.Event.(*ari.DeviceStateChanged); is {
		n.heard[changed.Device.Name] = r.At
	}
	in := translator{n.url, d.Application, d.Caller}.input(r)
	if in == nil {
		return
	}
	d.step(r.At, in)
	if takesOver(in) {
		d.checkpoints.soon() // which channel has the place now, no event tells
	}
}

// takesOver tells whether a channel has come in the place of another.
func takesOver(in queueflow.Input) bool {
	switch in := in.(type) {
	case queueflow.CallerEntered:
		return in.Replaces != queueflow.Channel{}
	case queueflow.LegEntered:
		return in.Channel.ID != in.Leg
	default:
		return false
	}
}

// disconnected flushes nothing: events that came before the listing belong to a connection the machine never saw, and
// what they told, the next listing tells again. They do tell until when the calls were watched, so LastSeen holds only
// for a connection that was listed.
func (d *Driver) disconnected(n *node, dis ari.Disconnected) {
	if n.endListing != nil {
		n.endListing()
	}
	lastSeen := dis.LastSeen
	if n.listing {
		lastSeen = time.Time{}
	}
	n.listing, n.early = false, nil
	if d.ending {
		d.Log.Info().Str("asterisk", n.url).Msg("disconnected: new calls take the dialplan's fallback")
	} else {
		d.Log.Warn().Err(dis.Err).Str("asterisk", n.url).
			Msg("no events from Asterisk: callers keep their music and their place there, new calls take the dialplan's fallback")
	}
	d.step(dis.At, queueflow.NodeAway{Node: n.url, LastSeen: lastSeen})
}

// replaced fences this process: another one has the application now.
func (d *Driver) replaced(n *node) {
	d.Log.Error().Str("asterisk", n.url).
		Msg("another program has registered the Stasis application on this Asterisk: stopping, and sending nothing more")
	d.fenced = ErrReplaced
	d.endWork()
}
