package testbed

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Step is something a phone does while it talks, at a time from its answer. Press, Hold, Unhold, BlindTransfer and AttendedTransfer make
// them.
type Step struct {
	// After counts from the answer.
	After time.Duration

	key, direction, transfer string
	// consultFor is how long the phone talks with the one it consults; 0 is a blind transfer.
	consultFor time.Duration
}

// Press is a key pressed, as SIP INFO, which Asterisk takes whatever the endpoint's dtmf_mode.
func Press(key string, after time.Duration) Step { return Step{After: after, key: key} }

// Hold puts the other side on hold: a re-INVITE with a=sendonly.
func Hold(after time.Duration) Step { return Step{After: after, direction: "sendonly"} }

// Unhold takes the other side off hold.
func Unhold(after time.Duration) Step { return Step{After: after, direction: "sendrecv"} }

// BlindTransfer sends the other side to a number of the context from-agents: a REFER. It is a phone's last step.
func BlindTransfer(to string, after time.Duration) Step { return Step{After: after, transfer: to} }

// AttendedTransfer calls a number of the context from-agents, talks with whoever answers for a time, and connects him with the other
// side: a REFER with Replaces. It is a phone's last step. When the number refuses, the phone hangs up; when the other side hangs up before
// the number has answered, SIPp ends both calls as it can.
func AttendedTransfer(to string, after, consultFor time.Duration) Step {
	return Step{After: after, transfer: to, consultFor: max(consultFor, time.Millisecond)}
}

func (s Step) check() error {
	switch {
	case s.key != "" && (len(s.key) != 1 || !strings.Contains("0123456789*#ABCD", s.key)):
		return fmt.Errorf("%q is not a key", s.key)
	case s.key == "" && s.direction == "" && s.transfer == "":
		return errors.New("a step does nothing; make it with Press, Hold, Unhold, BlindTransfer or AttendedTransfer")
	}
	return nil
}

// check refuses what the scenario cannot express.
func (b Behaviour) check() error {
	if b.Status < 200 || b.Status > 699 {
		return fmt.Errorf("%d is not a final answer", b.Status)
	}
	if (b.ForwardTo != "") != (b.Status == 302) {
		return errors.New("a number to forward to goes with status 302, and with no other")
	}
	last := time.Duration(0)
	for i, s := range b.Steps {
		if err := s.check(); err != nil {
			return err
		}
		if s.After < last {
			return fmt.Errorf("step %d comes before the one it follows", i)
		}
		if s.transfer != "" && i < len(b.Steps)-1 {
			return errors.New("a transfer is a phone's last step")
		}
		last = s.After
	}
	if b.TalkFor > 0 && b.TalkFor < last {
		return errors.New("the last step comes after hanging up")
	}
	return nil
}

// agentScenario is what scenarios/agent.xml is rendered from; times are milliseconds, 0 is for ever.
type agentScenario struct {
	Ring, Talk, Status, MediaPort, ByeCSeq int
	Forward                                string
	Refuses, AtCancel, Attended, Transfers bool
	Steps                                  []agentStep
}

// agentStep is a step of the scenario. Wait is from the one before, After what is left of the talk once it is taken.
type agentStep struct {
	Index, Wait, After, CSeq, MediaPort, ConsultFor int
	Number, Key, Direction, Transfer                string
	Attended                                        bool
	Refusals                                        []int
}

func renderAgent(number string, b Behaviour, mediaPort int) (string, error) {
	if b.Status == 0 {
		b.Status = 200
	}
	if err := b.check(); err != nil {
		return "", err
	}
	s := agentScenario{
		Ring: wholeMilliseconds(b.RingFor), Status: b.Status, Forward: b.ForwardTo,
		Refuses: b.Status >= 300, AtCancel: b.AtCancel, MediaPort: mediaPort, ByeCSeq: len(b.Steps) + 1,
	}
	last := time.Duration(0)
	for i, step := range b.Steps {
		s.Steps = append(s.Steps, agentStep{
			Index: i, Wait: max(1, wholeMilliseconds(step.After-last)), CSeq: i + 1, MediaPort: mediaPort, Number: number,
			Key: step.key, Direction: step.direction, Transfer: step.transfer, Attended: step.consultFor > 0,
			ConsultFor: wholeMilliseconds(step.consultFor), Refusals: refusals, After: talkLeft(b.TalkFor, step.After),
		})
		s.Transfers, s.Attended = step.transfer != "", step.consultFor > 0
		last = step.After
	}
	s.Talk = talkLeft(b.TalkFor, last)
	return renderScenario("agent.xml", s)
}

// talkLeft is what is left of a talk after a time, at least a millisecond; 0 for a talk without an end.
func talkLeft(talk, after time.Duration) int {
	if talk == 0 {
		return 0
	}
	return max(1, wholeMilliseconds(talk-after))
}

func wholeMilliseconds(d time.Duration) int { return int(d.Milliseconds()) }
