package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/queueflow/callevent"
)

// child is the test binary as another process, with its data in a directory and NATS at an address, embedded when that
// is empty.
func child(what, dir, addr string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_TEST_CHILD="+what, "JOURNAL_TEST_DIR="+dir, "JOURNAL_TEST_NATS="+addr)
	cmd.Stderr = os.Stderr
	return cmd
}

func childBus(ctx context.Context, ackWait time.Duration) (*bus.Bus, error) {
	s := bus.Settings{Dir: filepath.Join(os.Getenv("JOURNAL_TEST_DIR"), "nats"), AckWait: ackWait}
	if addr := os.Getenv("JOURNAL_TEST_NATS"); addr != "" {
		s = clusterAt(addr)
	}
	return bus.Open(ctx, s, zerolog.Nop())
}

// killedChild records without end and prints the id of every event whose done was called, until it is killed. What an
// embedded server did not take in time is in memory when done is called, which a kill takes: its id is not printed, and
// nothing is recorded until it has followed, so that a slow server is not given more and more.
func killedChild() int {
	b, err := childBus(context.Background(), 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	changed := make(chan struct{}, 1)
	j, err := Open(context.Background(), Settings{Dir: os.Getenv("JOURNAL_TEST_DIR"), Notify: func(Status) {
		select {
		case changed <- struct{}{}:
		default:
		}
	}}, b, zerolog.Nop())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	credit, inMemory := make(chan struct{}, 50), func(seq uint64) bool { return seq == 0 && b.Embedded() }
	for n := 0; ; n++ {
		for j.Status().State == Holding {
			<-changed
		}
		credit <- struct{}{}
		e := entered(fmt.Sprintf("p%d-%d", os.Getpid(), n), 1)
		j.Record([]callevent.Event{e}, func(seq uint64) {
			if !inMemory(seq) {
				fmt.Println(e.ID)
			}
			<-credit
		})
	}
}

// runAndKill lets a child print some lines, does something, lets it print some more, and kills it. It gives everything
// the child has said.
func runAndKill(t *testing.T, cmd *exec.Cmd, lines int, meanwhile func()) (said []string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	scanner := bufio.NewScanner(out)
	for len(said) < 2*lines && scanner.Scan() {
		if said = append(said, scanner.Text()); len(said) == lines {
			meanwhile()
		}
	}
	require.NoError(t, cmd.Process.Kill())
	for scanner.Scan() {
		said = append(said, scanner.Text())
	}
	_ = cmd.Wait()
	require.GreaterOrEqual(t, len(said), 2*lines)
	if last := said[len(said)-1]; !strings.HasSuffix(last, ".1.1") {
		said = said[:len(said)-1] // killed in the middle of a line
	}
	return said
}

func TestWhateverWasDoneIsInCallsAfterAKill(t *testing.T) {
	dir := t.TempDir()
	var done []string
	for round := range 4 {
		done = append(done, runAndKill(t, child("killed", dir, ""), 150+70*round, func() {})...)
	}
	b := embeddedBus(t, bus.Settings{Dir: filepath.Join(dir, "nats")})
	openJournal(t, Settings{Dir: dir}, b)
	assert.Subset(t, inCalls(t, b), done)
}

func TestWhateverWasDoneWhileTheClusterIsAwayIsInCallsAfterAKill(t *testing.T) {
	dir, store, addr := t.TempDir(), t.TempDir(), freePort(t)
	server := startCluster(t, store, addr)
	done := runAndKill(t, child("killed", dir, addr), 300, func() { closeBus(t, server) })
	server = startCluster(t, store, addr)
	defer closeBus(t, server)
	before := len(inCalls(t, server))
	require.Less(t, before, len(done), "some were on the child's disk only")
	openJournal(t, Settings{Dir: dir}, openBus(t, clusterAt(addr)))
	ids := inCalls(t, server)
	assert.Subset(t, ids, done)
	seen := map[string]bool{}
	for _, id := range ids {
		assert.False(t, seen[id], "%s is there twice", id)
		seen[id] = true
	}
}

// fullReport is what a process whose files may not grow has seen.
type fullReport struct {
	Held     []uint64 // what the dones of the events said that nothing could store
	Sick     string
	InOrder  bool
	Events   int
	Status   Status
	Notified []State
}

// fullChild records, is not allowed to let files grow (RLIMIT_FSIZE, the nearest to a full disk without being root),
// records on, and is allowed to again.
func fullChild() int {
	signal.Ignore(syscall.SIGXFSZ)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b, err := childBus(ctx, 100*time.Millisecond)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer b.Close(ctx)
	var r fullReport
	changed := make(chan State, 100)
	j, err := Open(ctx, Settings{Dir: os.Getenv("JOURNAL_TEST_DIR"), Notify: func(s Status) { changed <- s.State }}, b, zerolog.Nop())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	n := 0
	record := func() uint64 {
		durable := make(chan uint64, 1)
		n++
		j.Record([]callevent.Event{entered(call(1), n)}, func(seq uint64) { durable <- seq })
		return <-durable
	}
	for range 20 {
		record()
	}
	if os.Getenv("JOURNAL_TEST_NATS") != "" {
		fmt.Println("stop the cluster")
		for r := record(); r != 0; r = record() {
		}
	}
	var unlimited syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited)
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 16 << 10, Max: unlimited.Max})
	for j.Healthy() == nil && ctx.Err() == nil {
		record()
	}
	r.Sick = fmt.Sprint(j.Healthy())
	for range 600 {
		r.Held = append(r.Held, record())
	}
	_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited)
	if os.Getenv("JOURNAL_TEST_NATS") != "" {
		fmt.Println("start the cluster")
	}
	r.Status = j.Status()
	for state := State(-1); state != Writing && ctx.Err() == nil; {
		state = <-changed
		r.Notified = append(r.Notified, state)
	}
	record()
	_ = j.Close(ctx)
	r.InOrder = true
	_, err = b.Fold(ctx, 1, func(_ uint64, e callevent.Event) error {
		r.Events++
		r.InOrder = r.InOrder && e.ID == callevent.StepID(call(1), 1, r.Events)
		return nil
	})
	r.InOrder = r.InOrder && err == nil && r.Events == n
	r.Status = j.Status()
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		return 1
	}
	return 0
}

func (r fullReport) check(t *testing.T) {
	t.Helper()
	assert.Contains(t, r.Sick, "in memory only")
	assert.Len(t, r.Held, 600)
	for _, seq := range r.Held {
		assert.Zero(t, seq, "not in CALLS, but the call goes on")
	}
	assert.True(t, r.InOrder, "%d events", r.Events)
	assert.Zero(t, r.Status.Lost)
	assert.Zero(t, r.Status.Held)
	assert.Contains(t, r.Notified, Holding)
	assert.Equal(t, Writing, r.Notified[len(r.Notified)-1])
}

func TestWhenTheDiskFailsUnderTheEmbeddedServerEventsAreHeldAndFollowInOrder(t *testing.T) {
	out, err := child("full", t.TempDir(), "").Output()
	require.NoError(t, err)
	var r fullReport
	require.NoError(t, json.Unmarshal(out, &r))
	r.check(t)
}

func TestWhenTheDiskFailsWhileTheClusterIsAwayEventsAreHeldAndFollowInOrder(t *testing.T) {
	store, addr := t.TempDir(), freePort(t)
	server := startCluster(t, store, addr)
	defer func() { closeBus(t, server) }()
	cmd := child("full", t.TempDir(), addr)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	scanner := bufio.NewScanner(out)
	require.True(t, scanner.Scan())
	closeBus(t, server)
	require.True(t, scanner.Scan())
	server = startCluster(t, store, addr)
	require.True(t, scanner.Scan())
	var r fullReport
	require.NoError(t, json.Unmarshal(scanner.Bytes(), &r))
	require.NoError(t, cmd.Wait())
	r.check(t)
}
