package queueflow

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// createLeg is the channel of an attempt, and what the phone is told.
func (m *Machine) createLeg(at *attempt) CreateLeg {
	c := at.call
	p, _ := m.policy(at.member.queue)
	text := m.textOf(c, p)
	leg := p.Serving.AgentLeg
	return CreateLeg{
		Channel: at.channel, Endpoint: at.member.agent.endpoint, Caller: c.channel,
		CallerName: text(leg.CallerName, "{name}"), CallerNumber: text(leg.CallerNumber, "{number}"),
		Headers: filled(leg.Headers, text), Variables: filled(leg.Variables, text),
	}
}

func filled(in []Variable, text func(s, otherwise string) string) []Variable {
	if len(in) == 0 {
		return nil
	}
	out := make([]Variable, len(in))
	for i, v := range in {
		out[i] = Variable{Name: v.Name, Value: text(v.Value, "")}
	}
	return out
}

// textOf fills the texts that an agent's phone is told about a call. What came from the caller has no control characters:
// a line break would be a header of his own.
func (m *Machine) textOf(c *call, p Policy) func(s, otherwise string) string {
	waited := strconv.Itoa(int(m.now.Sub(c.enteredAt) / time.Second))
	values := strings.NewReplacer(
		"{queue}", p.ID, "{queue_name}", p.Name, "{number}", c.caller.Raw, "{e164}", c.caller.E164, "{name}", c.caller.Name,
		"{did}", c.did, "{call_id}", c.id, "{waited}", waited)
	return func(s, otherwise string) string {
		return strings.Map(printable, values.Replace(cmp.Or(s, otherwise)))
	}
}
