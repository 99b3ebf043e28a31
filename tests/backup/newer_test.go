package backup_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// A binary that finds what a newer release has made ends with a sentence that says what
// to do. Services with a database know the release by its schema, the others by the
// streams; standalone by both.
func TestANewerReleaseHasBeenHere(t *testing.T) {
	t.Parallel()
	const advice = "Start a release that is at least as new"
	known, err := postgres.KnownVersion()
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("it is at version %d, the program knows %d", known+1, known)
	newerDatabase, newerStreams := postgrestest.URL(t), line.StartNATS(t).URL
	newDatabase(t, newerDatabase)
	newStreams(t, newerStreams)
	refuse := func(p *line.Process, says string) {
		t.Helper()
		if code, out := p.ExitCode(), p.Output(); code != 1 || !strings.Contains(out, says) || !strings.Contains(out, advice) || strings.Contains(out, "goroutine ") {
			t.Errorf("%s: exit code %d, said\n%s", p.Name, code, out)
		}
	}
	for _, name := range []string{"worker", "api"} {
		refuse(line.Start(t, name, map[string]string{"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": newerDatabase, "NATS_URL": line.StartNATS(t).URL}), schema)
	}
	refuse(line.Start(t, "worker", map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": newerDatabase, "NATS_URL": line.StartNATS(t).URL, "MIGRATE_ON_START": "false",
	}), schema)
	refuse(line.StartStandalone(t, line.DataDir(t), map[string]string{"DATABASE_URL": newerDatabase}), schema)
	for _, name := range []string{"ingest", "realtime-gateway", "worker", "api"} {
		refuse(line.Start(t, name, map[string]string{"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": postgrestest.URL(t), "NATS_URL": newerStreams}), "has layout 99")
	}
	refuse(line.StartStandalone(t, line.DataDir(t), map[string]string{"DATABASE_URL": postgrestest.EmptyURL(t), "NATS_URL": newerStreams}), "has layout 99")
	if code, said := tool(t, map[string]string{"DATABASE_URL": newerDatabase}, "migrate"); code != 1 || !strings.Contains(said, schema) {
		t.Errorf("migrate: exit code %d, said %s", code, said)
	}
	if code, said := tool(t, map[string]string{"DATABASE_URL": newerDatabase, "NATS_URL": line.StartNATS(t).URL}, "backup", backupFile(t)); code != 1 || !strings.Contains(said, schema) {
		t.Errorf("backup: exit code %d, said %s", code, said)
	}
}

// The tool brings a database to the schema that an api waits for.
func TestTheToolMigrates(t *testing.T) {
	t.Parallel()
	env := map[string]string{"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": postgrestest.EmptyURL(t), "NATS_URL": line.StartNATS(t).URL}
	api := line.Start(t, "api", env)
	mustTool(t, env, "migrate")
	mustTool(t, env, "migrate")
	api.URL()
	if code, said := tool(t, nil, "migrate"); code != 1 || !strings.Contains(said, "DATABASE_URL is empty") {
		t.Errorf("exit code %d, said %s", code, said)
	}
}

// The same with the PostgreSQL that standalone starts itself.
func TestANewerReleaseHasUsedThisDataDir(t *testing.T) {
	t.Parallel()
	dir := line.DataDir(t)
	first := line.StartStandalone(t, dir, nil)
	first.URL()
	first.Stop(syscall.SIGTERM)
	server, err := embeddedpostgres.Start(t.Context(), embeddedpostgres.Config{DataDir: dir, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	newDatabase(t, server.URL())
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := line.StartStandalone(t, dir, nil)
	if code := second.ExitCode(); code != 1 || !strings.Contains(second.Output(), "Start a release that is at least as new") {
		t.Errorf("exit code %d, said\n%s", code, second.Output())
	}
	if left := line.Descendants(t, second.Cmd.Process.Pid); len(left) > 0 {
		t.Errorf("it left processes behind: %v", left)
	}
}

func newDatabase(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `UPDATE schema_migrations SET version = version + 1`); err != nil {
		t.Fatal(err)
	}
}

func newStreams(t *testing.T, url string) {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "INBOUND", Subjects: []string{"inbound.>"}, Metadata: map[string]string{"task-tracker-layout": "99"},
	}); err != nil {
		t.Fatal(err)
	}
}
