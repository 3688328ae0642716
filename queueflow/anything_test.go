package queueflow_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

var anythingSeeds = flag.Int("anything", 30, "seeds of TestAnythingMayHappenInAnyOrder")

// TestAnythingMayHappenInAnyOrder tells a small machine any news of any channel in any order, likely or not, with cuts and
// restarts: every rule of Check holds after every step, every call has one ending and one answer at most, and every
// attempt one outcome.
func TestAnythingMayHappenInAnyOrder(t *testing.T) {
	for seed := range *anythingSeeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			a := newAnything(t, uint64(seed))
			for range 1500 {
				a.step()
			}
			require.LessOrEqual(t, a.outcomes, a.made, "a restart forgets attempts, and nothing tells one twice")
		})
	}
}

// anything is a machine, and all channels and bridges of which it was told or that it made.
type anything struct {
	t        *testing.T
	random   *rand.Rand
	machine  *queueflow.Machine
	settings queueflow.Settings
	policies queueflow.Policies
	// everything are the queues that there are at times.
	everything map[string]queueflow.Policy
	now        time.Time
	count      int

	callers, legs []queueflow.Channel
	bridges       []string
	played        []queueflow.Play
	commands      []queueflow.Command
	recordings    []string

	log   []string
	saved queueflow.Snapshot
	since []callevent.Event
	// endings and answers count events by call, ids all; made and outcomes count attempts and what was told of them.
	endings, answers, ids map[string]int
	made, outcomes        int
}

func newAnything(t *testing.T, seed uint64) *anything {
	a := &anything{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), now: tenOClock,
		settings: queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: time.Minute},
		endings:  map[string]int{}, answers: map[string]int{}, ids: map[string]int{},
	}
	exit := queueflow.Exit{Dialplan: queueflow.Target{Context: "exit", Extension: "s", Priority: 1}}
	serving := func(s queueflow.Strategy, members ...string) queueflow.Serving {
		serving := queueflow.Serving{Strategy: s, RingTimeout: 5 * time.Second, WrapUp: 3 * time.Second}
		for i, name := range members {
			serving.Members = append(serving.Members, queueflow.Member{Endpoint: "PJSIP/" + name, Confirm: i == 1, Penalty: i / 2})
		}
		return serving
	}
	all := serving(queueflow.RingAll, "anna", "boris", "clara")
	all.Whisper, all.CallerAnnounce, all.MusicWhileRinging = []string{"sound:whisper"}, []string{"sound:connecting"}, queueflow.MusicRinging
	all.Recording, all.OnAgentHangup = queueflow.Recording{Mode: queueflow.RecordAlways, Format: "wav"}, exit
	one := serving(queueflow.RRMemory, "clara", "dina", "anna")
	one.Recording = queueflow.Recording{Mode: queueflow.RecordByKey, Format: "wav", Key: "*1"}
	one.Retry, one.Autopause = time.Second, queueflow.Autopause{NoAnswer: 9}
	more := serving(queueflow.RingProgressively, "boris", "dina")
	for i, s := range []*queueflow.Serving{&all, &one, &more} {
		a.vary(s, i)
	}
	a.policies = queueflow.Policies{DefaultQueue: "all", Queues: map[string]queueflow.Policy{
		"all":  {ID: "all", Music: "default", MaxWait: 30 * time.Second, OnTimeout: exit, StayOnMissingExit: true, Serving: all, Keys: queueflow.Keys{"1": {Queue: "one"}, "*": exit}},
		"one":  {ID: "one", Music: "default", Answer: queueflow.AnswerAgent, Serving: one, Keys: queueflow.Keys{"1": {Queue: "more"}}},
		"more": {ID: "more", Music: "default", Serving: more, MaxWait: time.Minute, OnTimeout: queueflow.Exit{Queue: "all"}},
	}}
	a.everything = a.policies.Queues
	a.machine = queueflow.New(a.settings, a.policies)
	a.saved = a.machine.Snapshot()
	return a
}

// vary lets a queue serve in any way.
func (a *anything) vary(s *queueflow.Serving, i int) {
	if a.random.IntN(2) == 0 {
		return
	}
	yes := func() bool { return a.random.IntN(3) == 0 }
	s.Strategy = queueflow.Strategy(a.random.IntN(int(queueflow.RingProgressively) + 1))
	s.Weight, s.RingInUse, s.WidenOnTimeout, s.Rounds = a.random.IntN(2), yes(), yes(), a.random.IntN(4)
	if yes() {
		s.Retry = 20 * time.Second
	}
	if yes() {
		s.LeaveWhenAll = queueflow.Factors(a.random.IntN(int(queueflow.FactorWrapUp) * 2))
		s.RefuseWhenAll = queueflow.Factors(a.random.IntN(int(queueflow.FactorWrapUp) * 2))
	}
	if yes() {
		none, one := 0, 1
		s.Penalties.Max = &none
		s.Escalation = []queueflow.EscalationStep{{After: 10 * time.Second, Penalties: queueflow.Penalties{Max: &one}}}
	}
	if yes() {
		s.PenaltyMembersLimit = 2
	}
	if yes() {
		s.Autopause = queueflow.Autopause{NoAnswer: 2, Busy: 2, Unavailable: 1, AllQueues: yes()}
	}
}

func (a *anything) step() {
	a.now = a.now.Add(time.Duration(a.random.IntN(800)) * time.Millisecond)
	if a.random.IntN(4) == 0 {
		if due, ok := a.machine.NextDeadline(); ok && due.Before(a.now.Add(20*time.Second)) && due.After(a.now) {
			a.now = due
		}
	}
	switch n := a.random.IntN(400); n {
	case 0:
		a.restart()
	case 1:
		a.saved, a.since = a.machine.Snapshot(), nil
	default:
		a.tell(a.news(n))
	}
}

func (a *anything) tell(in queueflow.Input) {
	out := a.machine.Step(a.now, in)
	a.log = append(a.log, fmt.Sprintf("%s %T%+v", a.now.Format("15:04:05.000"), in, in))
	for _, e := range out.Events {
		a.log = append(a.log, "    event "+describeEvent(e))
		a.tally(e)
	}
	for _, c := range out.Commands {
		a.log = append(a.log, "    "+describeCommand(c))
	}
	a.since = append(a.since, out.Events...)
	for _, n := range out.Notices {
		require.NotEqual(a.t, queueflow.NoticeViolation, n.Kind, "%s\n%s", n.Detail, a.newest())
	}
	for _, c := range out.Commands {
		a.keep(c)
	}
	require.NoError(a.t, a.machine.Check(), "%s", a.newest())
}

// newest is what was told and done last.
func (a *anything) newest() string { return strings.Join(a.log[max(0, len(a.log)-60):], "\n") }

func (a *anything) tally(e callevent.Event) {
	a.ids[e.ID]++
	require.Equal(a.t, 1, a.ids[e.ID], "events with the id %s", e.ID)
	_, err := callevent.Encode(e)
	require.NoError(a.t, err)
	switch e.Payload.(type) {
	case callevent.Missed, callevent.Completed:
		a.endings[e.Call]++
		require.Equal(a.t, 1, a.endings[e.Call], "endings of %s", e.Call)
	case callevent.Answered:
		a.answers[e.Call]++
		require.Equal(a.t, 1, a.answers[e.Call], "answers of %s", e.Call)
		require.Zero(a.t, a.endings[e.Call])
	case callevent.Offered:
		a.outcomes++
		require.Zero(a.t, a.endings[e.Call])
	}
}

// keep remembers what a command made.
func (a *anything) keep(c queueflow.Command) {
	a.commands = append(a.commands, c)
	switch c := c.(type) {
	case queueflow.CreateLeg:
		a.legs = append(a.legs, c.Channel)
		a.made++
	case queueflow.Connect:
		a.bridges = append(a.bridges, c.Bridge)
	case queueflow.Hold:
		a.bridges = append(a.bridges, c.Bridge)
	case queueflow.Play:
		a.played = append(a.played, c)
	case queueflow.StartRecording:
		a.recordings = append(a.recordings, c.Name)
	}
}

// recent gives one of the newest few of a list.
func recent[T any](a *anything, list []T) (one T) {
	if len(list) == 0 {
		return one
	}
	return list[max(0, len(list)-1-a.random.IntN(min(len(list), 6)))]
}

// any is a channel of a caller or of an agent.
func (a *anything) any() queueflow.Channel {
	if a.random.IntN(2) == 0 {
		return recent(a, a.callers)
	}
	return recent(a, a.legs)
}

func (a *anything) enter(replaces queueflow.Channel) queueflow.Input {
	a.count++
	in := queueflow.CallerEntered{
		Call: fmt.Sprintf("c%d", a.count), Channel: at(fmt.Sprintf("ch%d", a.count)), Replaces: replaces, Caller: external(a.random.IntN(3)),
		Answered: a.random.IntN(2) == 0, Args: []string{[]string{"all", "one", "more"}[a.random.IntN(3)]},
	}
	a.callers = append(a.callers, in.Channel)
	return in
}

// news is one thing that happens.
func (a *anything) news(n int) queueflow.Input {
	switch yes := a.random.IntN(2) == 0; {
	case n < 6:
		return queueflow.NodeAway{Node: testNode, LastSeen: a.now}
	case n < 20:
		return a.listed()
	case n < 50:
		return a.enter(queueflow.Channel{})
	case n < 58:
		return a.enter(a.any())
	case n < 90:
		return queueflow.CallerKnown{Channel: recent(a, a.callers)}
	case n < 130:
		leg := recent(a, a.legs)
		ch := leg
		if n == 129 {
			a.count++
			ch = at(fmt.Sprintf("picker%d", a.count))
			a.legs = append(a.legs, ch)
		}
		return queueflow.LegEntered{Channel: ch, Leg: leg.ID, Up: n == 129 || n == 128}
	case n < 140:
		return queueflow.LegRinging{Channel: recent(a, a.legs)}
	case n < 180:
		return queueflow.CallerAnswered{Channel: a.any()}
	case n < 250:
		return queueflow.BridgeJoined{Channel: a.any(), Bridge: recent(a, a.bridges)}
	case n < 260:
		return queueflow.BridgeLeft{Channel: a.any(), Bridge: recent(a, a.bridges)}
	case n < 280:
		play := recent(a, a.played)
		return queueflow.PromptFinished{Channel: play.Channel, Playback: play.Playback, Failed: yes}
	case n < 300:
		return queueflow.DigitPressed{Channel: a.any(), Digit: "1*5"[a.random.IntN(3)]}
	case n < 306:
		return queueflow.HangupRequested{Channel: a.any(), Cause: 16}
	case n < 312:
		return queueflow.CallerLeft{Channel: a.any()}
	case n < 325:
		return queueflow.ChannelGone{Channel: a.any(), Cause: []int{0, 16, 17, 19, 21, 26, 38}[a.random.IntN(7)]}
	case n < 330:
		return queueflow.LegForwarded{Channel: recent(a, a.legs)}
	case n < 335:
		return queueflow.Held{Channel: recent(a, a.legs), On: yes}
	case n < 342:
		return queueflow.Transferred{Bridge: recent(a, a.bridges), Channel: recent(a, a.legs), Attended: yes, Target: "500@internal"}
	case n < 350:
		return queueflow.ExitChecked{Channel: recent(a, a.callers), Exists: yes}
	case n < 360:
		return queueflow.DeviceChanged{Node: testNode, Device: "PJSIP/" + []string{"anna", "boris", "clara", "dina"}[a.random.IntN(4)], State: queueflow.DeviceState(a.random.IntN(9))}
	case n < 363:
		return queueflow.RecordingEnded{Node: testNode, Name: recent(a, a.recordings), Failed: yes}
	case n < 366:
		return queueflow.ChangeMember{
			Change: queueflow.MemberChange(a.random.IntN(5)), Queue: []string{"all", "one", "more", ""}[a.random.IntN(4)],
			Member: queueflow.Member{Endpoint: "PJSIP/" + []string{"anna", "boris", "clara", "dina", "elena"}[a.random.IntN(5)], Penalty: a.random.IntN(3)},
		}
	case n == 366 && yes:
		return a.reload()
	case n < 375 && len(a.commands) > 0:
		return queueflow.CommandFailed{Command: recent(a, a.commands), Gone: yes}
	}
	return queueflow.Tick{}
}

// reload lets a queue serve otherwise, or takes it away, or brings it back.
func (a *anything) reload() queueflow.Input {
	queues := make(map[string]queueflow.Policy, len(a.policies.Queues))
	for _, id := range []string{"all", "one", "more"} {
		p := a.everything[id]
		a.vary(&p.Serving, 0)
		if id == "all" || a.random.IntN(4) > 0 {
			queues[id] = p
		}
	}
	a.policies.Queues = queues
	return queueflow.PolicyChanged{Policies: a.policies}
}

// listed shows any of the channels, in any of the bridges.
func (a *anything) listed() queueflow.Input {
	in := queueflow.Listed{Node: testNode, At: a.now}
	for _, ch := range a.callers[max(0, len(a.callers)-8):] {
		if a.random.IntN(3) > 0 {
			in.Callers = append(in.Callers, queueflow.CallerEntered{
				Call: "again-" + fmt.Sprint(a.count) + ch.ID, Channel: ch, Answered: true, Bridge: recent(a, a.bridges),
			})
		}
	}
	for _, ch := range a.legs[max(0, len(a.legs)-8):] {
		if a.random.IntN(3) > 0 {
			in.Legs = append(in.Legs, queueflow.LegListed{Channel: ch, Leg: ch.ID, Up: a.random.IntN(2) == 0, Bridge: recent(a, a.bridges)})
		}
	}
	a.count++
	return in
}

// restart begins anew from the last checkpoint and the events since.
func (a *anything) restart() {
	a.settings.Epoch++
	a.machine = queueflow.Restore(a.settings, a.policies, a.saved, a.now)
	for _, e := range a.since {
		a.machine.Replay(e)
	}
	require.NoError(a.t, a.machine.Check())
	a.machine.Begin(a.now)
	a.tell(queueflow.Tick{})
}
