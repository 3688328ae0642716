package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// BenchmarkFsync is the time of one write of an event's size and one fsync: what the disk allows.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "file"))
	require.NoError(b, err)
	defer f.Close()
	data := make([]byte, 900)
	for b.Loop() {
		if _, err := f.Write(data); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecord is the time from Record to done of a number of events that come at once, in steps of one event, as
// when so many callers leave together.
func BenchmarkRecord(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("together=%d", n), func(b *testing.B) {
			j := openJournal(b, Settings{}, embeddedBus(b, bus.Settings{}))
			durable := make(chan uint64, n)
			events, begun := 0, time.Now()
			for b.Loop() {
				for range n {
					events++
					j.Record([]callevent.Event{missed(call(events))}, func(seq uint64) { durable <- seq })
				}
				for range n {
					if <-durable == 0 {
						b.Fatal("not in CALLS")
					}
				}
			}
			b.ReportMetric(float64(events)/time.Since(begun).Seconds(), "events/s")
		})
	}
}

// BenchmarkSpool is the time of an append to the spool.
func BenchmarkSpool(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprintf("together=%d", n), func(b *testing.B) {
			s := &spool{dir: b.TempDir(), max: 1 << 40, next: 1}
			b.Cleanup(func() { require.NoError(b, s.closeFile()) })
			var m []bus.Message
			for i := range n {
				m = append(m, spoolMessage(b, missed(call(i))))
			}
			for b.Loop() {
				if err := s.append(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
