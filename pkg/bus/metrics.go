package bus

import (
	"errors"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// figures count what Publish does. They are not Prometheus's own counters so that a Bus
// needs no registry.
type figures struct {
	pending   atomic.Int64
	published atomic.Uint64
	full      atomic.Uint64
	tooLarge  atomic.Uint64
	failed    atomic.Uint64
}

func (f *figures) begin(n int) { f.pending.Add(int64(n)) }

func (f *figures) end(n int, err error) {
	f.pending.Add(-int64(n))
	outcome := &f.failed
	switch {
	case err == nil:
		outcome = &f.published
	case errors.Is(err, ErrFull):
		outcome = &f.full
	case errors.Is(err, ErrTooLarge):
		outcome = &f.tooLarge
	}
	outcome.Add(uint64(n))
}

// Collector gives the figures of the connection and of what was published over it, as
// metrics tasktracker_nats_*.
func (b *Bus) Collector() prometheus.Collector {
	name := func(s string) string { return prometheus.BuildFQName("tasktracker", "nats", s) }
	return &collector{
		bus:       b,
		connected: prometheus.NewDesc(name("connected"), "1 while the connection to the broker stands, else 0.", nil, nil),
		reconnect: prometheus.NewDesc(name("reconnects_total"), "Times that a lost connection to the broker came back.", nil, nil),
		messages:  prometheus.NewDesc(name("messages_total"), "Messages of the connection by direction (in, out), acks and requests included.", []string{"direction"}, nil),
		bytes:     prometheus.NewDesc(name("bytes_total"), "Payload bytes of the connection by direction (in, out).", []string{"direction"}, nil),
		pending:   prometheus.NewDesc(name("publishes_pending"), "Messages that are being published: the broker has not confirmed them yet.", nil, nil),
		publishes: prometheus.NewDesc(name("publishes_total"),
			"Messages of calls of Publish by outcome: ok, full (the stream refuses), too_large, unavailable (not confirmed in time, connection lost). Of a call that failed some may be stored.", []string{"outcome"}, nil),
	}
}

type collector struct {
	bus                                                       *Bus
	connected, reconnect, messages, bytes, pending, publishes *prometheus.Desc
}

func (c *collector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

func (c *collector) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	counter := func(desc *prometheus.Desc, value uint64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(value), labels...)
	}
	connected := 0.0
	if c.bus.conn.IsConnected() {
		connected = 1
	}
	stats, f := c.bus.conn.Stats(), &c.bus.figures
	gauge(c.connected, connected)
	counter(c.reconnect, stats.Reconnects)
	counter(c.messages, stats.InMsgs, "in")
	counter(c.messages, stats.OutMsgs, "out")
	counter(c.bytes, stats.InBytes, "in")
	counter(c.bytes, stats.OutBytes, "out")
	gauge(c.pending, float64(f.pending.Load()))
	counter(c.publishes, f.published.Load(), "ok")
	counter(c.publishes, f.full.Load(), "full")
	counter(c.publishes, f.tooLarge.Load(), "too_large")
	counter(c.publishes, f.failed.Load(), "unavailable")
}
