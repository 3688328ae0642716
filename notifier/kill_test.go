package notifier

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/notifier/message"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
	"missedcalls/queueflow/callevent"
)

// accepted is one message as a channel of the child has taken it.
type accepted struct {
	Target string
	ID     string
	Events []string // that it tells of
}

// paper is a channel that writes what it takes into a file, which outlives the process.
type paper struct {
	name string
	file *os.File
}

func (p paper) Deliver(_ context.Context, d target.Delivery) target.Verdict {
	a := accepted{Target: p.name, ID: d.ID, Events: []string{d.Event.ID}}
	if d.Event.Payload == nil {
		a.Events = nil
		for _, fact := range d.Message.Facts {
			a.Events = append(a.Events, fact.Value)
		}
	}
	b, _ := json.Marshal(a)
	if _, err := p.file.Write(append(b, '\n')); err != nil {
		return target.Verdict{Outcome: target.Retry, Reason: "file", Err: err}
	}
	return sentAs(d.ID)
}

func (paper) Close() {}

// ids are words of a digest: the ids of its events.
type ids struct{ words }

func (ids) Digest(events []callevent.Event) (m message.Message, err error) {
	for _, e := range events {
		m.Facts = append(m.Facts, message.Fact{Value: e.ID})
	}
	return m, nil
}

func killPolicy() policy.Policy {
	return everybody(map[string]policy.Target{
		"crm":  webhook(func(t *policy.Target) { t.Workers = 1 }),
		"chat": webhook(func(t *policy.Target) { t.Workers, t.DigestOver = 1, 20 }),
	})
}

// killedChild runs a notifier until nothing is left to be done, or until it reaches a step for the n-th time, where it is
// killed as by kill -9.
func killedChild() int {
	dir := os.Getenv("NOTIFIER_TEST_DIR")
	step, count, _ := strings.Cut(os.Getenv("NOTIFIER_TEST_KILL"), ":")
	var left atomic.Int64
	n, _ := strconv.Atoi(count)
	left.Store(int64(n))
	if err := runUntilDone(dir, func(at string) {
		if at == step && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runUntilDone(dir string, at func(step string)) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	b, err := bus.Open(ctx, bus.Settings{Dir: filepath.Join(dir, "nats")}, zerolog.Nop())
	if err != nil {
		return err
	}
	defer b.Close(ctx)
	file, err := os.OpenFile(filepath.Join(dir, "accepted"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	n, err := New(killPolicy(), Deps{
		Bus:      b,
		Factory:  func(t policy.Target) (target.Target, error) { return paper{t.Name, file}, nil },
		Renderer: func(policy.Target) (Renderer, error) { return ids{}, nil },
		Log:      zerolog.Nop(),
	})
	if err != nil {
		return err
	}
	n.at, n.tuning = at, quick()
	n.tuning.ackWait = time.Second
	running, stop := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { err = n.Run(running) })
	waitErr := untilIdle(ctx, b, n)
	stop()
	ended.Wait()
	if err == nil {
		err = waitErr
	}
	return err
}

// untilIdle waits until every event is routed and every job done.
func untilIdle(ctx context.Context, b *bus.Bus, n *Notifier) error {
	for {
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
		streams := n.streams.Load()
		if streams == nil {
			continue
		}
		last, err := b.LastSeq(ctx)
		if err != nil {
			continue
		}
		r := router{streams: streams}
		at, err := r.position(ctx)
		if err != nil || at.Seq < last {
			continue
		}
		if jobs, err := streams.Jobs.State(ctx); err == nil && jobs.Messages == 0 {
			return nil
		}
	}
}

func TestWhereverTheNotifierIsKilledNothingIsLostAndOneMessageIsRepeatedAtMost(t *testing.T) {
	dir := t.TempDir()
	const matters = 500
	ids := publishMatters(t, filepath.Join(dir, "nats"), matters)
	kills := []string{
		"routed:2", "routed:1", "fetched:3", "sent:5", "recorded:7", "half:1", "half:1", "sent:30", "recorded:60", "fetched:90", "sent:120",
	}
	for _, kill := range append(kills, "") {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "NOTIFIER_TEST_CHILD=killed", "NOTIFIER_TEST_DIR="+dir, "NOTIFIER_TEST_KILL="+kill)
		cmd.Stderr = os.Stderr
		err := cmd.Run()
		if kill == "" {
			require.NoError(t, err)
			continue
		}
		require.Error(t, err, "%s was not reached", kill)
		require.Equal(t, syscall.SIGKILL, cmd.ProcessState.Sys().(syscall.WaitStatus).Signal(), kill)
	}
	for _, name := range []string{"crm", "chat"} {
		all := readAccepted(t, dir, name)
		first := make(map[string]int)  // the message in which an event was told first
		repeated := make(map[int]bool) // messages of which something was told again
		for i, a := range all {
			for _, e := range a.Events {
				if before, known := first[e]; known {
					repeated[before] = true
					continue
				}
				first[e] = i
			}
		}
		for _, id := range ids {
			assert.Contains(t, first, id, "%s was not told", name)
		}
		for i := range matters {
			assert.LessOrEqual(t, first[missed(number(i)).ID], first[resolved(number(i)).ID], "%s: the end of %s was told before it", name, number(i))
		}
		assert.LessOrEqual(t, len(repeated), len(kills), name)
		t.Logf("%s: %d messages for %d events, %d repeated, %d kills", name, len(all), len(ids), len(repeated), len(kills))
	}
}

// publishMatters has two events of each matter wait in CALLS, and gives the ids of all.
func publishMatters(t *testing.T, dir string, matters int) (ids []string) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Settings{Dir: dir}, zerolog.Nop())
	require.NoError(t, err)
	defer closeBus(t, b)
	var events []callevent.Event
	for i := range matters {
		events = append(events, missed(number(i)))
		if i >= 10 {
			events = append(events, resolved(number(i-10)))
		}
	}
	for i := range 10 {
		events = append(events, resolved(number(matters-10+i)))
	}
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	publish(t, b, events...)
	return ids
}

func readAccepted(t *testing.T, dir, name string) (out []accepted) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "accepted"))
	require.NoError(t, err)
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var a accepted
		require.NoError(t, json.Unmarshal(lines.Bytes(), &a))
		if a.Target == name {
			out = append(out, a)
		}
	}
	require.NoError(t, lines.Err())
	return out
}
