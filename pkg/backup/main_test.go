package backup_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/migrations/migrationstest"
	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

func quiet(string, int64) {}

// emptyPlace is a database without tables and a broker with empty streams.
func emptyPlace(t testing.TB) backup.Place {
	t.Helper()
	return backup.Place{DatabaseURL: postgrestest.EmptyURL(t), Bus: bustest.New(t), Streams: bustest.Config(), Log: zerolog.Nop()}
}

// filledPlace has a row in every table of a version (0: the newest) and messages in
// every stream.
func filledPlace(t testing.TB, version uint) backup.Place {
	t.Helper()
	p := emptyPlace(t)
	if version == 0 {
		var err error
		if version, err = postgres.KnownVersion(); err != nil {
			t.Fatal(err)
		}
	}
	if err := postgres.MigrateTo(t.Context(), p.DatabaseURL, version, zerolog.Nop()); err != nil {
		t.Fatal(err)
	}
	rows, err := migrationstest.Rows(version)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, p, rows)
	fillStreams(t, p.Bus)
	return p
}

// fillStreams leaves gaps in INBOUND, as a worker does that has stored some.
func fillStreams(t testing.TB, b *bus.Bus) {
	t.Helper()
	for n := range 40 {
		for _, subject := range []string{"inbound.telegram.-5", "jobs.avatar", "dead.inbound.telegram"} {
			m := &nats.Msg{Subject: subject, Data: fmt.Appendf(nil, "%s %d \x00\xff", subject, n), Header: nats.Header{}}
			m.Header.Set(jetstream.MsgIDHeader, fmt.Sprint(n))
			m.Header.Set("Schema-Version", "1")
			m.Header.Add("Traceparent", "a")
			m.Header.Add("Traceparent", "b")
			m.Header["x-lower"] = []string{"c: d"}
			if _, err := b.JetStream().PublishMsg(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	stream, err := b.JetStream().Stream(t.Context(), bus.StreamInbound)
	if err != nil {
		t.Fatal(err)
	}
	for seq := uint64(1); seq < 38; seq++ {
		if seq != 3 && seq != 20 {
			if err := stream.DeleteMsg(t.Context(), seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.PutMonitored(t.Context(), bus.Monitored{Groups: []bus.MonitoredGroup{{ID: -5, Name: "Team"}}}); err != nil {
		t.Fatal(err)
	}
}

func connect(t testing.TB, p backup.Place) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func execute(t testing.TB, p backup.Place, sql string) {
	t.Helper()
	conn := connect(t, p)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%v in %.100s", err, sql)
	}
}

func column(t testing.TB, p backup.Place, sql string) []string {
	t.Helper()
	conn := connect(t, p)
	defer conn.Close(context.Background())
	return query(t, conn, sql)
}

func query(t testing.TB, conn *pgx.Conn, sql string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v in %.100s", err, sql)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v in %.100s", err, sql)
	}
	return values
}

// database is every row of every table, every sequence, and all that the catalogue
// says of them.
func database(t testing.TB, p backup.Place) map[string][]string {
	t.Helper()
	conn := connect(t, p)
	defer conn.Close(context.Background())
	all := map[string][]string{
		"catalogue": query(t, conn, `
			SELECT 'column ' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull::text || a.attidentity::text || a.attgenerated::text
			       || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
			FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
			WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
			UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
			UNION ALL SELECT 'trigger ' || tgenabled::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
			UNION ALL SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
			UNION ALL SELECT 'sequence ' || sequencename || ' ' || data_type || ' ' || increment_by FROM pg_sequences WHERE schemaname = 'public'
			ORDER BY 1`),
		"sequences": query(t, conn, `SELECT sequencename || ' ' || coalesce(last_value::text, 'not called') FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1`),
	}
	for _, table := range query(t, conn, `SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'`) {
		all[table] = query(t, conn, "SELECT t::text FROM "+pgx.Identifier{table}.Sanitize()+" AS t ORDER BY 1")
	}
	return all
}

// messages is what the streams and the bucket have: subject, headers and payload.
func messages(t testing.TB, b *bus.Bus) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, name := range []string{bus.StreamInbound, bus.StreamJobs, bus.StreamDeadLetter, "KV_settings"} {
		stream, err := b.JetStream().Stream(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		state := stream.CachedInfo().State
		for seq := state.FirstSeq; seq <= state.LastSeq && state.Msgs > 0; seq++ {
			m, err := stream.GetMsg(t.Context(), seq)
			if err == jetstream.ErrMsgNotFound {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for name := range m.Header {
				if strings.HasPrefix(name, "Nats-") && name != jetstream.MsgIDHeader {
					delete(m.Header, name) // the broker's own
				}
			}
			header, err := json.Marshal(m.Header)
			if err != nil {
				t.Fatal(err)
			}
			all[name] = append(all[name], fmt.Sprintf("%s %s %q", m.Subject, header, m.Data))
		}
	}
	return all
}

func write(t testing.TB, from backup.Place) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := backup.Write(t.Context(), &file, from, quiet); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func restore(t testing.TB, file []byte, to backup.Place, replace bool) {
	t.Helper()
	if _, err := backup.Restore(t.Context(), bytes.NewReader(file), to, backup.Options{Replace: replace, Progress: quiet}); err != nil {
		t.Fatal(err)
	}
}
