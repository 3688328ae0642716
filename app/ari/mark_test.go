package ari

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// sync runs Sync beside the conversation.
func (w *world) sync(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	go func() { done <- w.client.Sync(ctx) }()
	synctest.Wait()
	return done
}

func TestSyncReturnsWhenEverythingBeforeItHasBeenDelivered(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hold = make(chan struct{})
		w.listen()
		w.hold <- struct{}{} // connected
		w.say(startFrame("1"), startFrame("2"))
		done := w.sync(t.Context())
		w.hold <- struct{}{}
		synctest.Wait()
		assert.Empty(t, done, "one event is still to be delivered")
		w.hold <- struct{}{}
		assert.NoError(t, <-done)
		assert.Equal(t, []string{"connected", "1", "2"}, w.story())
		close(w.hold)
	})
}

func TestManySyncAtOnce(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		var all []<-chan error
		for i := range 20 {
			w.say(startFrame(fmt.Sprint(i)))
			all = append(all, w.sync(t.Context()))
		}
		for _, done := range all {
			assert.NoError(t, <-done)
		}
		assert.Empty(t, w.client.marks.pending)
	})
}

func TestSyncWithoutAConnectionFailsAtOnce(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		assert.ErrorIs(t, w.client.Sync(t.Context()), ErrDisconnected)
		assert.ErrorIs(t, w.client.Health(), ErrDisconnected)
		assert.Empty(t, w.asked(""))
	})
}

func TestSyncFailsWhenTheConnectionEndsFirst(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.set(func() { w.deaf = true })
		done := w.sync(t.Context())
		assert.Empty(t, done)
		w.cut()
		assert.ErrorIs(t, <-done, ErrDisconnected)
	})
}

func TestSyncOfANewConnectionIsNotEndedByTheOldOne(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.hold = make(chan struct{})
		w.listen()
		w.cut()
		time.Sleep(100 * time.Millisecond)
		done := w.sync(t.Context()) // on the second connection, while nothing of the first has been delivered
		close(w.hold)
		assert.NoError(t, <-done)
		assert.Equal(t, []string{"connected", "disconnected", "connected"}, w.story())
	})
}

func TestSyncEndsWithItsContext(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.set(func() { w.deaf = true })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, w.client.Sync(ctx), context.DeadlineExceeded)
		assert.Empty(t, w.client.marks.pending)
	})
}

func TestSyncThatCannotBeSentSaysWhy(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.listen()
		w.answer("POST /ari/events/user/ari-echo", 404, `{"message":"Application not found"}`)
		assert.ErrorIs(t, w.client.Sync(t.Context()), Gone)
	})
}

func TestEchoesOfSomebodyElseAreNotDeliveredAndProveNothing(t *testing.T) {
	inBubble(t, testSettings(), func(t *testing.T, w *world) {
		w.set(func() { w.deaf = true })
		w.listen()
		w.say(echoFrame("echo-of-another-1"))
		time.Sleep(3 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"connected", "disconnected"}, w.story())
		assert.ErrorIs(t, signal[Disconnected](w, 0).Err, ErrDeaf)
	})
}
