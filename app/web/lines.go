package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"missedcalls/queueflow"
)

// lines collects the lines of the queues at each scrape.
type lines struct {
	ask              func(ctx context.Context) ([]queueflow.LineView, error)
	waiting, longest *prometheus.Desc
}

// Lines registers the metrics of the queues' lines, which are asked for at each scrape. A scrape during which nobody
// answers has none of them.
func (m *Metrics) Lines(ask func(ctx context.Context) ([]queueflow.LineView, error)) {
	m.registry.MustRegister(&lines{
		ask:     ask,
		waiting: prometheus.NewDesc(namespace+"_queue_callers_waiting", "Callers in line.", []string{"queue"}, nil),
		longest: prometheus.NewDesc(namespace+"_queue_first_caller_wait_seconds", "Wait so far of the caller who is served next.", []string{"queue"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (l *lines) Describe(ch chan<- *prometheus.Desc) {
	ch <- l.waiting
	ch <- l.longest
}

// Collect implements prometheus.Collector.
func (l *lines) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeWithin)
	defer cancel()
	views, err := l.ask(ctx)
	if err != nil {
		return
	}
	for _, v := range views {
		wait := 0.0
		if !v.OldestEnteredAt.IsZero() {
			wait = time.Since(v.OldestEnteredAt).Seconds()
		}
		ch <- prometheus.MustNewConstMetric(l.waiting, prometheus.GaugeValue, float64(v.Waiting), v.Queue)
		ch <- prometheus.MustNewConstMetric(l.longest, prometheus.GaugeValue, wait, v.Queue)
	}
}
