package bus_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

func jobConfig() bus.ConsumerConfig {
	return bus.ConsumerConfig{Stream: bus.StreamJobs, Durable: "jobs", Subject: bus.SubjectJobAvatar, Kind: "avatar",
		MaxAttempts: 3, RetryBase: time.Millisecond, RetryMax: 5 * time.Millisecond}
}

func publishJobs(t *testing.T, b *bus.Bus, n int) {
	t.Helper()
	for i := range n {
		if err := b.Publish(t.Context(), bus.Message{Subject: bus.SubjectJobAvatar, Payload: []byte(strconv.Itoa(i))}); err != nil {
			t.Fatal(err)
		}
	}
}

func startJobs(t *testing.T, b *bus.Bus, cfg bus.ConsumerConfig, concurrency int, handle bus.Handler) (stop func()) {
	t.Helper()
	c, err := b.NewJobConsumer(bus.JobConfig{ConsumerConfig: cfg, Concurrency: concurrency}, handle)
	if err != nil {
		t.Fatal(err)
	}
	return start(t, c.Run)
}

func TestJobVerdicts(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		handle   func(attempt int) error
		attempts int32 // of the dead letter; 0 where there is none
		reason   string
		calls    int32
	}{
		"Done":                       {handle: func(int) error { return nil }, calls: 1},
		"DoneAtTheSecondAttempt":     {handle: func(n int) error { return map[bool]error{true: errors.New("not yet")}[n < 2] }, calls: 2},
		"FailedForGood":              {handle: func(int) error { return errors.New("broken") }, attempts: 3, reason: "broken", calls: 3},
		"Permanent":                  {handle: func(int) error { return bus.Permanent(errors.New("hopeless")) }, attempts: 1, reason: "hopeless", calls: 1},
		"Panic":                      {handle: func(int) error { panic("oh") }, attempts: 3, reason: "handler panicked: oh", calls: 3},
		"PermanentWinsOverItsReason": {handle: func(int) error { return bus.Permanent(bus.ErrUnavailable) }, attempts: 1, reason: "broker", calls: 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bustest.New(t)
			var calls atomic.Int32
			publishJobs(t, b, 1)
			startJobs(t, b, jobConfig(), 1, func(_ context.Context, d *bus.Delivery) error {
				calls.Add(1)
				return c.handle(d.Attempt)
			})
			awaitEmpty(t, b, bus.StreamJobs)
			if n := calls.Load(); n != c.calls {
				t.Errorf("%d calls, want %d", n, c.calls)
			}
			found := letters(t, b)
			if c.attempts == 0 {
				if len(found) != 0 {
					t.Errorf("%d dead letters", len(found))
				}
				return
			}
			if len(found) != 1 || found[0].GetAttempts() != c.attempts || !strings.Contains(found[0].GetReason(), c.reason) ||
				found[0].GetKind() != "avatar" || string(found[0].GetPayload()) != "0" {
				t.Errorf("dead letters %v", found)
			}
		})
	}
}

func TestJobsRunAtOnceUpToTheConcurrency(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishJobs(t, b, 9)
	running, most := atomic.Int32{}, atomic.Int32{}
	arrived := make(chan struct{}, 9)
	release := make(chan struct{})
	startJobs(t, b, jobConfig(), 3, func(context.Context, *bus.Delivery) error {
		n := running.Add(1)
		for {
			seen := most.Load()
			if n <= seen || most.CompareAndSwap(seen, n) {
				break
			}
		}
		arrived <- struct{}{}
		<-release
		running.Add(-1)
		return nil
	})
	for range 3 {
		select {
		case <-arrived:
		case <-time.After(patience):
			t.Fatal("three jobs do not run at once")
		}
	}
	close(release)
	awaitEmpty(t, b, bus.StreamJobs)
	if n := most.Load(); n != 3 {
		t.Errorf("%d jobs ran at once, want 3", n)
	}
}

func TestALongJobIsNotGivenToAnother(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := jobConfig()
	cfg.AckWait = 4 * time.Second // a busy machine stands still for seconds
	publishJobs(t, b, 1)
	calls := atomic.Int32{}
	startJobs(t, b, cfg, 2, func(ctx context.Context, _ *bus.Delivery) error {
		calls.Add(1)
		select {
		case <-time.After(2 * cfg.AckWait):
		case <-ctx.Done():
		}
		return nil
	})
	awaitEmpty(t, b, bus.StreamJobs)
	if n := calls.Load(); n != 1 {
		t.Errorf("the job ran %d times", n)
	}
}

func TestAJobThatIsHeldKeepsItsAttempts(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishJobs(t, b, 1)
	calls := atomic.Int32{}
	startJobs(t, b, jobConfig(), 1, func(_ context.Context, d *bus.Delivery) error {
		if d.Attempt != 1 {
			t.Errorf("attempt %d", d.Attempt)
		}
		if calls.Add(1) <= 10 {
			return bus.Hold(errors.New("429"), time.Millisecond)
		}
		return nil
	})
	awaitEmpty(t, b, bus.StreamJobs)
	if n := len(letters(t, b)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestStoppingFinishesOrHandsBackJobs(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	publishJobs(t, b, 2)
	began := make(chan string, 2)
	release := make(chan struct{})
	stop := startJobs(t, b, jobConfig(), 2, func(_ context.Context, d *bus.Delivery) error {
		began <- string(d.Payload)
		if string(d.Payload) == "0" {
			return bus.Hold(errors.New("the token is refused"), time.Hour)
		}
		<-release
		return nil
	})
	<-began
	<-began
	stopped := make(chan struct{})
	go func() { defer close(stopped); stop() }()
	close(release)
	<-stopped
	// The one that ran is done, the one that was held is for the next.
	if n := stream(t, b, bus.StreamJobs).State.Msgs; n != 1 {
		t.Errorf("%d jobs are left, want 1", n)
	}
	next := make(chan string, 1)
	startJobs(t, b, jobConfig(), 1, func(_ context.Context, d *bus.Delivery) error { next <- string(d.Payload); return nil })
	select {
	case payload := <-next:
		if payload != "0" {
			t.Errorf("job %s came again", payload)
		}
	case <-time.After(patience):
		t.Fatal("the job that was held did not come again")
	}
	awaitEmpty(t, b, bus.StreamJobs)
}

func TestJobConsumersSurviveThatTheirConsumerIsDeleted(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	done := make(chan struct{}, 10)
	startJobs(t, b, jobConfig(), 2, func(context.Context, *bus.Delivery) error { done <- struct{}{}; return nil })
	for range 2 {
		publishJobs(t, b, 1)
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("no job arrived")
		}
		awaitEmpty(t, b, bus.StreamJobs)
		if err := b.JetStream().DeleteConsumer(t.Context(), bus.StreamJobs, "jobs"); err != nil {
			t.Fatal(err)
		}
	}
	publishJobs(t, b, 1)
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("no job arrived")
	}
}
