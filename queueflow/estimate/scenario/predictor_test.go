package scenario

import (
	"time"

	"missedcalls/queueflow/estimate"
)

// The predictors.
const (
	// holdTime is app_queue's estimate less what the caller has waited, but not below 0.
	holdTime = iota
	// spokenTime is what app_queue says, which is 0 where it says nothing.
	spokenTime
	// ours is the mean of the estimate, and ourTold what is told of it.
	ours
	ourTold
	// knowing has the true rates.
	knowing
	predictorCount
)

// forecast is the wait in seconds by predictor.
type forecast [predictorCount]float64

// predictors are those of one centre. The estimate is told what the machine tells it.
type predictors struct {
	centre
	appQueues []appQueue
	queues    []*estimate.Queue
	agents    int
	// truth knows the true rates.
	truth *truth
}

// work is a call that an agent handles.
type work struct {
	queue    int
	handling *estimate.Handling
}

func newPredictors(c centre) *predictors {
	p := &predictors{centre: c, appQueues: make([]appQueue, c.queues), truth: newTruth(c)}
	for range c.queues {
		// What is expected is wrong by 30 % and by 50 %.
		p.queues = append(p.queues, estimate.New(estimate.Expected{
			Handling: time.Duration(1.3 * c.meanHandling * float64(time.Second)),
			Patience: expectedPatience(c),
		}))
	}
	return p
}

// expectedPatience is wrong by half; of callers who never hang up, it is the default.
func expectedPatience(c centre) time.Duration {
	if c.meanPatience > day {
		return 0
	}
	return time.Duration(1.5 * c.meanPatience * float64(time.Second))
}

func (p *predictors) staffed(at float64, agents int) {
	p.agents = agents
	for _, q := range p.queues {
		q.Staffed(clock(at), agents)
	}
}

func (p *predictors) arrived(at float64, c *caller) {
	p.queues[c.queue].Arrived(clock(at), c.priority)
	p.queues[c.queue].Joined(clock(at))
}

func (p *predictors) served(at float64, c *caller) *work {
	p.appQueues[c.queue].answered(int(at - c.arrived))
	p.queues[c.queue].Left(clock(at))
	return &work{queue: c.queue, handling: p.queues[c.queue].Began(clock(at), clock(at))}
}

func (p *predictors) hungUp(at float64, c *caller) {
	p.appQueues[c.queue].over()
	p.queues[c.queue].HungUp(clock(at))
	p.queues[c.queue].Left(clock(at))
}

func (p *predictors) handled(at float64, w *work) {
	p.appQueues[w.queue].over()
	p.queues[w.queue].Ended(clock(at), w.handling, true)
}

// tell is what each tells a caller with so many ahead of him in his own queue and in the others.
func (p *predictors) tell(at float64, c *caller, own, others int) (told forecast) {
	elapsed, h := at-c.arrived, p.appQueues[c.queue].holdtime
	told[holdTime] = max(0, float64(h)-elapsed)
	minutes, seconds := spoken(h, int(elapsed), 0)
	told[spokenTime] = float64(60*minutes + seconds)
	now, q := clock(at), p.queues[c.queue]
	ahead := estimate.Ahead{Callers: own, Overtaking: q.Overtaking(now, c.priority)}
	for i, other := range p.queues {
		if i != c.queue {
			ahead.Rivals = append(ahead.Rivals, estimate.Rival{
				Queue: other, Share: 1, Callers: others, Overtaking: other.Overtaking(now, c.priority),
			})
		}
	}
	wait, ok := q.Estimate(now, ahead)
	if !ok {
		panic("no agents")
	}
	told[ours], told[ourTold] = wait.Mean.Seconds(), wait.Told(0).Seconds()
	told[knowing] = p.truth.wait(p.agents, own)
	return told
}

// truth is the predictor that knows the true rates: the sum of 1/(s·mu + j·theta), term by term. It does not know of
// callers of other queues, of those who overtake, nor of what agents do after a call.
type truth struct {
	mu, theta float64
}

func newTruth(c centre) *truth { return &truth{mu: 1 / c.meanHandling, theta: 1 / c.meanPatience} }

func (t *truth) wait(agents, ahead int) (sum float64) {
	for j := range ahead + 1 {
		sum += 1 / (float64(agents)*t.mu + float64(j)*t.theta)
	}
	return sum
}
