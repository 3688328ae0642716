package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow/callevent"
)

// fullReport is what a process whose files may not grow has seen.
type fullReport struct {
	Refused    string // the last error of Publish before it was sick
	IsStorage  bool
	SickFor    bool // Healthy said so
	Lost       int  // acknowledged events that are not in CALLS
	Recovered  bool
	Restarts   uint64
	Subscribed bool // the connection lived through the restart
}

// fullChild publishes until the kernel lets no file grow (RLIMIT_FSIZE, the nearest to a full disk without being root),
// is allowed more room, and publishes on.
func fullChild() int {
	signal.Ignore(syscall.SIGXFSZ)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b, err := Open(ctx, Settings{Dir: os.Getenv("BUS_TEST_DIR"), AckWait: 100 * time.Millisecond}, b0())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer b.Close(ctx)
	news, err := b.nc.SubscribeSync("calls.>")
	if err != nil {
		return 1
	}
	var r fullReport
	var unlimited syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited)
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: unlimited.Max})
	acked := publishUntilSick(ctx, b, &r)
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited)
	for ctx.Err() == nil && !r.Recovered {
		_, err := b.Publish(ctx, []Message{numbered(len(acked))})
		r.Recovered = err == nil
	}
	acked = append(acked, numbered(len(acked)).ID)
	r.Lost = lost(ctx, b, acked)
	r.Restarts = b.Stats().Restarts
	for ctx.Err() == nil && !r.Subscribed {
		msg, err := news.NextMsgWithContext(ctx)
		r.Subscribed = err == nil && msg.Header.Get("Nats-Msg-Id") == acked[len(acked)-1]
	}
	_ = news.Unsubscribe()
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

func numbered(n int) Message {
	e := missedEvent(fmt.Sprintf("c%05d", n))
	b, _ := callevent.Encode(e)
	return Message{Subject: e.Subject(), ID: e.ID, Data: b}
}

// publishUntilSick publishes until the bus says that it is sick. A slow answer is refused as well, and is no sickness.
func publishUntilSick(ctx context.Context, b *Bus, r *fullReport) (acked []string) {
	for ctx.Err() == nil && !r.SickFor {
		m := numbered(len(acked))
		if _, err := b.Publish(ctx, []Message{m}); err != nil {
			r.Refused, r.IsStorage = err.Error(), errors.Is(err, ErrStorage)
			r.SickFor = errors.Is(b.Healthy(), ErrStorage)
			continue
		}
		acked = append(acked, m.ID)
	}
	return acked
}

func lost(ctx context.Context, b *Bus, acked []string) int {
	there := map[string]bool{}
	if _, err := b.Fold(ctx, 1, func(_ uint64, e callevent.Event) error { there[e.ID] = true; return nil }); err != nil {
		return -1
	}
	n := 0
	for _, id := range acked {
		if !there[id] {
			n++
		}
	}
	return n
}

func TestAServerThatBrokeOnAFullDiskIsStartedAnewAndNothingAcknowledgedIsLost(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "BUS_TEST_CHILD=full", "BUS_TEST_DIR="+t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var r fullReport
	require.NoError(t, json.Unmarshal(out, &r))
	assert.True(t, r.IsStorage, r.Refused)
	assert.True(t, r.SickFor)
	assert.True(t, r.Recovered)
	assert.Zero(t, r.Lost)
	assert.NotZero(t, r.Restarts)
	assert.True(t, r.Subscribed)
}
