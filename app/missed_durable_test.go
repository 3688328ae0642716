package app

import (
	"context"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app/bus"
	"missedcalls/app/caller"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// disk is a publisher that stores what it is given once it is let to.
type disk struct {
	given chan struct{}
	let   chan error
}

func (d disk) Publish(_ context.Context, messages []bus.Message) ([]uint64, error) {
	d.given <- struct{}{}
	if err := <-d.let; err != nil {
		return nil, err
	}
	return make([]uint64, len(messages)), nil
}

func (disk) Fold(context.Context, uint64, func(uint64, callevent.Event) error) (uint64, error) {
	return 0, nil
}

func (disk) Embedded() bool { return true }

// oneMissed is what can be asked of a program in which one missed call is open.
func oneMissed(t *testing.T, d disk) missedCalls {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Settings{Dir: t.TempDir()}, d, zerolog.Nop())
	require.NoError(t, err)
	now := time.Now()
	state := queueflow.Snapshot{Episodes: []queueflow.Episode{{ID: "c1", Calls: 1, MissedAt: now, LastAt: now, Until: now.Add(time.Hour)}}}
	driver := stasis.New(stasis.Config{
		Machine: queueflow.Restore(queueflow.Settings{Application: "missedcalls", Epoch: 1}, queueflow.Policies{}, state, now),
		Journal: j, Caller: caller.NewReader("RU"), Drain: time.Second, Log: zerolog.Nop(),
	})
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- driver.Run(ctx) }()
	t.Cleanup(func() {
		end()
		assert.NoError(t, <-ended)
		limit, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = j.Close(limit) // what could not be stored is lost, as the test wants
	})
	return missedCalls{app: &App{}, driver: driver, journal: j}
}

func TestAMissedCallIsSaidToBeResolvedOnceThatIsDurable(t *testing.T) {
	d := disk{given: make(chan struct{}, 1), let: make(chan error)}
	m := oneMissed(t, d)
	answer := make(chan *callevent.Resolved, 1)
	go func() {
		r, err := m.Resolve(context.Background(), queueflow.ResolveMissed{Episode: "c1", By: "anna"})
		assert.NoError(t, err)
		answer <- r
	}()
	<-d.given
	select {
	case <-answer:
		assert.Fail(t, "it is not durable")
	case <-time.After(50 * time.Millisecond):
	}
	d.let <- nil
	r := <-answer
	require.NotNil(t, r)
	assert.Equal(t, "anna", r.By)
}

func TestWhileNothingCanBeStoredNothingIsResolved(t *testing.T) {
	d := disk{given: make(chan struct{}, 1000), let: make(chan error, 1000)}
	for range 1000 {
		d.let <- bus.ErrStorage
	}
	m := oneMissed(t, d)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := m.Resolve(ctx, queueflow.ResolveMissed{Episode: "c1", By: "anna"})
	require.ErrorContains(t, err, "it is resolved, and not durable yet")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = m.Resolve(t.Context(), queueflow.ResolveMissed{Episode: "c1", By: "anna"})
	require.ErrorIs(t, err, bus.ErrStorage, "the next one is not begun")
}
