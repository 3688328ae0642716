package web

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"missedcalls/queueflow"
	"missedcalls/queueflow/callevent"
)

// Metrics counts what the process does. Its labels have few values: queues, reasons, kinds, never a call or a number.
type Metrics struct {
	registry *prometheus.Registry

	events       *prometheus.CounterVec
	missed       *prometheus.CounterVec
	wait         *prometheus.HistogramVec
	durable      prometheus.Histogram
	step         prometheus.Histogram
	ignored      *prometheus.CounterVec
	notices      *prometheus.CounterVec
	commands     *prometheus.CounterVec
	commandTime  *prometheus.HistogramVec
	requests     *prometheus.CounterVec
	requestTime  *prometheus.HistogramVec
	ariEvents    *prometheus.CounterVec
	ariSkipped   *prometheus.CounterVec
	ariFrames    *prometheus.GaugeVec
	ariConnects  *prometheus.CounterVec
	ariGaps      *prometheus.CounterVec
	reloadOK     prometheus.Gauge
	reloadTime   prometheus.Gauge
	checkpointed prometheus.Gauge

	notifications notifications
	agents        agents
}

// waitBuckets in seconds; a service level is a ratio of two of them.
var waitBuckets = []float64{1, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600}

// quickBuckets in seconds, for what should take micro- or milliseconds.
var quickBuckets = []float64{1e-6, 5e-6, 1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 5}

// NewMetrics registers every metric.
func NewMetrics(version, commit string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.events = m.counters("events_total", "Events made, by queue and kind.", "queue", "kind")
	m.missed = m.counters("missed_calls_total", "Callers who left without a person, by queue and reason.", "queue", "reason")
	m.wait = m.histograms("queue_wait_seconds", "Waits that ended, by queue and how.", waitBuckets, "queue", "outcome")
	m.durable = m.histogram("event_durable_seconds", "From what happened to its event being durable.")
	m.step = m.histogram("step_seconds", "One step of the queue machine.")
	m.ignored = m.counters("inputs_ignored_total", "Inputs that changed nothing: late, repeated, unknown.", "reason")
	m.notices = m.counters("notices_total", "What an administrator should look at; the log has the details.", "kind")
	m.commands = m.counters("commands_total", "Commands carried out, by how they ended.", "command", "outcome")
	m.commandTime = m.histograms("command_seconds", "Commands, until Asterisk answered.", quickBuckets, "command")
	m.requests = m.counters("ari_requests_total", "Requests to Asterisk, by operation and how they ended.", "operation", "outcome")
	m.requestTime = m.histograms("ari_request_seconds", "Requests to Asterisk.", quickBuckets, "operation")
	m.ariEvents = m.counters("ari_events_total", "Events of Asterisk that were handled.", "type")
	m.ariSkipped = m.counters("ari_events_skipped_total", "Frames of Asterisk that were passed over.", "why")
	m.ariFrames = m.gauges("ari_queued_frames", "Frames of Asterisk that wait to be handled.", "asterisk")
	m.ariConnects = m.counters("ari_connects_total", "Websockets that were established.", "asterisk")
	m.ariGaps = m.counters("ari_gaps_total", "Websockets that were lost: events may have been missed.", "asterisk", "why")
	m.reloadOK = m.gauge("config_last_reload_successful", "1 if the newest configuration file is the one in force.")
	m.reloadTime = m.gauge("config_last_reload_success_timestamp_seconds", "When the configuration in force was read.")
	m.checkpointed = m.gauge("checkpoint_timestamp_seconds", "When the state was last saved.")
	m.registerNotifications()
	m.registerAgents()
	info := m.gauges("build_info", "Always 1.", "version", "commit", "go")
	info.WithLabelValues(version, commit, runtime.Version()).Set(1)
	return m
}

const namespace = "missedcalls"

func (m *Metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *Metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
	m.registry.MustRegister(g)
	return g
}

func (m *Metrics) histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(h)
	return h
}

func (m *Metrics) histogram(name, help string) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: quickBuckets})
	m.registry.MustRegister(h)
	return h
}

// Gatherer gives all metrics, for /metrics.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Func registers a gauge that is asked for its value at each scrape.
func (m *Metrics) Func(name, help string, value func() float64, labels map[string]string) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: name, Help: help, ConstLabels: labels,
	}, value))
}

// CounterFunc registers a counter that is asked for its value at each scrape.
func (m *Metrics) CounterFunc(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, value))
}

// Stepped counts one step.
func (m *Metrics) Stepped(took time.Duration) { m.step.Observe(took.Seconds()) }

// Durable counts an event that is durable now.
func (m *Metrics) Durable(e callevent.Event, took time.Duration) {
	queue := e.Payload.QueueID()
	m.events.WithLabelValues(queue, string(e.Payload.Kind())).Inc()
	m.agentEvent(e.Payload)
	missed, ended := e.Payload.(callevent.Missed)
	if !ended {
		return
	}
	m.missed.WithLabelValues(queue, string(missed.Reason)).Inc()
	m.wait.WithLabelValues(queue, string(missed.Reason)).Observe(float64(missed.WaitedMS) / 1000)
	if missed.LostWindow == nil { // the time of a lost call is not the time of any news
		m.durable.Observe(took.Seconds())
	}
}

// Ignored counts an input that changed nothing.
func (m *Metrics) Ignored(reason string) { m.ignored.WithLabelValues(reason).Inc() }

// Noticed counts a notice.
func (m *Metrics) Noticed(kind queueflow.NoticeKind) { m.notices.WithLabelValues(string(kind)).Inc() }

// Commanded counts a command.
func (m *Metrics) Commanded(command, outcome string, took time.Duration) {
	m.commands.WithLabelValues(command, outcome).Inc()
	m.commandTime.WithLabelValues(command).Observe(took.Seconds())
}

// Requested counts a request to Asterisk.
func (m *Metrics) Requested(operation, outcome string, took time.Duration) {
	m.requests.WithLabelValues(operation, outcome).Inc()
	m.requestTime.WithLabelValues(operation).Observe(took.Seconds())
}

// Event counts an event of Asterisk.
func (m *Metrics) Event(kind string) { m.ariEvents.WithLabelValues(kind).Inc() }

// Skipped counts a frame of Asterisk that was passed over.
func (m *Metrics) Skipped(why string) { m.ariSkipped.WithLabelValues(why).Inc() }

// Queued sets how many frames of an Asterisk wait.
func (m *Metrics) Queued(asterisk string, frames int) {
	m.ariFrames.WithLabelValues(asterisk).Set(float64(frames))
}

// Connected counts a websocket to an Asterisk.
func (m *Metrics) Connected(asterisk string) { m.ariConnects.WithLabelValues(asterisk).Inc() }

// Gap counts a websocket that was lost.
func (m *Metrics) Gap(asterisk, why string) { m.ariGaps.WithLabelValues(asterisk, why).Inc() }

// Reloaded notes how the newest configuration file fared.
func (m *Metrics) Reloaded(ok bool, at time.Time) {
	if !ok {
		m.reloadOK.Set(0)
		return
	}
	m.reloadOK.Set(1)
	m.reloadTime.Set(float64(at.Unix()))
}

// Checkpointed notes when the state was saved.
func (m *Metrics) Checkpointed(at time.Time) { m.checkpointed.Set(float64(at.Unix())) }
