package bus_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// awaitPending waits until n messages of a consumer are in somebody's hand.
func awaitPending(t *testing.T, cons jetstream.Consumer, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		info, err := cons.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.NumAckPending == n {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%d messages are in hand, want %d", info.NumAckPending, n)
		}
	}
}

func TestAConsumerThatWasDeletedIsMadeAgain(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	registry := prometheus.NewRegistry()
	metrics, err := bus.NewConsumerMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	cfg := inboundConfig()
	cfg.Metrics = metrics
	seen := newRecord()
	c := batchConsumer(t, b, cfg, seen.handle)
	if c.Ready() == nil {
		t.Error("ready before Run")
	}
	start(t, c.Run)
	publishNumbers(t, b, 0, 10)
	seen.await(t, 10)
	if err := b.JetStream().DeleteConsumer(t.Context(), bus.StreamInbound, cfg.Durable); err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, b, 10, 20)
	seen.await(t, 20)
	if err := c.Ready(); err != nil {
		t.Error(err)
	}
}

func TestAConsumerSurvivesThatItsStreamIsDeleted(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	seen := newRecord()
	start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
	publishNumbers(t, b, 0, 10)
	seen.await(t, 10)
	if err := b.JetStream().DeleteStream(t.Context(), bus.StreamInbound); err != nil {
		t.Fatal(err)
	}
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	publishNumbers(t, b, 10, 20)
	seen.await(t, 20)
}

func TestStoppingInMidLoadLosesNothing(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	const total = 5000
	publishNumbers(t, b, 0, total)
	seen := newRecord()
	for seen.distinct() < total {
		before := seen.distinct()
		stop := start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
		seen.await(t, min(before+700, total))
		stop()
	}
	awaitEmpty(t, b, bus.StreamInbound)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	for payload, n := range seen.done {
		if n != 1 {
			t.Errorf("%s was handled %d times", payload, n)
		}
	}
}

func TestStoppingWhileHoldingHandsBack(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 100)
	held := make(chan struct{}, 1)
	stop := start(t, batchConsumer(t, b, inboundConfig(), func(context.Context, []*bus.Delivery) error {
		select {
		case held <- struct{}{}:
		default:
		}
		return bus.Hold(errors.New("database is down"), time.Hour)
	}).Run)
	<-held
	stop()
	seen := newRecord()
	start(t, batchConsumer(t, b, inboundConfig(), seen.handle).Run)
	seen.await(t, 100)
	awaitEmpty(t, b, bus.StreamInbound)
}

func TestStartAndStopManyTimes(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for i := range 50 {
		ctx, cancel := context.WithCancel(t.Context())
		c := batchConsumer(t, b, inboundConfig(), func(context.Context, []*bus.Delivery) error { return nil })
		if i%2 == 0 {
			cancel()
		} else {
			publishNumbers(t, b, i, i+1)
		}
		done := make(chan struct{})
		go func() { defer close(done); c.Run(ctx) }()
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("did not stop")
		}
	}
}

func TestAConsumerNeedsItsNames(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	for i, cfg := range []bus.ConsumerConfig{{}, {Stream: "S", Durable: "d"}, {Stream: "S", Kind: "k"}} {
		if _, err := b.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: cfg}, nil); err == nil {
			t.Error(fmt.Sprint("batch ", i))
		}
		if _, err := b.NewJobConsumer(bus.JobConfig{ConsumerConfig: cfg}, nil); err == nil {
			t.Error(fmt.Sprint("job ", i))
		}
	}
}
