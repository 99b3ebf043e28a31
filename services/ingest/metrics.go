package ingest

import "github.com/prometheus/client_golang/prometheus"

// metrics are ingest's figures. Labels are of bounded sets.
type metrics struct {
	updates        *prometheus.CounterVec
	answers        *prometheus.CounterVec
	publishSeconds prometheus.Histogram
	lagSeconds     prometheus.Histogram
	deadLetters    prometheus.Counter
	polls          *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		updates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_updates_total",
			Help: "Updates done with, by kind and verdict: store, state, callback, ignore, unmonitored, dead_letter, refused.",
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
		deadLetters: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tasktracker_ingest_dead_letters_total", Help: "Updates kept as dead letters: not understood, or too large for the broker.",
		}),
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_polls_total", Help: "Calls of getUpdates by outcome: ok, conflict, flood, unauthorized, error.",
		}, []string{"outcome"}),
	}
	registerer.MustRegister(m.updates, m.answers, m.publishSeconds, m.lagSeconds, m.deadLetters, m.polls)
	return m
}
