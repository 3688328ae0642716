package testbed

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// Behaviour is how a phone takes every call.
type Behaviour struct {
	// RingFor is how long it rings before it answers or refuses; 0 is for ever, until the caller's side cancels.
	RingFor time.Duration
	// Status is the final answer: 200, or a refusal such as 486 (busy) or 603 (declined). Unless given it is 200.
	Status int
	// TalkFor is how long it talks before it hangs up; 0 is until the other side does.
	TalkFor time.Duration
}

// Answers is a phone picked up after ringing for a time, and hung up after talking for a time (0: never).
func Answers(after, talk time.Duration) Behaviour {
	return Behaviour{RingFor: after, Status: 200, TalkFor: talk}
}

// Busy is a phone that is engaged.
func Busy() Behaviour { return Behaviour{RingFor: time.Millisecond, Status: 486} }

// NeverAnswers is a phone that rings in an empty room.
func NeverAnswers() Behaviour { return Behaviour{} }

// AgentRun is a phone switched on.
type AgentRun struct {
	number string
	sipp   *sipp
}

// Agent switches on the phone of an agent (101 to 110) until the end of the test. It takes any number of calls, one after another
// or at once.
func (a *Asterisk) Agent(t testing.TB, number string, behaviour Behaviour) *AgentRun {
	t.Helper()
	r, err := a.startAgent(number, behaviour)
	if err != nil {
		t.Fatalf("testbed: agent %s: %v", number, err)
	}
	t.Cleanup(r.Stop)
	return r
}

func (a *Asterisk) startAgent(number string, behaviour Behaviour) (*AgentRun, error) {
	port, err := a.agentPort(number)
	if err != nil {
		return nil, err
	}
	s, err := newSIPP(a.Folder)
	if err != nil {
		return nil, err
	}
	s.port = port
	scenario, err := renderAgent(behaviour, s.mediaPort())
	if err == nil {
		err = s.start(a.SIPAddr(), scenario)
	}
	if err == nil {
		err = s.waitListening(5 * time.Second)
	}
	if err != nil {
		s.stop()
		return nil, err
	}
	return &AgentRun{number: number, sipp: s}, nil
}

func (a *Asterisk) agentPort(number string) (int, error) {
	for _, agent := range a.settings.Agents {
		if agent.Number == number {
			return agent.Port, nil
		}
	}
	return 0, errors.New("there is no such phone; there are 101 to 110")
}

// Calls returns what has happened to each call the phone got, in the order they came. Number is the caller id it was shown, DID
// the phone's own number.
func (r *AgentRun) Calls() []CallResult {
	return foldAgent(r.number, r.sipp.messages())
}

// Stop switches the phone off at once: calls it is in are not hung up.
func (r *AgentRun) Stop() { r.sipp.stop() }

// agentScenario is what scenarios/agent.xml is rendered from; times are milliseconds, 0 is for ever.
type agentScenario struct {
	Ring, Talk, Status, MediaPort int
	Refuses                       bool
}

func renderAgent(b Behaviour, mediaPort int) (string, error) {
	if b.Status == 0 {
		b.Status = 200
	}
	if b.Status < 200 || b.Status > 699 {
		return "", fmt.Errorf("%d is not a final answer", b.Status)
	}
	return renderScenario("agent.xml", agentScenario{
		Ring: int(b.RingFor.Milliseconds()), Talk: int(b.TalkFor.Milliseconds()),
		Status: b.Status, Refuses: b.Status >= 300, MediaPort: mediaPort,
	})
}

// foldAgent sorts messages into calls, as the one who is called sees them.
func foldAgent(number string, messages []sipMessage) []CallResult {
	var calls []*agentCall
	byID := map[string]*agentCall{}
	for _, m := range messages {
		call, known := byID[m.CallID]
		if !known {
			call = &agentCall{result: CallResult{DID: number}}
			byID[m.CallID] = call
			calls = append(calls, call)
		}
		call.see(m)
	}
	results := make([]CallResult, len(calls))
	for i, call := range calls {
		results[i] = call.result
	}
	return results
}

type agentCall struct{ result CallResult }

func (c *agentCall) see(m sipMessage) {
	r := &c.result
	switch {
	case !m.Sent && m.Status == 0 && m.Method == "INVITE" && r.InviteAt.IsZero():
		r.InviteAt, r.Number = m.At, m.From
	case m.Sent && m.Method == "INVITE" && m.Status >= 180:
		c.answers(m)
	case m.Status == 0 && (m.Method == "CANCEL" || m.Method == "BYE") && r.EndedAt.IsZero():
		r.ByeAt, r.EndedAt, r.EndedBy, r.Cause = m.At, m.At, ByRemote, m.Cause
		if m.Sent {
			r.EndedBy = ByAgent
		}
	}
}

func (c *agentCall) answers(m sipMessage) {
	r := &c.result
	switch {
	case m.Status < 200:
		r.RangAt = m.At
	case r.Status != 0:
	case m.Status < 300:
		r.Status, r.AnsweredAt = m.Status, m.At
	default:
		r.Status = m.Status
		if r.EndedAt.IsZero() {
			r.EndedAt, r.EndedBy = m.At, ByAgent
		}
	}
}
