package app

import (
	"context"
	"errors"
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
)

var addsAnna = queueflow.ChangeMember{Change: queueflow.AddMember, Queue: "sales", Member: queueflow.Member{Endpoint: "PJSIP/101"}, By: "boris"}

// oneQueue is what can be asked of a program with one queue, whose records of members go to a shelf.
func oneQueue(t *testing.T, d disk, shelf *memberShelf) memberDesk {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Settings{Dir: t.TempDir()}, d, zerolog.Nop())
	require.NoError(t, err)
	store := newMemberStore(shelf, zerolog.Nop())
	driver := stasis.New(stasis.Config{
		Machine: queueflow.New(queueflow.Settings{Application: "missedcalls", Epoch: 1}, queueflow.Policies{
			Queues: map[string]queueflow.Policy{"sales": {ID: "sales"}},
		}),
		Journal: j, StoreMember: store.Store, Caller: caller.NewReader("RU"), Drain: time.Second, Log: zerolog.Nop(),
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
	return memberDesk{driver: driver, journal: j, store: store}
}

func TestAChangeOfAMemberIsSaidToBeDoneOnceItIsDurableAndStored(t *testing.T) {
	d := disk{given: make(chan struct{}, 1), let: make(chan error)}
	shelf := &memberShelf{values: map[string][]byte{}}
	m := oneQueue(t, d, shelf)
	answer := make(chan error, 1)
	go func() { answer <- m.Change(context.Background(), addsAnna) }()
	<-d.given
	select {
	case err := <-answer:
		assert.Fail(t, "it is not durable", "%v", err)
	case <-time.After(50 * time.Millisecond):
	}
	d.let <- nil
	require.NoError(t, <-answer)
	assert.Empty(t, shelf.reason(t, "sales PJSIP/101"))
	require.ErrorIs(t, m.Change(t.Context(), addsAnna), queueflow.ErrAlreadyMember)
}

func TestAChangeOfAMemberThatCannotBeStoredIsNotSaidToBeDone(t *testing.T) {
	d := disk{given: make(chan struct{}, 10), let: make(chan error, 10)}
	d.let <- nil
	shelf := &memberShelf{values: map[string][]byte{}, err: errors.New("no connection")}
	m := oneQueue(t, d, shelf)
	require.ErrorContains(t, m.Change(t.Context(), addsAnna), "it is done, and not stored for the next start yet: no connection")
}

func TestWhileNothingCanBeStoredNoMemberIsChanged(t *testing.T) {
	d := disk{given: make(chan struct{}, 1000), let: make(chan error, 1000)}
	for range 1000 {
		d.let <- bus.ErrStorage
	}
	m := oneQueue(t, d, &memberShelf{values: map[string][]byte{}})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorContains(t, m.Change(ctx, addsAnna), "it is done, and not durable yet")
	require.ErrorIs(t, m.Change(t.Context(), addsAnna), bus.ErrStorage, "the next one is not begun")
}
