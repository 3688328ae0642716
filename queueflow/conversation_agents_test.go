package queueflow_test

import (
	"fmt"
	"strings"
	"time"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var strategies = map[string]queueflow.Strategy{
	"ringall": queueflow.RingAll, "leastrecent": queueflow.LeastRecent, "fewestcalls": queueflow.FewestCalls,
	"random": queueflow.Random, "rrmemory": queueflow.RRMemory, "rrordered": queueflow.RROrdered, "linear": queueflow.Linear,
	"wrandom": queueflow.WRandom, "ringprogressively": queueflow.RingProgressively,
}

var factors = map[string]queueflow.Factors{
	"paused": queueflow.FactorPaused, "penalty": queueflow.FactorPenalty, "in_use": queueflow.FactorInUse,
	"ringing": queueflow.FactorRinging, "unavailable": queueflow.FactorUnavailable, "invalid": queueflow.FactorInvalid,
	"unknown": queueflow.FactorUnknown, "wrap_up": queueflow.FactorWrapUp,
}

// choosing reads whom a queue rings: strategy, weight, penalties=max:2+min:1+raise:3, escalate=60s:max:5 (a step each),
// penalty_members_limit, widen, skills=a+b, any_skills=a+b, ring_in_use, autopause=no_answer:2+grace:5s+all_queues,
// refuse_when_all=paused+unavailable, leave_when_all, per_agent.
func (c *conversation) choosing(s *queueflow.Serving, key, value string) bool {
	switch key {
	case "strategy":
		s.Strategy = strategies[value]
	case "weight":
		s.Weight = c.number(value)
	case "penalties":
		s.Penalties = c.penalties(value)
	case "escalate":
		after, penalties, _ := strings.Cut(value, ":")
		s.Escalation = append(s.Escalation, queueflow.EscalationStep{After: c.duration(after), Penalties: c.penalties(penalties)})
	case "penalty_members_limit":
		s.PenaltyMembersLimit = c.number(value)
	case "widen":
		s.WidenOnTimeout = true
	case "skills":
		s.Skills.Required = strings.Split(value, "+")
	case "any_skills":
		s.Skills.Any = strings.Split(value, "+")
	case "ring_in_use":
		s.RingInUse = true
	case "autopause":
		s.Autopause = c.autopause(value)
	default:
		return c.emptying(s, key, value)
	}
	return true
}

func (c *conversation) emptying(s *queueflow.Serving, key, value string) bool {
	switch key {
	case "refuse_when_all":
		s.RefuseWhenAll = c.factors(value)
	case "leave_when_all":
		s.LeaveWhenAll = c.factors(value)
	case "per_agent":
		s.MaxCallersPerAgent = c.number(value)
	default:
		return false
	}
	return true
}

func (c *conversation) factors(value string) queueflow.Factors {
	var all queueflow.Factors
	for _, name := range strings.Split(value, "+") {
		f, known := factors[name]
		if !known {
			c.t.Fatalf("unknown state %q of an agent", name)
		}
		all |= f
	}
	return all
}

// penalties reads `max:2+min:1+raise:3`, with `raise:r3` for one that respects min.
func (c *conversation) penalties(value string) queueflow.Penalties {
	var p queueflow.Penalties
	for _, part := range strings.Split(value, "+") {
		name, number, _ := strings.Cut(part, ":")
		number, p.RaiseRespectsMin = strings.CutPrefix(number, "r")
		n := c.number(number)
		switch name {
		case "max":
			p.Max = &n
		case "min":
			p.Min = &n
		case "raise":
			p.Raise = &n
		}
	}
	return p
}

func (c *conversation) autopause(value string) queueflow.Autopause {
	var a queueflow.Autopause
	for _, part := range strings.Split(value, "+") {
		switch name, n, _ := strings.Cut(part, ":"); name {
		case "no_answer":
			a.NoAnswer = c.number(n)
		case "busy":
			a.Busy = c.number(n)
		case "unavailable":
			a.Unavailable = c.number(n)
		case "grace":
			a.Grace = c.duration(n)
		case "all_queues":
			a.AllQueues = true
		}
	}
	return a
}

// obey lets channels to agents be made, and go, as soon as that is wanted: in conversations about who is rung, that says
// nothing.
func (c *conversation) obey(at time.Time, commands []queueflow.Command) {
	for _, command := range commands {
		switch cmd := command.(type) {
		case queueflow.CreateLeg:
			c.step(at, queueflow.LegEntered{Channel: cmd.Channel, Leg: cmd.Channel.ID})
		case queueflow.HangupLeg:
			c.step(at, queueflow.ChannelGone{At: at, Channel: cmd.Channel})
		}
	}
}

var deviceStates = map[string]queueflow.DeviceState{
	"UNKNOWN": queueflow.DeviceUnknown, "NOT_INUSE": queueflow.DeviceNotInUse, "INUSE": queueflow.DeviceInUse,
	"BUSY": queueflow.DeviceBusy, "INVALID": queueflow.DeviceInvalid, "UNAVAILABLE": queueflow.DeviceUnavailable,
	"RINGING": queueflow.DeviceRinging, "RINGINUSE": queueflow.DeviceRingInUse, "ONHOLD": queueflow.DeviceOnHold,
}

// inputOfAgent reads `device anna INUSE`, `add anna queue=sales penalty=1 paused=1`, `remove anna`, `pause anna queue=sales
// reason=lunch`, `unpause anna`, `penalty anna queue=sales penalty=2` and `stored sales anna paused=1 at=TIME`; nil for any
// other verb. Without a queue it is every queue of the agent.
func (c *conversation) inputOfAgent(verb string, names []string, flags map[string]string) queueflow.Input {
	changes := map[string]queueflow.MemberChange{
		"add": queueflow.AddMember, "remove": queueflow.RemoveMember, "pause": queueflow.PauseMember,
		"unpause": queueflow.UnpauseMember, "penalty": queueflow.SetPenalty,
	}
	change, is := changes[verb]
	switch {
	case verb == "device":
		device := names[0]
		if !strings.Contains(device, "/") {
			device = "PJSIP/" + device
		}
		return queueflow.DeviceChanged{Node: nodeOf(flags), Device: device, State: deviceStates[names[1]]}
	case verb == "stored":
		return queueflow.MembersStored{Records: []queueflow.MemberRecord{{
			Queue: names[0], Member: c.changed(names[1], flags), PenaltySet: flags["set"] != "",
			Dynamic: flags["static"] == "", Removed: flags["removed"] != "",
			Reason: flags["reason"], By: "anna", At: c.time(flags["at"]),
		}}}
	case is:
		return queueflow.ChangeMember{
			Change: change, Queue: flags["queue"], Member: c.changed(names[0], flags), Reason: flags["reason"], By: flags["by"],
		}
	}
	return nil
}

func (c *conversation) changed(name string, flags map[string]string) queueflow.Member {
	mb := c.member(name)
	mb.Penalty, mb.Paused, mb.StateInterface = c.number(flags["penalty"]), flags["paused"] != "", flags["device"]
	return mb
}

// tellMembers writes the members of queues, and how many are in which state.
func (c *conversation) tellMembers(queues string) {
	for _, q := range c.machine.Queues() {
		if !strings.Contains(queues, q.Queue) {
			continue
		}
		fmt.Fprintf(&c.said, "%s waiting=%d agents=%+v\n", q.Queue, q.Waiting, q.Agents)
		for _, mb := range c.machine.Members(q.Queue) {
			fmt.Fprintf(&c.said, "    %s\n", describeMemberView(mb))
		}
	}
}

func describeMemberView(mb queueflow.MemberView) string {
	said := fmt.Sprintf("%s %s since=%s device=%s:%s", mb.Name, mb.State, mb.Since.Format("15:04:05.000"), mb.Device, mb.DeviceState)
	if mb.Penalty > 0 {
		said += fmt.Sprintf(" penalty=%d", mb.Penalty)
	}
	if mb.Talks > 0 {
		said += fmt.Sprintf(" talks=%d last=%s", mb.Talks, mb.LastCall.Format("15:04:05.000"))
	}
	if mb.Dynamic {
		said += " dynamic"
	}
	if !mb.FreeAt.IsZero() {
		said += " free_at=" + mb.FreeAt.Format("15:04:05.000")
	}
	return said + optional("call", mb.Call) + optional("reason", mb.Reason) + optional("by", mb.By)
}

// describeMember tells the events of members.
func describeMember(e callevent.Event) string {
	var p callevent.Member
	switch payload := e.Payload.(type) {
	case callevent.MemberAdded:
		p = payload.Member
	case callevent.MemberRemoved:
		p = payload.Member
	case callevent.MemberPaused:
		p = payload.Member
	case callevent.MemberUnpaused:
		p = payload.Member
	}
	said := fmt.Sprintf("%s %s %s", e.ID, e.Subject(), p.Agent.Name)
	if p.Paused {
		said += " paused"
	}
	if p.Dynamic {
		said += " dynamic"
	}
	if p.Penalty > 0 {
		said += fmt.Sprintf(" penalty=%d", p.Penalty)
	}
	return said + optional("reason", p.Reason) + optional("by", p.By)
}

// describeRecord tells what is stored of a member.
func describeRecord(r queueflow.MemberRecord) string {
	said := fmt.Sprintf("%s %s at=%s", r.Queue, r.Member.Endpoint, r.At.Format(time.TimeOnly))
	for _, word := range []struct {
		name string
		is   bool
	}{{"dynamic", r.Dynamic}, {"paused", r.Member.Paused}, {"removed", r.Removed}} {
		if word.is {
			said += " " + word.name
		}
	}
	if r.PenaltySet {
		said += fmt.Sprintf(" penalty=%d", r.Member.Penalty)
	}
	return said
}
