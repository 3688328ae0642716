package queueflow

import "missedcalls/queueflow/callevent"

// askCaller asks who calls, as far as it is not known.
func (m *Machine) askCaller(c *call) {
	m.command(AskCaller{Channel: c.channel, Number: viaLocal(c.name) && c.unidentified()})
}

func (in CallerKnown) apply(m *Machine) {
	c := m.find(in.Channel, in)
	if c == nil {
		return
	}
	if c.ended() {
		m.ignore(in, "the call has ended")
		return
	}
	if in.LinkedID != "" {
		c.linkedID = in.LinkedID
	}
	if c.state == arriving && c.handedOver() {
		m.forget(c)
		m.hangUpStray(in.Channel)
		return
	}
	m.identify(c, in)
	if c.state != arriving {
		return // late: the number was shown at entry, but not at the end
	}
	m.disarm(c, dueIdentity)
	m.admit(c)
}

// identify takes up who calls.
func (m *Machine) identify(c *call, in CallerKnown) {
	from := m.transferee(c)
	switch {
	case from != nil:
		c.caller = from.caller
	case in.Withheld:
		c.caller = callevent.Caller{Kind: callevent.CallerWithheld, Withheld: true}
	case c.unidentified() && in.Caller.Raw != "":
		c.caller = in.Caller
	}
}

// unidentified says whether the caller's number is not known. Asterisk tells none of a caller who is transferred to a number of ours.
func (c *call) unidentified() bool { return c.caller.Raw == "" || c.tookOver }
