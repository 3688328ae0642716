package stasis

import (
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"missedcalls/app/ari"
	"missedcalls/queueflow"
)

// BenchmarkDeviceStateChanged is one change of a device's state from the frame to the end of the machine's step: 300 queues
// of 50 members each, every agent in ten of them.
func BenchmarkDeviceStateChanged(b *testing.B) {
	const queues, members, agents = 300, 50, 1500
	policies := queueflow.Policies{Queues: make(map[string]queueflow.Policy)}
	endpoint := func(i int) string { return fmt.Sprintf("PJSIP/%d", 1000+i%agents) }
	for q := range queues {
		p := queueflow.Policy{ID: fmt.Sprintf("queue-%d", q)}
		for i := range members {
			p.Serving.Members = append(p.Serving.Members, queueflow.Member{Endpoint: endpoint(q*members + i)})
		}
		policies.Queues[p.ID] = p
	}
	d := New(Config{
		Machine: queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, policies), Application: "missedcalls",
		Asterisks: map[string]Asterisk{testNode: newFake()}, Log: zerolog.Nop(),
		Observer: Observer{Ignored: func(reason string) { b.Fatal(reason) }},
	})
	d.fenced = ErrReplaced // nothing is sent
	n := d.nodes[testNode]
	n.heard = make(map[string]time.Time)
	d.step(time.Now(), queueflow.Listed{Node: testNode, At: time.Now()})
	var frames [2 * agents][]byte
	for i := range agents {
		for j, state := range []string{"INUSE", "NOT_INUSE"} {
			frames[2*i+j] = fmt.Appendf(nil, `{"type":"DeviceStateChanged","application":"missedcalls","timestamp":"2026-08-01T12:00:00.123+0300",`+
				`"device_state":{"name":%q,"state":%q},"asterisk_id":"52:54:00:12:34:56"}`, endpoint(i), state)
		}
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		event, _, err := ari.Decode(frames[i%len(frames)])
		require.NoError(b, err)
		d.observe(n, ari.Received{At: time.Now(), Event: event})
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}
