package queueflow

import (
	"strconv"
	"strings"
	"time"

	"missedcalls/queueflow/callevent"
)

// departure is how and why a call leaves.
type departure struct {
	reason callevent.Reason
	// toDialplan sends the caller on in the dialplan, to target; otherwise he is hung up on.
	toDialplan bool
	target     Target
	variables  []Variable
	// tries counts the commands sent to bring it about.
	tries int
}

// status is the value of QUEUESTATUS in the dialplan.
type status string

const (
	statusTimeout   status = "TIMEOUT"
	statusFull      status = "FULL"
	statusJoinEmpty status = "JOINEMPTY"
	// statusLeaveEmpty is that of one who had been in line.
	statusLeaveEmpty status = "LEAVEEMPTY"
	statusClosed     status = "CLOSED"
	statusDeclined   status = "DECLINED"
	statusContinue   status = "CONTINUE"
)

// statusOf is the status of a departure for a reason.
func statusOf(r callevent.Reason) status {
	switch r {
	case callevent.ReasonMaxWait:
		return statusTimeout
	case callevent.ReasonQueueFull:
		return statusFull
	case callevent.ReasonNoAgents:
		return statusJoinEmpty
	case callevent.ReasonClosed:
		return statusClosed
	case callevent.ReasonExitKey, reasonAgentHangup:
		return statusContinue
	}
	return statusDeclined
}

// leaveBy lets a call go by an exit of its queue, after asking whether the place exists if it is one in the dialplan.
func (m *Machine) leaveBy(c *call, why callevent.Reason, exit Exit) {
	m.dropKey(c)
	m.silence(c)
	if exit.Queue != "" {
		m.join(c, exit.Queue, why)
		return
	}
	m.cancel(c)
	if exit.Dialplan == (Target{}) {
		m.goTo(c, departure{reason: why})
		return
	}
	c.going, c.state = departure{reason: why, toDialplan: true, target: exit.Dialplan}, checking
	m.askExit(c)
}

func (m *Machine) askExit(c *call) {
	m.command(AskExit{Channel: c.channel, Target: c.going.target})
	m.arm(c, dueExit, m.now.Add(exitWithin))
}

func (in ExitChecked) apply(m *Machine) {
	c := m.find(in.Channel, in)
	if c == nil {
		return
	}
	if c.state != checking {
		m.ignore(in, "the call is not about to leave by an exit")
		return
	}
	m.disarm(c, dueExit)
	if in.Exists {
		m.goTo(c, c.going)
		return
	}
	m.exitMissing(c)
}

// exitMissing keeps a waiting caller whose exit does not exist, or hangs up on him, as the policy says. One who was
// refused at the door has no line to stay in.
func (m *Machine) exitMissing(c *call) {
	m.notice(NoticeExitMissing, c, "the exit "+c.going.target.String()+" does not exist in the dialplan; add it or correct the configuration")
	p, _ := m.policy(c.queue)
	if p.StayOnMissingExit && c.place != nil {
		if c.going.reason != callevent.ReasonMaxWait {
			m.armMaxWait(c)
		}
		c.kept = c.kept || c.going.reason == callevent.ReasonClosed
		if c.going.reason == callevent.ReasonNoAgents {
			c.keptSpell = m.roster(c.queue).spell
		}
		c.going, c.state = departure{}, waiting
		m.doubt(c)
		m.closingAgain(c)
		m.sayNext(c)
		return
	}
	c.going.toDialplan, c.going.target = false, Target{}
	m.goTo(c, c.going)
}

// goTo lets a call go, unless its caller is hanging up: then he is left to go his own way for a while.
func (m *Machine) goTo(c *call, d departure) {
	if until, yes := m.hangingUp(c); yes && c.place != nil {
		c.going, c.state = d, checking
		m.arm(c, dueExit, until)
		return
	}
	m.sendAway(c, d)
}

// hangingUp says until when a caller who wants to hang up may be expected to leave by himself.
func (m *Machine) hangingUp(c *call) (until time.Time, yes bool) {
	until = c.hangupAt.Add(vanishWithin)
	return until, c.hangup != nil && until.After(m.now)
}

// sendAway ends the call's stay for a reason and tells Asterisk to let the caller go. One who was refused at the door
// has not waited.
func (m *Machine) sendAway(c *call, d departure) {
	at := m.now
	if !c.admitted {
		at = c.enteredAt
	}
	m.silence(c) // a channel that plays does nothing else
	c.going = d
	e := ending{reason: d.reason}
	if d.toDialplan {
		e.sentTo = d.target.String()
	} else {
		e.hangup = ourHangup(c.answered)
	}
	c.going.variables = m.variables(c, d, at)
	m.end(c, at, e)
	m.goAgain(c)
}

// goAgain tells Asterisk to let the caller go, and comes back until he is gone.
func (m *Machine) goAgain(c *call) {
	const patience = 3
	// A prompt holds him: one from before a restart, and one that was not stopped after all if he is still here.
	m.cutOff(c)
	if c.going.tries > 0 && c.hears.latest != "" {
		m.command(StopPlaying{Channel: c.channel, Playback: c.hears.latest})
	}
	if c.going.toDialplan && c.going.tries < patience {
		m.command(Leave{Channel: c.channel, Target: c.going.target, Variables: c.going.variables})
	} else {
		m.command(Hangup{Channel: c.channel, Answered: c.answered})
	}
	m.arm(c, dueDeparture, m.now.Add(backOff(departureWithin, c.going.tries)))
	c.going.tries++
}

// waitOver fires when the queue's limit of the wait ran out. It cuts ringing, but not the connecting to an agent who has
// answered. A caller who is hanging up is let go his own way.
func (m *Machine) waitOver(c *call) {
	if c.state != waiting || c.talk != nil {
		return
	}
	if until, yes := m.hangingUp(c); yes {
		m.arm(c, dueMaxWait, until)
		return
	}
	p, _ := m.policy(c.queue)
	m.leaveBy(c, callevent.ReasonMaxWait, p.OnTimeout)
}

// armMaxWait sets the limit of the wait in the call's present queue.
func (m *Machine) armMaxWait(c *call) {
	p, _ := m.policy(c.queue)
	limit := c.maxWait(p)
	if limit == 0 {
		m.disarm(c, dueMaxWait)
		return
	}
	due := c.queuedAt.Add(limit)
	if soonest := m.now.Add(time.Millisecond); due.Before(soonest) {
		due = soonest // a limit that is past already fires in a step of its own
	}
	m.arm(c, dueMaxWait, due)
}

// variables are what the dialplan finds after a call left at a time.
func (m *Machine) variables(c *call, d departure, at time.Time) []Variable {
	position := 0
	if c.place != nil {
		position = m.line(c.queue).position(c)
	}
	if c.served() {
		told := departureVariables(d.reason, position, c.talk.talkingAt.Sub(c.enteredAt))
		return append(told, agentVariables(c.talk.member.agent.person())...)
	}
	return departureVariables(d.reason, position, at.Sub(c.enteredAt))
}

// departureVariables have the names and units that Queue() gives them; QUEUEWAIT is in whole seconds.
func departureVariables(why callevent.Reason, position int, waited time.Duration) []Variable {
	told := statusOf(why)
	if told == statusJoinEmpty && position > 0 {
		told = statusLeaveEmpty
	}
	return []Variable{
		{"QUEUESTATUS", string(told)},
		{"QUEUEPOSITION", strconv.Itoa(position)},
		{"QUEUEWAIT", strconv.Itoa(int(waited / time.Second))},
	}
}

// agentVariables tell the dialplan who served a caller, by the names of app_queue's setinterfacevar. A name may be what a
// phone calls itself; control characters do not get into the dialplan.
func agentVariables(a callevent.Agent) []Variable {
	return []Variable{
		{"MEMBERINTERFACE", strings.Map(printable, a.Endpoint)},
		{"MEMBERNAME", strings.Map(printable, a.Name)},
	}
}
