package queueflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var tenOClock = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// talk is a machine and the time.
type talk struct {
	t   *testing.T
	m   *queueflow.Machine
	now time.Time
}

func newTalk(t *testing.T, queues ...queueflow.Policy) *talk {
	p := queueflow.Policies{DefaultQueue: queues[0].ID, Queues: make(map[string]queueflow.Policy)}
	for _, q := range queues {
		p.Queues[q.ID] = q
	}
	s := queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}
	return &talk{t: t, m: queueflow.New(s, p), now: tenOClock}
}

// after steps an input some time later and gives what followed in short.
func (k *talk) after(d time.Duration, in queueflow.Input) string {
	k.now = k.now.Add(d)
	out := k.m.Step(k.now, in)
	require.NoError(k.t, k.m.Check())
	var said []string
	for _, e := range out.Events {
		said = append(said, string(e.Payload.Kind()))
	}
	for _, c := range out.Commands {
		said = append(said, strings.TrimPrefix(fmt.Sprintf("%T", c), "queueflow."))
	}
	return strings.Join(said, " ")
}

var someone = queueflow.Channel{Node: testNode, ID: "ch"}

func (k *talk) enter() { k.after(0, queueflow.CallerEntered{Call: "c", Channel: someone}) }

func (k *talk) wait() {
	k.enter()
	k.after(0, queueflow.CallerKnown{Channel: someone})
}

func (k *talk) hold() {
	k.wait()
	k.after(0, queueflow.CallerAnswered{Channel: someone})
	k.after(0, queueflow.BridgeJoined{Channel: someone, Bridge: "missedcalls-hold-c"})
}

func TestEveryDeadlineFiresAtItsInstantAndNotBefore(t *testing.T) {
	voicemail := queueflow.Exit{Dialplan: queueflow.Target{Context: "voicemail", Extension: "s", Priority: 1}}
	queue := queueflow.Policy{ID: "sales", Music: "default", MaxWait: time.Hour, Keys: queueflow.Keys{"*": voicemail, "#": {}}}
	const reception = "Answer Hold StartMusic"
	for name, c := range map[string]struct {
		before func(k *talk)
		// queue changes the queue before he comes, nil for nothing.
		queue func(p *queueflow.Policy)
		// wait and then say take turns: how long until the next deadline, and what follows.
		wait []time.Duration
		say  []string
	}{
		"nobody knows whether the number may be shown": {
			before: (*talk).enter,
			wait:   []time.Duration{500 * time.Millisecond},
			say:    []string{"entered " + reception},
		},
		"nobody knows whether the exit exists": {
			before: func(k *talk) { k.hold(); k.after(0, queueflow.DigitPressed{Channel: someone, Digit: '*'}) },
			wait:   []time.Duration{2 * time.Second},
			say:    []string{"missed Leave"},
		},
		"he is not seen to be on hold": {
			before: (*talk).wait,
			wait:   []time.Duration{3 * time.Second, 6 * time.Second, 12 * time.Second, 24 * time.Second, 30 * time.Second, 30 * time.Second},
			say:    []string{reception, reception, reception, reception, reception, reception},
		},
		"his music was refused": {
			before: func(k *talk) {
				k.hold()
				k.after(0, queueflow.CommandFailed{Command: queueflow.StartMusic{Channel: someone, Class: "default"}})
			},
			wait: []time.Duration{6 * time.Second},
			say:  []string{"StartMusic"},
		},
		"he was told to go into the dialplan and is still there": {
			before: func(k *talk) {
				k.hold()
				k.after(0, queueflow.DigitPressed{Channel: someone, Digit: '*'})
				k.after(0, queueflow.ExitChecked{Channel: someone, Exists: true})
			},
			wait: []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second, 30 * time.Second},
			say:  []string{"Leave", "Leave", "Hangup", "Hangup", "Hangup"},
		},
		"he was hung up on and is still there": {
			before: func(k *talk) { k.hold(); k.after(0, queueflow.DigitPressed{Channel: someone, Digit: '#'}) },
			wait:   []time.Duration{5 * time.Second, 10 * time.Second},
			say:    []string{"Hangup", "Hangup"},
		},
		"Asterisk does not know his channel": {
			before: func(k *talk) {
				k.hold()
				k.after(0, queueflow.CommandFailed{Command: queueflow.Hold{Channel: someone}, Gone: true})
			},
			wait: []time.Duration{5 * time.Second},
			say:  []string{"missed DestroyBridge"},
		},
		"his wait is over": {
			before: (*talk).hold,
			wait:   []time.Duration{time.Hour},
			say:    []string{"missed Hangup"},
		},
		"he hung up just before his wait was over, and stays": {
			before: func(k *talk) {
				k.hold()
				k.after(time.Hour-time.Millisecond, queueflow.HangupRequested{Channel: someone})
				require.Empty(k.t, k.after(time.Millisecond, queueflow.Tick{}))
			},
			wait: []time.Duration{5*time.Second - time.Millisecond},
			say:  []string{"missed Hangup"},
		},
		"his queue closes": {
			before: (*talk).hold,
			queue: func(p *queueflow.Policy) {
				p.MaxWait, p.ExitAtClosing, p.OnClosed = 0, true, voicemail
				p.Hours.Weekly = []queueflow.Window{opening(workdays, clock(9, 0), clock(10, 30))}
			},
			wait: []time.Duration{30 * time.Minute},
			say:  []string{"AskExit"},
		},
		"he hung up just before his queue closed, and stays": {
			before: func(k *talk) {
				k.hold()
				k.after(30*time.Minute-time.Millisecond, queueflow.HangupRequested{Channel: someone})
				require.Empty(k.t, k.after(time.Millisecond, queueflow.Tick{}))
			},
			queue: func(p *queueflow.Policy) {
				p.MaxWait, p.ExitAtClosing = 0, true
				p.Hours.Weekly = []queueflow.Window{opening(workdays, clock(9, 0), clock(10, 30))}
			},
			wait: []time.Duration{5*time.Second - time.Millisecond},
			say:  []string{"missed Hangup"},
		},
		"his Asterisk stays away": {
			before: func(k *talk) { k.hold(); k.after(0, queueflow.NodeAway{Node: testNode, LastSeen: k.now}) },
			wait:   []time.Duration{5 * time.Minute},
			say:    []string{"missed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			queue := queue
			if c.queue != nil {
				c.queue(&queue)
			}
			k := newTalk(t, queue)
			c.before(k)
			for i, d := range c.wait {
				due, ok := k.m.NextDeadline()
				require.True(t, ok)
				require.Equal(t, k.now.Add(d), due)
				require.Empty(t, k.after(d-time.Millisecond, queueflow.Tick{}))
				require.Equal(t, c.say[i], k.after(time.Millisecond, queueflow.Tick{}))
			}
		})
	}
}

func TestALateStepFiresEveryDeadlineAtItsOwnTime(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales", Music: "default", MaxWait: time.Minute})
	k.enter()
	out := k.m.Step(tenOClock.Add(time.Hour), queueflow.Tick{})
	require.Len(t, out.Events, 2)
	missed := out.Events[1].Payload.(callevent.Missed)
	require.Equal(t, tenOClock.Add(time.Minute), missed.LeftAt)
	require.Equal(t, time.Minute.Milliseconds(), missed.WaitedMS)
}

func TestTimeNeverRunsBackwards(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales", MaxWait: time.Minute})
	k.hold()
	out := k.m.Step(tenOClock.Add(-time.Hour), queueflow.CallerLeft{Channel: someone})
	require.Equal(t, tenOClock, out.Events[0].Payload.(callevent.Missed).LeftAt)
}

func TestAMachineWithoutCallsWaitsForNothing(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales"})
	_, ok := k.m.NextDeadline()
	require.False(t, ok)
	k.hold()
	_, ok = k.m.NextDeadline()
	require.False(t, ok, "no limit and on hold: nothing is due")
}

func TestTheClosingOfAQueueIsWaitedForOnlyWhileItConcernsSomebody(t *testing.T) {
	hours := queueflow.Hours{Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0))}}
	k := newTalk(t, queueflow.Policy{ID: "sales", Hours: hours, ExitAtClosing: true}, queueflow.Policy{ID: "support", Hours: hours})
	_, ok := k.m.NextDeadline()
	require.False(t, ok, "nobody waits")
	k.hold()
	at, ok := k.m.NextDeadline()
	require.True(t, ok)
	require.Equal(t, tenOClock.Add(10*time.Hour), at)
	k.after(time.Second, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateOpen})
	_, ok = k.m.NextDeadline()
	require.False(t, ok, "open by hand, until something else is said")
	k.after(time.Second, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateAuto})
	k.after(time.Second, queueflow.CallerLeft{Channel: someone})
	_, ok = k.m.NextDeadline()
	require.False(t, ok, "he left")

	k.after(time.Second, queueflow.CallerEntered{Call: "c2", Channel: someone, Args: []string{"support"}, Answered: true})
	k.after(0, queueflow.CallerKnown{Channel: someone})
	k.after(0, queueflow.BridgeJoined{Channel: someone, Bridge: "missedcalls-hold-c2"})
	_, ok = k.m.NextDeadline()
	require.False(t, ok, "he may stay")
}

func TestAQueueThatClosedDuringARestartClosesOnceTheRestoringEnds(t *testing.T) {
	p := queueflow.Policy{ID: "sales", ExitAtClosing: true, Hours: queueflow.Hours{Weekly: []queueflow.Window{opening(workdays, clock(9, 0), clock(20, 0))}}}
	k := newTalk(t, p)
	k.hold()
	policies := queueflow.Policies{DefaultQueue: "sales", Queues: map[string]queueflow.Policy{"sales": p}}
	closing := tenOClock.Add(10 * time.Hour)
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, policies, k.m.Snapshot(), closing.Add(-time.Second))
	at, ok := m.NextDeadline()
	require.True(t, ok)
	require.Equal(t, closing, at)
	m.Begin(closing.Add(time.Second)) // reading the events took a while
	require.NoError(t, m.Check())
	at, ok = m.NextDeadline()
	require.True(t, ok)
	require.Equal(t, closing.Add(time.Second+time.Millisecond), at)
	m.Step(at, queueflow.Tick{})
	require.NoError(t, m.Check())
	out := m.Step(at.Add(time.Second), queueflow.Listed{
		Node: testNode, At: at.Add(time.Second), Callers: []queueflow.CallerEntered{{Channel: someone, Answered: true, Bridge: "missedcalls-hold-c"}},
	})
	require.NoError(t, m.Check())
	require.Len(t, out.Events, 1)
	require.Equal(t, callevent.ReasonClosed, out.Events[0].Payload.(callevent.Missed).Reason)
}

func TestTheTextsOfAnOverrideAreBounded(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales"})
	long := strings.Repeat("ы", 1000)
	k.after(0, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateClosed, By: "a" + long, Why: long})
	o := k.m.Snapshot().Overrides
	require.Len(t, o, 1)
	require.Equal(t, "a"+strings.Repeat("ы", 99), o[0].By)
	require.Equal(t, strings.Repeat("ы", 100), o[0].Why)
	k.after(0, queueflow.QueueOverride{Queue: "sales", State: queueflow.StateAuto})
	require.Empty(t, k.m.Snapshot().Overrides)
}

func TestAsterisksMayStayAwayWithoutLimit(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales", MaxWait: time.Minute})
	k.m = queueflow.New(queueflow.Settings{Application: "missedcalls"}, queueflow.Policies{
		DefaultQueue: "sales", Queues: map[string]queueflow.Policy{"sales": {ID: "sales"}},
	})
	k.hold()
	k.after(time.Second, queueflow.NodeAway{Node: testNode, LastSeen: k.now})
	_, ok := k.m.NextDeadline()
	require.False(t, ok)
	require.Empty(t, k.after(1000*time.Hour, queueflow.Tick{}))
}

func TestThePrintedKeysAreBounded(t *testing.T) {
	k := newTalk(t, queueflow.Policy{ID: "sales"})
	k.hold()
	for range 1000 {
		k.after(0, queueflow.DigitPressed{Channel: someone, Digit: '5'})
	}
	out := k.m.Step(k.now, queueflow.CallerLeft{Channel: someone})
	require.Equal(t, strings.Repeat("5", 64), out.Events[0].Payload.(callevent.Missed).Keys)
}

func TestTheRefusalsOfACallWhoseQueuesLeadInACircleAreBounded(t *testing.T) {
	to := func(queue string) queueflow.Exit { return queueflow.Exit{Queue: queue} }
	k := newTalk(t,
		queueflow.Policy{ID: "sales", MaxWait: time.Second, OnTimeout: to("closed")},
		queueflow.Policy{ID: "closed", Serving: queueflow.Serving{RefuseWhenAll: queueflow.FactorPaused}, OnEmpty: to("sales")})
	k.hold()
	for range 1000 {
		require.Equal(t, "moved", k.after(time.Second, queueflow.Tick{}))
	}
	out := k.m.Step(k.now, queueflow.CallerLeft{Channel: someone})
	require.Len(t, out.Events[0].Payload.(callevent.Missed).RefusedBy, 32)
}
