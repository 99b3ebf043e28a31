package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func files(texts ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i, text := range texts {
		name := "00000" + string(rune('1'+i)) + "_step"
		fsys[name+".up.sql"] = &fstest.MapFile{Data: []byte(text)}
		fsys[name+".down.sql"] = &fstest.MapFile{Data: []byte("-- nothing to take back")}
	}
	return fsys
}

var (
	one = `CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1);`
	two = `INSERT INTO a VALUES (2);` // fails when run twice
)

func rows(t *testing.T, url string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM a`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrate_ManyAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	const processes = 8
	begin, results := make(chan struct{}), make(chan error)
	for range processes {
		go func() {
			<-begin
			results <- postgres.MigrateFS(t.Context(), url, files(one, `SELECT pg_sleep(0.2)`, two), zerolog.Nop())
		}()
	}
	close(begin)
	for range processes {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if got := rows(t, url); got != 2 {
		t.Errorf("%d rows, want 2", got)
	}
}

func TestMigrate_GoesOnFromAnOlderSchema(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	for i, fsys := range []fstest.MapFS{files(one), files(one, two), files(one, two)} {
		if err := postgres.MigrateFS(t.Context(), url, fsys, zerolog.Nop()); err != nil {
			t.Fatalf("start %d: %v", i, err)
		}
	}
	if got := rows(t, url); got != 2 {
		t.Errorf("%d rows, want 2", got)
	}
}

func TestMigrate_RefusesANewerDatabase(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	if err := postgres.MigrateFS(t.Context(), url, files(one, two), zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	err := postgres.MigrateFS(t.Context(), url, files(one), zerolog.Nop())
	if !errors.Is(err, postgres.ErrNewerSchema) || !strings.Contains(err.Error(), "version 2, the program knows 1") {
		t.Errorf("got %v, want ErrNewerSchema with both versions", err)
	}
}

func TestMigrate_SaysWhatToDoAboutADirtyDatabase(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	broken := files(one, `INSERT INTO a VALUES (3); INSERT INTO no_such_table VALUES (1);`)
	if err := postgres.MigrateFS(t.Context(), url, broken, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), "no_such_table") {
		t.Fatalf("got %v, want what failed", err)
	}
	err := postgres.MigrateFS(t.Context(), url, broken, zerolog.Nop())
	if !errors.Is(err, postgres.ErrDirty) || !strings.Contains(err.Error(), "migration 2") || !strings.Contains(err.Error(), "schema_migrations") {
		t.Errorf("got %v, want ErrDirty saying which and what to do", err)
	}
	if got := rows(t, url); got != 1 {
		t.Errorf("%d rows, want 1: a migration is one transaction", got)
	}
}

func TestMigrate_WaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock(x'7461736b'::bigint)`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := postgres.MigrateFS(ctx, url, files(one), zerolog.Nop()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestMigrate_WithTheProductsMigrations(t *testing.T) {
	t.Parallel()
	url := postgrestest.EmptyURL(t)
	for range 2 {
		if err := postgres.Migrate(t.Context(), url, zerolog.Nop()); err != nil {
			t.Fatal(err)
		}
	}
}
