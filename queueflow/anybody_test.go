package queueflow_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var anybodySeeds = flag.Int("anybody", 20, "seeds of TestAnybodyMayComeAndGo")

// TestAnybodyMayComeAndGo lets members come, go, pause, be in use and out of reach, queues change their policies, and the
// program start anew, while callers wait and phones ring: every rule of Check holds after every step. So nobody who is
// idle stands beside a caller he could serve, nobody is reserved twice, and every count is right.
func TestAnybodyMayComeAndGo(t *testing.T) {
	for seed := range *anybodySeeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			a := newAnybody(t, uint64(seed))
			for range 600 {
				a.act()
			}
			require.Positive(t, a.rung, "nobody was rung")
		})
	}
}

// anybody is a machine with a few queues and agents, some of whom are in all of them.
type anybody struct {
	t        *testing.T
	dice     *rand.Rand
	machine  *queueflow.Machine
	settings queueflow.Settings
	policies queueflow.Policies
	now      time.Time
	calls    int
	waiting  []queueflow.Channel
	legs     map[queueflow.Channel]bool
	rung     int
	saved    queueflow.Snapshot
	since    []callevent.Event
}

func newAnybody(t *testing.T, seed uint64) *anybody {
	t.Helper()
	a := &anybody{
		t: t, dice: rand.New(rand.NewPCG(seed, 2)), now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC),
		settings: queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute},
		legs:     map[queueflow.Channel]bool{},
	}
	a.policies = a.anyPolicies()
	a.machine = queueflow.New(a.settings, a.policies)
	a.saved = a.machine.Snapshot()
	return a
}

func pick[T any](dice *rand.Rand, all ...T) T { return all[dice.IntN(len(all))] }

func (a *anybody) anyPolicies() queueflow.Policies {
	p := queueflow.Policies{Queues: map[string]queueflow.Policy{}}
	for _, id := range []string{"sales", "support", "extra"} {
		if a.dice.IntN(8) > 0 {
			p.Queues[id] = queueflow.Policy{ID: id, Music: "default", Serving: a.anyServing()}
		}
	}
	return p
}

func (a *anybody) anyServing() queueflow.Serving {
	s := queueflow.Serving{
		Strategy: queueflow.Strategy(a.dice.IntN(int(queueflow.RingProgressively) + 1)),
		Retry:    pick(a.dice, 0, 0, 2*time.Second), Rounds: pick(a.dice, 0, 0, 3), WrapUp: pick(a.dice, 0, 3*time.Second),
		Weight: a.dice.IntN(2), RingInUse: a.dice.IntN(5) == 0, WidenOnTimeout: a.dice.IntN(3) == 0,
		Autopause:           pick(a.dice, queueflow.Autopause{}, queueflow.Autopause{NoAnswer: 2, Busy: 3, AllQueues: true}),
		PenaltyMembersLimit: pick(a.dice, 0, 0, 3), MaxCallersPerAgent: pick(a.dice, 0, 0, 4),
		RefuseWhenAll: pick(a.dice, 0, 0, queueflow.FactorPaused|queueflow.FactorUnavailable),
		LeaveWhenAll: pick(a.dice, 0, 0, queueflow.FactorPaused|queueflow.FactorUnavailable,
			queueflow.FactorPaused|queueflow.FactorPenalty|queueflow.FactorInUse),
	}
	if a.dice.IntN(2) == 0 {
		s.Penalties.Max = pick(a.dice, nil, new(int))
		after := 3 * time.Second
		most := 2
		s.Escalation = []queueflow.EscalationStep{{After: after, Penalties: queueflow.Penalties{Max: &most, Raise: pick(a.dice, nil, &most)}}}
	}
	for _, name := range []string{"anna", "boris", "clara", "dora"} {
		if a.dice.IntN(2) == 0 {
			s.Members = append(s.Members, a.anyMember("PJSIP/"+name))
		}
	}
	return s
}

func (a *anybody) anyMember(endpoint string) queueflow.Member {
	return queueflow.Member{
		Endpoint: endpoint, Penalty: a.dice.IntN(3), Paused: a.dice.IntN(6) == 0,
		StateInterface: pick(a.dice, "", "", "PJSIP/shared"), Skills: pick(a.dice, nil, []string{"ru"}),
	}
}

// act lets one thing happen, after some time.
func (a *anybody) act() {
	a.now = a.now.Add(time.Duration(a.dice.IntN(1500)) * time.Millisecond)
	for {
		due, ok := a.machine.NextDeadline()
		if !ok || due.After(a.now) {
			break
		}
		a.step(due, queueflow.Tick{})
	}
	switch a.dice.IntN(12) {
	case 0, 1:
		a.enter()
	case 2:
		a.leave()
	case 3, 4, 5:
		a.leg()
	case 6, 7:
		a.step(a.now, queueflow.DeviceChanged{
			Node:   pick(a.dice, testNode, testNode, otherNode),
			Device: pick(a.dice, "PJSIP/anna", "PJSIP/boris", "PJSIP/shared", "PJSIP/emil"),
			State:  queueflow.DeviceState(a.dice.IntN(int(queueflow.DeviceOnHold) + 1)),
		})
	case 8, 9:
		a.change()
	case 10:
		a.rarely()
	case 11:
		a.saved, a.since = a.machine.Snapshot(), nil
	}
}

func (a *anybody) step(at time.Time, in queueflow.Input) {
	out := a.machine.Step(at, in)
	a.since = append(a.since, out.Events...)
	for _, c := range out.Commands {
		switch cmd := c.(type) {
		case queueflow.CreateLeg:
			a.legs[cmd.Channel] = true
			a.rung++
		case queueflow.Hangup:
			a.step(at, queueflow.CallerLeft{Channel: cmd.Channel})
		case queueflow.Leave:
			a.step(at, queueflow.CallerLeft{Channel: cmd.Channel})
		}
	}
	for _, n := range out.Notices {
		require.NotEqual(a.t, queueflow.NoticeViolation, n.Kind, n.Detail)
	}
	require.NoError(a.t, a.machine.Check(), "after %T %+v", in, in)
}

func (a *anybody) enter() {
	a.calls++
	id := "c" + strconv.Itoa(a.calls)
	ch := queueflow.Channel{Node: pick(a.dice, testNode, testNode, otherNode), ID: id}
	args := []string{pick(a.dice, "sales", "support", "extra"), pick(a.dice, "priority=0", "priority=1"), pick(a.dice, "", "", "skills=ru")}
	a.waiting = append(a.waiting, ch)
	a.step(a.now, queueflow.CallerEntered{At: a.now, Call: id, Channel: ch, Args: args, Answered: true})
	a.step(a.now, queueflow.CallerKnown{Channel: ch})
}

func (a *anybody) leave() {
	if len(a.waiting) > 0 {
		ch := pick(a.dice, a.waiting...)
		a.step(a.now, queueflow.HangupRequested{Channel: ch, Cause: 16})
		if a.dice.IntN(2) == 0 {
			a.step(a.now, queueflow.CallerLeft{Channel: ch})
		}
	}
}

// leg lets something happen to a channel to an agent, the first by its id of those that a map has no order of.
func (a *anybody) leg() {
	var ch queueflow.Channel
	for leg := range a.legs {
		if ch.ID == "" || leg.ID < ch.ID {
			ch = leg
		}
	}
	switch a.dice.IntN(6) {
	case 0, 1:
		a.step(a.now, queueflow.LegEntered{Channel: ch, Leg: ch.ID})
	case 2:
		a.step(a.now, queueflow.CallerAnswered{Channel: ch})
		if len(a.waiting) > 0 {
			for _, who := range append([]queueflow.Channel{ch}, a.waiting...) {
				talk := "missedcalls-talk-" + ch.ID[min(len(ch.ID), len("missedcalls-leg-")):]
				a.step(a.now, queueflow.BridgeJoined{Channel: who, Bridge: talk})
			}
		}
	default:
		cause := pick(a.dice, [2]int{19, 0}, [2]int{17, 486}, [2]int{21, 603}, [2]int{20, 480}, [2]int{16, 0})
		delete(a.legs, ch)
		a.step(a.now, queueflow.ChannelGone{At: a.now, Channel: ch, Cause: cause[0], SIP: cause[1]})
	}
}

func (a *anybody) change() {
	endpoint := pick(a.dice, "PJSIP/anna", "PJSIP/boris", "PJSIP/emil", "PJSIP/fred")
	a.step(a.now, queueflow.ChangeMember{
		Change: queueflow.MemberChange(a.dice.IntN(int(queueflow.SetPenalty) + 1)), Queue: pick(a.dice, "", "sales", "support", "extra"),
		Member: a.anyMember(endpoint), Reason: pick(a.dice, "", "lunch"),
	})
}

// rarely reloads the policies, cuts a connection, or starts the program anew.
func (a *anybody) rarely() {
	switch a.dice.IntN(8) {
	case 0, 1, 2:
		a.policies = a.anyPolicies()
		a.step(a.now, queueflow.PolicyChanged{Policies: a.policies})
	case 3:
		node := pick(a.dice, testNode, otherNode)
		a.step(a.now, queueflow.NodeAway{Node: node, LastSeen: a.now})
		a.list(node)
	case 4:
		a.settings.Epoch++
		a.machine = queueflow.Restore(a.settings, a.policies, a.saved, a.now)
		for _, e := range a.since {
			a.machine.Replay(e)
		}
		require.NoError(a.t, a.machine.Check())
		a.machine.Begin(a.now)
		a.saved, a.since = a.machine.Snapshot(), nil
		a.list(testNode)
		a.list(otherNode)
	}
}

// list has all callers on hold, and no channel to an agent.
func (a *anybody) list(node string) {
	in := queueflow.Listed{Node: node, At: a.now}
	for _, ch := range a.waiting {
		if ch.Node == node && a.dice.IntN(3) > 0 {
			a.calls++
			in.Callers = append(in.Callers, queueflow.CallerEntered{
				Call: "c" + strconv.Itoa(a.calls), Channel: ch, Answered: true, Bridge: "missedcalls-hold-" + ch.ID, Args: []string{"sales"},
			})
		}
	}
	a.step(a.now, in)
}
