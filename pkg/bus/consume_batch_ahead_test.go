package bus_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// pairs runs a consumer that handles two full batches of ten at once.
func pairs(t *testing.T, b *bus.Bus, handle bus.BatchHandler) (stop func()) {
	t.Helper()
	c, err := b.NewBatchConsumer(bus.BatchConfig{ConsumerConfig: inboundConfig(), MaxBatch: 10, Concurrency: 2, Linger: time.Second}, handle)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, c.Run)
}

func TestFullBatchesAreHandledTwoAtATimeOthersAlone(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 45)
	seen := newRecord()
	var inside, most atomic.Int64
	met := make(chan struct{}, 2)
	pairs(t, b, func(_ context.Context, batch []*bus.Delivery) error {
		n := inside.Add(1)
		defer inside.Add(-1)
		if n > most.Load() {
			most.Store(n)
		}
		if len(batch) == 10 && seen.distinct() == 0 { // the first two wait for each other
			if n == 2 {
				met <- struct{}{}
				met <- struct{}{}
			}
			select {
			case <-met:
			case <-time.After(patience):
				t.Error("a full batch was not handled while another was")
			}
		}
		if len(batch) < 10 && n > 1 {
			t.Errorf("%d messages were handled beside others", len(batch))
		}
		seen.add(batch)
		return nil
	})
	seen.await(t, 45)
	awaitEmpty(t, b, bus.StreamInbound)
	if most.Load() != 2 {
		t.Errorf("%d batches at once", most.Load())
	}
	for payload, n := range seen.done {
		if n != 1 {
			t.Errorf("%s was handled %d times", payload, n)
		}
	}
}

func TestPoisonAmongBatchesAtOnceFailsAlone(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 100)
	seen := newRecord()
	pairs(t, b, func(_ context.Context, batch []*bus.Delivery) error {
		for _, d := range batch {
			switch string(d.Payload) {
			case "13":
				return errors.New("breaks whatever it is in")
			case "14":
				d.Fail(bus.Permanent(errors.New("not readable")))
			}
		}
		seen.add(batch)
		return nil
	})
	seen.await(t, 99)
	awaitMessages(t, b, bus.StreamDeadLetter, 2)
	awaitEmpty(t, b, bus.StreamInbound)
	for _, letter := range letters(t, b) {
		if p := string(letter.GetPayload()); p != "13" && p != "14" {
			t.Errorf("%s is a dead letter: %s", p, letter.GetReason())
		}
	}
}

func TestBatchesAtOnceWaitForWhatTheyNeed(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 60)
	seen := newRecord()
	var down atomic.Int64
	down.Store(5)
	pairs(t, b, func(_ context.Context, batch []*bus.Delivery) error {
		if down.Add(-1) >= 0 {
			return bus.Hold(errors.New("database is down"), time.Millisecond)
		}
		seen.add(batch)
		return nil
	})
	seen.await(t, 60)
	awaitEmpty(t, b, bus.StreamInbound)
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestBatchesAtOnceAreFinishedAtAStop(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishNumbers(t, b, 0, 20)
	seen := newRecord()
	entered, leave := make(chan struct{}, 2), make(chan struct{})
	stop := pairs(t, b, func(_ context.Context, batch []*bus.Delivery) error {
		entered <- struct{}{}
		<-leave
		seen.add(batch)
		return nil
	})
	for range 2 {
		select {
		case <-entered:
		case <-time.After(patience):
			t.Fatal("two full batches were not handled at once")
		}
	}
	stopped := make(chan struct{})
	go func() { defer close(stopped); stop() }()
	close(leave)
	<-stopped
	if n := seen.distinct(); n != 20 {
		t.Errorf("%d of 20 messages were handled", n)
	}
	awaitEmpty(t, b, bus.StreamInbound)
}
