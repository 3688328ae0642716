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
	counts  map[string]*ServiceCounts
}

// ServiceCounts are the callers of one queue since the start.
type ServiceCounts struct {
	// Target is within which time a caller should be answered.
	Target time.Duration
	// Answered and Abandoned count all who were answered, or hung up while they waited; the others those of them within Target.
	Answered, AnsweredInTime, Abandoned, AbandonedInTime int
}

func newServiceLevel() *serviceLevel {
	return &serviceLevel{
		calls: prometheus.NewDesc(namespace+"_service_level_calls_total",
			"Callers who were answered or hung up, by whether within the queue's service_level.", []string{"queue", "outcome", "in_time"}, nil),
		ratio: prometheus.NewDesc(namespace+"_service_level_ratio",
			"Of the calls since the start: answered, those answered in time of all answered; all, those answered or hung up in time of both.",
			[]string{"queue", "formula"}, nil),
		target: prometheus.NewDesc(namespace+"_service_level_target_seconds", "The queue's service_level.", []string{"queue"}, nil),
		counts: make(map[string]*ServiceCounts),
	}
}

// ServiceLevels sets within which time a caller of each queue should be answered.
func (m *Metrics) ServiceLevels(targets map[string]time.Duration) {
	m.service.mu.Lock()
	defer m.service.mu.Unlock()
	m.service.targets = targets
}

// ServiceCounts gives the callers of each queue that is configured, or had any.
func (m *Metrics) ServiceCounts() map[string]ServiceCounts {
	s := m.service
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]ServiceCounts, len(s.targets))
	for queue, target := range s.targets {
		all[queue] = ServiceCounts{Target: target}
	}
	for queue, counts := range s.counts {
		c := *counts
		c.Target = s.targets[queue]
		all[queue] = c
	}
	return all
}

// of is the count of a queue, and one if a wait kept what the queue promises. mu is held.
func (s *serviceLevel) of(queue string, waitedMS int64) (counts *ServiceCounts, inTime int) {
	counts, known := s.counts[queue]
	if !known {
		counts = new(ServiceCounts)
		s.counts[queue] = counts
	}
	if waitedMS <= s.targets[queue].Milliseconds() {
		inTime = 1
	}
	return counts, inTime
}

func (s *serviceLevel) answered(queue string, waitedMS int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, inTime := s.of(queue, waitedMS)
	counts.Answered++
	counts.AnsweredInTime += inTime
}

func (s *serviceLevel) abandoned(queue string, waitedMS int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts, inTime := s.of(queue, waitedMS)
	counts.Abandoned++
	counts.AbandonedInTime += inTime
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
	for queue, c := range s.counts {
		count := func(n int, outcome, inTime string) {
			ch <- prometheus.MustNewConstMetric(s.calls, prometheus.CounterValue, float64(n), queue, outcome, inTime)
		}
		count(c.AnsweredInTime, "answered", "yes")
		count(c.Answered-c.AnsweredInTime, "answered", "no")
		count(c.AbandonedInTime, "abandoned", "yes")
		count(c.Abandoned-c.AbandonedInTime, "abandoned", "no")
		ratio := func(inTime, all int, formula string) {
			if all > 0 {
				ch <- prometheus.MustNewConstMetric(s.ratio, prometheus.GaugeValue, float64(inTime)/float64(all), queue, formula)
			}
		}
		ratio(c.AnsweredInTime, c.Answered, "answered")
		ratio(c.AnsweredInTime+c.AbandonedInTime, c.Answered+c.Abandoned, "all")
	}
}
