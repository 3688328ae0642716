package estimate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var nine = time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC)

// at is a moment so many seconds after nine.
func at(s float64) time.Time { return nine.Add(seconds(s)) }

func staffed(agents int, handling, patience time.Duration) *Queue {
	q := New(Expected{Handling: handling, Patience: patience})
	q.Staffed(nine, agents)
	return q
}

func TestBeforeAnythingWasLearnedTheEstimateIsOfWhatIsExpected(t *testing.T) {
	for _, c := range []struct {
		name               string
		agents             int
		handling, patience time.Duration
		ahead              Ahead
		mean, deviation    float64
	}{
		{"the next one, one agent of 180 s", 1, 180 * time.Second, 0, Ahead{}, 180, 180},
		{"nine ahead, ten agents of 180 s, patience of 300 s", 10, 180 * time.Second, 300 * time.Second, Ahead{Callers: 9}, 144.43, 46.1104},
		{"four ahead who are patient, two agents of 240 s", 2, 240 * time.Second, 0, Ahead{Patient: 4}, 600, 268.328},
		{"nothing said is five minutes each", 1, 0, 0, Ahead{Callers: 1}, 300 + 150, 335.41},
		{"half of the agents' time for who overtakes", 2, 200 * time.Second, 0, Ahead{Overtaking: 1. / 200}, 200, 200},
		{"never less than a twentieth of it", 2, 200 * time.Second, 0, Ahead{Overtaking: 1}, 2000, 2000},
	} {
		w, ok := staffed(c.agents, c.handling, c.patience).Estimate(nine, c.ahead)
		assert.True(t, ok, c.name)
		assert.InDelta(t, c.mean, w.Mean.Seconds(), .005, c.name)
		assert.InDelta(t, c.deviation, w.Deviation.Seconds(), .005, c.name)
	}
}

func TestWithoutAgentsThereIsNoEstimate(t *testing.T) {
	q := New(Expected{})
	_, ok := q.Estimate(nine, Ahead{})
	assert.False(t, ok)
	q.Staffed(nine, 1)
	_, ok = q.Estimate(nine, Ahead{})
	assert.True(t, ok)
	q.Staffed(nine, 0)
	_, ok = q.Estimate(nine, Ahead{})
	assert.False(t, ok)
}

func TestCallersOfOtherQueuesCountByTheAgentsInCommon(t *testing.T) {
	mean := func(a Ahead) float64 {
		w, _ := staffed(10, 180*time.Second, 300*time.Second).Estimate(nine, a)
		return w.Mean.Seconds()
	}
	other := staffed(5, time.Minute, time.Minute)
	assert.InDelta(t, mean(Ahead{Callers: 9}), mean(Ahead{Callers: 4, Rivals: []Rival{{Queue: other, Share: 1, Callers: 5}}}), 1e-9)
	assert.InDelta(t, mean(Ahead{Callers: 6}), mean(Ahead{Callers: 4, Rivals: []Rival{{Queue: other, Share: .2, Callers: 10}}}), 1e-6)
	assert.InDelta(t, mean(Ahead{Callers: 4}), mean(Ahead{Callers: 4, Rivals: []Rival{{Queue: other, Callers: 10}}}), 1e-9)
	assert.InDelta(t, mean(Ahead{Overtaking: .02}), mean(Ahead{Rivals: []Rival{{Queue: other, Share: .5, Overtaking: .04}}}), 1e-9)
}

// The rates are the counts by the times, what is expected counting as five handlings and two callers who hung up; calls
// that go on and callers who still wait have spent their time as well.
func TestRatesAreLearned(t *testing.T) {
	q := staffed(2, 100*time.Second, 100*time.Second)
	q.Joined(at(0))
	q.Joined(at(0))
	first := q.Began(at(0), at(0))
	second := q.Began(at(0), at(0))
	// Over ten seconds a memory of two hours and more forgets little, which is left out here.
	assert.InEpsilon(t, 5./(500+2*10), muAt(q, 10), 1e-3, "nobody is done yet, and both were busy for 10 s")
	assert.InEpsilon(t, 2./(200+2*10), q.theta(), 1e-3)
	q.Ended(at(10), first, true)
	q.Ended(at(10), second, false)
	assert.InEpsilon(t, 6./(500+2*10), muAt(q, 40), 1e-2, "a call that the agent did not get has cost time only")
	q.HungUp(at(40))
	q.Left(at(40))
	q.Left(at(40))
	assert.InEpsilon(t, 3./(200+2*40), q.theta(), 1e-2, "one hung up, the other was served")
}

func muAt(q *Queue, s float64) float64 {
	q.pass(at(s))
	return q.mu()
}

func TestWhatWasLongAgoIsForgotten(t *testing.T) {
	q := staffed(10, time.Minute, time.Minute)
	handle(q, 0, 1000, 60)
	before := q.Learned(at(0)).Handled
	require.Equal(t, shortestMemory, q.memory(), "a hundred and fifty calls of ten agents are a quarter of an hour")
	after := q.Learned(at(shortestMemory.Seconds())).Handled
	assert.InEpsilon(t, 0.36788, after/before, 1e-4)
}

func TestTheMemoryHasBounds(t *testing.T) {
	assert.Equal(t, longestMemory, staffed(0, 4*time.Minute, 0).memory())
	assert.Equal(t, longestMemory, staffed(1, 4*time.Minute, 0).memory())
	assert.InDelta(t, time.Hour, staffed(10, 4*time.Minute, 0).memory(), float64(time.Millisecond))
	assert.Equal(t, shortestMemory, staffed(1000, 4*time.Minute, 0).memory())
}

func TestCallersWhoOvertakeAreCountedByPriority(t *testing.T) {
	q := staffed(1, 100*time.Second, 0)
	for i := range 30 {
		q.Arrived(at(float64(i)), i%3)
	}
	over := func(priority int) float64 { return q.Overtaking(at(29), priority) }
	assert.InEpsilon(t, 20./(29+100), over(0), .01)
	assert.InEpsilon(t, 10./(29+100), over(1), .01)
	assert.Zero(t, over(2))
	assert.InEpsilon(t, 30./(29+100), over(-1), .01)
}

func TestPrioritiesAreCountedUpToABound(t *testing.T) {
	q := New(Expected{})
	for range 3 {
		for p := range priorityLimit - 1 {
			q.Arrived(nine, p)
		}
	}
	for p := 100; p < 200; p++ {
		q.Arrived(nine, p)
	}
	counted := q.Learned(nine).Arrived
	require.Len(t, counted, priorityLimit)
	assert.Equal(t, Arrived{Priority: 199, Count: 1}, counted[0], "the newest stands for the rare ones")
	assert.Equal(t, Arrived{Priority: 0, Count: 3}, counted[priorityLimit-1])
}

func TestWhatWasLearnedOutlivesARestart(t *testing.T) {
	q := staffed(3, time.Minute, time.Minute)
	handle(q, 0, 300, 77)
	q.Arrived(at(0), 5)
	kept := q.Learned(at(0))
	assert.Len(t, kept.Recent, recentLimit)
	again := staffed(3, time.Minute, time.Minute)
	again.Restore(at(5000), kept)
	kept.Recent[0] = 0
	kept.Arrived[0].Count = 0
	assert.InEpsilon(t, q.mu(), again.mu(), 1e-12)
	assert.NotZero(t, again.Overtaking(at(5000), 4))
	assert.Equal(t, int64(77000), again.Learned(at(5000)).Recent[0])
	again.Restore(at(5000), Learned{Recent: make([]int64, 2*recentLimit)})
	assert.Len(t, again.Learned(at(5000)).Recent, recentLimit)
}

func TestTimeNeverRunsBackwards(t *testing.T) {
	q := staffed(3, time.Minute, time.Minute)
	q.Joined(at(100))
	before := q.Learned(at(200))
	assert.Equal(t, before, q.Learned(at(50)))
}

// handle lets agents handle calls of one length, all before a moment.
func handle(q *Queue, before float64, calls int, length float64) {
	for range calls {
		h := q.Began(at(before), at(before-length))
		q.learned.BusySeconds += length
		q.Ended(at(before), h, true)
	}
}

func BenchmarkAHandling(b *testing.B) {
	q := staffed(100, time.Minute, time.Minute)
	now := nine
	for b.Loop() {
		h := q.Began(now, now)
		now = now.Add(time.Second)
		q.Ended(now, h, true)
	}
}

func BenchmarkAnEstimate(b *testing.B) {
	for _, c := range []struct {
		name   string
		length func(i int) float64
	}{
		{"by the rates", func(i int) float64 { return float64(i%10) * float64(i%10) * 10 }},
		{"by following a hundred agents", func(i int) float64 { return 180 + float64(i%40) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			q := staffed(100, time.Minute, time.Minute)
			for i := range recentLimit {
				handle(q, 0, 1, c.length(i))
			}
			for i := range 100 {
				q.Began(at(0), at(-2*float64(i)))
			}
			for b.Loop() {
				q.Estimate(at(0), Ahead{Callers: 30})
			}
		})
	}
}
