package bus_test

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// patience bounds every wait of these tests; nothing is asserted about how long things take.
const patience = time.Minute

func inboundConfig() bus.ConsumerConfig {
	return bus.ConsumerConfig{Stream: bus.StreamInbound, Durable: "test", Kind: "message", MaxAttempts: 3, RetryBase: time.Millisecond, RetryMax: 5 * time.Millisecond}
}

// publishNumbers publishes the numbers from until before to, each as its own message.
func publishNumbers(t *testing.T, b *bus.Bus, from, to int) {
	t.Helper()
	var batch []bus.Message
	for i := from; i < to; i++ {
		batch = append(batch, bus.Message{Subject: bus.InboundSubject("test", "1"), ID: strconv.Itoa(i), Payload: []byte(strconv.Itoa(i))})
	}
	if err := b.Publish(t.Context(), batch...); err != nil {
		t.Fatal(err)
	}
}

// record is what handlers saw. Its channel tells that something was added.
type record struct {
	mu      sync.Mutex
	done    map[string]int // payload → how often it was handled to the end
	batches []int
	changed chan struct{}
}

func newRecord() *record {
	return &record{done: make(map[string]int), changed: make(chan struct{}, 1)}
}

func (r *record) add(batch []*bus.Delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches = append(r.batches, len(batch))
	for _, d := range batch {
		r.done[string(d.Payload)]++
	}
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

func (r *record) distinct() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.done)
}

func (r *record) handle(_ context.Context, batch []*bus.Delivery) error {
	r.add(batch)
	return nil
}

// await waits until n different messages were handled.
func (r *record) await(t *testing.T, n int) {
	t.Helper()
	deadline := time.After(patience)
	for r.distinct() < n {
		select {
		case <-r.changed:
		case <-deadline:
			t.Fatalf("%d of %d messages were handled", r.distinct(), n)
		}
	}
}

// awaitEmpty waits until a stream has no message left.
func awaitEmpty(t *testing.T, b *bus.Bus, name string) {
	t.Helper()
	awaitMessages(t, b, name, 0)
}

func awaitMessages(t *testing.T, b *bus.Bus, name string, n uint64) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for {
		have := stream(t, b, name).State.Msgs
		if have == n {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s has %d messages, want %d", name, have, n)
		}
	}
}

// start runs a consumer until stop is called, or the test ends.
func start(t *testing.T, run func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); run(ctx) }()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			t.Error("consumer did not stop")
		}
	}
	t.Cleanup(stop)
	return stop
}

func batchConsumer(t *testing.T, b *bus.Bus, cfg bus.ConsumerConfig, handle bus.BatchHandler) *bus.BatchConsumer {
	t.Helper()
	c, err := b.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: cfg}, handle)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func letters(t *testing.T, b *bus.Bus) []bus.DeadLetter {
	t.Helper()
	found, err := b.ListDeadLetters(t.Context(), bus.DeadLetterFilter{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
