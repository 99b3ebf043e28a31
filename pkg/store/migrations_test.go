package store_test

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/migrations"
	"github.com/tasktracker/tasktracker/migrations/migrationstest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// legacyTables is the earlier system's schema with rows that it should not have had.
const legacyTables = `
CREATE TABLE simple_sources (id serial PRIMARY KEY, name varchar(100), created_at timestamp DEFAULT now());
CREATE TABLE simple_messages (id serial PRIMARY KEY, external_message_id varchar(100), content text, author varchar(100),
    sent_at timestamp, source_id integer, created_at timestamp DEFAULT now(), avatar_url varchar(500), analyzed boolean DEFAULT false);
CREATE TABLE simple_tasks (id serial PRIMARY KEY, title text, description text, category varchar(50), priority varchar(50),
    status varchar(50), source varchar(100), created_at timestamp DEFAULT now());
CREATE TABLE webhook_settings (id serial PRIMARY KEY, name varchar(100), config jsonb, is_active boolean,
    created_at timestamp DEFAULT now(), updated_at timestamp);
INSERT INTO simple_sources (id, name, created_at) VALUES (1, 'telegram', '2025-01-01 10:00'), (2, ' telegram ', NULL),
    (3, NULL, 'infinity'), (7, 'telegram-2', now()), (8, 'unknown-99', now());
INSERT INTO simple_messages (id, external_message_id, content, author, sent_at, source_id, created_at, avatar_url, analyzed) VALUES
    (1, '10', 'перше', 'Оля', '2025-01-01 12:00:00.123456', 1, '2025-01-01 12:00:01', 'https://cdn.example.com/a.png', true),
    (2, '10', 'той самий id', 'Оля', '2025-01-01 12:01', 1, '2025-01-01 12:01', NULL, NULL),
    (3, '10', 'other source', 'Оля', '2025-01-01 12:02', 2, '2025-01-01 12:02', 'javascript:alert(1)', false),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, 'https://api.telegram.org/file/bot123:SECRET/photos/1.jpg', NULL),
    (5, '', '', '', 'infinity', 99, '-infinity', '', true),
    (6, 'legacy-4', 'x', 'y', '0044-03-15 12:00 BC', NULL, '2025-01-02', NULL, false),
    (9000, '11', 'far', 'Оля', '99999-01-01', 1, '2025-01-03', NULL, false);
INSERT INTO simple_tasks (id, title, description, category, priority, status, source, created_at) VALUES
    (1, 'ok', 'd', 'bug', 'high', 'completed', 'telegram', '2025-01-01 10:00'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, repeat('ї', 500), '', 'Feature Request', 'URGENT', 'In Progress', 'api', 'infinity'),
    (4, '   ', 'x', 'whatever', 'p1', 'Done', '', now()),
    (500, 't', 'x', 'bugs', 'normal', 'canceled', 'x', now());
INSERT INTO webhook_settings (id, name, config, is_active, created_at, updated_at) VALUES
    (1, 'telegram', '{"telegram": {"protocol": "https", "host": "old.example.com", "is_active": true, "last_set_at": "2025-01-01T10:00:00",
      "groups": [{"id": -100123, "name": "Team"}, {"id": "-5", "name": null}]}, "other": 1}', true, '2025-01-01', '2025-01-02'),
    (2, NULL, '[]', NULL, NULL, NULL), (3, 'x', NULL, false, NULL, 'infinity');
SELECT setval('simple_messages_id_seq', 9000);
`

func TestMigrations(t *testing.T) {
	t.Parallel()

	t.Run("GoUpDownAndUpOnAnEmptyDatabase", func(t *testing.T) {
		t.Parallel()
		pool := postgrestest.NewEmpty(t)
		up(t, pool)
		first := catalogue(t, pool)
		down(t, pool)
		if left := catalogue(t, pool); len(left) != 0 {
			t.Errorf("down left %v", left)
		}
		up(t, pool)
		if diff := gocmp.Diff(first, catalogue(t, pool)); diff != "" {
			t.Error(diff)
		}
	})

	t.Run("GoUpDownAndUpWithData", func(t *testing.T) {
		t.Parallel()
		pool := postgrestest.NewEmpty(t)
		for range 2 {
			up(t, pool)
			s := store.New(pool)
			saved := save(t, s, incoming("1", "a"), incoming("1", "b", edited(1, 2)))
			if _, err := s.CreateTask(t.Context(), newTask("t", saved[0].Message.GetId()), user); err != nil {
				t.Fatal(err)
			}
			if _, err := s.SaveAvatar(t.Context(), "telegram", "42", "f", "image/png", []byte("p")); err != nil {
				t.Fatal(err)
			}
			if n := count(t, pool, "SELECT count(*) FROM simple_messages m JOIN simple_sources s ON s.id = m.source_id, simple_tasks"); n != 1 {
				t.Errorf("%d rows in the views", n)
			}
			down(t, pool)
		}
	})

	t.Run("GoDownWithARowInEveryTable", func(t *testing.T) {
		t.Parallel()
		pool := postgrestest.NewEmpty(t)
		for range 2 {
			before := ""
			for _, name := range files(t, ".up.sql") { // each version's rows as the release that had it wrote them
				runFiles(t, pool, []string{name})
				number, _, _ := strings.Cut(name, "_")
				version, err := strconv.ParseUint(number, 10, 32)
				if err != nil {
					t.Fatal(err)
				}
				rows, err := migrationstest.Rows(uint(version))
				if err != nil {
					t.Fatal(err)
				}
				exec(t, pool, strings.TrimPrefix(rows, before))
				before = rows
			}
			down(t, pool)
			if left := catalogue(t, pool); len(left) != 0 {
				t.Fatalf("down left %v", left)
			}
		}
	})

	t.Run("CarryOverEveryRowOfTheEarlierSystem", func(t *testing.T) {
		t.Parallel()
		pool := postgrestest.NewEmpty(t)
		exec(t, pool, legacyTables)
		before := legacyRows(t, pool)
		up(t, pool)
		checkCarriedOver(t, pool)
		down(t, pool)
		if diff := gocmp.Diff(before, legacyRows(t, pool)); diff != "" {
			t.Errorf("down did not restore the earlier tables:\n%s", diff)
		}
		exec(t, pool, "INSERT INTO simple_messages (content) VALUES ('the old system goes on')")
		up(t, pool)
		if n := count(t, pool, "SELECT count(*) FROM messages"); n != 8 {
			t.Errorf("%d messages after the second up, want 8", n)
		}
	})

	t.Run("CarryOverTablesThatAreEmptyOrAlone", func(t *testing.T) {
		t.Parallel()
		for _, keep := range []string{"simple_sources", "simple_messages", "simple_tasks", "webhook_settings"} {
			pool := postgrestest.NewEmpty(t)
			exec(t, pool, legacyTables)
			for _, table := range []string{"simple_sources", "simple_messages", "simple_tasks", "webhook_settings"} {
				if table != keep {
					exec(t, pool, "DROP TABLE "+table)
				}
			}
			if keep == "simple_tasks" {
				exec(t, pool, "DELETE FROM simple_tasks")
			}
			up(t, pool)
			save(t, store.New(pool), incoming("1", "a"))
			down(t, pool)
			up(t, pool)
		}
	})
}

func checkCarriedOver(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for what, sql := range map[string]string{
		"messages":  "SELECT count(*) - 7 FROM simple_messages m JOIN legacy_simple_messages l USING (id)",
		"sources":   "SELECT count(*) - 5 FROM simple_sources s JOIN legacy_simple_sources l USING (id)",
		"tasks":     "SELECT count(*) - 5 FROM simple_tasks t JOIN legacy_simple_tasks l USING (id)",
		"settings":  "SELECT count(*) - 3 FROM webhook_settings w JOIN legacy_webhook_settings l USING (id)",
		"contents":  "SELECT count(*) FROM simple_messages m JOIN legacy_simple_messages l USING (id) WHERE m.content <> coalesce(l.content, '') OR m.author <> coalesce(l.author, '')",
		"times":     "SELECT count(*) FROM simple_messages m JOIN legacy_simple_messages l USING (id) WHERE l.id <= 3 AND m.sent_at <> l.sent_at",
		"external":  "SELECT count(*) FROM simple_messages m JOIN legacy_simple_messages l USING (id) WHERE l.external_message_id <> '' AND m.external_message_id <> l.external_message_id",
		"secrets":   "SELECT count(*) FROM messages WHERE avatar_url ~ 'bot' OR avatar_url ~ 'javascript'",
		"total":     "SELECT sum(n) - 7 FROM message_counts",
		"statuses":  "SELECT count(*) FROM tasks WHERE (id, status) IN ((1,'completed'), (2,'open'), (3,'in_progress'), (4,'completed'), (500,'cancelled')) HAVING count(*) <> 5",
		"chats":     "SELECT count(*) - 2 FROM messages WHERE chat_id <> ''",
		"longTitle": "SELECT char_length(title) - 200 FROM tasks WHERE id = 3",
	} {
		var wrong int
		err := pool.QueryRow(t.Context(), sql).Scan(&wrong)
		if err != nil && err != pgx.ErrNoRows || wrong != 0 {
			t.Errorf("%s: off by %d (%v)", what, wrong, err)
		}
	}
	s := store.New(pool)
	if id := save(t, s, incoming("77", "new"))[0].Message.GetId(); id <= 9000 {
		t.Errorf("new message has id %d, which the earlier system may have used", id)
	}
	exec(t, pool, "DELETE FROM messages WHERE external_message_id = '77'")
	config, err := s.WebhookSettings(t.Context())
	if err != nil || config.Host != "old.example.com" || len(config.Groups) != 2 || config.Groups[1].ID != -5 || config.LastSetAt == nil {
		t.Errorf("settings %+v, %v", config, err)
	}
	for {
		n, err := s.ReindexSearch(t.Context(), 3)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	page, err := s.ListMessages(t.Context(), store.MessageFilter{Query: "другий"})
	if err != nil || len(page.Messages) != 0 {
		t.Errorf("%d found, %v", len(page.Messages), err)
	}
	page, err = s.ListMessages(t.Context(), store.MessageFilter{Query: "самий"})
	if err != nil || len(page.Messages) != 1 {
		t.Errorf("%d found after indexing, %v", len(page.Messages), err)
	}
}

func legacyRows(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	return column(t, pool, `SELECT r::text FROM (SELECT s::text AS r FROM simple_sources s UNION ALL SELECT m::text FROM simple_messages m
		UNION ALL SELECT t::text FROM simple_tasks t UNION ALL SELECT w::text FROM webhook_settings w
		UNION ALL SELECT 'next ' || last_value FROM simple_messages_id_seq) AS x ORDER BY 1`)
}

// catalogue lists what the migrations made: relations, functions, constraints.
func catalogue(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	return column(t, pool, `
		SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
		UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
		UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		ORDER BY 1`)
}

func column(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func up(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	runFiles(t, pool, files(t, ".up.sql"))
}

func down(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	names := files(t, ".down.sql")
	slices.Reverse(names)
	runFiles(t, pool, names)
}

func files(t *testing.T, suffix string) []string {
	t.Helper()
	names, err := fs.Glob(migrations.FS, "*"+suffix)
	if err != nil || len(names) == 0 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	return names
}

func runFiles(t *testing.T, pool *pgxpool.Pool, names []string) {
	t.Helper()
	for _, name := range names {
		sql, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(sql), "-- Why:") || !strings.Contains(string(sql), "-- Locks:") {
			t.Errorf("%s does not say why it is there and which locks it takes", name)
		}
		exec(t, pool, string(sql))
	}
}

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	// Several statements in one message are one transaction, as the migrations run.
	if _, err := pool.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%v in %.80s", err, sql)
	}
}
