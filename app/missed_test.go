package app_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/app"
	"missedcalls/app/api"
	"missedcalls/app/bus"
	arimock "missedcalls/ari-mock"
	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// standIn is an Asterisk that is there for as long as the test, and what the process must be told of it.
func standIn(t *testing.T) (asterisk *arimock.Server, environ []string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	asterisk = arimock.New(arimock.Options{})
	served := make(chan error, 1)
	go func() { served <- asterisk.Serve(l) }()
	t.Cleanup(func() {
		asterisk.Close()
		assert.NoError(t, <-served)
	})
	return asterisk, []string{
		"MISSEDCALLS_ARI_URL=http://" + l.Addr().String() + "/ari", "MISSEDCALLS_ARI_USERNAME=missedcalls", "MISSEDCALLS_ARI_PASSWORD=secret", listening,
	}
}

// ready waits until the process serves calls.
func (p *process) ready() *process {
	require.Eventually(p.t, func() bool { status, _ := p.health("/readyz"); return status == 200 }, 20*time.Second, 10*time.Millisecond)
	return p
}

// misses lets somebody hang up after a moment in line.
func misses(t *testing.T, asterisk *arimock.Server, number string) {
	t.Helper()
	call := asterisk.Call(arimock.Caller{Number: number, DID: "74951234567", Args: "sales", HangupAfter: 20 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	result, err := call.Result(ctx)
	require.NoError(t, err)
	require.True(t, result.ByCaller, "%+v", result)
}

// open waits until so many missed calls are open, and gives them.
func (p *process) open(n int) []queueflow.Episode {
	var found []queueflow.Episode
	require.Eventually(p.t, func() bool {
		var err error
		found, _, err = app.ListMissed(p.t.Context(), commanding(p.t, p.dir), api.ListRequest{}, 1000)
		require.NoError(p.t, err)
		return len(found) == n
	}, 20*time.Second, 20*time.Millisecond)
	return found
}

// recorded are the events of a process that has ended.
func recorded(t *testing.T, dir string) (events []callevent.Event) {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Settings{Dir: filepath.Join(dir, "data", "nats")}, zerolog.Nop())
	require.NoError(t, err)
	_, err = b.Fold(t.Context(), 1, func(_ uint64, e callevent.Event) error { events = append(events, e); return nil })
	require.NoError(t, err)
	require.NoError(t, b.Close(t.Context()))
	return events
}

func TestMissedCallsOfOneNumberAreOneUntilSomebodyResolvesThem(t *testing.T) {
	dir := t.TempDir()
	asterisk, environ := standIn(t)
	p := start(t, dir, environ...).ready()
	misses(t, asterisk, "+79161234567")
	first := p.open(1)[0]
	misses(t, asterisk, "+74957654321")
	misses(t, asterisk, "+79161234567")
	open := p.open(2)
	for deadline := time.Now().Add(20 * time.Second); open[0].Calls < 2 && time.Now().Before(deadline); {
		open = p.open(2) // the third call is on its way
	}
	require.Equal(t, 2, open[0].Calls)
	assert.Equal(t, first.ID, open[0].ID)
	assert.Equal(t, "+74957654321", open[1].Number())
	assert.True(t, p.says("missedcalls_missed_open 2"))
	p.stop()

	forget(t, dir) // as when it was killed before it saved
	p = start(t, dir, environ...)
	again := p.open(2)
	for i := range open {
		assert.Equal(t, open[i].ID, again[i].ID)
		assert.Equal(t, open[i].Calls, again[i].Calls)
		assert.True(t, open[i].LastAt.Equal(again[i].LastAt))
	}
	in := api.ResolveRequest{Number: "+7 (916) 123-45-67", By: "anna", Why: "called back"}
	resolved, err := app.ResolveMissed(t.Context(), commanding(t, dir), in)
	require.NoError(t, err)
	assert.Equal(t, first.ID, resolved.Episode)
	assert.Equal(t, 2, resolved.Calls)
	_, err = app.ResolveMissed(t.Context(), commanding(t, dir), in)
	refused := &api.Error{}
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, api.NotFound, refused.Code)
	assert.Len(t, p.open(1), 1)

	in.Number = "8 (495) 765-43-21"
	_, err = app.ResolveMissed(t.Context(), commanding(t, dir), in)
	require.ErrorContains(t, err, "no missed call is open", "the region is not known: read as another number")
	write(t, dir, "region: RU\nqueues: {sales: {}}")
	p.reload <- struct{}{}
	require.Eventually(t, func() bool {
		_, err = app.ResolveMissed(t.Context(), commanding(t, dir), in)
		return err == nil
	}, 20*time.Second, 20*time.Millisecond, "%v", err)
	p.log.await(t, `"how":"by_hand","by":"anna","why":"called back","calls":2,"message":"resolved"`)
	p.stop()

	var told []callevent.Resolved
	for _, e := range recorded(t, dir) {
		if r, is := e.Payload.(callevent.Resolved); is {
			told = append(told, r)
		}
	}
	require.Len(t, told, 2)
	assert.Equal(t, resolved.Why, told[0].Why)
	assert.Equal(t, resolved.AfterMS, told[0].AfterMS)
}

func TestALongListIsReadPageByPageAndUpToItsLimit(t *testing.T) {
	dir := t.TempDir()
	state := queueflow.Snapshot{}
	now := time.Now()
	for i := range 450 {
		at := now.Add(time.Duration(i-1000) * time.Second)
		state.Episodes = append(state.Episodes, queueflow.Episode{
			ID: callevent.StepID("c", 1, i), Calls: 1, MissedAt: at, LastAt: at, Until: at.Add(24 * time.Hour), Reason: callevent.ReasonLost,
		})
	}
	save(t, dir, state)
	p := start(t, dir, listening)
	defer p.stop()
	assert.Len(t, p.open(450), 450)
	for limit, more := range map[int]bool{1: true, 200: true, 401: true, 449: true, 450: false, 451: false} {
		found, others, err := app.ListMissed(t.Context(), commanding(t, dir), api.ListRequest{}, limit)
		require.NoError(t, err)
		assert.Len(t, found, min(limit, 450))
		assert.Equal(t, more, others, limit)
		assert.Equal(t, callevent.StepID("c", 1, 449), found[0].ID)
	}
}

func TestAnApplicationOfAnotherNameIsAskedOnItsOwn(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, listening, "MISSEDCALLS_ARI_APP=desk")
	defer p.stop()
	s := commanding(t, dir)
	_, _, err := app.ListMissed(t.Context(), s, api.ListRequest{}, 10)
	require.ErrorContains(t, err, "MISSEDCALLS_ARI_APP")
	s.ARI.App = "desk"
	_, _, err = app.ListMissed(t.Context(), s, api.ListRequest{}, 10)
	require.NoError(t, err)
}
