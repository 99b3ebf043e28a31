package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// The outbox is mostly empty, and PostgreSQL knows it as such. In a burst it must not be looked through anew for each
// of its rows.
func TestPlans_TheOutboxIsLookedThroughOnceAfterABurst(t *testing.T) {
	t.Parallel()
	config := postgrestest.New(t).Config()
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := store.New(pool)
	work := func() (claimed int) {
		t.Helper()
		events, err := s.ClaimOutbox(t.Context(), 500)
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]int64, len(events))
		for i, e := range events {
			ids[i] = e.ID
		}
		if err := s.MarkPublished(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
		return len(events)
	}
	const rows = 3000
	fill := func() {
		t.Helper()
		if _, err := pool.Exec(t.Context(), `INSERT INTO outbox (subject, payload) SELECT 'events.stats_updated', '' FROM generate_series(1, $1)`, rows); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	for work() > 0 {
	}
	if _, err := pool.Exec(t.Context(), "ANALYZE outbox"); err != nil {
		t.Fatal(err)
	}
	fill()
	read := func() (n int) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), "SELECT pg_stat_force_next_flush()"); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow(t.Context(), "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'outbox'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := read()
	if n := work(); n != 500 {
		t.Fatalf("claimed %d", n)
	}
	if n := read() - before; n > 4*rows {
		t.Errorf("read %d rows of %d", n, rows)
	}
}
