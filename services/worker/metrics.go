package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/types/known/timestamppb"

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
	consumers *prometheus.GaugeVec
	waiting   *prometheus.GaugeVec
	inHand    *prometheus.GaugeVec
	rowDelay  prometheus.Histogram
}

// consumersOf are the durable consumers of each stream.
var consumersOf = map[string][]string{
	bus.StreamInbound: {durableInbox},
	bus.StreamJobs:    {durableAvatars, durableCallbacks, durableClassify, durablePosts},
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
		consumers: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("stream_consumers",
			"Consumers of a stream when it was last looked at; of EVENTS, one for each gateway and each client that resumes.")), []string{"stream"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("consumer_waiting",
			"Messages that no worker has taken yet, by consumer, when it was last looked at.")), []string{"consumer"}),
		inHand: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("consumer_in_hand",
			"Messages that workers have taken and not settled, those that wait for a retry included, by consumer, when it was last looked at.")), []string{"consumer"}),
		rowDelay: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tasktracker_webhook_to_row_seconds", Help: "From receiving a message until its row is committed.",
			Buckets: []float64{.002, .005, .01, .02, .05, .1, .25, .5, 1, 5, 30, 300, 3600},
		}),
		bytes: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("stream_bytes", "Size of a stream when it was last looked at.")), []string{"stream"}),
	}
	var faults []error
	for _, c := range []prometheus.Collector{m.announced, m.reindexed, m.avatars, m.dropped, m.messages, m.bytes, m.consumers, m.waiting, m.inHand, m.rowDelay} {
		faults = append(faults, registerer.Register(c))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("register metrics of the worker: %w", err)
	}
	// There from the start, so that a rate of what has not happened yet is zero.
	for _, outcome := range []string{"found", "unchanged", "none", "refused"} {
		m.avatars.WithLabelValues(outcome)
	}
	for _, reason := range []string{"avatar_queue_full", "avatar_without_bot", "callback_without_bot", "callback_too_old", "callback_unauthorized"} {
		m.dropped.WithLabelValues(reason)
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
		for _, name := range []string{bus.StreamInbound, bus.StreamEvents, bus.StreamJobs, bus.StreamDeadLetter} {
			stream, err := streams.Stream(ctx, name)
			if err != nil {
				continue // Ready says what is wrong; the figure stays as it was
			}
			state := stream.CachedInfo().State
			m.messages.WithLabelValues(name).Set(float64(state.Msgs))
			m.bytes.WithLabelValues(name).Set(float64(state.Bytes))
			m.consumers.WithLabelValues(name).Set(float64(state.Consumers))
			m.sampleConsumers(ctx, stream)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sampleConsumers reads what waits for the workers' consumers of a stream.
func (m *metrics) sampleConsumers(ctx context.Context, stream jetstream.Stream) {
	for _, name := range consumersOf[stream.CachedInfo().Config.Name] {
		consumer, err := stream.Consumer(ctx, name)
		if err != nil {
			continue // it was never made, as without a bot, or Ready says what is wrong
		}
		info := consumer.CachedInfo()
		m.waiting.WithLabelValues(name).Set(float64(info.NumPending))
		m.inHand.WithLabelValues(name).Set(float64(info.NumAckPending))
	}
}

// stored measures messages of which the rows were committed at now.
func (m *metrics) stored(received []*timestamppb.Timestamp, now time.Time) {
	for _, at := range received {
		m.rowDelay.Observe(max(0, now.Sub(at.AsTime()).Seconds()))
	}
}
