package queueflow_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"missedcalls/queueflow"
)

// waiter is a queue in which callers wait, and now and then one hangs up.
type waiter struct {
	machine  *queueflow.Machine
	settings queueflow.Settings
	policies queueflow.Policies
	now      time.Time
}

func newWaiter() *waiter {
	w := &waiter{now: tenOClock, settings: queueflow.Settings{Application: "missedcalls", Epoch: 1}}
	w.policies = queueflow.Policies{DefaultQueue: "sales", Queues: map[string]queueflow.Policy{"sales": {ID: "sales"}, "idle": {ID: "idle"}}}
	w.machine = queueflow.New(w.settings, w.policies)
	return w
}

func (w *waiter) step(after time.Duration, in queueflow.Input) {
	w.now = w.now.Add(after)
	w.machine.Step(w.now, in)
}

func (w *waiter) enter(id string) {
	w.step(0, queueflow.CallerEntered{Call: id, Channel: at(id)})
	w.step(0, queueflow.CallerKnown{Channel: at(id), Withheld: true})
}

func (w *waiter) hangUp(id string, after time.Duration) {
	w.step(after, queueflow.HangupRequested{Channel: at(id), Cause: 16})
	w.step(0, queueflow.CallerLeft{Channel: at(id)})
}

func TestWhatAQueueHasLearnedOutlivesARestart(t *testing.T) {
	w := newWaiter()
	for _, id := range []string{"a", "b", "c", "d"} {
		w.enter(id)
		w.hangUp(id, time.Minute)
	}
	w.enter("e")
	text, err := json.Marshal(w.machine.Snapshot())
	require.NoError(t, err)
	var kept queueflow.Snapshot
	require.NoError(t, json.Unmarshal(text, &kept))
	require.Len(t, kept.Learned, 1, "an idle queue has learned nothing")
	learned := kept.Learned[0].Learned
	assert.InEpsilon(t, 4, learned.HungUp, .02, "the first were a few minutes ago, and count a little less")
	assert.InEpsilon(t, 240, learned.WaitedSeconds, .02)
	assert.InEpsilon(t, 5, learned.Arrived[0].Count, .04)

	again := queueflow.Restore(w.settings, w.policies, kept, w.now.Add(time.Hour))
	assert.Equal(t, kept.Learned, again.Snapshot().Learned, "while nobody runs, nothing is learned and nothing forgotten")
	require.NoError(t, again.Check(), "who waits on is counted as waiting, and not as having come again")
}

func TestWhatAQueueHasLearnedGoesWithIt(t *testing.T) {
	w := newWaiter()
	w.enter("a")
	w.hangUp("a", time.Minute)
	require.NotEmpty(t, w.machine.Snapshot().Learned)
	w.step(0, queueflow.PolicyChanged{})
	assert.Empty(t, w.machine.Snapshot().Learned)
}

// Whom somebody else took, or who was sent away, did not lose his patience.
func TestOnlyWhoHangsUpCountsAsHungUp(t *testing.T) {
	w := newWaiter()
	w.enter("a")
	w.step(time.Minute, queueflow.CallerLeft{Channel: at("a")})
	assert.Zero(t, w.machine.Snapshot().Learned[0].Learned.HungUp)
	assert.InEpsilon(t, 60, w.machine.Snapshot().Learned[0].Learned.WaitedSeconds, .01)
}
