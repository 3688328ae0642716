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
	// owing counts, per channel, the obligations that hold a command on it.
	owing map[queueflow.Channel]int
}

func (o *obligations) len() int { return len(o.queue) }

// add takes on the commands of a step with events.
func (o *obligations) add(out queueflow.Output) {
	o.queue = append(o.queue, obligation{events: out.Events, commands: out.Commands})
	for _, c := range out.Commands {
		o.owe(c.On(), 1)
	}
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
	for _, c := range first.commands {
		o.owe(c.On(), -1)
	}
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
