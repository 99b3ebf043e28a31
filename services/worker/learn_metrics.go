package worker

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// learnMetrics are the figures of learning from corrections.
type learnMetrics struct {
	trainings *prometheus.CounterVec
	seconds   prometheus.Histogram
	adapter   prometheus.Gauge
}

func newLearnMetrics(registerer prometheus.Registerer) (*learnMetrics, error) {
	m := &learnMetrics{
		trainings: prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "tasktracker", Subsystem: "worker", Name: "classifier_trainings_total",
			Help: "Trainings of the built-in classifier on corrections, by what became of it: adopted or not_better."}, []string{"outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "tasktracker", Subsystem: "worker", Name: "classifier_training_seconds",
			Help: "Time of a training of the built-in classifier on corrections.", Buckets: []float64{.05, .1, .5, 1, 5, 15, 60}}),
		adapter: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "tasktracker", Subsystem: "worker", Name: "classifier_adapter",
			Help: "Number of the version of what was learnt from corrections that the built-in classifier goes by; 0 for none."}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.trainings, m.seconds, m.adapter} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of learning: %w", err)
	}
	m.trainings.WithLabelValues("adopted")
	m.trainings.WithLabelValues("not_better")
	return m, nil
}

func (m *learnMetrics) trained(adopted bool, took time.Duration) {
	outcome := "not_better"
	if adopted {
		outcome = "adopted"
	}
	m.trainings.WithLabelValues(outcome).Inc()
	m.seconds.Observe(took.Seconds())
}
