package arimock

import (
	"fmt"
	"net/http"
	"time"
)

// controlledStep is a Step in a body.
type controlledStep struct {
	After      duration `json:"after"`
	Key        string   `json:"key"`
	Hold       bool     `json:"hold"`
	Unhold     bool     `json:"unhold"`
	Transfer   string   `json:"transfer"`
	ConsultFor duration `json:"consult_for"`
}

func (c controlledStep) step() (Step, error) {
	step := Step{
		After: time.Duration(c.After), Key: c.Key, Hold: c.Hold, Unhold: c.Unhold, Transfer: c.Transfer,
		ConsultFor: time.Duration(c.ConsultFor),
	}
	return step, step.check()
}

func (s *Server) controlPhone(ids []string, body []byte) (reply, error) {
	var p struct {
		RingFor   duration         `json:"ring_for"`
		Status    int              `json:"status"`
		ForwardTo string           `json:"forward_to"`
		TalkFor   duration         `json:"talk_for"`
		Steps     []controlledStep `json:"steps"`
	}
	if err := strictly(body, &p); err != nil {
		return reply{}, err
	}
	phone := Phone{RingFor: time.Duration(p.RingFor), Status: p.Status, ForwardTo: p.ForwardTo, TalkFor: time.Duration(p.TalkFor)}
	for _, controlled := range p.Steps {
		step, err := controlled.step()
		if err != nil {
			return reply{}, fmt.Errorf("steps: %w", err)
		}
		phone.Steps = append(phone.Steps, step)
	}
	s.SetPhone(ids[0], phone)
	return noContent(), nil
}

func (s *Server) controlStep(ids []string, body []byte) (reply, error) {
	var controlled controlledStep
	if err := strictly(body, &controlled); err != nil {
		return reply{}, err
	}
	step, err := controlled.step()
	if err != nil {
		return reply{}, err
	}
	return noContent(), s.StepPhone(ids[0], step)
}

func (s *Server) controlRegistration(ids []string, body []byte) (reply, error) {
	var r struct {
		Lasts duration `json:"lasts"`
	}
	if err := strictly(body, &r); err != nil {
		return reply{}, err
	}
	s.Register(ids[0], time.Duration(r.Lasts))
	return noContent(), nil
}

func (s *Server) controlFailure(ids []string, _ []byte) (reply, error) {
	if !s.FailRecording(ids[0], "a failure that was asked for") {
		return refusal(http.StatusNotFound, "no such recording"), nil
	}
	return noContent(), nil
}

// shownCall is a PhoneCall in an answer.
type shownCall struct {
	Channel string            `json:"channel"`
	At      string            `json:"at"`
	Number  string            `json:"number"`
	Name    string            `json:"name"`
	Headers map[string]string `json:"headers,omitempty"`
}

func (s *Server) shownCalls(name string) []shownCall {
	list := []shownCall{}
	for _, c := range s.PhoneCalls(name) {
		list = append(list, shownCall{c.Channel, stamp(c.At), c.Number, c.Name, c.Headers})
	}
	return list
}
