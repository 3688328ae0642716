package queueflow

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkEstimate makes the estimate of one caller in a queue whose forty agents serve so many queues beside, with ten
// callers waiting in each.
func BenchmarkEstimate(b *testing.B) {
	const node = "http://127.0.0.1:8088/ari"
	for _, queues := range []int{1, 10, 70} {
		b.Run(fmt.Sprintf("%d queues", queues), func(b *testing.B) {
			p := Policies{Queues: map[string]Policy{}}
			for q := range queues {
				id := fmt.Sprintf("q%02d", q)
				policy := Policy{ID: id}
				for a := range 40 {
					policy.Serving.Members = append(policy.Serving.Members, Member{Endpoint: fmt.Sprintf("PJSIP/%d", a)})
				}
				p.Queues[id] = policy
			}
			m := New(Settings{Application: "missedcalls", Epoch: 1}, p)
			now := time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)
			m.Step(now, Listed{Node: node, At: now})
			for a := range 40 {
				m.Step(now, DeviceChanged{Node: node, Device: fmt.Sprintf("PJSIP/%d", a), State: DeviceInUse})
			}
			var last *call
			for n := range 10 * queues {
				ch := Channel{Node: node, ID: fmt.Sprintf("ch%d", n)}
				m.Step(now, CallerEntered{Call: fmt.Sprintf("c%d", n), Channel: ch, Args: []string{fmt.Sprintf("q%02d", n%queues)}})
				m.Step(now, CallerKnown{Channel: ch, Withheld: true})
				last = m.channels[ch]
			}
			for b.Loop() {
				m.estimate(last, m.line(last.queue))
			}
		})
	}
}
