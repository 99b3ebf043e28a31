package bus

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// ConsumerMetrics are the figures of all consumers of a process.
type ConsumerMetrics struct {
	outcomes  *prometheus.CounterVec
	batchSize *prometheus.HistogramVec
	seconds   *prometheus.HistogramVec
	rebuilds  *prometheus.CounterVec
	held      *prometheus.GaugeVec
}

// NewConsumerMetrics makes and registers them.
func NewConsumerMetrics(registerer prometheus.Registerer) (*ConsumerMetrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "tasktracker", Subsystem: "consumer", Name: name, Help: help}
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "tasktracker", Subsystem: "consumer", Name: name, Help: help, Buckets: buckets,
		}, []string{"consumer"})
	}
	m := &ConsumerMetrics{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts(opts("deliveries_total",
			"Deliveries by what became of them: done, retry, dead_letter, handed_back.")), []string{"consumer", "outcome"}),
		batchSize: histogram("batch_size", "Messages in one call of the handler.", prometheus.ExponentialBuckets(1, 2, 10)),
		seconds:   histogram("handle_seconds", "Duration of one call of the handler.", prometheus.ExponentialBuckets(0.001, 2, 16)),
		rebuilds:  prometheus.NewCounterVec(prometheus.CounterOpts(opts("rebuilds_total", "Times that a lost consumer had to be made again.")), []string{"consumer"}),
		held: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("held",
			"Handlers that wait for something that the work needs, such as the database.")), []string{"consumer"}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.outcomes, m.batchSize, m.seconds, m.rebuilds, m.held} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the consumers: %w", err)
	}
	return m, nil
}

// begin makes every figure of a consumer be there from the start: a rate of what has
// not happened yet is zero, and not unknown.
func (m *ConsumerMetrics) begin(cfg ConsumerConfig) {
	if m == nil {
		return
	}
	for _, outcome := range []string{outcomeDone, outcomeRetry, outcomeDead, outcomeHandedBack} {
		m.outcomes.WithLabelValues(cfg.Durable, outcome)
	}
	m.batchSize.WithLabelValues(cfg.Durable)
	m.seconds.WithLabelValues(cfg.Durable)
	m.rebuilds.WithLabelValues(cfg.Durable)
	m.held.WithLabelValues(cfg.Durable)
}

func (m *ConsumerMetrics) settled(cfg ConsumerConfig, outcome string) {
	if m != nil {
		m.outcomes.WithLabelValues(cfg.Durable, outcome).Inc()
	}
}

func (m *ConsumerMetrics) handled(cfg ConsumerConfig, size int, took time.Duration) {
	if m != nil {
		m.batchSize.WithLabelValues(cfg.Durable).Observe(float64(size))
		m.seconds.WithLabelValues(cfg.Durable).Observe(took.Seconds())
	}
}

func (m *ConsumerMetrics) rebuilt(cfg ConsumerConfig) {
	if m != nil {
		m.rebuilds.WithLabelValues(cfg.Durable).Inc()
	}
}

func (m *ConsumerMetrics) holding(cfg ConsumerConfig, by float64) {
	if m != nil {
		m.held.WithLabelValues(cfg.Durable).Add(by)
	}
}
