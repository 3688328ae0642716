package queueflow_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// story is a day of a small queue: every kind of event, calls in every state, on two Asterisks.
type story struct {
	machine  *queueflow.Machine
	settings queueflow.Settings
	policies queueflow.Policies
	events   []callevent.Event
	// middle is a checkpoint, and how many events are in it.
	middle       queueflow.Snapshot
	middleEvents int
	now          time.Time
}

func newStory() *story {
	voicemail := queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}}
	s := &story{now: tenOClock, settings: queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}}
	s.policies = queueflow.Policies{DefaultQueue: "sales", Queues: map[string]queueflow.Policy{
		"sales": {
			ID: "sales", Name: "Sales", Language: "ru", Music: "default", MaxWait: time.Minute, OnTimeout: voicemail,
			Keys: queueflow.Keys{"9": {Queue: "support"}, "*": voicemail, "#": {}},
		},
		"support": {ID: "support", Name: "Support", Music: "jazz"},
		"served": {ID: "served", Name: "Served", Music: "default", Serving: queueflow.Serving{
			Strategy: queueflow.Linear, Members: []queueflow.Member{{Endpoint: "PJSIP/anna"}, {Endpoint: "PJSIP/boris"}},
			WrapUp: time.Second, Retry: time.Hour,
		}},
		"empty": {ID: "empty", Name: "Empty", Serving: queueflow.Serving{RefuseWhenAll: queueflow.FactorPaused}, OnEmpty: queueflow.Exit{Queue: "support"}},
		"hard":  {ID: "hard", Name: "Hard", Serving: queueflow.Serving{RefuseWhenAll: queueflow.FactorPaused}},
	}}
	s.machine = queueflow.New(s.settings, s.policies)
	s.tell()
	return s
}

func at(id string) queueflow.Channel { return queueflow.Channel{Node: testNode, ID: id} }

// step lets a second pass, except before an answer of Asterisk, which comes at once.
func (s *story) step(in queueflow.Input) {
	if _, answer := in.(queueflow.CallerKnown); !answer {
		s.now = s.now.Add(time.Second)
	}
	s.events = append(s.events, s.machine.Step(s.now, in).Events...)
}

// callers are those who show a number, by what they do.
var callers = map[string]int{"left": 1, "refused": 2, "hung up on": 1, "lost": 3, "taken": 2, "left again": 2}

func (s *story) enter(id string, args ...string) {
	in := queueflow.CallerEntered{
		Call: "call-" + id, Channel: at(id), Args: args, Language: "en", Answered: true, Dialled: "74951234567", Timestamp: "now",
	}
	if n, known := callers[id]; known {
		in.Caller = external(n)
	}
	s.step(in)
	s.step(queueflow.CallerKnown{Channel: at(id), LinkedID: id})
}

func (s *story) tell() {
	s.enter("waits")
	s.enter("first", "sales", "priority=5", "music=own", "skills=ru+vip", "max_wait=600")
	s.enter("moves")
	s.step(queueflow.DigitPressed{Channel: at("moves"), Digit: '9'})
	s.step(queueflow.DigitPressed{Channel: at("moves"), Digit: '4'})
	s.enter("left")
	s.step(queueflow.HangupRequested{Channel: at("left"), Cause: 16})
	s.step(queueflow.CallerLeft{Channel: at("left"), Timestamp: "now"})
	s.enter("refused", "hard")
	s.middle, s.middleEvents = s.machine.Snapshot(), len(s.events)
	s.enter("passed on", "empty")
	s.enter("moves later")
	s.step(queueflow.DigitPressed{Channel: at("moves later"), Digit: '9'})
	s.enter("hung up on")
	s.step(queueflow.DigitPressed{Channel: at("hung up on"), Digit: '#'})
	s.enter("sent on")
	s.step(queueflow.DigitPressed{Channel: at("sent on"), Digit: '*'})
	s.step(queueflow.ExitChecked{Channel: at("sent on"), Exists: true})
	s.enter("lost")
	s.step(queueflow.CommandFailed{Command: queueflow.Answer{Channel: at("lost")}, Gone: true})
	s.now = s.now.Add(5 * time.Second)
	s.step(queueflow.Tick{})
	s.step(queueflow.QueueOverride{Queue: "support", State: queueflow.StateOpen, By: "anna", Why: "a fair"})
	s.step(queueflow.QueueOverride{Queue: "hard", State: queueflow.StateClosed, Until: s.now.Add(time.Hour)})
	s.step(queueflow.QueueOverride{Queue: "empty", State: queueflow.StateClosed, Until: s.now.Add(2 * time.Second)}) // over soon
	s.enter("taken")
	s.step(queueflow.CallerLeft{Channel: at("taken"), Timestamp: "now"})
	s.step(queueflow.ResolveMissed{Number: external(2).E164, By: "anna", Why: "she called back"})
	s.serve()
	s.enter("left again")
	s.step(queueflow.HangupRequested{Channel: at("left again"), Cause: 16})
	s.step(queueflow.CallerLeft{Channel: at("left again"), Timestamp: "now"})
}

// serve lets one caller get through whom the first agent refused, one be handed on, and one hear that his agent hung up.
func (s *story) serve() {
	s.enter("talks", "served")
	s.step(queueflow.ChannelGone{Channel: at("missedcalls-leg-call-talks-1-1"), Cause: 21, SIP: 603})
	s.answer("talks", 2)
	s.step(queueflow.Held{Channel: at("missedcalls-leg-call-talks-1-2"), On: true})
	s.step(queueflow.Held{Channel: at("missedcalls-leg-call-talks-1-2")})
	s.enter("handed on", "served")
	s.answer("handed on", 1)
	s.step(queueflow.Transferred{
		Bridge: "missedcalls-talk-call-handed on-1-1", Channel: at("missedcalls-leg-call-handed on-1-1"), Target: "500@internal",
	})
	s.step(queueflow.CallerEntered{Channel: at("other"), Replaces: at("missedcalls-leg-call-handed on-1-1"), Answered: true})
	s.step(queueflow.ChannelGone{Channel: at("missedcalls-leg-call-handed on-1-1")})
	s.enter("hung up on by an agent", "served")
	s.answer("hung up on by an agent", 1)
	s.step(queueflow.ChannelGone{Channel: at("missedcalls-leg-call-hung up on by an agent-1-1")})
}

// answer lets a call's attempt of a number lead to a talk.
func (s *story) answer(id string, attempt int) {
	suffix := fmt.Sprintf("call-%s-1-%d", id, attempt)
	s.step(queueflow.CallerAnswered{Channel: at("missedcalls-leg-" + suffix)})
	s.step(queueflow.BridgeJoined{Channel: at("missedcalls-leg-" + suffix), Bridge: "missedcalls-talk-" + suffix})
	s.step(queueflow.BridgeJoined{Channel: at(id), Bridge: "missedcalls-talk-" + suffix})
}

func (s *story) restore(state queueflow.Snapshot) *queueflow.Machine {
	return queueflow.Restore(s.settings, s.policies, state, s.now)
}

func replay(m *queueflow.Machine, events []callevent.Event) *queueflow.Machine {
	for _, e := range events {
		m.Replay(e)
	}
	return m
}

func TestAStateSurvivesBeingWrittenAndReadAgain(t *testing.T) {
	s := newStory()
	before := s.machine.Snapshot()
	require.NotEmpty(t, before.Lost)
	require.Len(t, before.Overrides, 2)
	talks := 0
	for _, c := range before.Calls {
		if c.Talk != nil {
			talks++
		}
	}
	require.Equal(t, 2, talks)
	text, err := json.Marshal(before)
	require.NoError(t, err)
	var read queueflow.Snapshot
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, before, read)
	m := s.restore(read)
	require.NoError(t, m.Check())
	require.Equal(t, before, m.Snapshot())
	require.Equal(t, s.machine.Lines(), m.Lines())
}

// waiting is a state without what only a checkpoint knows: who is being sent away, digits, the language of a channel, how
// long a caller was on hold, and with whom he talks to whom he was handed on.
func waiting(m *queueflow.Machine) []queueflow.CallSnapshot {
	var calls []queueflow.CallSnapshot
	for _, c := range m.Snapshot().Calls {
		if c.Going == nil {
			c.Keys, c.Language, c.Answered, c.Entered.Language = "", "", false, ""
			if c.Talk != nil {
				c.Talk.Held = 0
			}
			if c.Talk != nil && c.Talk.HandedOn {
				c.Tried, c.Talk.Channel, c.Entered.Position, c.Entered.Asked = nil, "", 0, callevent.Asked{}
				c.Talk.EndedAt, c.Talk.EndedBy, c.Talk.WrapUp, c.Talk.Transfers = time.Time{}, "", 0, nil
				c.Talk.TalkingAt = time.Time{}
			}
			calls = append(calls, c)
		}
	}
	return calls
}

func TestTheEventsAloneGiveTheSameLines(t *testing.T) {
	s := newStory()
	fromNothing := replay(s.restore(queueflow.Snapshot{}), s.events)
	require.NoError(t, fromNothing.Check())
	require.Equal(t, s.machine.Lines(), fromNothing.Lines())
	require.Equal(t, waiting(s.machine), waiting(fromNothing))
}

func TestACheckpointAndTheEventsSinceGiveTheSameLines(t *testing.T) {
	s := newStory()
	m := replay(s.restore(s.middle), s.events[s.middleEvents:])
	require.NoError(t, m.Check())
	require.Equal(t, s.machine.Lines(), m.Lines())
	require.Equal(t, waiting(s.machine), waiting(m))
}

func TestEventsMayBeReplayedTwice(t *testing.T) {
	s := newStory()
	for name, from := range map[string]queueflow.Snapshot{"from nothing": {}, "from a checkpoint": s.middle, "from the newest": s.machine.Snapshot()} {
		m := replay(s.restore(from), s.events)
		once := m.Snapshot()
		for range 2 {
			require.Equal(t, once, replay(m, s.events).Snapshot(), name)
		}
		require.Equal(t, s.machine.Lines(), m.Lines(), name)
		require.Equal(t, waiting(s.machine), waiting(m), name)
		require.NoError(t, m.Check(), name)
	}
}

func TestEventsThatAreInTheStateTakeNothingBack(t *testing.T) {
	s := newStory()
	m := replay(s.restore(s.middle), s.events[:s.middleEvents])
	require.Equal(t, s.middle.Calls, m.Snapshot().Calls, "the digit pressed after the move is still known")
}

func TestACallThatALaterVersionEndedOtherwiseIsOver(t *testing.T) {
	for _, end := range []callevent.Payload{
		callevent.Completed{CallID: "call-waits", Queue: "sales"},
		callevent.CallbackRequested{Ticket: callevent.Ticket{CallID: "call-waits", Queue: "sales"}},
	} {
		s := newStory()
		ended := callevent.Event{ID: callevent.EndID("call-waits"), Call: "call-waits", Time: s.now, Payload: end}
		m := replay(s.restore(queueflow.Snapshot{}), append(s.events, ended, ended))
		require.NoError(t, m.Check())
		require.Len(t, waiting(m), len(waiting(s.machine))-1)
		for _, c := range waiting(m) {
			require.NotEqual(t, "call-waits", c.Entered.CallID)
		}
	}
}

func TestAnOldCallOfAChannelDoesNotTakeItFromTheNewOne(t *testing.T) {
	s := newStory()
	s.step(queueflow.CallerLeft{Channel: at("sent on")})
	s.step(queueflow.CallerEntered{Call: "call-again", Channel: at("sent on"), Answered: true})
	s.step(queueflow.CallerKnown{Channel: at("sent on")})
	m := replay(s.restore(s.machine.Snapshot()), s.events[:len(s.events)-1])
	require.Equal(t, s.machine.Lines(), m.Lines())
	require.Equal(t, waiting(s.machine), waiting(m))
}

func TestAfterARestartTheLineIsServedInTheSameOrderAndIdsDoNotRepeat(t *testing.T) {
	s := newStory()
	ids := make(map[string]bool)
	for _, e := range s.events {
		require.False(t, ids[e.ID], e.ID)
		ids[e.ID] = true
	}
	s.settings.Epoch++
	m := replay(s.restore(s.middle), s.events[s.middleEvents:])
	listed := queueflow.Listed{Node: testNode, At: s.now}
	for _, c := range s.machine.Snapshot().Calls {
		listed.Callers = append(listed.Callers, queueflow.CallerEntered{Call: "new-" + c.Channel, Channel: at(c.Channel)})
	}
	m.Step(s.now, listed)
	out := m.Step(s.now.Add(time.Second), queueflow.DigitPressed{Channel: at("waits"), Digit: '9'})
	require.Len(t, out.Events, 1)
	require.False(t, ids[out.Events[0].ID], out.Events[0].ID)
	require.Equal(t, tenOClock.Add(time.Second), out.Events[0].Payload.(callevent.Moved).EnteredAt)
	require.Equal(t, 1, out.Events[0].Payload.(callevent.Moved).Position, "first of those in support, for he entered first")
}

func TestACheckpointTellsUntilWhenAnAsteriskWasSurelyHeard(t *testing.T) {
	s := newStory()
	s.settings.DeafFor = 6 * time.Second
	m := queueflow.New(s.settings, s.policies)
	seen := func() time.Time { return m.Snapshot().Nodes[0].LastSeen }
	m.Step(tenOClock, queueflow.Listed{Node: testNode, At: tenOClock})
	m.Step(tenOClock.Add(4*time.Second), queueflow.DigitPressed{Channel: at("nobody")})
	require.Equal(t, tenOClock.Add(4*time.Second), seen(), "its news")
	m.Step(tenOClock.Add(5*time.Second), queueflow.Tick{})
	require.Equal(t, tenOClock.Add(4*time.Second), seen(), "nothing but time")
	m.Step(tenOClock.Add(20*time.Second), queueflow.Tick{})
	require.Equal(t, tenOClock.Add(14*time.Second), seen(), "a cut would be known by now")
	m.Step(tenOClock.Add(30*time.Second), queueflow.NodeAway{Node: testNode, LastSeen: tenOClock.Add(22 * time.Second)})
	m.Step(tenOClock.Add(60*time.Second), queueflow.Tick{})
	require.Equal(t, tenOClock.Add(22*time.Second), seen(), "nothing since the cut")
}

func TestAQueueThatIsGoneAfterARestartKeepsItsCallers(t *testing.T) {
	s := newStory()
	delete(s.policies.Queues, "support")
	m := s.restore(s.machine.Snapshot())
	require.NoError(t, m.Check())
	require.Equal(t, s.machine.Lines()[3], m.Lines()[3])
}
