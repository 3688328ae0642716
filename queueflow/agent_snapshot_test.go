package queueflow_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// wornOut is a desk whose agents have wrap-ups, rests, pauses and failures behind them, and its policies.
func wornOut(t *testing.T) (*desk, queueflow.Policies) {
	t.Helper()
	sales := queueflow.Policy{ID: "sales", Serving: queueflow.Serving{
		Strategy: queueflow.RRMemory, WrapUp: time.Minute, Autopause: queueflow.Autopause{NoAnswer: 5},
		Members: []queueflow.Member{{Endpoint: "P/1"}, {Endpoint: "P/2", Name: "Boris"}, {Endpoint: "P/3", Skills: []string{"ru"}}},
	}}
	d := newDesk(t, sales, queueflow.Policy{ID: "support"})
	wrapUp, ringInUse := 7*time.Second, true
	d.step(queueflow.ChangeMember{Queue: "support", By: "boss", Reason: "shift", Member: queueflow.Member{
		Endpoint: "P/4", Name: "Dora", Penalty: 2, WrapUp: &wrapUp, StateInterface: "P/44", Confirm: true, RingInUse: &ringInUse, Skills: []string{"de"},
	}})
	d.step(queueflow.ChangeMember{Queue: "sales", Member: queueflow.Member{Endpoint: "P/5"}})
	d.pause("P/5", queueflow.PauseMember)
	d.step(queueflow.DeviceChanged{Node: testNode, Device: "P/2", State: queueflow.DeviceNotInUse})
	id := d.enter("sales")
	leg := func(n string) queueflow.Channel {
		return queueflow.Channel{Node: testNode, ID: "missedcalls-leg-" + id + "-1-" + n}
	}
	d.step(queueflow.LegEntered{Channel: leg("1"), Leg: leg("1").ID})
	d.step(queueflow.ChannelGone{Channel: leg("1"), Cause: 19})
	d.step(queueflow.LegEntered{Channel: leg("2"), Leg: leg("2").ID})
	d.step(queueflow.ChannelGone{Channel: leg("2"), Cause: 17, SIP: 486})
	d.step(queueflow.LegEntered{Channel: leg("3"), Leg: leg("3").ID})
	d.step(queueflow.CallerAnswered{Channel: leg("3")})
	for _, ch := range []queueflow.Channel{leg("3"), {Node: testNode, ID: id}} {
		d.step(queueflow.BridgeJoined{Channel: ch, Bridge: "missedcalls-talk-" + id + "-1-3"})
	}
	d.step(queueflow.CallerLeft{Channel: queueflow.Channel{Node: testNode, ID: id}})
	return d, queueflow.Policies{Queues: map[string]queueflow.Policy{"sales": sales, "support": {ID: "support"}}}
}

func TestAgentsSurviveBeingWrittenAndReadAgain(t *testing.T) {
	d, p := wornOut(t)
	before := d.machine.Snapshot()
	text, err := json.Marshal(before)
	require.NoError(t, err)
	var read queueflow.Snapshot
	require.NoError(t, json.Unmarshal(text, &read))
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, p, read, d.now)
	require.NoError(t, m.Check())
	assert.Equal(t, before, m.Snapshot())
	for _, queue := range []string{"sales", "support"} {
		assert.Equal(t, d.machine.Members(queue), m.Members(queue))
	}
	require.Len(t, before.Agents, 5)
	assert.Positive(t, before.Agents[0].Members[0].NoAnswer)
	assert.Positive(t, before.Agents[1].Refusals)
	assert.True(t, before.Agents[2].WrapUpUntil.After(d.now))
	assert.Equal(t, map[string]int{"sales": 3}, before.Cursors)
}

// TestTheEventsAloneBringBackWhatAgentsDid starts from nothing but the configuration and the events.
func TestTheEventsAloneBringBackWhatAgentsDid(t *testing.T) {
	d, p := wornOut(t)
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, p, queueflow.Snapshot{}, d.now)
	for range 2 { // each may come twice
		for _, e := range d.events {
			m.Replay(e)
		}
	}
	require.NoError(t, m.Check())
	was, is := d.machine.Snapshot().Agents, m.Snapshot().Agents
	require.Len(t, is, len(was))
	for i := range is {
		assert.Equal(t, was[i].WrapUpUntil, is[i].WrapUpUntil)
		assert.Equal(t, was[i].EndedAt, is[i].EndedAt)
		assert.Equal(t, was[i].OfferedAt, is[i].OfferedAt)
		assert.Equal(t, was[i].Talks, is[i].Talks)
		assert.Equal(t, was[i].Members, is[i].Members)
	}
}

func TestTheSameSeedChoosesTheSameAgents(t *testing.T) {
	chosen := func(seed uint64) []string {
		policy := queueflow.Policy{ID: "sales", Serving: queueflow.Serving{Strategy: queueflow.Random}}
		for _, e := range []string{"P/1", "P/2", "P/3", "P/4", "P/5", "P/6"} {
			policy.Serving.Members = append(policy.Serving.Members, queueflow.Member{Endpoint: e})
		}
		m := queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1, Seed: seed},
			queueflow.Policies{Queues: map[string]queueflow.Policy{"sales": policy}})
		d := &desk{t: t, machine: m, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), rung: map[string]int{}}
		for range 6 {
			d.enter("sales")
		}
		return d.endpoints
	}
	first, again := chosen(5), chosen(5)
	assert.Equal(t, first, again)
	assert.NotEqual(t, first, chosen(6))
	assert.ElementsMatch(t, first, []string{"P/1", "P/2", "P/3", "P/4", "P/5", "P/6"})
}

func TestWhatIsWrongWithAChangeOfAMember(t *testing.T) {
	d := newDesk(t, queueflow.Policy{ID: "sales", Serving: queueflow.Serving{Members: []queueflow.Member{{Endpoint: "P/1"}}}},
		queueflow.Policy{ID: "support"})
	d.step(queueflow.ChangeMember{Queue: "sales", Member: queueflow.Member{Endpoint: "P/2"}})
	for _, c := range []struct {
		change   queueflow.MemberChange
		queue    string
		endpoint string
		penalty  int
		want     error
	}{
		{queueflow.AddMember, "sales", "P/3", 0, nil},
		{queueflow.AddMember, "sales", "P/3", -1, queueflow.ErrBadPenalty},
		{queueflow.AddMember, "sales", "P/2", 0, queueflow.ErrAlreadyMember},
		{queueflow.AddMember, "sales", "P/1", 0, queueflow.ErrAlreadyMember},
		{queueflow.AddMember, "support", "P/2", 0, nil},
		{queueflow.AddMember, "nowhere", "P/2", 0, queueflow.ErrUnknownQueue},
		{queueflow.AddMember, "", "P/3", 0, queueflow.ErrUnknownQueue},
		{queueflow.AddMember, "sales", "", 0, queueflow.ErrBadEndpoint},
		{queueflow.AddMember, "sales", "anna", 0, queueflow.ErrBadEndpoint},
		{queueflow.AddMember, "sales", "P/", 0, queueflow.ErrBadEndpoint},
		{queueflow.AddMember, "sales", "P/1,30", 0, queueflow.ErrBadEndpoint},
		{queueflow.AddMember, "sales", "P/1&P/2", 0, queueflow.ErrBadEndpoint},
		{queueflow.AddMember, "sales", "P/Анна", 0, queueflow.ErrBadEndpoint},
		{queueflow.RemoveMember, "sales", "P/1", 0, queueflow.ErrConfigured},
		{queueflow.RemoveMember, "", "P/1", 0, queueflow.ErrConfigured},
		{queueflow.RemoveMember, "sales", "P/2", 0, nil},
		{queueflow.RemoveMember, "support", "P/2", 0, queueflow.ErrNoMember},
		{queueflow.RemoveMember, "sales", "P/9", 0, queueflow.ErrNoMember},
		{queueflow.PauseMember, "", "P/1", 0, nil},
		{queueflow.PauseMember, "nowhere", "P/1", 0, queueflow.ErrUnknownQueue},
		{queueflow.UnpauseMember, "sales", "P/9", 0, queueflow.ErrNoMember},
		{queueflow.SetPenalty, "", "P/1", 0, queueflow.ErrUnknownQueue},
		{queueflow.SetPenalty, "sales", "P/1", 3, nil},
		{99, "sales", "P/1", 0, queueflow.ErrUnknownChange},
	} {
		err := d.machine.MemberChange(queueflow.ChangeMember{
			Change: c.change, Queue: c.queue, Member: queueflow.Member{Endpoint: c.endpoint, Penalty: c.penalty},
		})
		require.ErrorIs(t, err, c.want, "%+v", c)
	}
}

// TestEventsOfMembersCanBeSent encodes what was told of the members of a desk.
func TestEventsOfMembersCanBeSent(t *testing.T) {
	d, _ := wornOut(t)
	members := 0
	for _, e := range d.events {
		_, err := callevent.Encode(e)
		require.NoError(t, err)
		if e.Payload.Kind() == callevent.KindMemberAdded || e.Payload.Kind() == callevent.KindMemberPaused {
			members++
			assert.Equal(t, "/missedcalls/missedcalls/", e.Source)
		}
	}
	assert.Equal(t, 3, members)
}

// talking is a desk with one agent who talks, and has talked before, and the policies that have him no longer.
func talking(t *testing.T) (*desk, queueflow.Policies) {
	t.Helper()
	sales := queueflow.Policy{ID: "sales", Serving: queueflow.Serving{
		Members: []queueflow.Member{{Endpoint: "P/1", Name: "Anna"}},
	}}
	d := newDesk(t, sales)
	for n := range 2 {
		id := d.enter("sales")
		leg := queueflow.Channel{Node: testNode, ID: "missedcalls-leg-" + id + "-1-1"}
		d.step(queueflow.LegEntered{Channel: leg, Leg: leg.ID})
		d.step(queueflow.CallerAnswered{Channel: leg})
		for _, ch := range []queueflow.Channel{leg, {Node: testNode, ID: id}} {
			d.step(queueflow.BridgeJoined{Channel: ch, Bridge: "missedcalls-talk-" + id + "-1-1"})
		}
		if n == 0 {
			d.step(queueflow.CallerLeft{Channel: queueflow.Channel{Node: testNode, ID: id}})
			d.step(queueflow.ChannelGone{Channel: leg})
		}
	}
	sales.Serving.Members = nil
	return d, queueflow.Policies{Queues: map[string]queueflow.Policy{"sales": sales}}
}

func TestAnAgentWhoIsNoMemberAnyMoreAndTalksSurvivesARestart(t *testing.T) {
	d, p := talking(t)
	d.step(queueflow.PolicyChanged{Policies: p})
	before := d.machine.Snapshot()
	require.Len(t, before.Agents, 1)
	require.NotZero(t, before.Agents[0].EndedAt)
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, p, before, d.now)
	require.NoError(t, m.Check())
	assert.Equal(t, before, m.Snapshot())
}

func TestAnAgentWhoTalksIsReservedThoughEventsOfHisTalkBeforeComeTwice(t *testing.T) {
	d, p := talking(t)
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, p, queueflow.Snapshot{}, d.now)
	for range 2 {
		for _, e := range d.events {
			m.Replay(e)
		}
		require.NoError(t, m.Check())
	}
}

// The agent hung up and took the next call while Asterisk was asked whether the place exists to which the caller goes.
func TestAnAgentWhoTookTheNextCallHasLeftTheOneBefore(t *testing.T) {
	d, p := talking(t)
	var events []callevent.Event
	for _, e := range d.events {
		if e.Payload.Kind() != callevent.KindCompleted {
			events = append(events, e)
		}
	}
	m := queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 2}, p, queueflow.Snapshot{}, d.now)
	for _, e := range events {
		m.Replay(e)
		require.NoError(t, m.Check())
	}
	calls := m.Snapshot().Calls
	require.Len(t, calls, 2)
	assert.Equal(t, callevent.EndedByAgent, calls[0].Talk.EndedBy)
	assert.False(t, calls[0].Talk.EndedAt.IsZero())
	assert.True(t, calls[1].Talk.EndedAt.IsZero())
}
