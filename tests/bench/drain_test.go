package bench_test

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/tests/line"
)

// waiting is how many messages a drain begins with.
const waiting = 200_000

// BenchmarkDrain measures how fast one worker and two store what waits, beside a bare
// INSERT of the same rows, 500 a statement, into the same table with the same indexes.
func BenchmarkDrain(b *testing.B) {
	for b.Loop() {
		drain(b)
	}
}

func drain(b *testing.B) {
	dir := line.DataDir(b)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	server, err := embeddedpostgres.Start(context.Background(), embeddedpostgres.Config{DataDir: dir, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := server.Stop(context.Background()); err != nil {
			b.Error(err)
		}
	}()
	nats := line.StartNATS(b)
	env := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": nats.URL, "DATABASE_URL": server.URL(), "NATS_SYNC": "interval", "INBOUND_MAX_BYTES": "4294967296",
	}
	first := line.Start(b, "worker", env) // makes streams and tables
	first.URL()
	first.Stop(syscall.SIGTERM)
	cfg := bus.Config{NATSURL: nats.URL, NATSReplicas: 1, NATSSync: bus.SyncInterval, InboundMaxBytes: 4 << 30}
	broker, err := bus.Connect(context.Background(), cfg, "bench", zerolog.Nop())
	if err != nil {
		b.Fatal(err)
	}
	defer broker.Close()
	conn, err := pgx.Connect(context.Background(), server.URL())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())

	perSecond := map[int]float64{}
	for _, workers := range []int{2, 1} {
		if _, err := conn.Exec(b.Context(), "TRUNCATE messages CASCADE"); err != nil {
			b.Fatal(err)
		}
		fill(b, broker, int64(workers)*waiting)
		database, queue := cpuOf(b, postmaster(b, server)), cpu(b, nats.Process())
		var own time.Duration
		perSecond[workers], own = empty(b, broker, env, workers)
		b.Logf("%d workers: %.0f rows/s; CPU a row: workers %s, PostgreSQL %s, NATS %s", workers, perSecond[workers], per(own, waiting),
			per(cpuOf(b, postmaster(b, server))-database, waiting), per(cpu(b, nats.Process())-queue, waiting))
	}
	database := cpuOf(b, postmaster(b, server))
	bare := bareInsert(b, conn)
	b.Logf("bare INSERT: %.0f rows/s; CPU a row: PostgreSQL %s", bare, per(cpuOf(b, postmaster(b, server))-database, waiting))
	b.ReportMetric(perSecond[1], "rows/s")
	b.ReportMetric(bare, "bare-rows/s")
	b.ReportMetric(100*perSecond[1]/bare, "%-of-bare")
	b.ReportMetric(perSecond[2]/perSecond[1], "two-workers-to-one")
}

// fill puts messages into INBOUND as ingest does.
func fill(b *testing.B, broker *bus.Bus, from int64) {
	b.Helper()
	const chunk = 1000
	for n := from; n < from+waiting; n += chunk {
		messages := make([]bus.Message, 0, chunk)
		for i := n; i < n+chunk; i++ {
			update, err := telegram.Adapter{}.Decode(updateBody(nil, i), time.Now())
			if err != nil {
				b.Fatal(err)
			}
			m := update.Message.GetMessage()
			one, err := bus.NewMessage(bus.InboundSubject(telegram.Name, m.GetChatId()), fmt.Sprint("drain-", i),
				&eventsv1.Inbound{Payload: &eventsv1.Inbound_MessageReceived{MessageReceived: update.Message}})
			if err != nil {
				b.Fatal(err)
			}
			messages = append(messages, one)
		}
		if err := broker.Publish(b.Context(), messages...); err != nil {
			b.Fatal(err)
		}
	}
}

// empty starts workers and measures until nothing waits, from when the first is at work.
func empty(b *testing.B, broker *bus.Bus, env map[string]string, workers int) (rate float64, own time.Duration) {
	b.Helper()
	var running []*line.Process
	for range workers {
		running = append(running, line.Start(b, "worker", env))
	}
	left := func() int64 {
		stream, err := broker.JetStream().Stream(b.Context(), bus.StreamInbound)
		if err != nil {
			b.Fatal(err)
		}
		return int64(stream.CachedInfo().State.Msgs)
	}
	for left() == waiting {
		time.Sleep(time.Millisecond)
	}
	start, done := time.Now(), waiting-left()
	for left() > 0 {
		time.Sleep(20 * time.Millisecond)
	}
	rate = float64(waiting-done) / time.Since(start).Seconds()
	own = cpu(b, running...)
	for _, p := range running {
		p.Stop(syscall.SIGTERM)
	}
	return rate, own
}

// columns are those of messages that the bare INSERT fills, with the types of arrays.
const bareColumns = `source_id, chat_id, external_message_id, author_name_id, author_id, content, sent_at, version_at, version, raw, search`

// bareInsert reads the rows that the workers stored, and stores them again.
func bareInsert(b *testing.B, conn *pgx.Conn) float64 {
	b.Helper()
	type columns struct {
		sources, names, versions                      []int64
		chats, ids, authors, contents, raws, searches []string
		sent                                          []time.Time
	}
	ctx := context.Background()
	rows, err := conn.Query(ctx, `SELECT source_id, chat_id, external_message_id, author_name_id, author_id, content, sent_at, version, raw::text, search::text
		FROM messages ORDER BY id LIMIT $1`, waiting)
	if err != nil {
		b.Fatal(err)
	}
	var batches []columns
	n := 0
	for ; rows.Next(); n++ {
		if n%500 == 0 {
			batches = append(batches, columns{})
		}
		c := &batches[len(batches)-1]
		var source, name, version int64
		var chat, id, author, content, raw, search string
		var sent time.Time
		if err := rows.Scan(&source, &chat, &id, &name, &author, &content, &sent, &version, &raw, &search); err != nil {
			b.Fatal(err)
		}
		c.sources, c.names, c.versions = append(c.sources, source), append(c.names, name), append(c.versions, version)
		c.chats, c.ids, c.authors, c.contents = append(c.chats, chat), append(c.ids, id), append(c.authors, author), append(c.contents, content)
		c.raws, c.searches, c.sent = append(c.raws, raw), append(c.searches, search), append(c.sent, sent)
	}
	if rows.Err() != nil {
		b.Fatal(rows.Err())
	}
	if _, err := conn.Exec(ctx, "TRUNCATE messages CASCADE"); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	for _, c := range batches {
		_, err := conn.Exec(ctx, `INSERT INTO messages (`+bareColumns+`)
			SELECT unnest($1::bigint[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::text[]), unnest($6::text[]),
			       unnest($7::timestamptz[]), unnest($7::timestamptz[]), unnest($8::bigint[]), unnest($9::text[])::jsonb, unnest($10::text[])::tsvector
			ON CONFLICT (source_id, chat_id, external_message_id) DO NOTHING`,
			c.sources, c.chats, c.ids, c.names, c.authors, c.contents, c.sent, c.versions, c.raws, c.searches)
		if err != nil {
			b.Fatal(err)
		}
	}
	return float64(n) / time.Since(start).Seconds()
}
