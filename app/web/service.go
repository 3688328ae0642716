package web

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// serviceLevel counts, by queue, who was answered and who hung up while he waited, and whether within the time that the
// queue promises. A change of that time counts for what happens afterwards. It is safe for use by several goroutines.
type serviceLevel struct {
	calls, ratio, target *prometheus.Desc

	mu      sync.Mutex
	targets map[string]time.Duration
	served  map[string]*served
}

// served counts the callers of one queue: in time and later.
type served struct{ answered, answeredLate, abandoned, abandonedLate int }

func newServiceLevel() *serviceLevel {
	return &serviceLevel{
		calls: prometheus.NewDesc(namespace+"_service_level_calls_total",
			"Callers who were answered or hung up, by whether within the queue's service_level.", []string{"queue", "outcome", "in_time"}, nil),
		ratio: prometheus.NewDesc(namespace+"_service_level_ratio",
			"Of the calls since the start: answered, those answered in time of all answered; all, those answered or hung up in time of both.",
			[]string{"queue", "formula"}, nil),
		target: prometheus.NewDesc(namespace+"_service_level_target_seconds", "The queue's service_level.", []string{"queue"}, nil),
		served: make(map[string]*served),
	}
}

// ServiceLevels sets within which time a caller of each queue should be answered.
func (m *Metrics) ServiceLevels(targets map[string]time.Duration) {
	m.service.mu.Lock()
	defer m.service.mu.Unlock()
	m.service.targets = targets
}

// of is the count of a queue. mu is held.
func (s *serviceLevel) of(queue string) *served {
	counts, known := s.served[queue]
	if !known {
		counts = new(served)
		s.served[queue] = counts
	}
	return counts
}

// inTime says whether a wait kept what the queue promises. mu is held.
func (s *serviceLevel) inTime(queue string, waitedMS int64) bool {
	return waitedMS <= s.targets[queue].Milliseconds()
}

func (s *serviceLevel) answered(queue string, waitedMS int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if counts := s.of(queue); s.inTime(queue, waitedMS) {
		counts.answered++
	} else {
		counts.answeredLate++
	}
}

func (s *serviceLevel) abandoned(queue string, waitedMS int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if counts := s.of(queue); s.inTime(queue, waitedMS) {
		counts.abandoned++
	} else {
		counts.abandonedLate++
	}
}

// Describe implements prometheus.Collector.
func (s *serviceLevel) Describe(ch chan<- *prometheus.Desc) {
	ch <- s.calls
	ch <- s.ratio
	ch <- s.target
}

// Collect implements prometheus.Collector. A ratio of no calls is not told.
func (s *serviceLevel) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for queue, target := range s.targets {
		ch <- prometheus.MustNewConstMetric(s.target, prometheus.GaugeValue, target.Seconds(), queue)
	}
	for queue, c := range s.served {
		count := func(n int, outcome, inTime string) {
			ch <- prometheus.MustNewConstMetric(s.calls, prometheus.CounterValue, float64(n), queue, outcome, inTime)
		}
		count(c.answered, "answered", "yes")
		count(c.answeredLate, "answered", "no")
		count(c.abandoned, "abandoned", "yes")
		count(c.abandonedLate, "abandoned", "no")
		ratio := func(inTime, all int, formula string) {
			if all > 0 {
				ch <- prometheus.MustNewConstMetric(s.ratio, prometheus.GaugeValue, float64(inTime)/float64(all), queue, formula)
			}
		}
		ratio(c.answered, c.answered+c.answeredLate, "answered")
		ratio(c.answered+c.abandoned, c.answered+c.answeredLate+c.abandoned+c.abandonedLate, "all")
	}
}
