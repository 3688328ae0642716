package stasis

import (
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// obligation is the commands of one step that may not be sent before its events are durable.
type obligation struct {
	events   []callevent.Event
	commands []queueflow.Command
}

// obligations are the steps whose events are on their way, oldest first. The journal answers in their order.
type obligations struct {
	queue []obligation
	// owing counts, per channel, the commands on it that wait, and the events of its call.
	owing map[queueflow.Channel]int
}

func (o *obligations) len() int { return len(o.queue) }

// add takes on the commands of a step with events. Whatever is done to a caller later waits for them too: who is sent away
// for an ending that an earlier step told is not sent before it is written.
func (o *obligations) add(out queueflow.Output) {
	o.queue = append(o.queue, obligation{events: out.Events, commands: out.Commands})
	o.count(o.queue[len(o.queue)-1], 1)
}

// count counts what an obligation owes.
func (o *obligations) count(of obligation, n int) {
	for _, c := range of.commands {
		o.owe(c.On(), n)
	}
	for _, e := range of.events {
		if ch := callerOf(e); ch.ID != "" {
			o.owe(ch, n)
		}
	}
}

// callerOf is the channel of the call that an event tells of, if it tells of one.
func callerOf(e callevent.Event) queueflow.Channel {
	var a callevent.Asterisk
	switch p := e.Payload.(type) {
	case callevent.Entered:
		a = p.Asterisk
	case callevent.Missed:
		a = p.Asterisk
	case callevent.Offered:
		a = p.Asterisk
	case callevent.Answered:
		a = p.Asterisk
	case callevent.Completed:
		a = p.Asterisk
	}
	return queueflow.Channel{Node: a.URL, ID: a.ChannelID}
}

// append puts a command of a later step behind those on the same channel that wait; false when there are none.
func (o *obligations) append(c queueflow.Command) bool {
	if o.owing[c.On()] == 0 {
		return false
	}
	last := &o.queue[len(o.queue)-1]
	last.commands = append(last.commands, c)
	o.owe(c.On(), 1)
	return true
}

// settle takes out the oldest obligation; its events are durable.
func (o *obligations) settle() obligation {
	if len(o.queue) == 0 {
		return obligation{}
	}
	first := o.queue[0]
	o.queue[0] = obligation{}
	o.queue = o.queue[1:]
	o.count(first, -1)
	return first
}

func (o *obligations) owe(ch queueflow.Channel, n int) {
	if o.owing == nil {
		o.owing = make(map[queueflow.Channel]int)
	}
	if o.owing[ch] += n; o.owing[ch] == 0 {
		delete(o.owing, ch)
	}
}
