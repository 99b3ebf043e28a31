package store_test

import (
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// world is a store on a database of its own.
func world(t testing.TB) (*store.Store, *pgxpool.Pool) {
	t.Helper()
	pool := postgrestest.New(t)
	return store.New(pool), pool
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// incoming is a message that is valid by default; change alters it.
func incoming(id, content string, change ...func(*store.Incoming)) store.Incoming {
	in := store.Incoming{
		Message: &eventsv1.Message{
			SourceName: "telegram", ChatId: "-1001", ExternalMessageId: id, Content: content, HasWords: true,
			Author: "Оксана Коваль", AuthorId: "42", SentAt: timestamppb.New(noon),
		},
		Chat:    &eventsv1.Chat{SourceName: "telegram", ChatId: "-1001", Kind: "supergroup", Name: "Support"},
		Version: 1,
		Raw:     []byte(`{"message_id": 1}`),
	}
	for _, c := range change {
		c(&in)
	}
	return in
}

// edited makes it the version that was written some seconds after noon.
func edited(seconds int, version int64) func(*store.Incoming) {
	return func(in *store.Incoming) {
		in.Edited = true
		in.Version = version
		in.Message.EditedAt = timestamppb.New(noon.Add(time.Duration(seconds) * time.Second))
	}
}

func sentAt(at time.Time) func(*store.Incoming) {
	return func(in *store.Incoming) { in.Message.SentAt = timestamppb.New(at) }
}

func save(t testing.TB, s *store.Store, batch ...store.Incoming) []store.Saved {
	t.Helper()
	saved, err := s.SaveMessages(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	if len(saved) != len(batch) {
		t.Fatalf("%d results for %d messages", len(saved), len(batch))
	}
	return saved
}

func count(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
