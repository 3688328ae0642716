package stasis

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// listing is what one Asterisk has, as it was listed some time after a connect. Everything published before the
// listing was taken is in the inbox before it.
type listing struct {
	node       *node
	connection uint64
	channels   []ari.Channel
	bridges    []ari.Bridge
}

const (
	// listingWithin bounds one try, whose requests have shorter limits of their own.
	listingWithin = 30 * time.Second
	listingRetry  = time.Second
)

// startListing lists in the background, again and again until it succeeds or the connection ends.
func (d *Driver) startListing(n *node) {
	ctx, cancel := context.WithCancel(d.work)
	n.endListing = cancel
	connection := n.connection
	d.lanes.running.Go(func() {
		defer cancel()
		for ctx.Err() == nil {
			l, err := list(ctx, n.asterisk, d.Application)
			if err == nil {
				l.node, l.connection = n, connection
				d.put(l)
				return
			}
			d.Log.Warn().Err(err).Str("asterisk", n.url).Msg("cannot list the channels of Asterisk; calls wait for it")
			pause(ctx, listingRetry)
		}
	})
}

// list asks for everything that is in the application, and waits until the events published before have been delivered.
func list(ctx context.Context, a Asterisk, application string) (listing, error) {
	ctx, cancel := context.WithTimeout(ctx, listingWithin)
	defer cancel()
	app, err := a.Application(ctx)
	if err != nil {
		return listing{}, fmt.Errorf("list application: %w", err)
	}
	channels, err := a.Channels(ctx)
	if err != nil {
		return listing{}, fmt.Errorf("list channels: %w", err)
	}
	bridges, err := a.Bridges(ctx)
	if err != nil {
		return listing{}, fmt.Errorf("list bridges: %w", err)
	}
	if err := a.Sync(ctx); err != nil {
		return listing{}, fmt.Errorf("list: %w", err)
	}
	return listing{
		channels: notTaken(inApplication(app, channels), bridges, application), bridges: ofOurs(bridges, application),
	}, nil
}

// notTaken leaves out the channels that are in a bridge which is not ours. A caller for whom an agent was rung stays in the
// application's list until he hangs up, and when somebody took him away he still says Stasis in his dialplan.
func notTaken(channels []ari.Channel, bridges []ari.Bridge, application string) []ari.Channel {
	taken := make(map[string]bool)
	for _, b := range bridges {
		for _, id := range b.Channels {
			taken[id] = taken[id] || !queueflow.OwnsBridge(application, b.ID)
		}
	}
	return slices.DeleteFunc(channels, func(ch ari.Channel) bool { return taken[ch.ID] })
}

// inApplication picks the channels that the application has. A channel that somebody took away may still say Stasis in its
// dialplan, and is not in the application's own list. A caller for whom an agent was rung stays in that list until he hangs
// up, and then says where he is in the dialplan. One that has just taken the place of another says nothing yet.
func inApplication(app ari.Application, channels []ari.Channel) []ari.Channel {
	has := make(map[string]bool, len(app.ChannelIDs))
	for _, id := range app.ChannelIDs {
		has[id] = true
	}
	var ours []ari.Channel
	for _, ch := range channels {
		if has[ch.ID] && (ch.Dialplan.Application == "Stasis" || ch.Dialplan.Application == "") {
			ours = append(ours, ch)
		}
	}
	return ours
}

// wentOn says whether a channel that stands in Stasis() for another application is there because it went on in the dialplan.
// One of a call that is known was moved here from there.
func (d *Driver) wentOn(n *node, ch ari.Channel) bool {
	name, _, _ := strings.Cut(ch.Dialplan.Data, ",")
	return name != "" && name != d.Application && !d.Machine.Has(queueflow.Channel{Node: n.url, ID: ch.ID})
}

func ofOurs(bridges []ari.Bridge, application string) []ari.Bridge {
	var ours []ari.Bridge
	for _, b := range bridges {
		if queueflow.OwnsBridge(application, b.ID) {
			ours = append(ours, b)
		}
	}
	return ours
}

// takeListing tells the machine what there was at the beginning of the connection, and then the events since.
func (d *Driver) takeListing(l listing) {
	n := l.node
	if l.connection != n.connection || !n.listing {
		return
	}
	early := n.early
	n.listing, n.early, n.endListing = false, nil, nil
	l.channels = slices.DeleteFunc(l.channels, func(ch ari.Channel) bool { return d.wentOn(n, ch) })
	callers, legs := d.atConnect(n, l, early)
	d.step(n.connectedAt, queueflow.Listed{
		Node: n.url, At: n.connectedAt, Callers: callers, Legs: legs, Bridges: bridgeIDs(l.bridges),
	})
	d.Log.Info().Str("asterisk", n.url).Int("channels", len(l.channels)).Int("events", len(early)).
		Dur("took", time.Since(n.connectedAt)).Msg("went on with the calls that Asterisk has")
	for _, r := range early {
		d.observe(n, r)
	}
}

// atConnect rolls the listing back to the beginning of the connection: a channel whose first news is that it entered
// was not there, one whose first news is that it left was, in the bridge that it has left since.
func (d *Driver) atConnect(n *node, l listing, early []ari.Received) (callers []queueflow.CallerEntered, legs []queueflow.LegListed) {
	entered, left := firstNews(early)
	in := bridgesAtConnect(d.Application, l.bridges, early)
	add := func(ch ari.Channel) {
		if leg, is := legOf(splitAppData(ch.Dialplan.Data)); is {
			legs = append(legs, queueflow.LegListed{
				Channel: queueflow.Channel{Node: n.url, ID: ch.ID}, Leg: leg, Up: ch.State == ari.StateUp, Bridge: in[ch.ID],
			})
		} else if isCaller(ch) {
			callers = append(callers, d.listed(n, ch, in[ch.ID]))
		}
	}
	// Who came first is first, should several be new: their ids are made in this order.
	slices.SortStableFunc(l.channels, func(a, b ari.Channel) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	for _, ch := range l.channels {
		if !entered[ch.ID] && left[ch.ID] == nil {
			add(ch)
		}
	}
	for _, r := range early {
		if end, ok := r.Event.(*ari.StasisEnd); ok && left[end.Channel.ID] == end {
			add(end.Channel)
		}
	}
	return callers, legs
}

// firstNews sorts channels by whether the first thing heard of them is that they entered, or that they left.
func firstNews(early []ari.Received) (entered map[string]bool, left map[string]*ari.StasisEnd) {
	entered, left = make(map[string]bool), make(map[string]*ari.StasisEnd)
	for _, r := range early {
		id := r.Event.ChannelID()
		if entered[id] || left[id] != nil {
			continue
		}
		switch e := r.Event.(type) {
		case *ari.StasisStart:
			entered[id] = true
		case *ari.StasisEnd:
			left[id] = e
		}
	}
	return entered, left
}

// bridgesAtConnect gives the bridge of ours that each channel was in. One that has come into a bridge since is said to have been there:
// being told twice does no harm.
func bridgesAtConnect(application string, listed []ari.Bridge, early []ari.Received) (in map[string]string) {
	in = make(map[string]string)
	for _, b := range listed {
		for _, channel := range b.Channels {
			in[channel] = b.ID
		}
	}
	moved := make(map[string]bool)
	for _, r := range early {
		switch e := r.Event.(type) {
		case *ari.ChannelEnteredBridge:
			if !moved[e.Channel.ID] && in[e.Channel.ID] == "" && queueflow.OwnsBridge(application, e.Bridge.ID) {
				in[e.Channel.ID] = e.Bridge.ID
			}
			moved[e.Channel.ID] = true
		case *ari.ChannelLeftBridge:
			if !moved[e.Channel.ID] && queueflow.OwnsBridge(application, e.Bridge.ID) {
				in[e.Channel.ID] = e.Bridge.ID
			}
			moved[e.Channel.ID] = true
		}
	}
	return in
}

// listed reads a channel of a listing as if it had just entered.
func (d *Driver) listed(n *node, ch ari.Channel, bridge string) queueflow.CallerEntered {
	c := enteredBy(n.url, d.Caller, ch)
	c.Args, c.Bridge = splitAppData(ch.Dialplan.Data), bridge
	return c
}

func bridgeIDs(bridges []ari.Bridge) []string {
	ids := make([]string, len(bridges))
	for i, b := range bridges {
		ids[i] = b.ID
	}
	return ids
}

// pause waits, or not when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
