package web

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"missedcalls/queueflow"
)

// queues collects, at each scrape, what the agents of the queues do, and how their callers were served since the start.
type queues struct {
	ask                          func(ctx context.Context) ([]queueflow.QueueView, error)
	agents, calls, ratio, target *prometheus.Desc
}

// Queues registers the metrics of agents and service levels, by queue, which are asked for at each scrape. A scrape during
// which nobody answers has none of them.
func (m *Metrics) Queues(ask func(ctx context.Context) ([]queueflow.QueueView, error)) {
	m.registry.MustRegister(&queues{
		ask: ask,
		agents: prometheus.NewDesc(namespace+"_queue_agents",
			"Agents of the queue, by what they do now.", []string{"queue", "state"}, nil),
		calls: prometheus.NewDesc(namespace+"_service_level_calls_total",
			"Callers who were answered or gave up, by whether within the queue's service_level.",
			[]string{"queue", "outcome", "in_time"}, nil),
		ratio: prometheus.NewDesc(namespace+"_service_level_ratio",
			"Since the start: answered, answered in time of all answered; all, answered or given up in time of both.",
			[]string{"queue", "formula"}, nil),
		target: prometheus.NewDesc(namespace+"_service_level_target_seconds",
			"The queue's service_level.", []string{"queue"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (q *queues) Describe(ch chan<- *prometheus.Desc) {
	ch <- q.agents
	ch <- q.calls
	ch <- q.ratio
	ch <- q.target
}

// Collect implements prometheus.Collector.
func (q *queues) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeWithin)
	defer cancel()
	views, err := q.ask(ctx)
	if err != nil {
		return
	}
	for _, v := range views {
		q.collectAgents(ch, v)
		q.collectService(ch, v)
	}
}

func (q *queues) collectAgents(ch chan<- prometheus.Metric, v queueflow.QueueView) {
	for state, n := range map[string]int{
		"ready": v.Agents.Ready, "ringing": v.Agents.Ringing, "talking": v.Agents.Talking, "wrapping_up": v.Agents.WrappingUp,
		"paused": v.Agents.Paused, "unavailable": v.Agents.Unavailable, "in_use": v.Agents.InUse,
	} {
		ch <- prometheus.MustNewConstMetric(q.agents, prometheus.GaugeValue, float64(n), v.Queue, state)
	}
}

// collectService tells no ratio of nobody.
func (q *queues) collectService(ch chan<- prometheus.Metric, v queueflow.QueueView) {
	ch <- prometheus.MustNewConstMetric(q.target, prometheus.GaugeValue, float64(v.ServiceLevelMS)/1000, v.Queue)
	count := func(n int, outcome, inTime string) {
		ch <- prometheus.MustNewConstMetric(q.calls, prometheus.CounterValue, float64(n), v.Queue, outcome, inTime)
	}
	s := v.Service
	count(s.AnsweredInTime, "answered", "yes")
	count(s.Answered-s.AnsweredInTime, "answered", "no")
	count(s.AbandonedInTime, "abandoned", "yes")
	count(s.Abandoned-s.AbandonedInTime, "abandoned", "no")
	if s.Answered > 0 {
		ch <- prometheus.MustNewConstMetric(q.ratio, prometheus.GaugeValue, v.LevelOfAnswered, v.Queue, "answered")
	}
	if s.Answered+s.Abandoned > 0 {
		ch <- prometheus.MustNewConstMetric(q.ratio, prometheus.GaugeValue, v.LevelOfAll, v.Queue, "all")
	}
}
