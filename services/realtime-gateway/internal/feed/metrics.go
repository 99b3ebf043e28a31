package feed

import "github.com/prometheus/client_golang/prometheus"

// metrics are the feed's figures.
type metrics struct {
	consumed prometheus.Counter
	bad      prometheus.Counter
	rebuilds prometheus.Counter
	pending  prometheus.Gauge
	delay    prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tasktracker", Subsystem: "gateway", Name: name, Help: help})
	}
	m := &metrics{
		consumed: counter("events_consumed_total", "Events taken from the stream EVENTS."),
		bad:      counter("encode_errors_total", "Events that could not be decoded or encoded and were left out."),
		rebuilds: counter("consumer_rebuilds_total", "Times the consumer of EVENTS was lost and built anew."),
		pending: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "tasktracker", Subsystem: "gateway", Name: "lag_events", Help: "Events in the stream that were not taken yet, when the last one was.",
		}),
		delay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "tasktracker", Subsystem: "gateway", Name: "event_delay_seconds",
			Help:    "From the broker storing an event to the gateway having offered it to its clients' sockets' queues.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .5, 1, 5, 30},
		}),
	}
	for _, c := range []prometheus.Collector{m.consumed, m.bad, m.rebuilds, m.pending, m.delay} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
