package app

import (
	"missedcalls/app/bus"
	"missedcalls/app/journal"
	"missedcalls/app/stasis"
)

// gauges of the role app are asked for at each scrape.
func (a *App) gauges(j *journal.Journal, asterisks map[string]stasis.Asterisk) {
	a.metrics.Lines(a.driver.Lines)
	a.metrics.Queues(a.driver.Queues)
	status := func(value func(s journal.Status) float64) func() float64 {
		return func() float64 { return value(j.Status()) }
	}
	a.metrics.Func("journal_held_events", "Events that are in memory only, because nothing can be stored.",
		status(func(s journal.Status) float64 { return float64(s.Held) }), nil)
	a.metrics.Func("journal_spooled_events", "Events that are on disk here, because the cluster is away.",
		status(func(s journal.Status) float64 { return float64(s.Spooled) }), nil)
	a.metrics.CounterFunc("journal_lost_events_total", "Events that could be kept nowhere.",
		status(func(s journal.Status) float64 { return float64(s.Lost) }))
	for url := range asterisks {
		a.metrics.Func("ari_connected", "1 while the events of Asterisk reach us.",
			func() float64 { return one(a.parts.asteriskHealth(url) == nil) }, map[string]string{"asterisk": url})
	}
}

// natsGauges are of every role.
func (a *App) natsGauges(nats *bus.Bus) {
	stat := func(value func(s bus.Stats) uint64) func() float64 {
		return func() float64 { return float64(value(nats.Stats())) }
	}
	a.metrics.CounterFunc("nats_published_total", "Events that stream CALLS acknowledged.", stat(func(s bus.Stats) uint64 { return s.Published }))
	a.metrics.CounterFunc("nats_duplicates_total", "Events that were in CALLS already.", stat(func(s bus.Stats) uint64 { return s.Duplicates }))
	a.metrics.CounterFunc("nats_passed_over_total", "Messages in CALLS that are no event this version can read.",
		stat(func(s bus.Stats) uint64 { return s.Unknown + s.Malformed }))
	a.metrics.CounterFunc("nats_reconnects_total", "Connections to NATS after the first.", stat(func(s bus.Stats) uint64 { return s.Reconnects }))
	a.metrics.CounterFunc("nats_restarts_total", "Starts of the embedded server because it could not store.", stat(func(s bus.Stats) uint64 { return s.Restarts }))
	a.metrics.Func("nats_free_bytes", "Free space under the embedded server.", stat(func(s bus.Stats) uint64 { return s.FreeBytes }), nil)
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
