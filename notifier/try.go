package notifier

import (
	"context"

	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// Try tells a target of an event at once, outside of any stream and record, once. Of Deps it needs Factory, Renderer and
// Mask. The error says that the target cannot be made, or that its template failed; in the latter case the built-in
// message was sent, and the verdict is that of it.
func Try(ctx context.Context, t policy.Target, d Deps, e callevent.Event) (v target.Verdict, err error) {
	channel, err := d.Factory(t)
	if err != nil {
		return target.Verdict{}, err
	}
	defer channel.Close()
	words, err := d.Renderer(t)
	if err != nil {
		return target.Verdict{}, err
	}
	data, err := callevent.Encode(e)
	if err != nil {
		return target.Verdict{}, err
	}
	j := job{Target: t.Name, Event: data, event: e}
	event, data := maskingFor(t, d.Mask).apply(j)
	var m message.Message
	m, err = words.Announce(e)
	ctx, cancel := context.WithTimeout(ctx, deliverWithin)
	defer cancel()
	return channel.Deliver(ctx, target.Delivery{ID: j.deliveryID(), Event: event, Data: data, Message: m}), err
}
