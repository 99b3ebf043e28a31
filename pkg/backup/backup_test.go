package backup_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/migrations"
	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func TestARestoredPlaceIsTheOneThatWasBackedUp(t *testing.T) {
	t.Parallel()
	from := filledPlace(t, 0)
	for table, rows := range database(t, from) {
		if len(rows) == 0 {
			t.Errorf("no row in %s: migrationstest lacks some", table)
		}
	}
	// What a new migration brings is in the backup by itself, whatever refers to what.
	execute(t, from, `
		CREATE TABLE "New one" (id bigint PRIMARY KEY, "other id" bigint, twice bigint GENERATED ALWAYS AS (id * 2) STORED, t text COLLATE "C" DEFAULT 'x');
		CREATE TABLE another (id bigint PRIMARY KEY, one bigint REFERENCES "New one");
		ALTER TABLE "New one" ADD CONSTRAINT round FOREIGN KEY ("other id") REFERENCES another;
		CREATE INDEX "Index of" ON "New one" (lower(t)) WHERE id > 0;
		CREATE SEQUENCE tickets INCREMENT 5 START 100;
		SELECT nextval('tickets'), nextval('tickets');
		INSERT INTO another VALUES (1, NULL);
		INSERT INTO "New one" VALUES (1, 1, DEFAULT, E'\\.\n');
		UPDATE another SET one = 1;
		CREATE TABLE without_rows (id int)`)
	before, waiting := database(t, from), messages(t, from.Bus)
	if len(waiting[bus.StreamInbound]) != 5 || len(waiting[bus.StreamJobs]) != 40 || len(waiting[bus.StreamDeadLetter]) != 40 || len(waiting["KV_settings"]) != 1 {
		t.Fatalf("streams %v", waiting)
	}
	file := write(t, from)
	if diff := gocmp.Diff(before, database(t, from)); diff != "" {
		t.Errorf("the backup changed the database: %s", diff)
	}
	if diff := gocmp.Diff(waiting, messages(t, from.Bus)); diff != "" {
		t.Errorf("the backup changed the streams: %s", diff)
	}
	manifest, contents, err := backup.Verify(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if known, _ := postgres.KnownVersion(); manifest.SchemaVersion != known || contents.Rows["messages"] != 51 || contents.Messages[bus.StreamInbound] != 5 {
		t.Errorf("manifest %+v, contents %+v", manifest, contents)
	}

	to := emptyPlace(t)
	restore(t, file, to, false)
	if diff := gocmp.Diff(before, database(t, to)); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff(waiting, messages(t, to.Bus)); diff != "" {
		t.Error(diff)
	}
	// Triggers work again, and new rows do not take old ids.
	execute(t, to, `INSERT INTO messages (source_id, author_name_id, sent_at, version_at, external_message_id, content) VALUES (1, 1, now(), now(), 'new', 'new')`)
	if got := column(t, to, `SELECT (SELECT sum(n) FROM message_counts) || ' ' || (SELECT max(id) FROM messages WHERE content = 'new')`); got[0] != "52 52" {
		t.Errorf("count and id %v", got)
	}
}

// Pages remember the sequence of the last event that they saw.
func TestARestoreGivesNoEventANumberThatAPageHasSeen(t *testing.T) {
	t.Parallel()
	from := filledPlace(t, 0)
	publish := func(p backup.Place) uint64 {
		ack, err := p.Bus.JetStream().Publish(t.Context(), "events.task.updated", []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		return ack.Sequence
	}
	publish(from)
	file := write(t, from)
	seen := publish(from)
	to := emptyPlace(t)
	restore(t, file, to, false)
	if next := publish(to); next <= seen {
		t.Errorf("the next event is %d, pages have seen %d", next, seen)
	}
	later := publish(to)
	restore(t, file, to, true)
	if next := publish(to); next <= later {
		t.Errorf("after the second restore the next event is %d, pages have seen %d", next, later)
	}
}

func TestABackupOfAnEarlierSchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.FS, "*.up.sql") // sorted by version
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files[1 : len(files)-1] {
		number, _, _ := strings.Cut(file, "_")
		version, err := strconv.ParseUint(number, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(number, func(t *testing.T) { // whose places go with it
			from := filledPlace(t, uint(version))
			to := emptyPlace(t)
			restore(t, write(t, from), to, false)
			if err := postgres.Migrate(t.Context(), from.DatabaseURL, zerolog.Nop()); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(database(t, from), database(t, to)); diff != "" {
				t.Errorf("restored it differs from the upgraded one: %s", diff)
			}
		})
	}
}

// The tables of the earlier system are made by no migration.
func TestTheEarlierSystemsTablesAreRestored(t *testing.T) {
	t.Parallel()
	from := emptyPlace(t)
	execute(t, from, `
		CREATE TABLE simple_sources (id serial PRIMARY KEY, name varchar(100) UNIQUE, created_at timestamp DEFAULT now());
		CREATE TABLE simple_messages (id serial PRIMARY KEY, external_message_id varchar(100), content text, author varchar(100), sent_at timestamp,
			source_id integer NOT NULL REFERENCES simple_sources, created_at timestamp DEFAULT now(), avatar_url varchar(500), analyzed boolean DEFAULT false);
		CREATE INDEX old_index ON simple_messages (sent_at DESC);
		INSERT INTO simple_sources (name) VALUES ('telegram');
		INSERT INTO simple_messages (external_message_id, content, author, sent_at, source_id) SELECT n, 'text ' || n, 'Оля', now(), 1 FROM generate_series(1, 20) n;`)
	if err := postgres.Migrate(t.Context(), from.DatabaseURL, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	to := emptyPlace(t)
	restore(t, write(t, from), to, false)
	before := database(t, from)
	if len(before["legacy_simple_messages"]) != 20 {
		t.Fatalf("carried over %v", before["legacy_simple_messages"])
	}
	if diff := gocmp.Diff(before, database(t, to)); diff != "" {
		t.Error(diff)
	}
}

func TestAFullPlaceIsLeftAlone(t *testing.T) {
	t.Parallel()
	file := write(t, filledPlace(t, 0))
	rows, letters := emptyPlace(t), emptyPlace(t)
	execute(t, rows, `CREATE TABLE "somebody's" (id int); INSERT INTO "somebody's" VALUES (1)`)
	if _, err := letters.Bus.JetStream().Publish(t.Context(), "dead.inbound.telegram", []byte("x")); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]backup.Place{"rows": rows, "dead letters": letters} {
		before, waiting := database(t, to), messages(t, to.Bus)
		_, err := backup.Restore(t.Context(), bytes.NewReader(file), to, backup.Options{})
		if !errors.Is(err, backup.ErrNotEmpty) || !strings.Contains(err.Error(), "--replace") {
			t.Errorf("%s: %v", name, err)
		}
		if diff := gocmp.Diff(before, database(t, to)) + gocmp.Diff(waiting, messages(t, to.Bus)); diff != "" {
			t.Errorf("%s: it changed %s", name, diff)
		}
	}
}

func TestReplaceDeletesWhatIsThere(t *testing.T) {
	t.Parallel()
	from, to := filledPlace(t, 0), filledPlace(t, 0)
	file := write(t, from)
	execute(t, to, `
		INSERT INTO tasks (title, category, priority, source) VALUES ('later', 'bug', 'low', 'api');
		CREATE TYPE mood AS ENUM ('good'); CREATE TABLE stranger (m mood); CREATE MATERIALIZED VIEW mv AS SELECT * FROM stranger`)
	restore(t, file, to, true)
	// The broker remembered the ids of all messages: they came from the same place.
	if diff := gocmp.Diff(database(t, from), database(t, to)) + gocmp.Diff(messages(t, from.Bus), messages(t, to.Bus)); diff != "" {
		t.Error(diff)
	}
}

func TestAMigratedPlaceWithoutDataIsEmpty(t *testing.T) {
	t.Parallel()
	from, to := filledPlace(t, 0), emptyPlace(t)
	if err := postgres.Migrate(t.Context(), to.DatabaseURL, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	restore(t, write(t, from), to, false)
	if diff := gocmp.Diff(database(t, from), database(t, to)); diff != "" {
		t.Error(diff)
	}
}

func TestADatabaseInUseIsLeftAlone(t *testing.T) {
	t.Parallel()
	file, to := write(t, filledPlace(t, 0)), emptyPlace(t)
	pool, err := postgres.Connect(t.Context(), to.DatabaseURL, postgres.Options{ApplicationName: "worker"})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = backup.Restore(t.Context(), bytes.NewReader(file), to, backup.Options{Replace: true})
	if !errors.Is(err, backup.ErrInUse) || !strings.Contains(err.Error(), "by worker: stop") {
		t.Errorf("got %v", err)
	}
}

// Interrupted at any step, a restore leaves nothing that a service would work with.
func TestAnInterruptedRestoreIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	from := filledPlace(t, 0)
	file := write(t, from)
	var steps []string
	restored := emptyPlace(t)
	if _, err := backup.Restore(t.Context(), bytes.NewReader(file), restored, backup.Options{Progress: func(what string, _ int64) {
		if !slices.Contains(steps, what) {
			steps = append(steps, what)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	if len(steps) < 10 {
		t.Fatalf("steps %q", steps)
	}
	to := emptyPlace(t)
	for _, at := range []string{steps[0], steps[3], steps[len(steps)/2], steps[len(steps)-1]} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := backup.Restore(ctx, bytes.NewReader(file), to, backup.Options{Replace: true, Progress: func(what string, _ int64) {
			if what == at {
				cancel()
			}
		}})
		cancel()
		if err == nil {
			t.Fatalf("interrupted at %s it succeeded", at)
		}
		if err := postgres.Migrate(t.Context(), to.DatabaseURL, zerolog.Nop()); !errors.Is(err, postgres.ErrDirty) || !strings.Contains(err.Error(), "--replace") {
			t.Errorf("interrupted at %s: a service says %v", at, err)
		}
	}
	restore(t, file, to, true)
	if diff := gocmp.Diff(database(t, from), database(t, to)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeBackedUpIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sql  string
		want error
		says string
	}{
		"never migrated": {"SELECT 1", backup.ErrNothing, "no release has migrated"},
		"newer":          {"CREATE TABLE schema_migrations (version bigint, dirty bool); INSERT INTO schema_migrations VALUES (9999, false)", postgres.ErrNewerSchema, "Start a release that is at least as new"},
		"dirty":          {"CREATE TABLE schema_migrations (version bigint, dirty bool); INSERT INTO schema_migrations VALUES (3, true)", postgres.ErrDirty, "schema_migrations"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := backup.Place{DatabaseURL: postgrestest.EmptyURL(t), Bus: bustest.New(t), Log: zerolog.Nop()}
			execute(t, from, c.sql)
			var file bytes.Buffer
			_, err := backup.Write(t.Context(), &file, from, nil)
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || file.Len() > 0 {
				t.Errorf("got %v and %d bytes", err, file.Len())
			}
		})
	}
}
