package bus_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func TestOneAtATimeIsExclusive(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	key := bus.TelegramPollingLease("7")
	if held, err := b.LeaseHeld(t.Context(), key); held || err != nil {
		t.Errorf("before anything: %v, %v", held, err)
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			err := b.Exclusive(t.Context(), key, time.Minute, func(ctx context.Context) error {
				if !mu.TryLock() {
					t.Error("two at once")
					return nil
				}
				defer mu.Unlock()
				if held, err := b.LeaseHeld(ctx, key); !held || err != nil {
					t.Errorf("inside: %v, %v", held, err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := b.AwaitLeaseFree(t.Context(), key); err != nil {
		t.Error(err)
	}
	failed := errors.New("failed")
	if err := b.Exclusive(t.Context(), key, time.Minute, func(context.Context) error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
}

func TestWaitingForALeaseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	err := b.Exclusive(t.Context(), "k", time.Minute, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		if err := b.AwaitLeaseFree(ctx, "k"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting: %v", err)
		}
		return b.Exclusive(t.Context(), "k", 10*time.Millisecond, func(context.Context) error { t.Error("ran"); return nil })
	})
	if !errors.Is(err, bus.ErrHeld) {
		t.Errorf("taking: %v", err)
	}
}

func TestListenHearsEventsWhileItListens(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	heard := make(chan string, 3)
	stop, err := b.Listen(t.Context(), bus.SubjectWebhookTested, func(payload []byte) { heard <- string(payload) })
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []bus.Message{
		{Subject: bus.SubjectTaskCreated, ID: "1", Payload: []byte("other")},
		{Subject: bus.SubjectWebhookTested, ID: "2", Payload: []byte("a")},
		{Subject: bus.SubjectWebhookTested + ".wire", ID: "3", Payload: []byte("b")},
	} {
		if err := b.Publish(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if first, second := <-heard, <-heard; first+second != "ab" {
		t.Errorf("heard %q, %q", first, second)
	}
	stop()
}
