//go:build e2e

package ari

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/testbed"
)

// patience bounds the wait for what a real Asterisk does within milliseconds.
const patience = 20 * time.Second

// real is a client that listens to a real Asterisk.
type real struct {
	*Client
	t       *testing.T
	signals chan Signal
	end     context.CancelFunc
	ended   chan error
}

func join(t *testing.T, a *testbed.Asterisk) *real {
	s := Settings{URL: a.ARIURL(), Username: a.Username, Password: a.Password, Application: a.App}
	client, err := New(s, zerolog.New(zerolog.NewTestWriter(t)))
	require.NoError(t, err)
	r := &real{Client: client, t: t, signals: make(chan Signal, 10_000), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	r.end = cancel
	go func() { r.ended <- client.Listen(ctx, func(s Signal) { r.signals <- s }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-r.ended; !errors.Is(err, ErrReplaced) {
			assert.ErrorIs(t, err, context.Canceled)
		}
		client.Close()
	})
	await[Connected](r)
	require.Eventually(t, func() bool { return client.Health() == nil }, patience, time.Millisecond)
	return r
}

// leave ends the connection, and returns when it has ended.
func (r *real) leave() {
	r.end()
	r.ended <- <-r.ended
}

// await gives the next signal of a type and passes over the others.
func await[S Signal](r *real) S {
	r.t.Helper()
	for {
		select {
		case s := <-r.signals:
			if is, fits := s.(S); fits {
				return is
			}
		case <-time.After(patience):
			var none S
			require.Failf(r.t, "no signal", "%T", none)
		}
	}
}

// event gives the next event of a type and passes over the others.
func event[E Event](r *real) E {
	r.t.Helper()
	for {
		if is, fits := await[Received](r).Event.(E); fits {
			return is
		}
	}
}

// call makes a caller without a phone, and gives the start of his call.
func (r *real) call(a *testbed.Asterisk) *StasisStart {
	_, err := a.CLI(r.t.Context(), "channel originate Local/74951234567@from-trunk application Wait 600")
	require.NoError(r.t, err)
	return event[*StasisStart](r)
}

func TestACallerOfARealAsteriskWaitsAndLeaves(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	ctx := t.Context()
	start := r.call(a)
	id := start.Channel.ID
	assert.Equal(t, "74951234567", start.Channel.Dialplan.Extension)
	assert.Equal(t, "Stasis", start.Channel.Dialplan.Application)
	assert.False(t, start.Timestamp.IsZero())
	assert.False(t, start.Channel.CreatedAt.IsZero())

	linked, err := r.Variable(ctx, id, "CHANNEL(linkedid)")
	require.NoError(t, err)
	assert.NotEmpty(t, linked)
	unset, err := r.Variable(ctx, id, "NEVER_SET")
	require.NoError(t, err)
	assert.Empty(t, unset)
	require.NoError(t, r.SetVariable(ctx, id, "QUEUESTATUS", "ждём & \"ждём\""))
	value, err := r.Variable(ctx, id, "QUEUESTATUS")
	require.NoError(t, err)
	assert.Equal(t, "ждём & \"ждём\"", value)

	require.NoError(t, r.Ring(ctx, id))
	require.NoError(t, r.StopRing(ctx, id))
	require.NoError(t, r.Answer(ctx, id))
	require.NoError(t, r.CreateBridge(ctx, "waiting", BridgeHolding, "sales"))
	require.NoError(t, r.AddChannel(ctx, "waiting", id))
	entered := event[*ChannelEnteredBridge](r)
	assert.Equal(t, []any{id, "waiting", "holding"}, []any{entered.Channel.ID, entered.Bridge.ID, entered.Bridge.Type})
	require.NoError(t, r.StartMusic(ctx, id, "default"))
	require.NoError(t, r.StopMusic(ctx, id))

	application, err := r.Application(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{id}, application.ChannelIDs)
	assert.Len(t, application.Disallowed, len(DefaultDisallowed))
	channels, err := r.Channels(ctx)
	require.NoError(t, err)
	assert.Len(t, channels, 2)
	channel, err := r.Channel(ctx, id)
	require.NoError(t, err)
	assert.Equal(t, StateUp, channel.State)
	bridges, err := r.Bridges(ctx)
	require.NoError(t, err)
	require.Len(t, bridges, 1)
	assert.Equal(t, []string{id}, bridges[0].Channels)

	require.NoError(t, r.RemoveChannel(ctx, "waiting", id))
	assert.Equal(t, id, event[*ChannelLeftBridge](r).Channel.ID)
	require.NoError(t, r.DestroyBridge(ctx, "waiting"))
	require.NoError(t, r.Sync(ctx))
	require.NoError(t, r.Hangup(ctx, id, HangupNormal))
	assert.Equal(t, id, event[*StasisEnd](r).Channel.ID)
}

func TestACallerOfARealAsteriskGoesOnInTheDialplan(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	start := r.call(a)
	exists, err := r.Variable(t.Context(), start.Channel.ID, "DIALPLAN_EXISTS(exit,wait,1)")
	require.NoError(t, err)
	assert.Equal(t, "1", exists)
	require.NoError(t, r.Continue(t.Context(), start.Channel.ID, DialplanTarget{Context: "exit", Extension: "wait", Priority: 1}))
	assert.Equal(t, start.Channel.ID, event[*StasisEnd](r).Channel.ID)
	// For a moment after StasisEnd Asterisk still takes commands, and then fails them as those of a channel that is gone.
	require.Eventually(t, func() bool {
		kind := KindOf(r.Answer(t.Context(), start.Channel.ID))
		assert.Contains(t, []Kind{Gone, NotInStasis}, kind)
		return kind == NotInStasis
	}, patience, 10*time.Millisecond)
	assert.ErrorIs(t, r.SetVariable(t.Context(), start.Channel.ID, "X", "Y"), NotInStasis)
	assert.NoError(t, r.Hangup(t.Context(), start.Channel.ID, HangupNormal))
}

func TestWhatARealAsteriskRefusesHasItsKind(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	ctx := t.Context()
	id := r.call(a).Channel.ID
	require.NoError(t, r.CreateBridge(ctx, "b1", BridgeHolding, "sales"))
	second := r.CreateBridge(ctx, "b1", BridgeHolding, "sales")
	outside := r.outside(a)
	for name, test := range map[string]struct {
		kind Kind
		err  error
	}{
		"a bridge made twice":              {Conflict, second},
		"a bridge made twice otherwise":    {Conflict, r.CreateBridge(ctx, "b1", BridgeMixing, "support")},
		"an unknown channel":               {Gone, r.Answer(ctx, "nobody")},
		"an unknown channel's music":       {Gone, r.StartMusic(ctx, "nobody", "")},
		"an unknown channel's ringing":     {Gone, r.StopRing(ctx, "nobody")},
		"an unknown channel's end":         {Gone, r.Hangup(ctx, "nobody", HangupBusy)},
		"an unknown channel's way":         {Gone, r.Continue(ctx, "nobody", DialplanTarget{})},
		"an unknown channel's variable":    {Gone, failureOf(r.Variable(ctx, "nobody", "X"))},
		"an unknown channel's new value":   {Gone, r.SetVariable(ctx, "nobody", "X", "Y")},
		"an unknown channel with a slash":  {Gone, r.Answer(ctx, "PJSIP/nobody")},
		"an unknown channel itself":        {Gone, failureOf(r.Channel(ctx, "nobody"))},
		"an unknown channel to a bridge":   {Gone, r.AddChannel(ctx, "b1", "nobody")},
		"an unknown channel from a bridge": {Gone, r.RemoveChannel(ctx, "b1", "nobody")},
		"a channel to an unknown bridge":   {BridgeGone, r.AddChannel(ctx, "none", id)},
		"a channel from an unknown bridge": {BridgeGone, r.RemoveChannel(ctx, "none", id)},
		"a channel from another bridge":    {NotInBridge, r.RemoveChannel(ctx, "b1", id)},
		"an unknown bridge's end":          {BridgeGone, r.DestroyBridge(ctx, "none")},
		"a stranger's answer":              {NotInStasis, r.Answer(ctx, outside)},
		"a stranger's music":               {NotInStasis, r.StartMusic(ctx, outside, "")},
		"a stranger to a bridge":           {NotInStasis, r.AddChannel(ctx, "b1", outside)},
		"a stranger's new value":           {NotInStasis, r.SetVariable(ctx, outside, "X", "Y")},
		"an unknown channel's call":        {Gone, r.Dial(ctx, "nobody", time.Second)},
		"a stranger's call":                {NotInStasis, r.Dial(ctx, outside, time.Second)},
		"a caller's call":                  {InvalidState, r.Dial(ctx, id, time.Second)},
		"a channel to an unknown phone":    {Unreachable, r.CreateChannel(ctx, NewChannel{Endpoint: "PJSIP/nobody", ID: "leg-1", Originator: id})},
		"a channel to no technology":       {Unreachable, r.CreateChannel(ctx, NewChannel{Endpoint: "NONE/nobody", ID: "leg-1"})},
		"a channel to no endpoint":         {Invalid, r.CreateChannel(ctx, NewChannel{Endpoint: "PJSIP", ID: "leg-1"})},
		"a channel with an id in use":      {Conflict, r.CreateChannel(ctx, NewChannel{Endpoint: "PJSIP/101", ID: id})},
		"an unknown bridge's recording":    {BridgeGone, r.RecordBridge(ctx, "none", "r1", "wav")},
		"an unknown recording's end":       {Gone, r.StopRecording(ctx, "r1")},
		"a device that nobody watched":     {NotSubscribed, r.UnsubscribeDevices(ctx, []string{"PJSIP/101"})},
		"a long id":                        {Gone, r.Answer(ctx, long(longestRequestURI-len("/ari/channels//answer")))},
		"a large value":                    {OK, r.SetVariable(ctx, id, "X", long(longestBody-len(`{"value":"","variable":"X"}`)))},
	} {
		assert.Equal(t, test.kind, KindOf(test.err), "%s: %v", name, test.err)
	}
}

// outside gives the other half of the caller's Local channel, which is not in the application.
func (r *real) outside(a *testbed.Asterisk) string {
	channels, err := r.Channels(r.t.Context())
	require.NoError(r.t, err)
	for _, channel := range channels {
		if channel.Dialplan.Application != "Stasis" {
			return channel.ID
		}
	}
	require.Fail(r.t, "everybody is in the application")
	return ""
}

func failureOf[T any](_ T, err error) error { return err }

func long(n int) string { return fmt.Sprintf("%0*d", n, 0) }

func TestARealAsteriskListsItsSoundsInEveryLanguage(t *testing.T) {
	a := testbed.Start(t)
	client, err := New(Settings{URL: a.ARIURL(), Username: a.Username, Password: a.Password, Application: a.App}, zerolog.Nop())
	require.NoError(t, err)
	defer client.Close()
	info, err := client.Info(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "en", info.Language)
	sounds, err := client.Sounds(t.Context())
	require.NoError(t, err)
	languages := make(map[string]bool)
	for _, sound := range sounds {
		for _, format := range sound.Formats {
			languages[format.Language] = languages[format.Language] || sound.ID == "digits/3"
		}
	}
	assert.True(t, languages["en"])
	assert.True(t, languages["ru"])
}

func TestARealAsteriskRefusesAWrongPassword(t *testing.T) {
	a := testbed.Start(t)
	client, err := New(Settings{URL: a.ARIURL(), Username: a.Username, Password: "wrong", Application: a.App}, zerolog.Nop())
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Info(t.Context())
	assert.ErrorIs(t, err, Refused)
	_, err = client.open(t.Context(), newQueue(1, 1))
	assert.ErrorIs(t, err, Refused)
}

func TestTheNewerOfTwoConnectionsHasTheApplication(t *testing.T) {
	a := testbed.Start(t)
	first := join(t, a)
	second := join(t, a)
	await[Replaced](first)
	err := <-first.ended
	first.ended <- err
	assert.ErrorIs(t, err, ErrReplaced)
	second.call(a)
	assert.NoError(t, second.Sync(t.Context()))
}

func TestARealAsteriskThatIsKilledAndComesBackIsJoinedAgain(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	r.call(a)
	a.Kill()
	lost := await[Disconnected](r)
	assert.False(t, lost.LastSeen.IsZero())
	require.NoError(t, a.Restart(t.Context()))
	again := await[Connected](r)
	assert.Equal(t, lost.LastSeen, again.LastSeen)
	require.Eventually(t, func() bool { return r.Health() == nil }, patience, time.Millisecond)
	r.call(a)
}

func TestARealAsteriskSurvivesAFilterThatIsSetWhileTheApplicationIsRead(t *testing.T) {
	const times = 3000 // without turns, some hundreds are enough
	a := testbed.Start(t)
	r := join(t, a)
	var both sync.WaitGroup
	repeat := func(request func() error) {
		both.Go(func() {
			for range times {
				if !assert.NoError(t, request()) {
					return
				}
			}
		})
	}
	repeat(func() error { return r.Filter(t.Context()) })
	repeat(func() error { return failureOf(r.Application(t.Context())) })
	repeat(func() error { return r.SubscribeDevices(t.Context(), []string{"PJSIP/101", "PJSIP/102"}) })
	both.Wait()
	assert.True(t, a.Alive())
}

func TestARealAsteriskThatStandsStillIsDeaf(t *testing.T) {
	a := testbed.Start(t)
	r := join(t, a)
	require.NoError(t, a.Pause())
	lost := await[Disconnected](r)
	assert.ErrorIs(t, lost.Err, ErrDeaf)
	assert.InDelta(t, 4.0, lost.At.Sub(lost.LastSeen).Seconds(), 1.5)
	require.NoError(t, a.Resume())
	await[Connected](r)
	require.Eventually(t, func() bool { return r.Health() == nil }, patience, time.Millisecond)
}

func TestABurstOfARealAsteriskArrivesWholeAndInOrderBeforeSyncReturns(t *testing.T) {
	const burst = 3000
	a := testbed.Start(t)
	r := join(t, a)
	for i := range burst {
		require.NoError(t, r.UserEvent(t.Context(), "burst", map[string]string{"n": strconv.Itoa(i)}))
	}
	require.NoError(t, r.Sync(t.Context()))
	require.Len(t, r.signals, burst, "all are delivered when Sync returns")
	for i := range burst {
		assert.Equal(t, strconv.Itoa(i), event[*ChannelUserevent](r).Values["n"])
	}
}
