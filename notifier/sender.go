package notifier

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"missedcalls/app/bus"
	"missedcalls/notifier/policy"
	"missedcalls/notifier/target"
)

// sender tells one target. One goroutine, run, fetches jobs; each job, or each digest, is a goroutine's of its own, of
// which there are as many as the target may have workers.
type sender struct {
	policy   policy.Target
	target   target.Target
	words    Renderer
	mask     masking
	gate     *gate
	pace     *pace
	tuning   tuning
	observer Observer
	at       func(step string)
	log      zerolog.Logger

	streams  *bus.Notifications
	records  records
	consumer *bus.Consumer
	stopping context.Context // ends when no more is to be told
	slots    chan struct{}   // holds one for each worker that is free
	workers  sync.WaitGroup
}

// ready gives the sender what it needs to run.
func (s *sender) ready(n *Notifier) {
	s.streams = n.streams.Load()
	s.records = records{s.streams.Deliveries}
	s.tuning, s.at = n.tuning, n.at
	s.gate.first = n.tuning.firstPause
}

// tuning are times that tests shorten.
type tuning struct {
	firstPause time.Duration // after a failure
	ackWait    time.Duration // the delay after a crash
	poll       time.Duration
	grace      time.Duration // for deliveries that are on their way when the notifier ends
	lookAgain  time.Duration // at a target that is closed, and at jobs of no target
	comeBack   time.Duration // of a job whose target waits for a token to be mended
	orphanAge  time.Duration // of a job of no target
	standBy    time.Duration // between two looks of a router that stands by
	fullPause  time.Duration // of a router that cannot write
}

func defaultTuning() tuning {
	return tuning{
		firstPause: firstPause, grace: 5 * time.Second, lookAgain: time.Minute, comeBack: 5 * time.Second, orphanAge: 5 * time.Minute,
		standBy: 2 * time.Second, fullPause: time.Second,
	}
}

const (
	// deliverWithin bounds one delivery. Channels of HTTP give up long before; mail to a slow server may need all of it.
	deliverWithin = 2 * time.Minute
	// maxDigest bounds the jobs that are told in one message.
	maxDigest = 200
)

// run tells the target until ctx ends; what is on its way then has some time to arrive. Nothing of it runs when run
// returns.
func (s *sender) run(ctx context.Context) {
	if !s.open(ctx) {
		return
	}
	s.stopping = ctx
	delivering, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	s.slots = make(chan struct{}, s.policy.Workers)
	for range s.policy.Workers {
		s.slots <- struct{}{}
	}
	for ctx.Err() == nil {
		if s.await(ctx) {
			s.fetch(ctx, delivering)
		}
	}
	late := time.AfterFunc(s.tuning.grace, stop)
	defer late.Stop()
	s.workers.Wait()
	s.consumer.Close()
}

func consumerName(target string) string { return "target-" + bus.Token(target) }

// open makes the consumer, for as long as that takes.
func (s *sender) open(ctx context.Context) bool {
	for {
		c, err := s.streams.Jobs.Consume(ctx, bus.ConsumerSettings{
			Name: consumerName(s.policy.Name), Subject: jobsOf(s.policy.Name) + "*",
			AckWait: s.tuning.ackWait, Poll: s.tuning.poll,
		})
		if err == nil {
			s.consumer = c
			return true
		}
		s.log.Warn().Err(err).Msg("the target's jobs cannot be fetched yet")
		if pause(ctx, time.Second) != nil {
			return false
		}
	}
}

// await waits until the target may be told something, or for a while. It says whether it is worth fetching.
func (s *sender) await(ctx context.Context) bool {
	now := time.Now()
	p := s.gate.look(now)
	if p.divert {
		return true
	}
	wait := s.pace.free(now)
	if !p.open {
		s.expire(ctx)
		wait = s.tuning.lookAgain
		if p.wait > 0 {
			wait = min(wait, p.wait)
		}
	}
	if wait > 0 {
		_ = pause(ctx, wait)
	}
	return p.open && ctx.Err() == nil
}

// fetch waits for a free worker and for jobs, and hands them on.
func (s *sender) fetch(ctx, delivering context.Context) {
	if !s.awaitSlot(ctx) {
		return
	}
	free := 1
	for free < s.policy.Workers && s.takeSlot() {
		free++
	}
	got, err := s.consumer.Fetch(ctx, free)
	if err != nil { // ctx ended
		s.free(free)
		return
	}
	if s.isStorm(got) {
		got = append(got, s.consumer.More(ctx, maxDigest-len(got))...)
	}
	if s.policy.DigestOver > 0 && len(got) > s.policy.DigestOver {
		s.free(free - 1)
		s.work(func() { s.tellTogether(delivering, got) })
		return
	}
	s.free(max(0, free-len(got)))
	for i, d := range got {
		if i >= free && !s.awaitSlot(ctx) { // gathered for a digest that was none
			return // run hands back what is in hand
		}
		s.work(func() { s.handle(delivering, d) })
	}
}

// isStorm says whether more jobs may wait than are told one by one. The server does not count those that were handed back
// and are due again, so that it is worth a look when one of them comes.
func (s *sender) isStorm(got []*bus.Delivery) bool {
	if s.policy.DigestOver == 0 || len(got) == 0 {
		return false
	}
	last := got[len(got)-1]
	return len(got)+last.Waiting > s.policy.DigestOver || last.Deliveries > 1
}

// work does something in a worker's goroutine, whose slot was taken.
func (s *sender) work(do func()) {
	s.workers.Go(func() {
		defer s.free(1)
		do()
	})
}

// awaitSlot waits for a free worker, and says no when ctx ended before.
func (s *sender) awaitSlot(ctx context.Context) bool {
	select {
	case <-s.slots:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *sender) takeSlot() bool {
	select {
	case <-s.slots:
		return true
	default:
		return false
	}
}

func (s *sender) free(n int) {
	for range n {
		s.slots <- struct{}{}
	}
}

// expire buries the jobs that got too old while the target takes nothing.
func (s *sender) expire(ctx context.Context) {
	for ctx.Err() == nil {
		first, err := s.streams.Jobs.Next(ctx, jobsOf(s.policy.Name)+"*", 1)
		if err != nil {
			if !errors.Is(err, bus.ErrNone) {
				s.log.Debug().Err(err).Msg("the oldest job cannot be looked at")
			}
			return
		}
		if j, err := decodeJob(first.Data); err == nil && !s.isExpired(j, time.Now()) {
			return
		}
		got := s.consumer.More(ctx, 1) // the oldest, unless it is to come again later
		if len(got) == 0 {
			return
		}
		e := s.receive(ctx, got[0])
		if e == nil {
			continue
		}
		if !s.isExpired(e.job, time.Now()) {
			e.Retry(0)
			return
		}
		s.do(ctx, e, s.judge(ctx, e, nil))
	}
}

func (s *sender) isExpired(j job, now time.Time) bool { return now.Sub(j.Since) > s.policy.MaxAge }
