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

// paced is a clock that only waiting moves.
type paced struct {
	mu sync.Mutex
	at time.Time
}

func newPaced() *paced { return &paced{at: time.Now()} }

func (p *paced) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *paced) pause(_ context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
	return nil
}

func (p *paced) budget(b *bus.Bus, bot string) *bus.Budget {
	budget := b.TelegramBudget(bot)
	budget.SetClock(p.now, p.pause)
	return budget
}

func take(t *testing.T, b *bus.Budget, method string, n int) {
	t.Helper()
	for range n {
		if err := b.Take(t.Context(), method); err != nil {
			t.Fatal(err)
		}
	}
}

func TestABudgetIsSharedByAllProcesses(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	first := server.Connect(t)
	if err := first.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	clock := newPaced()
	one, other := clock.budget(first, "7"), clock.budget(server.Connect(t), "7")
	began := clock.now()
	take(t, one, "getChat", 5)
	if waited := clock.now().Sub(began); waited != 0 {
		t.Errorf("a few calls at once waited %s", waited)
	}
	for range 30 {
		take(t, one, "getChat", 1)
		take(t, other, "getChat", 1)
	}
	// 65 calls, 5 of them at once: the last is 60 intervals of a 30th of a second behind.
	if waited := clock.now().Sub(began).Round(time.Millisecond); waited != 2*time.Second {
		t.Errorf("65 calls took %s, want 2s", waited)
	}
	began = clock.now()
	take(t, clock.budget(first, "8"), "getChat", 1)
	if clock.now() != began {
		t.Error("another bot waited for the first")
	}
}

func TestSetWebhookIsCalledOnceASecond(t *testing.T) {
	t.Parallel()
	clock := newPaced()
	budget := clock.budget(bustest.New(t), "7")
	began := clock.now()
	take(t, budget, "setWebhook", 3)
	if waited := clock.now().Sub(began); waited != 2200*time.Millisecond {
		t.Errorf("three calls took %s", waited)
	}
}

func TestEverybodyWaitsAsLongAsTelegramAsked(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	clock := newPaced()
	one, other := clock.budget(b, "7"), clock.budget(b, "7")
	began := clock.now()
	one.Blocked(t.Context(), began.Add(3*time.Second))
	one.Blocked(t.Context(), began.Add(time.Second)) // does not shorten it
	take(t, other, "getChat", 1)
	if waited := clock.now().Sub(began); waited != 3*time.Second {
		t.Errorf("waited %s", waited)
	}
	one.Blocked(t.Context(), clock.now().Add(100*time.Hour))
	err := other.Take(t.Context(), "getChat")
	over, ok := errors.AsType[*bus.OverBudgetError](err)
	if !ok || over.RetryAfter() != time.Hour {
		t.Errorf("a long block: %v", err)
	}
	began = clock.now()
	if err := other.Take(t.Context(), "getChat"); err == nil || clock.now() != began {
		t.Errorf("a refused call took a turn, or waited: %v", err)
	}
}

func TestCallsGoAheadWithoutABroker(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t) // without streams, and soon without a server
	take(t, b.TelegramBudget("7"), "getChat", 1)
	server.Shutdown()
	server.WaitForShutdown()
	take(t, b.TelegramBudget("7"), "getChat", 1)
	b.TelegramBudget("7").Blocked(t.Context(), time.Now().Add(time.Second))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.TelegramBudget("7").Take(ctx, "getChat"); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone: %v", err)
	}
}

// Calls at once from several processes are all counted.
func TestABudgetMissesNoCall(t *testing.T) {
	t.Parallel()
	b := bustest.New(t)
	clock := newPaced()
	var wg sync.WaitGroup
	for range 4 {
		budget := clock.budget(b, "7")
		budget.SetClock(clock.now, func(context.Context, time.Duration) error { return nil }) // the clock stands
		wg.Go(func() {
			for range 10 {
				if err := budget.Take(t.Context(), "getChat"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	began := clock.now()
	take(t, clock.budget(b, "7"), "getChat", 1)
	// 41 calls: the last one is 36 intervals away.
	if waited := clock.now().Sub(began).Round(time.Millisecond); waited != 1200*time.Millisecond {
		t.Errorf("the next call waited %s, want 1.2s", waited)
	}
}
