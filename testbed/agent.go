package testbed

import (
	"errors"
	"slices"
	"testing"
	"time"

	"missedcalls/testbed/hearing"
)

// Behaviour is how a phone takes every call.
type Behaviour struct {
	// RingFor is how long it rings before it answers or refuses; 0 is for ever, until the caller's side cancels.
	RingFor time.Duration
	// Status is the final answer: 200, or a refusal such as 486 (busy) or 603 (declined). Unless given it is 200.
	Status int
	// ForwardTo is the number that a refusal with status 302 names.
	ForwardTo string
	// AtCancel makes a phone answer in the moment it is told that the caller's side gave up: its answer crosses the CANCEL.
	AtCancel bool
	// Steps are what it does while it talks, in order of time.
	Steps []Step
	// TalkFor is how long it talks before it hangs up; 0 is until the other side does. A phone that was told what became of its
	// transfer hangs up at once, as phones do, if TalkFor is 0; what is left of another TalkFor counts from then.
	TalkFor time.Duration
	// Record keeps what is heard on the phone; see AgentRun.Recording.
	Record bool
}

// Answers is a phone picked up after ringing for a time, and hung up after talking for a time (0: never).
func Answers(after, talk time.Duration) Behaviour {
	return Behaviour{RingFor: after, Status: 200, TalkFor: talk}
}

// Busy is a phone that is engaged.
func Busy() Behaviour { return Refuses(486) }

// Refuses is a phone that answers a call with a status at once: 486 engaged, 603 declined, 480 do not disturb, 404 unknown.
func Refuses(status int) Behaviour { return Behaviour{RingFor: time.Millisecond, Status: status} }

// Forwards is a phone that sends its calls to another number.
func Forwards(to string) Behaviour {
	return Behaviour{RingFor: time.Millisecond, Status: 302, ForwardTo: to}
}

// NeverAnswers is a phone that rings in an empty room.
func NeverAnswers() Behaviour { return Behaviour{} }

// AnswersAtCancel is a phone that is picked up in the moment the caller's side gives up.
func AnswersAtCancel() Behaviour { return Behaviour{AtCancel: true} }

// Then is the same phone with steps it takes while it talks.
func (b Behaviour) Then(steps ...Step) Behaviour {
	b.Steps = append(slices.Clip(b.Steps), steps...)
	return b
}

// Recorded is the same phone with what is heard on it kept.
func (b Behaviour) Recorded() Behaviour {
	b.Record = true
	return b
}

// AgentRun is a phone switched on.
type AgentRun struct {
	number string
	sipp   *sipp
	// ear is nil for a phone that is not recorded.
	ear *recorder
}

// Agent switches on the phone of an agent (101 to 110, or 121 to 123, which have to Register) until the end of the test. It takes any
// number of calls, one after another or at once.
func (a *Asterisk) Agent(t testing.TB, number string, behaviour Behaviour) *AgentRun {
	t.Helper()
	r, err := a.startAgent(number, behaviour)
	if err != nil {
		t.Fatalf("testbed: agent %s: %v", number, err)
	}
	t.Cleanup(r.Stop)
	return r
}

// Crowd switches on all phones of the crowd (see WithCrowd) until the end of the test. They are one SIPp, and behave alike.
func (a *Asterisk) Crowd(t testing.TB, behaviour Behaviour) *AgentRun {
	t.Helper()
	if len(a.settings.Crowd) == 0 {
		t.Fatal("testbed: there is no crowd; start Asterisk with WithCrowd")
	}
	r, err := a.switchOn("", a.settings.Crowd[0].Port, behaviour)
	if err != nil {
		t.Fatalf("testbed: crowd: %v", err)
	}
	t.Cleanup(r.Stop)
	return r
}

func (a *Asterisk) startAgent(number string, behaviour Behaviour) (*AgentRun, error) {
	port, err := a.agentPort(number)
	if err != nil {
		return nil, err
	}
	return a.switchOn(number, port, behaviour)
}

func (a *Asterisk) switchOn(number string, port int, behaviour Behaviour) (*AgentRun, error) {
	s, err := newSIPP(a.Folder)
	if err != nil {
		return nil, err
	}
	s.port = port
	r := &AgentRun{number: number, sipp: s}
	if err := r.start(a.SIPAddr(), behaviour); err != nil {
		r.Stop()
		return nil, err
	}
	return r, nil
}

func (r *AgentRun) start(target string, behaviour Behaviour) error {
	mediaPort := r.sipp.mediaPort()
	if behaviour.Record {
		ear, err := newRecorder(defaultLimit)
		if err != nil {
			return err
		}
		r.ear, mediaPort = ear, ear.port()
	}
	scenario, err := renderAgent(r.number, behaviour, mediaPort)
	if err != nil {
		return err
	}
	if err := r.sipp.start(target, scenario); err != nil {
		return err
	}
	return r.sipp.waitListening(5 * time.Second)
}

func (a *Asterisk) agentPort(number string) (int, error) {
	for _, agent := range slices.Concat(a.settings.Agents, a.settings.Roaming) {
		if agent.Number == number {
			return agent.Port, nil
		}
	}
	return 0, errors.New("there is no such phone; there are 101 to 110, and 121 to 123 that register")
}

// Calls returns what has happened to each call the phone got, in the order they came. Number and CallerName are the caller id it was
// shown, DID the phone's own number.
func (r *AgentRun) Calls() []CallResult {
	return foldAgent(r.number, r.sipp.messages())
}

// Recording returns what was heard on a phone so far, all its calls on one tape of at most five minutes. It is empty for a phone that is
// not recorded.
func (r *AgentRun) Recording() hearing.Recording {
	if r.ear == nil {
		return hearing.Recording{}
	}
	return r.ear.recording()
}

// Stop switches the phone off at once: calls it is in are not hung up.
func (r *AgentRun) Stop() {
	r.sipp.stop()
	if r.ear != nil {
		r.ear.stop()
	}
}
