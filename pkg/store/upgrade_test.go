package store_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/migrations"
	"github.com/tasktracker/tasktracker/migrations/migrationstest"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// From every version with rows in every table: what was there is there after the
// upgrade, and the store works with it.
func TestUpgradeKeepsEveryRow(t *testing.T) {
	t.Parallel()
	known, err := postgres.KnownVersion()
	if err != nil {
		t.Fatal(err)
	}
	for version := uint(1); version < known; version++ {
		if files, err := fs.Glob(migrations.FS, fmt.Sprintf("%06d_*.up.sql", version)); err != nil || len(files) == 0 {
			continue // a number that no migration has
		}
		t.Run(fmt.Sprintf("From%d", version), func(t *testing.T) {
			t.Parallel()
			upgradeKeepsEveryRow(t, version)
		})
	}
}

func upgradeKeepsEveryRow(t *testing.T, version uint) {
	t.Helper()
	url := postgrestest.EmptyURL(t)
	if err := postgres.MigrateTo(t.Context(), url, version, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	pool, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	rows, err := migrationstest.Rows(version)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, rows)
	before := allRows(t, pool)
	if err := postgres.Migrate(t.Context(), url, zerolog.Nop()); err != nil {
		t.Fatalf("from version %d: %v", version, err)
	}
	after := allRows(t, pool)
	for table, rows := range before {
		if len(rows) == 0 && table != "message_counts" {
			t.Errorf("version %d: migrationstest has no row for %s", version, table)
		}
		if diff := gocmp.Diff(rows, after[table], newColumnsAllowed(rows)); diff != "" {
			t.Errorf("from version %d, table %s: %s", version, table, diff)
		}
	}
	s := store.New(pool)
	// The text of one of the rows, edited, and a new message.
	saved := save(t, s, incoming("1", "a"), incoming("new", "b"))
	if _, err := s.CreateTask(t.Context(), newTask("t", saved[1].Message.GetId()), user); err != nil {
		t.Errorf("from version %d: %v", version, err)
	}
	if counted, there := count(t, pool, "SELECT sum(n)::int FROM message_counts"), count(t, pool, "SELECT count(*) FROM messages"); counted != there {
		t.Errorf("from version %d: %d messages counted, %d there", version, counted, there)
	}
}

// newColumnsAllowed leaves columns out of the comparison that rows do not have.
func newColumnsAllowed(rows []map[string]any) gocmp.Option {
	return gocmp.FilterPath(func(p gocmp.Path) bool {
		index, ok := p.Last().(gocmp.MapIndex)
		if !ok || len(rows) == 0 || len(p) != 3 {
			return false
		}
		_, had := rows[0][index.Key().String()]
		return !had
	}, gocmp.Ignore())
}

// allRows is every row of every table of ours, by column.
func allRows(t *testing.T, pool *pgxpool.Pool) map[string][]map[string]any {
	t.Helper()
	all := map[string][]map[string]any{}
	for _, table := range column(t, pool, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'`) {
		all[table] = nil
		for _, text := range column(t, pool, `SELECT to_jsonb(t)::text FROM `+pgx.Identifier{table}.Sanitize()+` AS t ORDER BY t`) {
			var row map[string]any
			if err := json.Unmarshal([]byte(text), &row); err != nil {
				t.Fatal(err)
			}
			all[table] = append(all[table], row)
		}
	}
	return all
}
