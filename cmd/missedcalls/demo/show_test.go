package demo

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"

	"missedcalls/notifier/policy"
)

// newShow is a show whose chat is not told of one missed call.
func newShow() *show {
	t := newTelling(policy.Policy{})
	t.calls["c1"] = &matter{at: time.Now()}
	return &show{
		board: newStory().board, view: lines{&transcript{}}, follower: &follower{nc: &nats.Conn{}}, ledger: newLedger(),
		program: &program{over: make(chan struct{})}, telling: t,
		chat: &chat{posts: make(chan post), standing: make(map[string]standing), messages: make(map[int64]string)},
	}
}

func TestWhatIsNotToldIsWaitedForAsLongAsTheNotifierTellsSomething(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, begun := newShow(), time.Now()
		assert.False(t, s.settle(begun.Add(time.Second)))
		assert.Equal(t, settleWithin, time.Since(begun), "nothing comes")

		begun = time.Now()
		go func() {
			for range 5 {
				time.Sleep(3 * time.Second)
				s.chat.posts <- post{}
			}
			s.chat.send(chatRequest{Chat: chatNumber, Text: "<b>Missed call</b>\nCall id: c1"})
		}()
		assert.False(t, s.settle(begun.Add(time.Second)))
		assert.WithinDuration(t, begun.Add(15*time.Second), time.Now(), time.Second, "it is told")
	})
}

func TestANotifierThatTellsForLongIsBusyAndNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, begun, over := newShow(), time.Now(), make(chan struct{})
		var notifier sync.WaitGroup
		notifier.Go(func() {
			for {
				select {
				case s.chat.posts <- post{}:
					time.Sleep(time.Second)
				case <-over:
					return
				}
			}
		})
		assert.True(t, s.settle(begun.Add(time.Second)))
		assert.Equal(t, settleAtMost, time.Since(begun))
		close(over)
		notifier.Wait()
	})
}
