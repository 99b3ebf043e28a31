package postgres

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// NewPoolCollector gives the figures of a pool, as metrics tasktracker_database_*.
func NewPoolCollector(pool *pgxpool.Pool) prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName("tasktracker", "database", name), help, labels, nil)
	}
	return &poolCollector{
		pool:        pool,
		connections: desc("connections", "Connections of the pool by state: used, idle, connecting.", "state"),
		most:        desc("connections_max", "Connections that the pool may have."),
		acquires:    desc("acquires_total", "Connections handed out."),
		waits:       desc("acquire_waits_total", "Times that somebody had to wait for a connection, since all were used or none was open."),
		waited:      desc("acquire_wait_seconds_total", "Time that was waited for connections, summed."),
		cancelled:   desc("acquires_cancelled_total", "Waits for a connection that were given up."),
		opened:      desc("connections_opened_total", "Connections opened."),
	}
}

type poolCollector struct {
	pool                                                          *pgxpool.Pool
	connections, most, acquires, waits, waited, cancelled, opened *prometheus.Desc
}

func (c *poolCollector) Describe(out chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, out) }

func (c *poolCollector) Collect(out chan<- prometheus.Metric) {
	s := c.pool.Stat()
	gauge := func(desc *prometheus.Desc, value int32, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	counter := func(desc *prometheus.Desc, value float64) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value)
	}
	gauge(c.connections, s.AcquiredConns(), "used")
	gauge(c.connections, s.IdleConns(), "idle")
	gauge(c.connections, s.ConstructingConns(), "connecting")
	gauge(c.most, s.MaxConns())
	counter(c.acquires, float64(s.AcquireCount()))
	counter(c.waits, float64(s.EmptyAcquireCount()))
	counter(c.waited, s.EmptyAcquireWaitTime().Seconds())
	counter(c.cancelled, float64(s.CanceledAcquireCount()))
	counter(c.opened, float64(s.NewConnsCount()))
}
