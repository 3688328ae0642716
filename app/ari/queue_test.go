package ari

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func texts(items []item) (texts []string) {
	for _, i := range items {
		texts = append(texts, string(i.frame))
	}
	return texts
}

func TestAQueueGivesWhatItGotInOrderAndInBatches(t *testing.T) {
	q := newQueue(10_000, 1<<20)
	next, into := 0, make([]item, 0, 7)
	for i := range 5000 {
		require.True(t, q.put(time.Time{}, fmt.Append(nil, i)))
		if i%3 != 0 {
			continue
		}
		taken, _ := q.take(into)
		for _, text := range texts(taken) {
			require.Equal(t, fmt.Sprint(next), text)
			next++
		}
	}
	q.close()
	for {
		taken, left := q.take(into)
		if len(taken) == 0 {
			break
		}
		next += len(taken)
		assert.Equal(t, 5000-next, left)
	}
	assert.Equal(t, 5000, next)
}

func TestAFullQueueTakesNoFrameAndStillASignal(t *testing.T) {
	q := newQueue(2, 1<<20)
	assert.True(t, q.put(time.Time{}, []byte("1")))
	assert.True(t, q.put(time.Time{}, []byte("2")))
	assert.False(t, q.put(time.Time{}, []byte("3")))
	q.say(Replaced{}, 1)
	taken, left := q.take(make([]item, 0, 10))
	assert.Len(t, taken, 3)
	assert.Zero(t, left)
	assert.True(t, q.put(time.Time{}, []byte("4")))
}

func TestAQueueIsFullByBytesToo(t *testing.T) {
	q := newQueue(10, 100)
	assert.True(t, q.put(time.Time{}, make([]byte, 60)))
	assert.True(t, q.put(time.Time{}, make([]byte, 40)))
	assert.False(t, q.put(time.Time{}, make([]byte, 1)))
	q.take(make([]item, 0, 10))
	assert.True(t, q.put(time.Time{}, make([]byte, 200)), "one frame is accepted whatever its size, which the connection bounds")
}

func TestAQueueWarnsAtATenth(t *testing.T) {
	q := newQueue(100, 1<<20)
	for i := range 10 {
		_, alarming := q.waiting()
		assert.False(t, alarming, i)
		q.put(time.Time{}, []byte("x"))
	}
	frames, alarming := q.waiting()
	assert.Equal(t, 10, frames)
	assert.True(t, alarming)
}

func TestWhoTakesWaitsForSomethingOrTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(10, 100)
		lengths := make(chan int)
		go func() {
			for {
				taken, _ := q.take(make([]item, 0, 10))
				lengths <- len(taken)
				if len(taken) == 0 {
					return
				}
			}
		}()
		synctest.Wait()
		q.say(Replaced{}, 1)
		assert.Equal(t, 1, <-lengths)
		synctest.Wait()
		q.close()
		assert.Equal(t, 0, <-lengths)
	})
}

func TestWhoWaitsForRoomWaitsUntilHalfIsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(4, 100)
		for range 4 {
			q.put(time.Time{}, []byte("x"))
		}
		done := make(chan struct{})
		go func() {
			q.awaitRoom(t.Context())
			close(done)
		}()
		synctest.Wait()
		q.take(make([]item, 0, 1))
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("three of four are not half")
		default:
		}
		q.take(make([]item, 0, 1))
		<-done
	})
}

func TestWaitingForRoomEndsWithItsContext(t *testing.T) {
	q := newQueue(1, 100)
	q.put(time.Time{}, []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q.awaitRoom(ctx)
}

func TestPausesDoubleUpToTheMost(t *testing.T) {
	b := backOff{least: 100 * time.Millisecond, most: 10 * time.Second}
	for _, want := range []time.Duration{100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000} {
		assert.Equal(t, want*time.Millisecond, b.next(0))
	}
	for range 100 {
		assert.Equal(t, 5*time.Second, b.next(1), "half is taken off at most")
	}
	b.reset()
	assert.Equal(t, 75*time.Millisecond, b.next(0.5))
}

func TestPausesThatWouldOverflowAreTheMost(t *testing.T) {
	b := backOff{least: 24 * 365 * time.Hour, most: 1 << 62, attempts: 31}
	assert.Equal(t, time.Duration(1<<62), b.next(0))
}

func TestAFaultThatLastsIsToldOnceAMinute(t *testing.T) {
	var c complaint
	now := time.Now()
	assert.True(t, c.worth(ErrDeaf, now))
	assert.False(t, c.worth(ErrDeaf, now.Add(time.Minute-1)))
	assert.True(t, c.worth(ErrDeaf, now.Add(time.Minute)))
	assert.True(t, c.worth(ErrOverflow, now.Add(time.Minute)))
}
