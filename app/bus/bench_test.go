package bus

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

// BenchmarkPublish is the time to durability, one message after the other and as a batch: the measure of batchFrom.
func BenchmarkPublish(b *testing.B) {
	for _, where := range []string{"embedded", "tcp"} {
		for _, n := range []int{1, 4, batchFrom, 20, 100, maxBatch} {
			b.Run(fmt.Sprintf("%s/messages=%d/singly", where, n), func(b *testing.B) { benchmarkPublish(b, where, n, true) })
			b.Run(fmt.Sprintf("%s/messages=%d/batch", where, n), func(b *testing.B) { benchmarkPublish(b, where, n, false) })
		}
	}
}

func benchmarkPublish(b *testing.B, where string, n int, singly bool) {
	target := open(b, Settings{Listen: "127.0.0.1:0", Username: "u", Password: "p"})
	if where == "tcp" {
		target = open(b, Settings{URL: "nats://" + target.Addr(), Username: "u", Password: "p"})
	}
	made := 0
	for b.Loop() {
		b.StopTimer()
		m := messages(b, made, n)
		made += n
		b.StartTimer()
		send := target.calls.publishBatch
		if singly {
			send = target.calls.publishSingly
		}
		_, err := send(b.Context(), m)
		require.NoError(b, err)
	}
}

// BenchmarkFold is the time to read CALLS at a start.
func BenchmarkFold(b *testing.B) {
	const events = 50_000
	target := open(b, Settings{})
	for i := 0; i < events; i += maxBatch {
		publish(b, target, messages(b, i, maxBatch))
	}
	for b.Loop() {
		n := 0
		_, err := target.Fold(b.Context(), 1, func(uint64, callevent.Event) error { n++; return nil })
		require.NoError(b, err)
		require.Equal(b, events, n)
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
