package queueflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

// TestACallThatBreaksARuleIsDroppedAlone breaks the machine on purpose: nothing that happens to it is known to.
func TestACallThatBreaksARuleIsDroppedAlone(t *testing.T) {
	for name, harm := range map[string]func(m *Machine, c *call){
		"waits in no line":       func(m *Machine, c *call) { m.line(c.queue).remove(c) },
		"nothing will end it":    func(m *Machine, c *call) { m.sendAway(c, departure{}); m.disarm(c, dueDeparture) },
		"never leaves the door":  func(_ *Machine, c *call) { c.state = arriving },
		"has a lost alarm":       func(m *Machine, c *call) { m.alarms.set(&c.alarm, time.Time{}) },
		"has somebody's channel": func(m *Machine, c *call) { m.channels[c.channel] = &call{id: "other"} },
	} {
		t.Run(name, func(t *testing.T) {
			m, now := twoWaiting()
			harm(m, m.calls["c1"])
			require.Error(t, m.Check())
			m.touch(m.calls["c1"])
			m.out = Output{}
			out := m.Step(now.Add(time.Second), Tick{})
			require.Len(t, out.Notices, 1)
			require.Equal(t, NoticeViolation, out.Notices[0].Kind)
			require.Equal(t, "c1", out.Notices[0].Call)
			for _, e := range out.Events {
				require.Equal(t, "c1.end", e.ID)
				require.Equal(t, callevent.ReasonError, e.Payload.(callevent.Missed).Reason)
			}
			require.Equal(t, 1, m.line("sales").position(m.calls["c2"]))
		})
	}
}

func twoWaiting() (*Machine, time.Time) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	m := New(Settings{Application: "missedcalls", Epoch: 1}, Policies{
		DefaultQueue: "sales", Queues: map[string]Policy{"sales": {ID: "sales", MaxWait: time.Hour}},
	})
	for _, id := range []string{"c1", "c2"} {
		ch := Channel{Node: "n", ID: id}
		m.Step(now, CallerEntered{Call: id, Channel: ch, Answered: true})
		m.Step(now, CallerKnown{Channel: ch})
		m.Step(now, BridgeJoined{Channel: ch, Bridge: "missedcalls-hold-" + id})
	}
	return m, now
}

// closeUnseen closes a queue that nobody may stay in, and tells nobody.
func (m *Machine) closeUnseen(queue string) {
	m.policies.Queues[queue] = Policy{ID: queue, ExitAtClosing: true, MaxWait: time.Hour}
	m.overrides[queue] = QueueOverride{Queue: queue, State: StateClosed}
}

func TestCheckSeesWhatIsWrongWithTheEpisodes(t *testing.T) {
	for name, harm := range map[string]func(m *Machine, e *episode){
		"under another id":     func(_ *Machine, e *episode) { e.ID = "c2" },
		"of another number":    func(_ *Machine, e *episode) { e.Caller.E164 = "+79162222222" },
		"of nobody, but known": func(_ *Machine, e *episode) { e.Caller = callevent.Caller{} },
		"without calls":        func(_ *Machine, e *episode) { e.Calls = 0 },
		"ends before it began": func(_ *Machine, e *episode) { e.LastAt = e.MissedAt.Add(-1) },
		"of a call taken":      func(_ *Machine, e *episode) { e.Reason = callevent.ReasonTaken },
		"closed too late":      func(_ *Machine, e *episode) { e.Until = e.Until.Add(-1) },
		"never closed":         func(m *Machine, e *episode) { m.episodes.due.set(&e.alarm, time.Time{}) },
		"nobody looks":         func(m *Machine, _ *episode) { m.alarms.set(&m.episodes.alarm, time.Time{}) },
		"somebody looks late":  func(m *Machine, e *episode) { m.alarms.set(&m.episodes.alarm, e.Until.Add(1)) },
		"forgotten halfway":    func(m *Machine, e *episode) { delete(m.episodes.byID, e.ID) },
		"an alarm for none":    func(m *Machine, e *episode) { m.episodes.drop(e) },
	} {
		m, now := twoWaiting()
		m.calls["c1"].caller = callevent.Caller{E164: "+79161111111", Kind: callevent.CallerExternal}
		m.Step(now, HangupRequested{Channel: Channel{Node: "n", ID: "c1"}, Cause: 16})
		m.Step(now, CallerLeft{Channel: Channel{Node: "n", ID: "c1"}})
		require.NoError(t, m.Check())
		harm(m, m.episodes.byID["c1"])
		require.Error(t, m.Check(), name)
	}
}

func TestCheckSeesWhatIsWrongWithTheLines(t *testing.T) {
	for name, harm := range map[string]func(m *Machine){
		"out of order":     func(m *Machine) { m.calls["c1"].priority = -1 },
		"in another queue": func(m *Machine) { m.calls["c1"].queue = "support" },
		"miscounted":       func(m *Machine) { m.lines["sales"].first().place.size++ },
		"not known":        func(m *Machine) { delete(m.calls, "c1") },
		"deadline passed":  func(m *Machine) { m.now = m.now.Add(time.Hour) },
		"alarm while away": func(m *Machine) { m.nodes["n"].away = true },
		"a closing unseen": func(m *Machine) { m.closeUnseen("sales") },
		"closing for nobody": func(m *Machine) {
			m.alarms.set(&m.lines["sales"].alarm, m.now.Add(time.Hour))
		},
		"nobody looks when it closes": func(m *Machine) {
			m.policies.Queues["sales"] = Policy{ID: "sales", ExitAtClosing: true, Hours: Hours{Weekly: []Window{{Days: Everyday, Closes: 12 * time.Hour}}}}
			clear(m.phases)
		},
		"at the door and in line": func(m *Machine) {
			m.calls["c1"].state = arriving
		},
	} {
		m, _ := twoWaiting()
		require.NoError(t, m.Check())
		harm(m)
		require.Error(t, m.Check(), name)
	}
}
