package arimock

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Step is one thing that a phone does while it talks, at a time from its answer. One of the fields besides says what.
type Step struct {
	After time.Duration
	// Key is a key pressed, Hold puts the other side on hold, Unhold takes it off.
	Key          string
	Hold, Unhold bool
	// Transfer sends the other side to a number: a phone's, or one that leads to the application. With ConsultFor the phone calls the
	// number first and talks with whoever answers there for so long. A phone whose transfer is refused goes on as if there were none.
	Transfer   string
	ConsultFor time.Duration
}

// check says what is wrong with a step.
func (step Step) check() error {
	things := 0
	for _, is := range []bool{step.Key != "", step.Hold, step.Unhold, step.Transfer != ""} {
		if is {
			things++
		}
	}
	switch {
	case things != 1:
		return errors.New("a step is one of key, hold, unhold and transfer")
	case step.Key != "" && (len(step.Key) != 1 || !strings.Contains(keypad, step.Key)):
		return fmt.Errorf("%q must be one of 0-9, *, # and A-D", step.Key)
	case step.ConsultFor > 0 && step.Transfer == "":
		return errors.New("consult_for goes with transfer")
	}
	return nil
}

// steps lets the phone do what it does while it talks; false means that the call is over.
func (l *leg) steps() bool {
	answered := time.Now()
	for _, step := range l.phone.Steps {
		select {
		case <-time.After(time.Until(answered.Add(step.After))):
		case <-l.channel.gone:
			return false
		}
		if step.Transfer != "" && step.ConsultFor > 0 {
			l.consult(step)
			continue
		}
		l.channel.s.mu.Lock()
		l.step(step)
		l.channel.s.mu.Unlock()
	}
	return true
}

// step does what takes no time. The mutex is held.
func (l *leg) step(step Step) {
	c := l.channel
	if c.hungUp {
		return
	}
	switch {
	case step.Key != "":
		c.publish(&channelDtmfReceived{c.s.head("ChannelDtmfReceived"), step.Key, pressed, c.model()})
	case step.Hold:
		c.publish(&channelHold{c.s.head("ChannelHold"), c.model(), "default"})
	case step.Unhold:
		c.unhold()
	case step.Transfer != "":
		l.transfer(step.Transfer)
	}
}

func (c *channel) unhold() { c.publish(&channelUnhold{c.s.head("ChannelUnhold"), c.model()}) }

// destination is where a number that a phone dials leads: to another phone, into the application, or nowhere.
func (s *Server) destination(number string) (phone string, application bool) {
	if name := "PJSIP/" + number; s.endpointExists(name) {
		return name, false
	}
	return "", s.options.Dialplan.extensionExists(s.options.Dialplan.Context, number)
}
