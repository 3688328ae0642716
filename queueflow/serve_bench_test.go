package queueflow_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"missedcalls/queueflow"
)

// BenchmarkServe measures one step of a call that is served: it enters, an agent is rung, answers, the two are connected,
// the caller hangs up. ns/op is the time of one of the 13 steps, with callers waiting and agents talking in many queues.
func BenchmarkServe(b *testing.B) {
	for _, queues := range []int{1, 1000} {
		for _, waiting := range []int{10, 1_000, 100_000} {
			b.Run(fmt.Sprintf("queues=%d/waiting=%d", queues, waiting), func(b *testing.B) {
				s := newOneServed(queues, waiting)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					s.step()
				}
			})
		}
	}
}

// oneServed is a machine whose queues have ten agents each, all but one of the first queue's busy elsewhere, callers who
// wait for those, and one call after the other that is served by the one who is free.
type oneServed struct {
	machine *queueflow.Machine
	now     time.Time
	calls   int
	at      int
}

func newOneServed(queues, waiting int) *oneServed {
	s := &oneServed{now: tenOClock}
	p := queueflow.Policies{Queues: map[string]queueflow.Policy{"served": {
		ID: "served", Name: "Served", Music: "default", Serving: queueflow.Serving{Members: []queueflow.Member{{Endpoint: "PJSIP/free"}}},
	}}}
	for i := range queues {
		id := "queue-" + strconv.Itoa(i)
		queue := queueflow.Policy{ID: id, Name: id, Music: "default"}
		for k := range 10 {
			queue.Serving.Members = append(queue.Serving.Members, queueflow.Member{Endpoint: fmt.Sprintf("PJSIP/%d-%d", i, k), Paused: true})
		}
		p.Queues[id] = queue
	}
	s.machine = queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1, LostAfter: 5 * time.Minute}, p)
	for i := range waiting {
		ch := at("waiting-" + strconv.Itoa(i))
		s.tell(queueflow.CallerEntered{Call: "w" + strconv.Itoa(i), Channel: ch, Answered: true, Args: []string{"queue-" + strconv.Itoa(i%queues)}})
		s.tell(queueflow.CallerKnown{Channel: ch})
		s.tell(queueflow.BridgeJoined{Channel: ch, Bridge: queueflow.BridgePrefix("missedcalls") + "w" + strconv.Itoa(i)})
	}
	return s
}

func (s *oneServed) tell(in queueflow.Input) queueflow.Output {
	s.now = s.now.Add(time.Microsecond)
	return s.machine.Step(s.now, in)
}

// step is the next of a call's steps.
func (s *oneServed) step() {
	if s.at == 0 {
		s.calls++
	}
	call := "c" + strconv.Itoa(s.calls)
	caller, leg, bridge := at(call), at("missedcalls-leg-"+call+"-1-1"), "missedcalls-talk-"+call+"-1-1"
	var in queueflow.Input
	switch s.at {
	case 0:
		in = queueflow.CallerEntered{Call: call, Channel: caller, Answered: true, Args: []string{"served"}}
	case 1:
		in = queueflow.CallerKnown{Channel: caller}
	case 2:
		in = queueflow.BridgeJoined{Channel: caller, Bridge: queueflow.BridgePrefix("missedcalls") + call}
	case 3:
		in = queueflow.LegEntered{Channel: leg, Leg: leg.ID}
	case 4:
		in = queueflow.LegRinging{Channel: leg}
	case 5:
		in = queueflow.CallerAnswered{Channel: leg}
	case 6:
		in = queueflow.BridgeLeft{Channel: caller, Bridge: queueflow.BridgePrefix("missedcalls") + call}
	case 7:
		in = queueflow.BridgeJoined{Channel: caller, Bridge: bridge}
	case 8:
		in = queueflow.BridgeJoined{Channel: leg, Bridge: bridge}
	case 9:
		in = queueflow.HangupRequested{Channel: caller, Cause: 16}
	case 10:
		in = queueflow.CallerLeft{Channel: caller}
	case 11:
		in = queueflow.CallerLeft{Channel: leg}
	default:
		in = queueflow.ChannelGone{Channel: leg, Cause: 16}
	}
	s.at = (s.at + 1) % 13
	s.tell(in)
}
