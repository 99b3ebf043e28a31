// Package feed brings the events of the stream EVENTS to the hub: one ordered
// consumer per process, without acknowledgements, rebuilt after anything that goes
// wrong, always from behind the last event that it delivered.
//
// The client library's own ordered consumer is not used: it rebuilds itself
// without looking at the stream, and so waits for ever, without a word, where the
// stream was deleted and made anew with lower sequences.
package feed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Broker is what the feed calls of JetStream.
type Broker interface {
	Stream(ctx context.Context, name string) (jetstream.Stream, error)
}

// Sink takes the events.
type Sink interface {
	// Start says where the stream stands, once, before the first event.
	Start(position, oldest uint64)
	// Publish takes the next event.
	Publish(frame.Frame)
	// Restart says that events up to position are lost, or that the stream is a new one.
	Restart(position, oldest uint64, reason string)
}

// Feed reads one stream.
type Feed struct {
	broker  Broker
	stream  string
	tracer  *telemetry.Tracer
	log     zerolog.Logger
	metrics *metrics

	mu       sync.Mutex
	fault    error     // why nothing comes, nil while something does
	created  time.Time // of the stream; zero until it was seen
	position uint64    // last event delivered
	started  chan struct{}
}

// New makes a feed; Run starts it.
func New(broker Broker, stream string, tracer *telemetry.Tracer, log zerolog.Logger, reg prometheus.Registerer) (*Feed, error) {
	f := &Feed{broker: broker, stream: stream, tracer: tracer, log: log, fault: errors.New("not connected to the stream yet"), started: make(chan struct{})}
	var err error
	if f.metrics, err = newMetrics(reg); err != nil {
		return nil, fmt.Errorf("register metrics of the feed: %w", err)
	}
	return f, nil
}

// Started is closed when the position in the stream is known.
func (f *Feed) Started() <-chan struct{} { return f.started }

// Ready returns nil while events are delivered as they come.
func (f *Feed) Ready() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil {
		return fmt.Errorf("no events from stream %s: %w", f.stream, f.fault)
	}
	return nil
}

// Pauses between attempts to build the consumer anew.
const (
	minPause = 100 * time.Millisecond
	maxPause = 5 * time.Second
	healthy  = 10 * time.Second // after so long without a fault the pause is short again
)

// Run delivers events to sink until ctx ends.
func (f *Feed) Run(ctx context.Context, sink Sink) {
	pause := minPause
	for {
		began := time.Now()
		err := f.consume(ctx, sink)
		if ctx.Err() != nil {
			return
		}
		f.setFault(err)
		if time.Since(began) > healthy {
			pause = minPause
		}
		f.metrics.rebuilds.Inc()
		f.log.Warn().Err(err).Str("stream", f.stream).Uint64("position", f.at()).Dur("pause", pause).
			Msg("events do not come any more, building the consumer anew")
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause/2 + rand.N(pause/2)):
		}
		pause = min(2*pause, maxPause)
	}
}

func (f *Feed) setFault(err error) {
	f.mu.Lock()
	f.fault = err
	f.mu.Unlock()
}

func (f *Feed) at() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.position
}

// consume builds a consumer and delivers what it gives until something goes wrong.
func (f *Feed) consume(ctx context.Context, sink Sink) error {
	stream, err := f.look(ctx, sink)
	if err != nil {
		return err
	}
	consumer, err := newConsumer(ctx, stream, f.at())
	if err != nil {
		return err
	}
	defer deleteConsumer(ctx, stream, consumer)
	failed := make(chan error, 1)
	fail := func(err error) {
		select {
		case failed <- err:
		default: // the first one counts
		}
	}
	next := uint64(1) // the consumer's own count: a gap in it is a message lost on the way
	over := false
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		if over {
			return
		}
		meta, err := m.Metadata()
		if err == nil && meta.Sequence.Consumer != next {
			err = fmt.Errorf("delivery %d came where %d was due", meta.Sequence.Consumer, next)
		}
		if err != nil {
			over = true
			fail(err)
			return
		}
		next++
		f.deliver(sink, m, meta)
	}, jetstream.PullMaxMessages(pullMessages), jetstream.PullExpiry(pullExpiry), jetstream.PullHeartbeat(heartbeat),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) { fail(err) }))
	if err != nil {
		return fmt.Errorf("consume: %w", err)
	}
	f.setFault(nil)
	f.log.Info().Str("stream", f.stream).Uint64("position", f.at()).Msg("events are delivered")
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	consuming.Stop()
	<-consuming.Closed() // nothing is delivered after this
	return err
}

// look finds the stream and tells sink where the position is not to be had any more.
func (f *Feed) look(ctx context.Context, sink Sink) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stream, err := f.broker.Stream(ctx, f.stream)
	if err != nil {
		return nil, fmt.Errorf("look at the stream: %w", err)
	}
	info := stream.CachedInfo()
	oldest, newest := bounds(info.State)

	f.mu.Lock()
	position, first, anew := f.position, f.created.IsZero(), !info.Created.Equal(f.created)
	f.created = info.Created
	f.mu.Unlock()
	switch {
	case first:
		f.move(newest)
		sink.Start(newest, oldest)
		close(f.started)
	case anew || newest < position:
		f.log.Warn().Uint64("position", position).Uint64("newest", newest).Msg("the stream of events began anew, telling every client to reload")
		f.move(newest)
		sink.Restart(newest, oldest, "the stream of events began anew: reload everything")
	case position+1 < oldest:
		f.log.Warn().Uint64("position", position).Uint64("oldest", oldest).Msg("events expired before they were read, telling every client to reload")
		f.move(oldest - 1)
		sink.Restart(oldest-1, oldest, "events expired before they were delivered: reload everything")
	}
	return stream, nil
}

func (f *Feed) move(position uint64) {
	f.mu.Lock()
	f.position = position
	f.mu.Unlock()
}

// deliver hands one event on. One that cannot be shown only moves the position.
func (f *Feed) deliver(sink Sink, m jetstream.Msg, meta *jetstream.MsgMetadata) {
	seq := meta.Sequence.Stream
	if position := f.at(); seq != position+1 {
		f.log.Warn().Uint64("position", position).Uint64("next", seq).Msg("events are gone from the stream, telling every client to reload")
		sink.Restart(seq-1, seq, "events expired before they were delivered: reload everything")
	}
	event, err := frame.Event(seq, m.Data(), meta.Timestamp)
	if err != nil {
		f.metrics.bad.Inc()
		f.log.Warn().Err(err).Str("subject", m.Subject()).Uint64("seq", seq).Msg("an event cannot be shown to clients, leaving it out")
		event = frame.Frame{Seq: seq}
	}
	if f.tracer != nil {
		event.Trace = f.trace(m, seq)
	}
	f.move(seq)
	sink.Publish(event)
	f.metrics.consumed.Inc()
	f.metrics.delay.Observe(max(0, time.Since(meta.Timestamp).Seconds()))
	f.metrics.pending.Set(float64(meta.NumPending))
}

// trace goes on with the trace of an event; nil where it is not sampled.
func (f *Feed) trace(m jetstream.Msg, seq uint64) *frame.Trace {
	values := m.Headers()[bus.HeaderTrace]
	if len(values) == 0 {
		return nil
	}
	span := f.tracer.Receive(values[0], "frame")
	span.SetString("messaging.destination.name", m.Subject())
	span.SetInt("event.seq", int64(seq))
	return frame.NewTrace(span)
}

func bounds(state jetstream.StreamState) (oldest, newest uint64) {
	if state.Msgs == 0 {
		return state.LastSeq + 1, state.LastSeq
	}
	return state.FirstSeq, state.LastSeq
}
