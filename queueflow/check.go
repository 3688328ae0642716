package queueflow

import (
	"errors"
	"fmt"
	"time"

	"missedcalls/queueflow/callevent"
)

// Check looks at the whole machine and says what is not as it must be, nil when all is well. It costs a look at every
// call; tests and the simulation call it after every step. A running machine checks the calls a step touched.
func (m *Machine) Check() error {
	var errs []error
	for _, c := range m.calls {
		errs = append(errs, m.checkCall(c), m.checkClosing(c))
	}
	inLines := 0
	for queue, l := range m.lines {
		inLines += l.len()
		errs = append(errs, m.checkLine(queue, l), m.checkWatch(l))
	}
	for _, c := range m.calls {
		if c.place != nil {
			inLines--
		}
	}
	if inLines != 0 {
		errs = append(errs, fmt.Errorf("lines hold %d calls that are not known", inLines))
	}
	if len(m.channels) != len(m.calls) {
		errs = append(errs, fmt.Errorf("%d channels but %d calls", len(m.channels), len(m.calls)))
	}
	errs = append(errs, m.checkEpisodes(), m.checkAgents(), m.checkLegs(), m.checkEstimates())
	if at, ok := m.NextDeadline(); ok && !at.After(m.now) {
		errs = append(errs, fmt.Errorf("deadline %s is not after %s", at, m.now))
	}
	return errors.Join(errs...)
}

// checkEpisodes says whether every open episode is found by its id and its number, and will be closed.
func (m *Machine) checkEpisodes() error {
	s, numbered := m.episodes, 0
	for id, e := range s.byID {
		number := e.Number()
		if number != "" {
			numbered++
		}
		switch {
		case e.ID != id, number != "" && s.byNumber[number] != e:
			return fmt.Errorf("episode %s of %d calls is not where it is looked for", id, e.Calls)
		case e.Calls < 1, e.LastAt.Before(e.MissedAt), e.Reason == callevent.ReasonTaken:
			return fmt.Errorf("episode %s has %d calls, from %s to %s, the latest %s", id, e.Calls, e.MissedAt, e.LastAt, e.Reason)
		case e.alarm.index == 0, !e.alarm.at.Equal(e.Until):
			return fmt.Errorf("episode %s is open until %s, its alarm at %s", id, e.Until, e.alarm.at)
		}
	}
	switch {
	case len(s.due) != len(s.byID), numbered != len(s.byNumber), len(s.byID) > episodeLimit:
		return fmt.Errorf("%d episodes, %d alarms, %d numbers of %d", len(s.byID), len(s.due), len(s.byNumber), numbered)
	case len(s.due) == 0 && s.alarm.index != 0:
		return errors.New("no episode is open, and there is an alarm for them")
	case len(s.due) > 0 && (s.alarm.index == 0 || s.alarm.at.Sub(m.now) > time.Millisecond && s.alarm.at.After(s.due[0].at)):
		return fmt.Errorf("an episode is closed at %s, and nobody looks", s.due[0].at)
	}
	return nil
}

// checkLine says whether a line is in order, every call knowing its place.
func (m *Machine) checkLine(queue string, l *line) error {
	var last *call
	position := 0
	for c := range l.all() {
		position++
		switch {
		case c.queue != queue:
			return fmt.Errorf("call %s of queue %s is in the line of %s", c.id, c.queue, queue)
		case last != nil && !before(last, c):
			return fmt.Errorf("call %s is behind %s in %s", last.id, c.id, queue)
		case l.position(c) != position:
			return fmt.Errorf("call %s is at %d in %s, thought to be at %d", c.id, position, queue, l.position(c))
		}
		last = c
	}
	return nil
}

// checkWatch says whether a line is looked at when its queue opens or closes, if that concerns anybody.
func (m *Machine) checkWatch(l *line) error {
	p, _ := m.policy(l.queue)
	switch change := m.nextChange(p); {
	case (l.len() == 0 || !p.ExitAtClosing) && l.alarm.index != 0:
		return fmt.Errorf("the closing of %s concerns nobody and has an alarm", l.queue)
	case l.len() == 0 || !p.ExitAtClosing || change.IsZero():
	case l.alarm.index == 0 || l.alarm.at.After(change):
		return fmt.Errorf("%s may close at %s, and nobody looks", l.queue, change)
	}
	return nil
}

// checkClosing says whether a caller waits on in a queue from which its closing should have sent him away. A running
// machine does not ask: where the clock on the wall was set, it may be so for a while.
func (m *Machine) checkClosing(c *call) error {
	p, _ := m.policy(c.queue)
	if c.state != waiting || c.talk != nil || c.kept || !c.due[dueClosing].IsZero() || !m.mustGo(p) {
		return nil
	}
	if l := m.line(c.queue); l.alarm.index == 0 || l.alarm.at.Sub(m.now) > time.Millisecond {
		return fmt.Errorf("call %s waits in %s, which is closed", c.id, c.queue)
	}
	return nil
}

// checkCall says whether one call is as it must be, at a cost that does not grow with the number of calls.
func (m *Machine) checkCall(c *call) error {
	_, due := c.nextDue()
	switch {
	case m.channels[c.channel] != c:
		return fmt.Errorf("call %s: its channel belongs to another", c.id)
	case c.state == waiting && c.place == nil:
		return fmt.Errorf("call %s waits in no line", c.id)
	case c.state != waiting && c.state != checking && c.place != nil:
		return fmt.Errorf("call %s is in a line but does not wait", c.id)
	case c.endsByDeadline() && due.IsZero():
		return fmt.Errorf("call %s is in state %d and nothing will end it", c.id, c.state)
	case !c.node.away && !c.alarm.at.Equal(due):
		return fmt.Errorf("call %s: alarm at %s, due at %s", c.id, c.alarm.at, due)
	case c.node.away && c.alarm.index != 0:
		return fmt.Errorf("call %s: alarm while its Asterisk is away", c.id)
	}
	return m.checkServing(c)
}

// endsByDeadline says whether a call is in a state that something must end by itself, whatever Asterisk tells. One that
// waits, or talks, may do so for ever.
func (c *call) endsByDeadline() bool {
	return c.state == arriving || c.state == checking || c.state == leaving
}

// checkTouched checks the calls of this step, and drops one that breaks a rule: its stay ends as an error and the
// caller goes back to the dialplan, so that somebody serves him. The others are not concerned.
func (m *Machine) checkTouched() {
	for _, c := range m.touched {
		c.touched = false
		if m.calls[c.id] != c {
			continue
		}
		if err := m.checkCall(c); err != nil {
			m.notice(NoticeViolation, c, err.Error())
			m.drop(c)
		}
	}
	m.touched = m.touched[:0]
}

func (m *Machine) drop(c *call) {
	if c.ended() {
		m.release(c)
		return
	}
	c.due = [deadlines]time.Time{}
	m.sendAway(c, departure{reason: callevent.ReasonError, toDialplan: true})
}
