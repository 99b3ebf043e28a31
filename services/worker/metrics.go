package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// metrics are the worker's figures, beside those of its consumers and of the relay.
type metrics struct {
	announced prometheus.Counter
	reindexed prometheus.Counter
	avatars   *prometheus.CounterVec
	dropped   *prometheus.CounterVec
	messages  *prometheus.GaugeVec
	bytes     *prometheus.GaugeVec
}

func newMetrics(registerer prometheus.Registerer) (*metrics, error) {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "tasktracker", Subsystem: "worker", Name: name, Help: help}
	}
	m := &metrics{
		announced: prometheus.NewCounter(prometheus.CounterOpts(opts("messages_announced_total", "Events message.updated published."))),
		reindexed: prometheus.NewCounter(prometheus.CounterOpts(opts("rows_reindexed_total", "Carried-over rows indexed for search."))),
		avatars: prometheus.NewCounterVec(prometheus.CounterOpts(opts("avatars_total",
			"Pictures looked for, by outcome: found, unchanged, none, refused.")), []string{"outcome"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts(opts("dropped_total", "Work that was dropped on purpose, by reason.")), []string{"reason"}),
		messages: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("stream_messages",
			"Messages in a stream when it was last looked at: what waits, or, of DEADLETTER, what failed for good.")), []string{"stream"}),
		bytes: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("stream_bytes", "Size of a stream when it was last looked at.")), []string{"stream"}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.announced, m.reindexed, m.avatars, m.dropped, m.messages, m.bytes} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the worker: %w", err)
	}
	return m, nil
}

// sample reads the sizes of the queues until ctx ends.
func (m *metrics) sample(ctx context.Context, every time.Duration, streams interface {
	Stream(ctx context.Context, name string) (jetstream.Stream, error)
}) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		for _, name := range []string{bus.StreamInbound, bus.StreamJobs, bus.StreamDeadLetter} {
			stream, err := streams.Stream(ctx, name)
			if err != nil {
				continue // Ready says what is wrong; the figure stays as it was
			}
			state := stream.CachedInfo().State
			m.messages.WithLabelValues(name).Set(float64(state.Msgs))
			m.bytes.WithLabelValues(name).Set(float64(state.Bytes))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
