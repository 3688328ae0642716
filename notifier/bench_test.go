package notifier

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// BenchmarkThousandCallsInASecond is the time from a missed call to the moment at which an HTTP server has taken its
// message: 1,000 calls are missed evenly over one second, each to be told to every target. Events that are late are
// published together, as the journal does.
func BenchmarkThousandCallsInASecond(b *testing.B) {
	for _, targets := range []int{1, 5} {
		b.Run(fmt.Sprintf("targets=%d", targets), func(b *testing.B) { benchmarkSecond(b, targets, time.Millisecond) })
	}
}

// BenchmarkOneCall is the same for a call by itself.
func BenchmarkOneCall(b *testing.B) { benchmarkSecond(b, 1, 0) }

func benchmarkSecond(b *testing.B, targets int, every time.Duration) {
	const n = 1000
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	p := policy.Policy{Targets: make(map[string]policy.Target)}
	for i := range targets {
		p.Targets[fmt.Sprint("crm", i)] = webhook()
	}
	f := prepare(b, openBus(b, bus.Settings{}), everybody(p.Targets))
	f.tuning.poll = time.Second
	for _, c := range f.channels {
		c.answers(posting(server))
	}
	f.run(b)
	var took []time.Duration
	made := 0
	for b.Loop() {
		took = took[:0]
		for start, i := time.Now(), 0; i < n; {
			var events []callevent.Event
			for i < n && (len(events) == 0 || every > 0 && !start.Add(time.Duration(i)*every).After(time.Now())) {
				if every > 0 {
					<-time.After(time.Until(start.Add(time.Duration(i) * every)))
				}
				i++
				made++
				events = append(events, missed(number(made)))
			}
			f.publish(b, events...)
			if every == 0 {
				f.channels["crm0"].await(b, i)
			}
		}
		for _, c := range f.channels {
			c.await(b, n)
			c.mu.Lock()
			for i, d := range c.taken {
				took = append(took, c.at[i].Sub(d.Event.Time))
			}
			c.taken, c.at = nil, nil
			c.mu.Unlock()
		}
	}
	b.ReportMetric(float64(percentile(took, 50).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(percentile(took, 99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(percentile(took, 100).Microseconds())/1000, "most-ms")
}

// posting tells by HTTP, as a webhook does.
func posting(server *httptest.Server) func(context.Context, target.Delivery) target.Verdict {
	return func(ctx context.Context, d target.Delivery) target.Verdict {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, bytes.NewReader(d.Data))
		if err != nil {
			return target.Verdict{Outcome: target.Permanent, Err: err}
		}
		answer, err := server.Client().Do(request)
		if err != nil {
			return target.Verdict{Outcome: target.Retry, Err: err}
		}
		defer answer.Body.Close()
		_, _ = io.Copy(io.Discard, answer.Body)
		return target.Verdict{Outcome: target.Sent}
	}
}
