package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/search"
	"github.com/tasktracker/tasktracker/pkg/store"
)

const (
	benchBatch = 500
	// benchTurn is how many batches a caller stores before it is the other way's turn.
	benchTurn = 4
)

var benchWords = strings.Fields("каса не працює після деплою термінал PaymentGatewayTimeout LL-490 the server returns error " +
	"please check оплата зависла знову node_exporter клієнт чекає вже годину рахунок не приходить на пошту")

// benchMessages makes a batch of new messages as a busy group writes them: 12 words by
// one of 300 authors, with a raw update.
func benchMessages(rnd *rand.Rand, next *atomic.Int64) []store.Incoming {
	batch := make([]store.Incoming, benchBatch)
	for i := range batch {
		n := next.Add(1)
		var content strings.Builder
		for range 12 {
			content.WriteString(benchWords[rnd.IntN(len(benchWords))] + " ")
		}
		author := rnd.IntN(300)
		batch[i] = incoming(fmt.Sprint(n), content.String(), sentAt(noon.Add(time.Duration(n)*time.Second)), func(in *store.Incoming) {
			in.Message.Author, in.Message.AuthorId = fmt.Sprintf("Author %d", author), fmt.Sprint(author)
			in.Raw = []byte(`{"update_id":1,"message":{"message_id":1,"date":1700000000,"chat":{"id":-1001,"type":"supergroup",` +
				`"title":"Support"},"from":{"id":42,"is_bot":false,"first_name":"Оксана"},"text":"каса не працює після деплою"}}`)
		})
	}
	return batch
}

// BenchmarkSaveMessages stores batches of 500 new messages, by one caller and by two at
// once, in turns with a bare INSERT of such rows into an equal database beside it, on a
// server that syncs as in production. It prints both rates and their ratio.
func BenchmarkSaveMessages(b *testing.B) {
	url := durableServer(b)
	for _, callers := range []int{1, 2} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			saving := newBenchDatabase(b, url, "saved")
			bare := newBenchDatabase(b, url, "bare")
			names := authorNames(b, bare)
			s := store.New(saving)
			index := search.NewIndexer()
			rnd := rand.New(rand.NewPCG(1, 2))
			var next atomic.Int64
			next.Store(benchBatch) // the first were stored by newBenchDatabase
			var saveTime, bareTime time.Duration
			b.ResetTimer()
			for range b.N {
				b.StopTimer()
				var batches [][]store.Incoming
				var rows []bareRows
				for range callers * benchTurn {
					batch := benchMessages(rnd, &next)
					batches, rows = append(batches, batch), append(rows, bareOf(batch, names, index))
				}
				b.StartTimer()
				saveTime += inParallel(b, callers, len(batches), func(i int) error {
					_, err := s.SaveMessages(b.Context(), batches[i])
					return err
				})
				b.StopTimer()
				bareTime += inParallel(b, callers, len(rows), func(i int) error { return rows[i].insert(b.Context(), bare) })
				b.StartTimer()
			}
			stored := float64(b.N * callers * benchTurn * benchBatch)
			b.ReportMetric(stored/saveTime.Seconds(), "rows/s")
			b.ReportMetric(stored/bareTime.Seconds(), "bare-rows/s")
			b.ReportMetric(100*bareTime.Seconds()/saveTime.Seconds(), "%-of-bare")
		})
	}
}

// inParallel does n things by so many callers, and measures how long that takes.
func inParallel(b *testing.B, callers, n int, do func(i int) error) time.Duration {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range callers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

// durableServer starts a PostgreSQL with the settings that standalone gives it: fsync
// and synchronous_commit are on, unlike in tests.
func durableServer(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("/tmp", "task-tracker-bench-") // where the server's account can go
	if err != nil {
		b.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	server, err := embeddedpostgres.Start(context.Background(), embeddedpostgres.Config{DataDir: dir, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			b.Error(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			b.Error(err)
		}
	})
	return server.URL()
}

// newBenchDatabase makes a database with one batch in it.
func newBenchDatabase(b *testing.B, server, name string) *pgxpool.Pool {
	b.Helper()
	admin, err := postgres.Connect(b.Context(), server, postgres.Options{ApplicationName: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer admin.Close()
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} { // of an earlier round
		if _, err := admin.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	cut := strings.LastIndex(server, "/")
	url := server[:cut+1] + name
	if _, query, ok := strings.Cut(server[cut:], "?"); ok {
		url += "?" + query
	}
	if err := postgres.Migrate(b.Context(), url, zerolog.Nop()); err != nil {
		b.Fatal(err)
	}
	pool, err := postgres.Connect(b.Context(), url, postgres.Options{ApplicationName: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	var next atomic.Int64
	save(b, store.New(pool), benchMessages(rand.New(rand.NewPCG(1, 1)), &next)...)
	return pool
}

func authorNames(b *testing.B, pool *pgxpool.Pool) map[string]int64 {
	b.Helper()
	_, err := pool.Exec(b.Context(), "INSERT INTO author_names (source_id, name) SELECT 1, 'Author ' || g FROM generate_series(0, 299) g ON CONFLICT DO NOTHING")
	if err != nil {
		b.Fatal(err)
	}
	rows, err := pool.Query(b.Context(), "SELECT id, name FROM author_names")
	if err != nil {
		b.Fatal(err)
	}
	names := map[string]int64{}
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			b.Fatal(err)
		}
		names[name] = id
	}
	return names
}

// bareRows are the columns of a batch, ready to be sent.
type bareRows struct {
	names, versions                            []int64
	chats, ids, authors, contents, raws, found []string
	sent                                       []time.Time
}

func bareOf(batch []store.Incoming, names map[string]int64, index *search.Indexer) bareRows {
	var r bareRows
	for _, in := range batch {
		m := in.Message
		r.names, r.versions = append(r.names, names[m.GetAuthor()]), append(r.versions, in.Version)
		r.chats, r.ids = append(r.chats, m.GetChatId()), append(r.ids, m.GetExternalMessageId())
		r.authors, r.contents = append(r.authors, m.GetAuthorId()), append(r.contents, m.GetContent())
		r.raws, r.sent = append(r.raws, string(in.Raw)), append(r.sent, m.GetSentAt().AsTime())
		r.found = append(r.found, search.Vector(index.Document(m.GetContent(), m.GetAuthor())))
	}
	return r
}

func (r bareRows) insert(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, `INSERT INTO messages (source_id, chat_id, external_message_id, author_name_id, author_id, content, sent_at, version_at, version, raw, search)
		SELECT 1, unnest($1::text[]), unnest($2::text[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]),
		       unnest($6::timestamptz[]), unnest($6::timestamptz[]), unnest($7::bigint[]), unnest($8::text[])::jsonb, unnest($9::text[])::tsvector
		ON CONFLICT (source_id, chat_id, external_message_id) DO NOTHING`,
		r.chats, r.ids, r.names, r.authors, r.contents, r.sent, r.versions, r.raws, r.found)
	return err
}
