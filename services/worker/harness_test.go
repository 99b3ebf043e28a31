package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/local"
	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/botapi"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/worker"
)

// patience bounds every wait of these tests; nothing is asserted about how long things take.
const patience = 60 * time.Second

const environmentToken = "42:AAF-the_token-of-the_environment"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func ring(t testing.TB) *secrets.Ring {
	t.Helper()
	r, err := secrets.NewRing("Zk1c3Vjc2Vzcy1pcy1qdXN0LWEtd29yZC1oZXJl")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// world is a database and a broker of one test's own.
type world struct {
	pool  *pgxpool.Pool
	store *store.Store
	bus   *bus.Bus
	bot   worker.Bot // nil for none
	// telegram is the address of a Bot API that knows environmentToken; "" for none.
	telegram string
	// classifier judges at once; nil: nothing is judged within a test's time.
	classifier classify.Classifier
	// classifying changes how.
	classifying func(*worker.ClassifyConfig)
	// scheduling is when analysis runs are made, by the clock now.
	scheduling worker.AnalysisConfig
	now        func() time.Time
	floor      func(string) (classify.Priority, []string)
	registry   *prometheus.Registry // nil: each worker has its own
}

func newWorld(t testing.TB) *world {
	t.Helper()
	pool := postgrestest.New(t)
	return &world{pool: pool, store: store.New(pool), bus: bustest.New(t)}
}

// start runs a worker until stop is called, or the test ends.
func (w *world) start(t testing.TB) (stop func()) {
	t.Helper()
	return w.startOn(t, w.store)
}

// startCounted is start, and gives the worker's metrics.
func (w *world) startCounted(t *testing.T) *prometheus.Registry {
	t.Helper()
	registry := prometheus.NewRegistry()
	w.startWithMetrics(t, w.store, registry)
	return registry
}

func (w *world) startOn(t testing.TB, db *store.Store) (stop func()) {
	t.Helper()
	return w.startWithMetrics(t, db, prometheus.NewRegistry())
}

func (w *world) startWithMetrics(t testing.TB, db *store.Store, registry *prometheus.Registry) (stop func()) {
	t.Helper()
	cfg := worker.Config{BatchSize: 500, MaxAttempts: 3, RetryDelay: 2 * time.Millisecond, AvatarConcurrency: 2, TelegramAPIBaseURL: botapi.DefaultBaseURL}
	cfg.ClassifyConfig = neverClassifying()
	if w.classifier != nil || w.classifying != nil {
		cfg.Quiet = 0
	}
	if w.classifying != nil {
		w.classifying(&cfg.ClassifyConfig)
	}
	cfg.AnalysisConfig = w.scheduling
	if w.registry != nil {
		registry = w.registry
	}
	deps := worker.Deps{Now: w.now, Store: db, Bus: w.bus, Secrets: ring(t), Log: zerolog.Nop(), Metrics: registry, Local: w.classifier, Floor: w.floor}
	if w.classifier == nil && w.classifying == nil { // nothing is judged, or learnt
		local, err := builtIn()
		if err != nil {
			t.Fatal(err)
		}
		deps.Local = local
	}
	if w.telegram != "" {
		cfg.TelegramBotToken, cfg.TelegramAPIBaseURL = environmentToken, w.telegram
	}
	if w.bot != nil {
		cfg.TelegramBotToken = environmentToken
		deps.Connect = func(token string) (worker.Bot, error) {
			if token != cfg.TelegramBotToken {
				return nil, errors.New("another token than the environment's")
			}
			return w.bot, nil
		}
	}
	svc, err := worker.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- svc.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("worker: %v", err)
				}
			case <-time.After(patience):
				t.Error("worker did not stop")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// builtIn is read once for all tests: with the race detector that takes a second.
var builtIn = sync.OnceValues(local.New)

// neverClassifying has conversations judged after all tests.
func neverClassifying() worker.ClassifyConfig {
	return worker.ClassifyConfig{Provider: "local", Autonomy: "live", Quiet: 10 * time.Minute, Concurrency: 2, TaskThreshold: 0.75, ProposalThreshold: 0.45, DuplicateSure: 0.85, DuplicateLikely: 0.45,
		TimeZone: "UTC", ConversationSettings: conversation.Default()}
}

// received is a message as ingest publishes it; change alters it.
func received(id, content string, change ...func(*eventsv1.MessageReceived)) *eventsv1.Inbound {
	m := &eventsv1.MessageReceived{
		Message: &eventsv1.Message{
			SourceName: "telegram", ChatId: "-1001", ExternalMessageId: id, Content: content, HasWords: true,
			Author: "Оксана Коваль", AuthorId: "42", SentAt: timestamppb.New(noon),
		},
		Chat:    &eventsv1.Chat{SourceName: "telegram", ChatId: "-1001", Kind: "supergroup", Name: "Support"},
		Version: 1,
		Raw:     []byte(`{"message_id": 1}`),
	}
	for _, c := range change {
		c(m)
	}
	return &eventsv1.Inbound{ReceivedAt: timestamppb.New(noon), Payload: &eventsv1.Inbound_MessageReceived{MessageReceived: m}}
}

func edited(seconds int, version int64) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) {
		m.Edited, m.Version = true, version
		m.Message.EditedAt = timestamppb.New(noon.Add(time.Duration(seconds) * time.Second))
	}
}

// put publishes to INBOUND, each under an id of its own.
func (w *world) put(t testing.TB, inbound ...*eventsv1.Inbound) {
	t.Helper()
	messages := make([]bus.Message, len(inbound))
	for i, in := range inbound {
		data, err := proto.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		messages[i] = bus.Message{Subject: bus.InboundSubject("telegram", "-1001"), Payload: data}
	}
	if err := w.bus.Publish(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) messages(t testing.TB, name string) uint64 {
	t.Helper()
	stream, err := w.bus.JetStream().Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return stream.CachedInfo().State.Msgs
}

// jobs counts the jobs of one kind that wait or are under way: those of other kinds come and go beside them.
func (w *world) jobs(t testing.TB, subject string) uint64 {
	t.Helper()
	stream, err := w.bus.JetStream().Stream(t.Context(), bus.StreamJobs)
	if err != nil {
		t.Fatal(err)
	}
	info, err := stream.Info(t.Context(), jetstream.WithSubjectFilter(subject))
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Subjects[subject]
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// awaitDone waits until the queues are empty.
func (w *world) awaitDone(t testing.TB) {
	t.Helper()
	eventually(t, "INBOUND and JOBS are empty", func() bool {
		return w.messages(t, bus.StreamInbound) == 0 && w.messages(t, bus.StreamJobs) == 0
	})
}

func (w *world) count(t testing.TB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := w.pool.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// event is one of EVENTS.
type event struct {
	id string
	*eventsv1.Event
}

func (w *world) events(t *testing.T, subject string) []event {
	t.Helper()
	stream, err := w.bus.JetStream().Stream(t.Context(), bus.StreamEvents)
	if err != nil {
		t.Fatal(err)
	}
	var found []event
	for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject != subject {
			continue
		}
		e := event{m.Header.Get(jetstream.MsgIDHeader), new(eventsv1.Event)}
		if err := proto.Unmarshal(m.Data, e.Event); err != nil {
			t.Fatal(err)
		}
		found = append(found, e)
	}
	return found
}

// updates are the contents that message.updated told, in order.
func (w *world) updates(t *testing.T) []string {
	t.Helper()
	var contents []string
	for _, e := range w.events(t, bus.SubjectMessageUpdated) {
		contents = append(contents, e.GetMessageUpdated().GetMessage().GetContent())
	}
	return contents
}

func (w *world) letters(t *testing.T) []bus.DeadLetter {
	t.Helper()
	found, err := w.bus.ListDeadLetters(t.Context(), bus.DeadLetterFilter{}, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// statements counts what is sent to the database, by a word in it.
type statements struct {
	mu   sync.Mutex
	seen []string
}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, data.SQL)
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (s *statements) with(word string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, sql := range s.seen {
		if strings.Contains(sql, word) {
			n++
		}
	}
	return n
}

func numbered(from, to int) []*eventsv1.Inbound {
	var batch []*eventsv1.Inbound
	for i := from; i < to; i++ {
		batch = append(batch, received(fmt.Sprint(i), fmt.Sprintf("message %d", i)))
	}
	return batch
}
