package ingest

import "github.com/prometheus/client_golang/prometheus"

// metrics are ingest's figures; docs/ lists what each means.
type metrics struct {
	updates        *prometheus.CounterVec
	answers        *prometheus.CounterVec
	publishSeconds prometheus.Histogram
	deadLetters    prometheus.Counter
	polls          *prometheus.CounterVec
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		updates: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_updates_total", Help: "Updates by kind and by what was done with them.",
		}, []string{"kind", "verdict"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_webhook_answers_total", Help: "Answers of the webhook by status.",
		}, []string{"status"}),
		publishSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tasktracker_ingest_publish_seconds", Help: "From publishing an update until the broker has stored it.",
			Buckets: []float64{.0005, .001, .002, .004, .008, .016, .032, .064, .128, .25, .5, 1, 5},
		}),
		deadLetters: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tasktracker_ingest_dead_letters_total", Help: "Updates that were not understood and are kept as dead letters.",
		}),
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tasktracker_ingest_polls_total", Help: "Calls of getUpdates by outcome.",
		}, []string{"outcome"}),
	}
	registerer.MustRegister(m.updates, m.answers, m.publishSeconds, m.deadLetters, m.polls)
	return m
}
