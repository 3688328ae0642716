package queueflow_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"missedcalls/queueflow"
)

// BenchmarkDeviceChanged measures one change of a device's state with 300 queues of 50 members, for an agent who is in one
// queue and for one who is in 70.
func BenchmarkDeviceChanged(b *testing.B) {
	for _, memberships := range []int{1, 70} {
		for _, strategy := range []string{"ringall", "rrmemory", "leastrecent"} {
			b.Run(fmt.Sprintf("queues=300/members=50/memberships=%d/%s", memberships, strategy), func(b *testing.B) {
				m, agents := crowded(300, 50, memberships, strategies[strategy])
				states := []queueflow.DeviceState{queueflow.DeviceInUse, queueflow.DeviceNotInUse}
				now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					now = now.Add(time.Microsecond)
					m.Step(now, queueflow.DeviceChanged{Node: testNode, Device: agents[i/2%len(agents)], State: states[i%2]})
				}
			})
		}
	}
}

// crowded is a machine whose agents each are in so many of the queues.
func crowded(queues, members, memberships int, s queueflow.Strategy) (*queueflow.Machine, []string) {
	p := queueflow.Policies{Queues: map[string]queueflow.Policy{}}
	var agents []string
	for i := range queues * members / memberships {
		agents = append(agents, "PJSIP/"+strconv.Itoa(i))
	}
	for q := range queues {
		id := "queue-" + strconv.Itoa(q)
		policy := queueflow.Policy{ID: id, Music: "default", Serving: queueflow.Serving{Strategy: s}}
		for i := range members {
			policy.Serving.Members = append(policy.Serving.Members, queueflow.Member{Endpoint: agents[(q*members+i)%len(agents)]})
		}
		p.Queues[id] = policy
	}
	return queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, p), agents
}

// BenchmarkServing measures a step with callers who wait and ten members for each queue: one agent becomes free and is rung
// for the first caller, is in use again, and has not answered; ns/op is the time of one step.
func BenchmarkServing(b *testing.B) {
	for _, size := range []struct{ waiting, queues, agents int }{
		{100, 1, 10}, {1_000, 10, 100}, {10_000, 100, 1_000}, {10_000, 1_000, 2_000}, {100_000, 1_000, 10_000}, {100_000, 100, 1_000},
		{100_000, 10, 100}, {100_000, 1, 10},
	} {
		b.Run(fmt.Sprintf("waiting=%d/queues=%d/agents=%d", size.waiting, size.queues, size.agents), func(b *testing.B) {
			f := newServing(size.waiting, size.queues, size.agents)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				f.turn(i)
			}
		})
	}
}

// serving is a machine with callers who wait for agents whose phones are in use.
type serving struct {
	*full
	agents int
	leg    queueflow.Channel
}

// newServing spreads the agents over the queues: one is in several where there are fewer than members.
func newServing(waiting, queues, agents int) *serving {
	f := &full{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), waiting: waiting}
	f.policies.Queues = make(map[string]queueflow.Policy)
	s := &serving{full: f, agents: agents}
	for q := range queues {
		id := "queue-" + strconv.Itoa(q)
		f.queues = append(f.queues, id)
		p := queueflow.Policy{ID: id, Music: "default", MaxWait: time.Hour, Serving: queueflow.Serving{Strategy: queueflow.LeastRecent}}
		for i := range 10 {
			p.Serving.Members = append(p.Serving.Members, queueflow.Member{Endpoint: endpointOf((10*q + i) % agents)})
		}
		f.policies.Queues[id] = p
	}
	f.machine = queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, f.policies)
	for i := range s.agents {
		f.machine.Step(f.now, queueflow.DeviceChanged{Node: testNode, Device: endpointOf(i), State: queueflow.DeviceInUse})
	}
	s.wait(waiting)
	return s
}

// wait lets so many more callers wait.
func (s *serving) wait(callers int) {
	for range callers {
		s.stay(0)
		s.stay(0)
		s.machine.Step(s.now, queueflow.CallerAnswered{Channel: s.in.Channel})
		s.machine.Step(s.now, queueflow.BridgeJoined{Channel: s.in.Channel, Bridge: queueflow.BridgePrefix("missedcalls") + s.in.Call})
		s.at = 0
	}
}

func endpointOf(i int) string { return "PJSIP/" + strconv.Itoa(i) }

func (s *serving) turn(i int) {
	s.now = s.now.Add(100 * time.Microsecond)
	device := queueflow.DeviceChanged{Node: testNode, Device: endpointOf(i / 3 * 7919 % s.agents), State: queueflow.DeviceNotInUse}
	switch i % 3 {
	case 0:
		out := s.machine.Step(s.now, device)
		s.leg = queueflow.Channel{}
		for _, c := range out.Commands {
			if leg, is := c.(queueflow.CreateLeg); is {
				s.leg = leg.Channel
			}
		}
		if s.leg.ID == "" {
			panic("an agent who became free was rung for nobody")
		}
	case 1:
		device.State = queueflow.DeviceInUse
		s.machine.Step(s.now, device)
	case 2:
		s.machine.Step(s.now, queueflow.ChannelGone{At: s.now, Channel: s.leg, Cause: 19})
	}
}
