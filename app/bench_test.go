package app_test

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/config"
	arimock "missedcalls/ari-mock"
)

// BenchmarkCalls measures how many calls go from the door through an agent's answer and a talk to the end in a second: a
// whole process with its own NATS, which writes every event to the disk before what follows from it is done, and a stand-in
// Asterisk over loopback, which takes its part of the same processor. So many callers are in a call at any time. A busy machine tells little by calls/s; the
// processor's time for a call holds there, too.
func BenchmarkCalls(b *testing.B) {
	for _, callers := range []int{10, 100, 400} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) { benchmarkCalls(b, callers) })
	}
}

func benchmarkCalls(b *testing.B, callers int) {
	const talk = 100 * time.Millisecond
	asterisk := arimock.New(arimock.Options{WriteTimeout: 10 * time.Second})
	defer asterisk.Close()
	at, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	go func() { _ = asterisk.Serve(at) }()
	var members []string
	for i := range 2 * callers {
		phone := fmt.Sprintf("PJSIP/%d", 1000+i)
		asterisk.SetPhone(phone, arimock.Phone{RingFor: time.Millisecond})
		members = append(members, "{endpoint: "+phone+"}")
	}
	p := serveCalls(b, "http://"+at.Addr().String()+"/ari",
		"queues: {sales: {strategy: leastrecent, music: \"@none\", members: ["+strings.Join(members, ", ")+"]}}")
	defer p.end()
	waits := make([]time.Duration, b.N)
	calls := make(chan int)
	var calling sync.WaitGroup
	b.ResetTimer()
	processor := processorTime(b)
	for range callers {
		calling.Go(func() {
			for i := range calls {
				began := time.Now()
				call := asterisk.Call(arimock.Caller{
					Number: fmt.Sprintf("8916%07d", i), DID: "sales", Args: "sales", TalkFor: talk, Patience: time.Minute,
				})
				<-call.Ended()
				if waits[i] = call.Talked().Sub(began); call.Talked().IsZero() {
					b.Error("a caller was not served")
				}
			}
		})
	}
	for i := range b.N {
		calls <- i
	}
	close(calls)
	calling.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
	b.ReportMetric(float64((processorTime(b)-processor).Microseconds())/1000/float64(b.N), "cpu-ms/call")
	slices.SortFunc(waits, cmp.Compare)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "ms-to-talk-p50")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "ms-to-talk-p99")
}

// serveCalls runs a process until it takes calls of an Asterisk.
func serveCalls(tb testing.TB, asterisk, yaml string) *process {
	dir := tb.TempDir()
	settings, err := config.LoadSettings([]string{
		"MISSEDCALLS_CONFIG=" + filepath.Join(dir, "missedcalls.yaml"), "MISSEDCALLS_DATA_DIR=" + filepath.Join(dir, "data"),
		"MISSEDCALLS_ARI_URL=" + asterisk, "MISSEDCALLS_ARI_USERNAME=missedcalls", "MISSEDCALLS_ARI_PASSWORD=secret",
		"MISSEDCALLS_NATS_LISTEN=off", "MISSEDCALLS_HTTP_LISTEN=127.0.0.1:0",
	})
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(settings.Config, []byte(yaml), 0o600))
	p := &process{ended: make(chan error, 1)}
	a, err := app.New(app.Options{Settings: settings, Version: "1", Commit: "c", Log: zerolog.New(&p.log)})
	require.NoError(tb, err)
	ctx, end := context.WithCancel(context.Background())
	p.end = func() { end(); require.NoError(tb, <-p.ended) }
	go func() { p.ended <- a.Run(ctx) }()
	addr, err := a.Addr(ctx)
	require.NoError(tb, err)
	p.url = "http://" + addr.String()
	require.Eventually(tb, func() bool { return p.page(tb, "/readyz") == http.StatusOK }, 20*time.Second, 10*time.Millisecond)
	return p
}

// page asks for a page and gives its status.
func (p *process) page(tb testing.TB, path string) int {
	resp, err := http.Get(p.url + path)
	require.NoError(tb, err)
	require.NoError(tb, resp.Body.Close())
	return resp.StatusCode
}

// processorTime is what this process has used.
func processorTime(tb testing.TB) time.Duration {
	var used syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
