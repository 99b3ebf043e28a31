package bus_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// liveUntilKilled runs consumers as a process does that dies as soon as a handler says
// so: its connection is gone, and nothing that it does afterwards reaches the broker.
func liveUntilKilled(t *testing.T, server *bustest.Server, consumers func(b *bus.Bus, die func()) []func(context.Context)) {
	t.Helper()
	b := server.Connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	die := func() {
		b.JetStream().Conn().Close()
		cancel()
	}
	done := make(chan struct{})
	runs := consumers(b, die)
	for _, run := range runs {
		go func() { run(ctx); done <- struct{}{} }()
	}
	for range runs {
		select {
		case <-done:
		case <-time.After(patience):
			t.Fatal("the consumers did not end")
		}
	}
}

var errKilled = errors.New("this process is dead")

// onlyKiller fails unless the killer alone is a dead letter.
func onlyKiller(t *testing.T, b *bus.Bus, killer string, attempts int32) {
	t.Helper()
	for _, letter := range letters(t, b) {
		if string(letter.GetPayload()) != killer {
			t.Errorf("innocent message %s is a dead letter: %s", letter.GetPayload(), letter.GetReason())
		} else if letter.GetAttempts() != attempts {
			t.Errorf("dead letter of the killer says %d attempts, want %d", letter.GetAttempts(), attempts)
		}
	}
	if n := len(letters(t, b)); n != 1 {
		t.Errorf("%d dead letters, want that of the killer", n)
	}
}

// A message that ends its process each time takes a whole batch with it each time; it
// alone is condemned, however often the others came back.
func TestTheNeighboursOfAKillerAreNotCondemned(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 3, 5} {
		t.Run(strconv.Itoa(attempts)+" attempts", func(t *testing.T) {
			t.Parallel()
			server := bustest.StartServer(t)
			b := server.Connect(t)
			if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
				t.Fatal(err)
			}
			const all, killer = 100, "57"
			publishNumbers(t, b, 0, all)
			cfg := inboundConfig()
			cfg.MaxAttempts, cfg.AckWait = attempts, 500*time.Millisecond
			seen := newRecord()
			lives := 0
			for dead := false; !dead; lives++ {
				if lives > 20 {
					t.Fatal("the killer was never condemned")
				}
				liveUntilKilled(t, server, func(b *bus.Bus, die func()) []func(context.Context) {
					c := batchConsumer(t, b, cfg, func(_ context.Context, batch []*bus.Delivery) error {
						if slices.ContainsFunc(batch, func(d *bus.Delivery) bool { return string(d.Payload) == killer }) {
							die()
							return errKilled
						}
						seen.add(batch)
						return nil
					})
					return []func(context.Context){c.Run, func(ctx context.Context) {
						dead = awaitEmptyOr(ctx, t, b)
						die()
					}}
				})
			}
			if n := seen.distinct(); n != all-1 {
				t.Errorf("%d of %d innocent messages were handled", n, all-1)
			}
			onlyKiller(t, b, killer, int32(attempts))
			if lives < 3 {
				t.Errorf("condemned after %d deaths, without a trial alone", lives-1)
			}
			// A release that handles it gets it by a replay, with its attempts anew.
			if _, err := b.ReplayDeadLetter(t.Context(), letters(t, b)[0].Seq); err != nil {
				t.Fatal(err)
			}
			start(t, batchConsumer(t, b, cfg, seen.handle).Run)
			seen.await(t, all)
		})
	}
}

// awaitEmptyOr waits until INBOUND and JOBS are empty, which it reports, or ctx ends.
func awaitEmptyOr(ctx context.Context, t *testing.T, b *bus.Bus) bool {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		left := uint64(0)
		for _, name := range []string{bus.StreamInbound, bus.StreamJobs} {
			s, err := b.JetStream().Stream(ctx, name)
			if err != nil {
				return false
			}
			left += s.CachedInfo().State.Msgs
		}
		if left == 0 {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// A job that ends its process takes the jobs beside it and a batch with it; these are
// tried again and done.
func TestAKillerAmongJobsIsFound(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t)
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	const killer = "1"
	publishJobs(t, b, 4)
	publishNumbers(t, b, 100, 120)
	jobs, inbound := jobConfig(), inboundConfig()
	jobs.AckWait, inbound.AckWait = 500*time.Millisecond, 500*time.Millisecond
	seen := newRecord()
	for lives, dead := 0, false; !dead; lives++ {
		if lives > 20 {
			t.Fatal("the killer was never condemned")
		}
		liveUntilKilled(t, server, func(b *bus.Bus, die func()) []func(context.Context) {
			gone := make(chan struct{})
			c, err := b.NewJobConsumer(bus.JobConfig{ConsumerConfig: jobs, Concurrency: 4}, func(ctx context.Context, d *bus.Delivery) error {
				if string(d.Payload) == killer {
					die()
					close(gone)
					return errKilled
				}
				// Whatever runs beside the killer is in hand when it strikes.
				select {
				case <-gone:
					return errKilled
				case <-time.After(200 * time.Millisecond):
				case <-ctx.Done():
				}
				seen.add([]*bus.Delivery{d})
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			batches := batchConsumer(t, b, inbound, func(ctx context.Context, batch []*bus.Delivery) error {
				select {
				case <-gone:
					return errKilled
				case <-time.After(200 * time.Millisecond):
				case <-ctx.Done():
				}
				seen.add(batch)
				return nil
			})
			return []func(context.Context){c.Run, batches.Run, func(ctx context.Context) {
				dead = awaitEmptyOr(ctx, t, b)
				die()
			}}
		})
	}
	if n := seen.distinct(); n != 23 {
		t.Errorf("%d of 23 innocent messages were handled", n)
	}
	onlyKiller(t, b, killer, 3)
}

// Deliveries that ended without the handler being called prove nothing: handed back at
// stops, or in hand when something else ended the process.
func TestAMessageThatCameBackOftenIsTriedBeforeItIsCondemned(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := inboundConfig()
	publishNumbers(t, b, 0, 3)
	giveBack(t, b, cfg, 2*cfg.MaxAttempts, func(payload string) bool { return payload == "1" })
	seen := newRecord()
	start(t, batchConsumer(t, b, cfg, seen.handle).Run)
	seen.await(t, 3)
	awaitEmpty(t, b, bus.StreamInbound)
	if found := letters(t, b); len(found) > 0 {
		t.Errorf("dead letter: %s", found[0].GetReason())
	}
}

// Failures that are reported count from where the record begins, and end all the same.
func TestASuspectThatFailsBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	cfg := inboundConfig()
	publishNumbers(t, b, 0, 3)
	giveBack(t, b, cfg, 2*cfg.MaxAttempts, func(payload string) bool { return payload == "1" })
	seen := newRecord()
	start(t, batchConsumer(t, b, cfg, func(ctx context.Context, batch []*bus.Delivery) error {
		if len(batch) == 1 && string(batch[0].Payload) == "1" {
			return errors.New("broken")
		}
		return seen.handle(ctx, batch)
	}).Run)
	awaitMessages(t, b, bus.StreamDeadLetter, 1)
	awaitEmpty(t, b, bus.StreamInbound)
	if got := letters(t, b)[0]; string(got.GetPayload()) != "1" || got.GetReason() != "broken" {
		t.Errorf("dead letter is %v", got.DeadLetter)
	}
	kv, err := b.JetStream().KeyValue(t.Context(), bus.BucketSuspects)
	if err != nil {
		t.Fatal(err)
	}
	if keys, err := kv.Keys(t.Context()); err == nil {
		t.Errorf("records are left behind: %v", keys)
	}
}
