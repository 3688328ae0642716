package queueflow

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

func TestTheEndOfAPhoneThatDidNotAnswerSaysWhy(t *testing.T) {
	for _, c := range []struct {
		cause, sip int
		want       Outcome
	}{
		{17, 486, OutcomeBusy},
		{17, 600, OutcomeBusy},
		{21, 603, OutcomeRejected},
		{1, 404, OutcomeUnavailable},
		{19, 480, OutcomeUnavailable},
		{58, 488, OutcomeUnavailable},
		{34, 503, OutcomeUnavailable},
		{38, 500, OutcomeUnavailable},
		{21, 403, OutcomeUnavailable},
		{23, 302, OutcomeForwarded},
		{18, 408, OutcomeNoAnswer},
		{127, 487, OutcomeNoAnswer},
		{19, 0, OutcomeNoAnswer},
		{18, 0, OutcomeNoAnswer},
		{16, 0, OutcomeNoAnswer},
		{0, 0, OutcomeNoAnswer},
		{17, 0, OutcomeBusy},
		{21, 0, OutcomeRejected},
		{26, 0, OutcomeCancelled},
		{20, 0, OutcomeUnavailable},
		{3, 0, OutcomeUnavailable},
	} {
		require.Equal(t, c.want, (&attempt{}).outcomeOf(c.cause, c.sip), "cause %d, SIP %d", c.cause, c.sip)
	}
	require.Equal(t, OutcomeForwarded, (&attempt{forwards: true}).outcomeOf(23, 0))
}

func TestWhatACallerIsCalledMakesNoHeaderOfHisOwn(t *testing.T) {
	m := New(Settings{Application: "missedcalls"}, Policies{})
	c := &call{id: "c1", caller: callevent.Caller{Name: "Anna\r\nX-Evil: 1", Raw: "1\n2"}, node: m.node("n")}
	text := m.textOf(c, Policy{ID: "sales"})
	require.Equal(t, "sales: Anna??X-Evil: 1", text("{queue}: {name}", ""))
	require.Equal(t, "1?2", text("", "{number}"))
	require.False(t, strings.ContainsAny(text("{name}{number}", ""), "\r\n"))
}

// served is a machine with one caller and an agent, as far as they have come.
type served struct {
	m   *Machine
	now time.Time
	at  *attempt
}

// newServed plays what happened to a caller and an agent, in this order as far as it goes: the agent's phone rings, he
// answers, the two are connected, he hands the caller on.
func newServed(state attemptState) served {
	queue := Policy{ID: "sales", Serving: Serving{Members: []Member{{Endpoint: "PJSIP/anna"}}, Whisper: []string{"sound:whisper"}}}
	s := served{
		m:   New(Settings{Application: "missedcalls", Epoch: 1}, Policies{DefaultQueue: "sales", Queues: map[string]Policy{"sales": queue}}),
		now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
	}
	caller, leg, bridge := Channel{"n", "ch"}, Channel{"n", "missedcalls-leg-c-1-1"}, "missedcalls-talk-c-1-1"
	s.tell(CallerEntered{Call: "c", Channel: caller, Answered: true})
	s.tell(BridgeJoined{Channel: caller, Bridge: "missedcalls-hold-c"}, CallerKnown{Channel: caller})
	s.at = s.m.legs[leg]
	all := []Input{
		ringing:    LegEntered{Channel: leg, Leg: leg.ID},
		whispering: CallerAnswered{Channel: leg},
		joining:    PromptFinished{Channel: leg, Playback: leg.ID + "-whisper"},
		talking:    BridgeJoined{Channel: leg, Bridge: bridge},
		hangingUp:  Transferred{Channel: leg, Bridge: bridge, Target: "500@internal"},
	}
	for _, in := range all[1:min(int(state)+1, len(all))] {
		s.tell(in)
		if s.at.state == joining {
			s.tell(BridgeJoined{Channel: caller, Bridge: bridge})
		}
	}
	if state >= hangingUp {
		s.tell(CallerEntered{Channel: Channel{"n", "other"}, Replaces: leg, Answered: true})
	}
	return s
}

func (s *served) tell(ins ...Input) {
	for _, in := range ins {
		s.now = s.now.Add(time.Millisecond)
		s.m.Step(s.now, in)
	}
}

func TestCheckSeesWhatIsWrongWithAnAttempt(t *testing.T) {
	for name, c := range map[string]struct {
		in   attemptState
		harm func(m *Machine, at *attempt)
	}{
		"nothing ends its creating":      {creating, func(m *Machine, at *attempt) { m.await(at, 0) }},
		"nothing ends its ringing":       {ringing, func(m *Machine, at *attempt) { m.await(at, 0) }},
		"nothing ends its whisper":       {whispering, func(m *Machine, at *attempt) { m.await(at, 0) }},
		"nothing ends its joining":       {joining, func(m *Machine, at *attempt) { m.await(at, 0) }},
		"its channel is not known":       {ringing, func(m *Machine, at *attempt) { delete(m.legs, at.channel) }},
		"its Asterisk does not know it":  {ringing, func(m *Machine, at *attempt) { delete(at.call.node.legs, at) }},
		"under another id":               {ringing, func(_ *Machine, at *attempt) { at.channel.ID = "other" }},
		"its channel is a caller's":      {talking, func(m *Machine, at *attempt) { m.channels[at.channel] = at.call }},
		"its alarm is lost":              {ringing, func(m *Machine, at *attempt) { m.alarms.set(&at.alarm, time.Time{}) }},
		"an alarm while away":            {ringing, func(_ *Machine, at *attempt) { at.call.node.away = true }},
		"over, and not told":             {ringing, func(_ *Machine, at *attempt) { at.over = true }},
		"its agent is not reserved":      {ringing, func(_ *Machine, at *attempt) { at.member.agent.attempt = nil }},
		"its agent is another's":         {talking, func(_ *Machine, at *attempt) { at.member.agent.attempt = &attempt{id: "other"} }},
		"the caller is elsewhere":        {ringing, func(m *Machine, at *attempt) { m.leaveBy(at.call, callevent.ReasonExitKey, Exit{}); at.state = ringing }},
		"answered and forgotten":         {whispering, func(_ *Machine, at *attempt) { at.call.talk = nil }},
		"talks before he is connected":   {whispering, func(_ *Machine, at *attempt) { at.state = talking }},
		"connected to nobody":            {talking, func(_ *Machine, at *attempt) { at.call.talk = nil }},
		"connected to one who rings":     {talking, func(_ *Machine, at *attempt) { at.state = ringing }},
		"connected to an unknown one":    {talking, func(m *Machine, at *attempt) { m.dropLeg(at) }},
		"answered twice":                 {talking, func(_ *Machine, at *attempt) { at.call.addTried(at.told, "again") }},
		"handed on to nobody":            {hangingUp, func(m *Machine, at *attempt) { m.dropLeg(at.call.talk) }},
		"handed on to his agent":         {hangingUp, func(_ *Machine, at *attempt) { at.call.talk.state = talking }},
		"nobody looks whether it goes":   {hangingUp, func(m *Machine, at *attempt) { m.await(at, 0) }},
		"rung for a call that is over":   {ringing, func(m *Machine, at *attempt) { m.discard(at.call) }},
		"reserved after the end of it":   {hangingUp, func(_ *Machine, at *attempt) { at.member.agent.attempt = at }},
		"connected, and still in a line": {talking, func(m *Machine, at *attempt) { m.put(at.call) }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServed(c.in)
			require.Equal(t, c.in, s.at.state, "the story went otherwise")
			require.NoError(t, s.m.Check())
			c.harm(s.m, s.at)
			require.Error(t, s.m.Check())
		})
	}
}

func TestEveryDeadlineOfAnAttemptFiresAtItsInstantAndNotBefore(t *testing.T) {
	leg := Channel{"n", "missedcalls-leg-c-1-1"}
	for name, c := range map[string]struct {
		in     attemptState
		before []Input
		// wait is how long until the deadline, say what follows.
		wait time.Duration
		say  string
	}{
		"the channel is never made":          {creating, nil, 5 * time.Second, "offered unavailable HangupLeg"},
		"the phone rings for ever":           {ringing, nil, 16 * time.Second, "offered no_answer HangupLeg CreateLeg"},
		"why the phone went is never told":   {ringing, []Input{CallerLeft{Channel: leg}}, time.Second, "offered unavailable"},
		"a forward is the last that is told": {ringing, []Input{LegForwarded{Channel: leg}}, time.Second, "offered forwarded HangupLeg"},
		"the whisper never ends":             {whispering, nil, time.Minute, "StopPlaying Connect Connect"},
		"one of the two never comes":         {joining, nil, 2*time.Second - time.Millisecond, "Connect"},
		"the agent is out of the bridge":     {talking, []Input{BridgeLeft{Channel: leg, Bridge: "missedcalls-talk-c-1-1"}}, 2 * time.Second, "Connect"},
		"what kind of transfer is never told": {
			talking, []Input{CallerEntered{Channel: Channel{"n", "other"}, Replaces: leg}}, 2 * time.Second, "completed",
		},
		"an agent who handed on never leaves the bridge": {hangingUp, nil, 5 * time.Second, "HangupLeg"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServed(c.in)
			s.tell(c.before...)
			due, ok := s.m.NextDeadline()
			require.True(t, ok)
			require.Equal(t, s.now.Add(c.wait), due)
			require.Empty(t, said(s.m.Step(due.Add(-1), Tick{})))
			require.Equal(t, c.say, said(s.m.Step(due, Tick{})))
			require.NoError(t, s.m.Check())
		})
	}
}

// said is what followed a step, in short.
func said(out Output) string {
	var words []string
	for _, e := range out.Events {
		words = append(words, string(e.Payload.Kind()))
		if o, is := e.Payload.(callevent.Offered); is {
			words = append(words, o.Attempt.Outcome)
		}
	}
	for _, c := range out.Commands {
		words = append(words, strings.TrimPrefix(fmt.Sprintf("%T", c), "queueflow."))
	}
	return strings.Join(words, " ")
}

// Who waits for hours beside agents who do not answer has an ending all the same: it tells the newest attempts.
func TestAnEndingTellsTheNewestAttemptsOnly(t *testing.T) {
	m := New(Settings{Application: "missedcalls", Epoch: 1}, Policies{DefaultQueue: "sales", Queues: map[string]Policy{
		"sales": {ID: "sales", Serving: Serving{Members: []Member{{Endpoint: "PJSIP/" + strings.Repeat("9", 190)}}}},
	}})
	now := time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)
	ch := Channel{Node: "http://127.0.0.1:8088/ari", ID: "caller"}
	m.Step(now, CallerEntered{Call: "c1", Channel: ch})
	out := m.Step(now, CallerKnown{Channel: ch})
	const attempts = 3000
	for range attempts {
		var leg Channel
		for _, c := range out.Commands {
			if made, is := c.(CreateLeg); is {
				leg = made.Channel
			}
		}
		now = now.Add(time.Second)
		m.Step(now, LegEntered{Channel: leg, Leg: leg.ID})
		now = now.Add(15 * time.Second)
		out = m.Step(now, ChannelGone{Channel: leg, Cause: 19, SIP: 480})
	}
	require.NoError(t, m.Check())
	out = m.Step(now, CallerLeft{Channel: ch})
	ending := out.Events[len(out.Events)-1]
	require.Len(t, ending.Payload.(callevent.Missed).Attempts, callevent.MostAttempts)
	_, err := callevent.Encode(ending)
	require.NoError(t, err)
}
