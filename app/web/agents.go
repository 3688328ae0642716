package web

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"missedcalls/queueflow/callevent"
)

// ringBuckets and talkBuckets in seconds.
var (
	ringBuckets = []float64{1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 45, 60, 120}
	talkBuckets = []float64{5, 10, 20, 30, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1200, 1800, 3600, 7200}
	// errorBuckets are of the wait that was told: below 0 the caller was served sooner.
	errorBuckets = []float64{-1800, -900, -600, -300, -180, -120, -60, -30, 0, 30, 60, 120, 180, 300, 600, 900, 1800}
)

// agents are the metrics of those who are rung. They are told by queue, never by agent.
type agents struct {
	offers    *prometheus.CounterVec
	ring      *prometheus.HistogramVec
	talk      *prometheus.HistogramVec
	estimate  *prometheus.HistogramVec
	completed *prometheus.CounterVec
	latency   prometheus.Histogram
}

func (m *Metrics) registerAgents() {
	m.agents = agents{
		offers: m.counters("offers_total", "Ringings of one agent for one caller, by queue and what came of them.", "queue", "outcome"),
		ring:   m.histograms("ring_seconds", "How long agents were rung before they answered.", ringBuckets, "queue"),
		talk:   m.histograms("talk_seconds", "Talks of callers with agents.", talkBuckets, "queue"),
		estimate: m.histograms("estimate_error_seconds",
			"How much longer callers who were answered waited than they were told last, by queue; negative for those served sooner.",
			errorBuckets, "queue"),
		completed: m.counters("completed_calls_total", "Talks that ended, by queue and what ended them.", "queue", "ended_by"),
		latency: m.histogram("offer_latency_seconds",
			"From the news after which an agent is rung, as that he is free or that a caller came, to the command that makes his channel."),
	}
}

// Ringing counts an agent who is rung, so long after the news that made it possible.
func (m *Metrics) Ringing(after time.Duration) { m.agents.latency.Observe(after.Seconds()) }

// agentEvent counts what an event tells of agents.
func (m *Metrics) agentEvent(payload callevent.Payload) {
	switch p := payload.(type) {
	case callevent.Offered:
		m.agents.offers.WithLabelValues(p.Queue, p.Attempt.Outcome).Inc()
		if p.Attempt.Outcome == outcomeAnswered {
			m.agents.ring.WithLabelValues(p.Queue).Observe(seconds(p.Attempt.RingMS))
		}
	case callevent.Answered:
		m.wait.WithLabelValues(p.Queue, outcomeAnswered).Observe(seconds(p.WaitedMS))
		if p.EstimateErrorMS != nil {
			m.agents.estimate.WithLabelValues(p.Queue).Observe(seconds(*p.EstimateErrorMS))
		}
	case callevent.Completed:
		m.agents.talk.WithLabelValues(p.Queue).Observe(seconds(p.TalkedMS))
		m.agents.completed.WithLabelValues(p.Queue, string(p.EndedBy)).Inc()
	}
}

// outcomeAnswered is how an attempt and a wait end that led to a talk.
const outcomeAnswered = "answered"

func seconds(ms int64) float64 { return float64(ms) / 1000 }
