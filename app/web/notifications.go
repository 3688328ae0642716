package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// deliveryBuckets in seconds: at once, after a pause of the channel, after somebody mended it.
var deliveryBuckets = []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 6 * 3600, 24 * 3600}

// notifications are the metrics of the notifier. Targets are those of the configuration.
type notifications struct {
	tries    *prometheus.CounterVec
	delivery *prometheus.HistogramVec
	dead     *prometheus.CounterVec
}

func (m *Metrics) registerNotifications() {
	m.notifications = notifications{
		tries: m.counters("notifications_total", "Messages that were tried to be told, by target, channel and outcome: sent, retry, permanent.",
			"target", "channel", "outcome"),
		delivery: m.histograms("notification_delivery_seconds", "From what happened to its message being accepted.", deliveryBuckets, "target"),
		dead:     m.counters("notifications_dead_total", "Messages that were given up for dead.", "target"),
	}
}

// Told counts one try of a message.
func (m *Metrics) Told(target, channel, outcome string) {
	m.notifications.tries.WithLabelValues(target, channel, outcome).Inc()
}

// Accepted counts a message that a target accepted, so long after it happened.
func (m *Metrics) Accepted(target string, after time.Duration) {
	m.notifications.delivery.WithLabelValues(target).Observe(after.Seconds())
}

// Dead counts a message that was given up.
func (m *Metrics) Dead(target string) { m.notifications.dead.WithLabelValues(target).Inc() }

// backlog collects how many messages wait for each target at each scrape.
type backlog struct {
	ask     func(ctx context.Context) (map[string]uint64, error)
	waiting *prometheus.Desc
}

// Backlog registers how many messages wait for each target, which is asked for at each scrape. A scrape during which
// nobody answers has none of it.
func (m *Metrics) Backlog(ask func(ctx context.Context) (map[string]uint64, error)) {
	m.registry.MustRegister(&backlog{
		ask:     ask,
		waiting: prometheus.NewDesc(namespace+"_notification_backlog", "Messages that wait to be told.", []string{"target"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (b *backlog) Describe(ch chan<- *prometheus.Desc) { ch <- b.waiting }

// Collect implements prometheus.Collector.
func (b *backlog) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), probeWithin)
	defer cancel()
	waiting, err := b.ask(ctx)
	if err != nil {
		return
	}
	for target, n := range waiting {
		ch <- prometheus.MustNewConstMetric(b.waiting, prometheus.GaugeValue, float64(n), target)
	}
}
