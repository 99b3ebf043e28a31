package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func known(t *testing.T) uint {
	t.Helper()
	version, err := postgres.KnownVersion()
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func execute(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestSchemaVersion(t *testing.T) {
	t.Parallel()
	empty, migrated := postgrestest.NewEmpty(t), postgrestest.New(t)
	if at, err := postgres.SchemaVersion(t.Context(), empty); at != 0 || err != nil {
		t.Errorf("an empty database is at %d, %v", at, err)
	}
	if at, err := postgres.SchemaVersion(t.Context(), migrated); at != known(t) || err != nil {
		t.Errorf("a migrated database is at %d, %v", at, err)
	}
}

func TestAwaitSchema_WaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	pool, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := postgres.MigrateTo(t.Context(), url, known(t)-1, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	var log waitingLog
	log.waiting = make(chan struct{})
	waited := make(chan error, 1)
	go func() { waited <- postgres.AwaitSchema(t.Context(), pool, zerolog.New(&log)) }()
	<-log.waiting
	if err := postgres.Migrate(t.Context(), url, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Error(err)
	}
}

// While a migration runs, golang-migrate calls the database dirty.
func TestAwaitSchema_WaitsWhileAMigrationRuns(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock(x'7461736b'::bigint)`); err != nil {
		t.Fatal(err)
	}
	execute(t, pool, `UPDATE schema_migrations SET dirty = true`)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	err = postgres.AwaitSchema(ctx, pool, zerolog.Nop())
	if ctx.Err() == nil {
		t.Errorf("it did not wait: %v", err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_unlock(x'7461736b'::bigint)`); err != nil {
		t.Fatal(err)
	}
	if err := postgres.AwaitSchema(t.Context(), pool, zerolog.Nop()); !errors.Is(err, postgres.ErrDirty) || !strings.Contains(err.Error(), "schema_migrations") {
		t.Errorf("nobody migrates: %v", err)
	}
}

func TestAwaitSchema_RefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	execute(t, pool, `UPDATE schema_migrations SET version = version + 1`)
	says := fmt.Sprintf("it is at version %d, the program knows %d. Start a release that is at least as new", known(t)+1, known(t))
	if err := postgres.AwaitSchema(t.Context(), pool, zerolog.Nop()); !errors.Is(err, postgres.ErrNewerSchema) || !strings.Contains(err.Error(), says) {
		t.Errorf("got %v", err)
	}
}

func TestAwaitSchema_SaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	pool := postgrestest.NewEmpty(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := postgres.AwaitSchema(ctx, pool, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "MIGRATE_ON_START=true") {
		t.Errorf("got %v", err)
	}
}
