package ingest

import "github.com/prometheus/client_golang/prometheus"

// metrics are ingest's figures. Labels are of bounded sets.
type metrics struct {
	updates        *prometheus.CounterVec
	answers        *prometheus.CounterVec
	answered       prometheus.Counter // of answers, the 200s
	publishSeconds prometheus.Histogram
	lagSeconds     prometheus.Histogram
	eventSeconds   prometheus.Histogram
	deadLetters    prometheus.Counter
	lostCounts     prometheus.Counter
	lease          prometheus.Gauge
	polls          *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		updates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_updates_total",
			Help: "Updates done with, by kind and verdict: store, state, callback, ignore, unmonitored, ignored_topic, dead_letter, refused.",
		}, []string{"kind", "verdict"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_webhook_answers_total", Help: "Answers of the webhook by status.",
		}, []string{"status"}),
		publishSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tasktracker_ingest_publish_seconds", Help: "From publishing an update until the broker has stored it.",
			Buckets: []float64{.0005, .001, .002, .004, .008, .016, .032, .064, .128, .25, .5, 1, 5},
		}),
		lagSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tasktracker_ingest_lag_seconds", Help: "From the date of a new message (whole seconds) until it reached us.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 1800, 7200, 86400},
		}),
		eventSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tasktracker_webhook_to_event_seconds", Help: "From receiving a message until the broker has stored it and its event message.new, and 200 is answered.",
			Buckets: []float64{.0005, .001, .002, .004, .008, .016, .032, .064, .128, .25, .5, 1, 5},
		}),
		lostCounts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tasktracker_ingest_dropped_counts_total", Help: "Counts of chats that are not monitored which the broker did not take; they are dropped.",
		}),
		lease: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tasktracker_ingest_poll_lease", Help: "1 while this copy is the one that polls Telegram, else 0.",
		}),
		deadLetters: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tasktracker_ingest_dead_letters_total", Help: "Updates kept as dead letters: not understood, or too large for the broker.",
		}),
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_polls_total", Help: "Calls of getUpdates by outcome: ok, conflict, flood, unauthorized, error.",
		}, []string{"outcome"}),
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	for _, outcome := range []string{"ok", "conflict", "flood", "unauthorized", "error"} {
		m.polls.WithLabelValues(outcome)
	}
	for _, status := range []string{"400", "401", "405", "413", "503"} {
		m.answers.WithLabelValues(status)
	}
	m.answered = m.answers.WithLabelValues("200")
	registerer.MustRegister(m.updates, m.answers, m.publishSeconds, m.lagSeconds, m.eventSeconds, m.deadLetters, m.lostCounts, m.lease, m.polls)
	return m
}
