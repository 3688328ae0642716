package queueflow_test

import (
	"fmt"
	"runtime"
	"testing"
)

// BenchmarkMemory measures what a waiting call and an agent cost, in bytes of the machine alone: callers wait in a thousand
// queues, for agents whose phones are in use.
func BenchmarkMemory(b *testing.B) {
	const queues = 1000
	for _, size := range []struct{ waiting, agents int }{{10_000, 2_000}, {100_000, 10_000}} {
		b.Run(fmt.Sprintf("waiting=%d/queues=%d/agents=%d", size.waiting, queues, size.agents), func(b *testing.B) {
			var f *serving
			for b.Loop() {
				before := inUse()
				f = newServing(0, queues, size.agents)
				agents := inUse()
				f.wait(size.waiting)
				after := inUse()
				b.ReportMetric(float64(agents-before)/float64(f.agents), "B/agent")
				b.ReportMetric(float64(after-agents)/float64(size.waiting), "B/call")
			}
			runtime.KeepAlive(f)
		})
	}
}

// inUse is how much memory is in use, once what is not has been collected.
func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
