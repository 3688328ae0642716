package queueflow_test

import (
	"fmt"
	"strings"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// describeServed tells the events of agents and talks.
func describeServed(e callevent.Event) string {
	switch p := e.Payload.(type) {
	case callevent.Offered:
		return fmt.Sprintf("%s %s position=%d waited=%dms %s", e.ID, e.Subject(), p.Position, p.WaitedMS, attempt(p.Attempt))
	case callevent.Answered:
		return fmt.Sprintf("%s %s %s waited=%dms position=%d channel=%s bridge=%s%s%s", e.ID, e.Subject(), p.Agent.Name, p.WaitedMS,
			p.Position, p.AgentChannel, p.Bridge, attempted(p.Attempts), estimate(p.EstimateToldMS, p.EstimateErrorMS))
	case callevent.Completed:
		return fmt.Sprintf("%s %s %s ended_by=%s waited=%dms talked=%dms%s", e.ID, e.Subject(), p.Agent.Name, p.EndedBy, p.WaitedMS,
			p.TalkedMS, talkDetails(p))
	}
	return describeMember(e)
}

func talkDetails(p callevent.Completed) string {
	var b strings.Builder
	if p.HeldMS > 0 {
		fmt.Fprintf(&b, " held=%dms", p.HeldMS)
	}
	if p.WrapUpMS > 0 {
		fmt.Fprintf(&b, " wrap_up=%dms", p.WrapUpMS)
	}
	for _, t := range p.Transfers {
		fmt.Fprintf(&b, " %s to %s by %s", t.Kind, t.Target, t.By)
	}
	b.WriteString(optional("recording", p.Recording) + optional("sent_to", p.SentTo) + optional("bridge", p.Bridge) + hangup(p.Hangup))
	return b.String()
}

// attempted tells what came of each ringing of an agent, none for none.
func attempted(all []callevent.Attempt) string {
	var b strings.Builder
	for _, a := range all {
		b.WriteString(" [" + attempt(a) + "]")
	}
	return b.String()
}

func attempt(a callevent.Attempt) string {
	said := fmt.Sprintf("%s %s ring=%dms", a.Agent, a.Outcome, a.RingMS)
	if a.Cause != 0 || a.SIP != 0 {
		said += fmt.Sprintf(" cause=%d sip=%d", a.Cause, a.SIP)
	}
	return said
}

// describeLegCommand tells the details of a command about agents and talks, empty for one that has none.
func describeLegCommand(cmd queueflow.Command) string {
	switch c := cmd.(type) {
	case queueflow.CreateLeg:
		said := fmt.Sprintf("%s for %s showing %q <%s>", c.Endpoint, c.Caller.ID, c.CallerName, c.CallerNumber)
		if len(c.Headers)+len(c.Variables) > 0 {
			said += fmt.Sprintf(" headers=%v variables=%v", c.Headers, c.Variables)
		}
		return said
	case queueflow.DialLeg:
		return c.Timeout.String()
	case queueflow.HangupLeg:
		if c.Elsewhere {
			return "answered elsewhere"
		}
	case queueflow.Connect:
		return c.Bridge
	case queueflow.StartRecording:
		return c.Bridge + " " + c.Name + " " + c.Format
	case queueflow.StopRecording:
		return c.Name
	case queueflow.WatchDevices:
		return strings.Join(c.Devices, " ")
	case queueflow.StoreMember:
		return describeRecord(c.Record)
	case queueflow.UnwatchDevices:
		return strings.Join(c.Devices, " ")
	}
	return ""
}
