package scenario

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// appQueue is what app_queue makes of the waits of its callers (update_queue of app_queue.c), in whole seconds.
type appQueue struct {
	holdtime int
	ended    int
}

// answered takes up the wait of a caller who was answered. Until the first call has ended, each answer stands alone;
// then the newest counts a quarter, and what is cut off by the division is lost.
func (q *appQueue) answered(waited int) {
	if q.ended == 0 {
		q.holdtime = waited
		return
	}
	q.holdtime = (3*q.holdtime + waited) >> 2
}

// over counts a call whose talk is over, or whose caller hung up while he waited.
func (q *appQueue) over() { q.ended++ }

// spoken is what say_position tells of a hold time to a caller who has waited for a while, rounded down to a step of
// announce-round-seconds; nothing is told for 0 minutes and 0 seconds.
func spoken(holdtime, elapsed, step int) (minutes, seconds int) {
	x := holdtime + 30 - elapsed
	if x < 0 {
		x = -x
	}
	minutes = x / 60
	if step > 0 {
		seconds = (x - 60*minutes) / step * step
	}
	return minutes, seconds
}

// vectors are what an exact model of app_queue gave.
type vectors struct {
	Holdtime []struct {
		Waits     []int
		AfterEach []int `json:"holdtime_after_each"`
	}
	Spoken []struct {
		Holdtime, Elapsed, Minutes, Seconds int
		Step                                int  `json:"round_seconds"`
		Says                                bool `json:"says_anything"`
	}
}

func readVectors(t *testing.T) (v vectors) {
	text, err := os.ReadFile("testdata/app_queue.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &v))
	require.NotEmpty(t, v.Holdtime)
	require.NotEmpty(t, v.Spoken)
	return v
}

func TestAppQueueLearnsTheHoldTime(t *testing.T) {
	for _, v := range readVectors(t).Holdtime {
		var q appQueue
		for i, waited := range v.Waits {
			q.answered(waited)
			q.over()
			assert.Equal(t, v.AfterEach[i], q.holdtime, "after %v", v.Waits[:i+1])
		}
	}
}

func TestUntilACallHasEndedTheNewestAnswerIsAppQueuesHoldTime(t *testing.T) {
	var q appQueue
	q.answered(100)
	q.answered(20)
	assert.Equal(t, 20, q.holdtime)
}

func TestAppQueueSpeaksTheHoldTime(t *testing.T) {
	for _, v := range readVectors(t).Spoken {
		minutes, seconds := spoken(v.Holdtime, v.Elapsed, v.Step)
		assert.Equal(t, []int{v.Minutes, v.Seconds}, []int{minutes, seconds}, "%+v", v)
		assert.Equal(t, v.Says, minutes+seconds > 0, "%+v", v)
	}
}
