package queueflow

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// staffed is a machine with two queues, three agents and a caller who is rung for, and one who wants an agent.
func staffed() (*Machine, time.Time) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	m := New(Settings{Application: "missedcalls", Epoch: 1}, Policies{Queues: map[string]Policy{
		"sales": {ID: "sales", Serving: Serving{
			Strategy: FewestCalls, Members: []Member{{Endpoint: "P/1"}, {Endpoint: "P/2", Skills: []string{"ru"}}},
			RefuseWhenAll: FactorPaused, LeaveWhenAll: FactorPaused,
		}},
		"support": {ID: "support", Serving: Serving{Members: []Member{{Endpoint: "P/1"}, {Endpoint: "P/3", Paused: true}}}},
	}})
	for id, args := range map[string][]string{"c1": {"sales"}, "c2": {"sales", "skills=de"}} {
		ch := Channel{Node: "n", ID: id}
		m.Step(now, CallerEntered{Call: id, Channel: ch, Args: args, Answered: true})
		m.Step(now, CallerKnown{Channel: ch})
		m.Step(now, BridgeJoined{Channel: ch, Bridge: "missedcalls-hold-" + id})
	}
	return m, now
}

func TestCheckSeesWhatIsWrongWithTheAgents(t *testing.T) {
	for name, harm := range map[string]func(m *Machine){
		"reserved for nobody's call": func(m *Machine) { m.calls["c1"].attempts[0].member.agent.attempt = &attempt{call: m.calls["c2"]} },
		"free though rung":           func(m *Machine) { m.calls["c1"].attempts[0].member.agent.attempt = nil },
		"of another endpoint":        func(m *Machine) { m.agents["P/1"].endpoint = "P/9" },
		"without a device":           func(m *Machine) { delete(m.devices, "P/3") },
		"stands otherwise":           func(m *Machine) { m.agents["P/3"].standing.able = false },
		"wraps up for ever": func(m *Machine) {
			a := m.agents["P/3"]
			a.wrapUpUntil = m.now.Add(time.Hour)
			m.stand(a)
		},
		"queues out of order": func(m *Machine) {
			a := m.agents["P/1"]
			a.members[0], a.members[1] = a.members[1], a.members[0]
		},
		"of a queue that is gone":    func(m *Machine) { m.agents["P/3"].members[0].roster = nil },
		"nobody's, not forgotten":    func(m *Machine) { m.agents["P/3"].members = nil },
		"list out of order":          func(m *Machine) { m.rosters["sales"].members[0].position = 9 },
		"counted otherwise":          func(m *Machine) { m.rosters["sales"].counts[stateReady]++ },
		"entering counted otherwise": func(m *Machine) { m.rosters["sales"].enterable++ },
		"leaving counted otherwise":  func(m *Machine) { m.rosters["sales"].stayable-- },
		"moved, and not reordered":   func(m *Machine) { m.agents["P/2"].talks++ },
		"left out of the order": func(m *Machine) {
			mb := m.rosters["support"].members[1]
			mb.roster.order.Remove(&mb.seat)
		},
		"settles for ever":           func(m *Machine) { m.agents["P/3"].settles = true },
		"settling counted otherwise": func(m *Machine) { m.rosters["sales"].settling++ },
		"among the free, and is not": func(m *Machine) {
			mb := m.rosters["support"].members[1]
			mb.roster.order.SetFree(&mb.seat, true)
		},
		"idle beside a caller":        func(m *Machine) { m.calls["c2"].demand.asked = Skills{} },
		"wants, and is not known to":  func(m *Machine) { m.unwant(m.calls["c2"]) },
		"wants another step":          func(m *Machine) { m.calls["c2"].step++ },
		"is known to want, and talks": func(m *Machine) { m.calls["c2"].state = connected },
		"miscounted":                  func(m *Machine) { m.rosters["sales"].wanting++ },
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := staffed()
			require.NoError(t, m.Check())
			require.NoError(t, m.checkAgents())
			harm(m)
			require.Error(t, m.checkAgents())
		})
	}
}

// TestAnAgentIsRungAgainAtTheEndOfHisWrapUpAndNotBefore looks at the moment before an agent is rung again, and at the moment itself.
func TestAnAgentIsRungAgainAtTheEndOfHisWrapUpAndNotBefore(t *testing.T) {
	m, now := staffed()
	m.Step(now, ChangeMember{Change: PauseMember, Member: Member{Endpoint: "P/2"}})
	at := m.calls["c1"].attempts[0]
	require.Equal(t, "P/1", at.member.agent.endpoint)
	m.Step(now, CallerLeft{Channel: Channel{Node: "n", ID: "c1"}})
	m.talked(at.member.agent, now, 10*time.Second)
	m.review(at.member.agent)
	ch := Channel{Node: "n", ID: "c3"}
	m.Step(now, CallerEntered{Call: "c3", Channel: ch, Args: []string{"sales"}, Answered: true})
	m.Step(now, CallerKnown{Channel: ch})
	m.Step(now.Add(10*time.Second-1), Tick{})
	require.Empty(t, m.calls["c3"].attempts)
	m.Step(now.Add(10*time.Second), Tick{})
	require.Len(t, m.calls["c3"].attempts, 1)
}

// TestCheckSeesACallerWhoWaitsForSomebodyWhoSettlesAndIsForgotten has a phone that rang in vain, and one of a higher penalty.
func TestCheckSeesACallerWhoWaitsForSomebodyWhoSettlesAndIsForgotten(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	m := New(Settings{Application: "missedcalls", Epoch: 1}, Policies{Queues: map[string]Policy{
		"sales": {ID: "sales", Serving: Serving{Strategy: Linear, Members: []Member{{Endpoint: "P/1"}, {Endpoint: "P/2", Penalty: 1}}}},
	}})
	ch := Channel{Node: "n", ID: "c1"}
	m.Step(now, CallerEntered{Call: "c1", Channel: ch, Args: []string{"sales"}, Answered: true})
	m.Step(now, CallerKnown{Channel: ch})
	m.Step(now, DeviceChanged{Node: "n", Device: "P/1", State: DeviceRinging})
	m.Step(now.Add(time.Second), ChannelGone{Channel: m.calls["c1"].attempts[0].channel, Cause: 19})
	require.Empty(t, m.calls["c1"].attempts)
	require.NoError(t, m.checkAgents())
	clear(m.rosters["sales"].held)
	require.ErrorContains(t, m.checkAgents(), "will not be looked at then")
}
