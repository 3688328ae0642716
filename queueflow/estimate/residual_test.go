package estimate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// even is a queue whose calls take a hundred seconds, a little more or less, with agents on calls of these ages.
func even(lasted ...float64) *Queue {
	q := staffed(len(lasted), 100*time.Second, time.Hour)
	for i := range recentLimit {
		handle(q, 0, 1, 99+2*float64(i%2))
	}
	for _, s := range lasted {
		q.Began(at(0), at(-s))
	}
	return q
}

func mean(q *Queue, a Ahead) float64 {
	w, _ := q.Estimate(at(0), a)
	return w.Mean.Seconds()
}

func TestACallThatHasLastedLongIsSoonOver(t *testing.T) {
	assert.InDelta(t, 90, mean(even(10), Ahead{}), 5)
	assert.InDelta(t, 50, mean(even(50), Ahead{}), 5)
	assert.InDelta(t, 10, mean(even(90), Ahead{}), 5)
	assert.InDelta(t, 110, mean(even(90), Ahead{Callers: 1}), 8, "and the next call takes its whole time")
	assert.InDelta(t, 10, mean(even(10, 40, 90), Ahead{}), 5)
	assert.InDelta(t, 60, mean(even(10, 40, 90), Ahead{Callers: 1}), 5)
	assert.InDelta(t, 90, mean(even(10, 40, 90), Ahead{Callers: 2}), 5)
}

func TestACallThatIsLongerThanAnyGoesOnAsIfItHadBegun(t *testing.T) {
	assert.InDelta(t, 100, mean(even(100_000), Ahead{}), 10)
}

func TestAnAgentOfWhomNothingIsKnownCountsByTheRate(t *testing.T) {
	q := even(50)
	q.Staffed(at(0), 2)
	assert.Less(t, mean(q, Ahead{}), mean(even(50), Ahead{}))
}

func TestTheAgentsOfOtherQueuesAreFollowedToo(t *testing.T) {
	q := even()
	q.Staffed(at(0), 1)
	busy := even(90)
	assert.InDelta(t, 10, mean(q, Ahead{Rivals: []Rival{{Queue: busy, Share: 1}}}), 5)
}

func TestALineThatIsLongerThanAgentsAreFollowedIsEstimatedByTheRates(t *testing.T) {
	q := even(50)
	for _, ahead := range []int{8, 20, 100} {
		rates, _ := q.departures(0).moments(float64(ahead))
		assert.InEpsilon(t, rates, mean(q, Ahead{Callers: ahead}), .12, "%d ahead", ahead)
	}
}

func TestAgentsAreFollowedOnlyWhereCallsAreAlike(t *testing.T) {
	q := even(90)
	assert.True(t, q.alike())
	for i := range recentLimit {
		handle(q, 0, 1, float64(1+999*(i%2)*(i%3/2)))
	}
	assert.False(t, q.alike())
	few := staffed(1, 100*time.Second, 0)
	handle(few, 0, alikeOf-1, 100)
	assert.False(t, few.alike())
	handle(few, 0, 1, 100)
	assert.True(t, few.alike())
	none := staffed(1, 100*time.Second, 0)
	handle(none, 0, recentLimit, 0)
	assert.False(t, none.alike(), "calls of no length at all say nothing")
}

func TestALikelyWaitIsNearTheMeanWhereCallsAreAlike(t *testing.T) {
	w, _ := even(50).Estimate(at(0), Ahead{})
	assert.Less(t, w.Deviation, w.Mean/2, "an exponential time would deviate by as much as its mean")
}
