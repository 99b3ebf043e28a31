package store_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

func TestTokensOfADayAreBoundedForAll(t *testing.T) {
	t.Parallel()
	s := store.New(postgrestest.New(t))
	const day, bound = "2026-03-02", 1000
	var taken atomic.Int64
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			ledger := s.TokenLedger()
			for range 10 {
				enough, err := ledger.Reserve(t.Context(), day, 30, bound)
				if err != nil {
					t.Error(err)
				}
				if enough {
					taken.Add(1)
				}
			}
		})
	}
	callers.Wait()
	ledger := s.TokenLedger()
	spent := func(day string) int64 {
		t.Helper()
		n, err := ledger.Spent(t.Context(), day)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if taken.Load() != 33 || spent(day) != 990 {
		t.Errorf("%d reservations, %d tokens", taken.Load(), spent(day))
	}
	if err := ledger.Settle(t.Context(), day, 30, 5); err != nil || spent(day) != 965 {
		t.Errorf("settled: %d tokens, %v", spent(day), err)
	}
	for _, c := range []struct {
		day           string
		tokens, bound int64
		enough        bool
	}{{day, 36, bound, false}, {day, 35, bound, true}, {day, 5000, 0, true}, {"2026-03-03", bound + 1, bound, false}, {"2026-03-03", bound, bound, true}} {
		if enough, err := ledger.Reserve(t.Context(), c.day, c.tokens, c.bound); err != nil || enough != c.enough {
			t.Errorf("%+v: %v, %v", c, enough, err)
		}
	}
	if err := ledger.Settle(t.Context(), "2026-03-03", 2*bound, 0); err != nil || spent("2026-03-03") != 0 || spent("2026-03-04") != 0 {
		t.Errorf("%d and %d tokens, %v", spent("2026-03-03"), spent("2026-03-04"), err)
	}
	if _, err := ledger.Spent(t.Context(), "today"); err == nil {
		t.Error("a day that is none passes")
	}
}
