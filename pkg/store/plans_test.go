package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/store/storetest"
)

// planRecorder keeps the SELECTs that a pool sends, to explain them afterwards.
type planRecorder struct {
	mu      sync.Mutex
	queries []recorded
}

type recorded struct {
	sql  string
	args []any
}

func (r *planRecorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	args := d.Args
	if len(args) > 0 {
		if _, ok := args[0].(pgx.QueryExecMode); ok {
			args = args[1:]
		}
	}
	r.queries = append(r.queries, recorded{d.SQL, args})
	return ctx
}

func (r *planRecorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *planRecorder) take() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	queries := r.queries
	r.queries = nil
	return queries
}

// TestPlans_OfHotQueriesScanNoBigTable runs each read of the store against 1,000,000
// messages, and asks PostgreSQL how it would do what was sent.
func TestPlans_OfHotQueriesScanNoBigTable(t *testing.T) {
	if testing.Short() {
		t.Skip("loads 1,000,000 messages")
	}
	t.Parallel()
	pool := postgrestest.New(t)
	if err := storetest.LoadMillion(t.Context(), pool); err != nil {
		t.Fatal(err)
	}

	recorder := &planRecorder{}
	config := pool.Config()
	config.ConnConfig.Tracer = recorder
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	s := store.New(traced)

	for name, read := range hotReads(t, s) {
		recorder.take()
		if err := read(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		queries := recorder.take()
		if len(queries) == 0 {
			t.Errorf("%s: sends no query", name)
		}
		for _, q := range queries {
			cost := examine(t, pool, q)
			if len(cost.scans) > 0 {
				t.Errorf("%s scans %v:\n%s\n%v", name, cost.scans, q.sql, q.args)
			}
			if cost.rows > mostRows {
				t.Errorf("%s examines %d rows, more than %d:\n%s\n%v", name, cost.rows, mostRows, q.sql, q.args)
			}
		}
	}
	findsBoth(t, pool, s)
}

// A search for a rare word and a common one looks up the rare one, and finds what has both.
func findsBoth(t *testing.T, pool *pgxpool.Pool, s *store.Store) {
	t.Helper()
	page, err := s.ListMessages(t.Context(), store.MessageFilter{Query: "v7 w77", Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []int64
	for _, m := range page.Messages {
		got = append(got, m.GetId())
	}
	err = pool.QueryRow(t.Context(), `SELECT array_agg(id ORDER BY sent_at DESC, id DESC) FROM messages WHERE search @@ $$'v7':* & 'w77':*$$`).Scan(&want)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %d messages, want %d", len(got), len(want))
	}
}

// hotReads lists every filter of the API, alone and with each other one, and the other reads.
func hotReads(t *testing.T, s *store.Store) map[string]func(context.Context) error {
	t.Helper()
	newest := storetest.Newest
	filters := map[string]func(*store.MessageFilter){
		"rare author":     func(f *store.MessageFilter) { f.Author = "author 4242" },
		"common author":   func(f *store.MessageFilter) { f.Author = "AUTHOR" },
		"some authors":    func(f *store.MessageFilter) { f.Author = "author 12" },
		"source":          func(f *store.MessageFilter) { f.Source = "tele" },
		"rare source":     func(f *store.MessageFilter) { f.Source = "mail" },
		"day":             func(f *store.MessageFilter) { f.From, f.To = newest.Add(-48*time.Hour), newest.Add(-24*time.Hour) },
		"early":           func(f *store.MessageFilter) { f.To = newest.Add(-700 * 24 * time.Hour) },
		"common chat":     func(f *store.MessageFilter) { f.ChatID = "-1" },
		"rare chat":       func(f *store.MessageFilter) { f.ChatID = "-999" },
		"no chat":         func(f *store.MessageFilter) { f.ChatID = "nowhere" },
		"issue":           func(f *store.MessageFilter) { f.Classification = store.ClassifiedIssue },
		"noise":           func(f *store.MessageFilter) { f.Classification = store.ClassifiedNoise },
		"unclassified":    func(f *store.MessageFilter) { f.Classification = store.Unclassified },
		"category":        func(f *store.MessageFilter) { f.Classification = "feature" },
		"empty category":  func(f *store.MessageFilter) { f.Classification = "chore" },
		"led to a task":   func(f *store.MessageFilter) { f.Reached = store.ReachedAccepted },
		"done":            func(f *store.MessageFilter) { f.Reached = store.ReachedDone },
		"common word":     func(f *store.MessageFilter) { f.Query = "каса" },
		"rare word":       func(f *store.MessageFilter) { f.Query = "деплой" },
		"identifier":      func(f *store.MessageFilter) { f.Query = "LL-4242" },
		"unknown word":    func(f *store.MessageFilter) { f.Query = "zzz" },
		"common and rare": func(f *store.MessageFilter) { f.Query = "каса LL-99" },
	}
	reads := map[string]func(context.Context) error{}
	list := func(name string, f store.MessageFilter) {
		reads[name] = func(ctx context.Context) error {
			page, err := s.ListMessages(ctx, f)
			if err == nil && page.NextCursor != "" {
				f.Cursor = page.NextCursor
				_, err = s.ListMessages(ctx, f)
			}
			return err
		}
	}
	list("messages", store.MessageFilter{})
	for a, filterA := range filters {
		for b, filterB := range filters {
			if a > b || a == "led to a task" && b == "unclassified" { // had already; or nobody asks for it: what led to a task was classified first
				continue
			}
			f := store.MessageFilter{}
			filterA(&f)
			filterB(&f)
			list("messages by "+a+" and "+b, f)
		}
	}
	addTaskReads(reads, s)
	addOtherReads(reads, s, newest)
	return reads
}

func addTaskReads(reads map[string]func(context.Context) error, s *store.Store) {
	filters := map[string]func(*store.TaskFilter){
		"nothing": func(*store.TaskFilter) {}, "status": func(f *store.TaskFilter) { f.Status = "open" },
		"common status": func(f *store.TaskFilter) { f.Status = "completed" }, "category": func(f *store.TaskFilter) { f.Category = "bug" },
		"priority": func(f *store.TaskFilter) { f.Priority = "low" }, "source": func(f *store.TaskFilter) { f.Source = "API" },
		"common source": func(f *store.TaskFilter) { f.Source = "telegram" }, "word": func(f *store.TaskFilter) { f.Query = "task" },
		"identifier":       func(f *store.TaskFilter) { f.Query = "LL-4242" },
		"assignee":         func(f *store.TaskFilter) { f.Assignee = "ОЛЕНА" },
		"rare assignee":    func(f *store.TaskFilter) { f.Assignee = "rare" },
		"unknown assignee": func(f *store.TaskFilter) { f.Assignee = "nobody of that name" },
		"unassigned":       func(f *store.TaskFilter) { f.Unassigned = true },
		"overdue":          func(f *store.TaskFilter) { f.Open, f.DueBefore = true, storetest.Newest },
		"due soon": func(f *store.TaskFilter) {
			f.Open, f.DueFrom, f.DueBefore = true, storetest.Newest, storetest.Newest.AddDate(0, 0, 7)
		},
		"without due": func(f *store.TaskFilter) { f.Open, f.WithoutDue = true, true },
		"common chat": func(f *store.TaskFilter) { f.ChatID = new("-1") },
		"rare chat":   func(f *store.TaskFilter) { f.ChatID = new("-987") },
		"no chat":     func(f *store.TaskFilter) { f.ChatID = new("") },
	}
	for a, filterA := range filters {
		for b, filterB := range filters {
			f := store.TaskFilter{Limit: 50}
			filterA(&f)
			filterB(&f)
			if a > b || f.Open && f.Status == "completed" || f.Unassigned && f.Assignee != "" || f.WithoutDue && !f.DueBefore.IsZero() {
				continue // had already, or it contradicts itself and is not looked for
			}
			reads["tasks by "+a+" and "+b] = func(ctx context.Context) error {
				page, err := s.ListTasks(ctx, f)
				if err == nil && page.NextCursor != "" {
					f.Cursor = page.NextCursor
					_, err = s.ListTasks(ctx, f)
				}
				return err
			}
		}
	}
}

func addOtherReads(reads map[string]func(context.Context) error, s *store.Store, newest time.Time) {
	for name, read := range map[string]func(context.Context) error{
		"facets":         func(ctx context.Context) error { _, err := s.MessageFilters(ctx); return err },
		"message":        func(ctx context.Context) error { _, err := s.GetMessage(ctx, 500_000); return err },
		"messages by id": func(ctx context.Context) error { _, err := s.MessagesByIDs(ctx, []int64{5, 900_000}); return err },
		"messages of author": func(ctx context.Context) error {
			_, err := s.RecentMessagesOfAuthor(ctx, "telegram", "77", 50)
			return err
		},
		"task":  func(ctx context.Context) error { _, err := s.GetTask(ctx, 5); return err },
		"stats": func(ctx context.Context) error { _, err := s.Stats(ctx); return err },
		"overview": func(ctx context.Context) error {
			_, err := s.Overview(ctx, newest.AddDate(0, 0, -7), newest, time.UTC)
			return err
		},
		"funnel": func(ctx context.Context) error {
			_, err := s.Funnel(ctx, newest.AddDate(0, 0, -7), newest, time.UTC, "")
			return err
		},
		"funnel of a chat": func(ctx context.Context) error {
			_, err := s.Funnel(ctx, newest.AddDate(0, 0, -7), newest, time.UTC, "-1")
			return err
		},
		"quality": func(ctx context.Context) error {
			_, err := s.Quality(ctx, newest.AddDate(0, 0, -7), newest, "")
			return err
		},
		"decisions": func(ctx context.Context) error {
			_, err := s.ListDecisions(ctx, store.DecisionFilter{From: newest.AddDate(0, 0, -7), Before: newest, Outcome: "accepted", Limit: 50})
			return err
		},
		"week": func(ctx context.Context) error {
			_, err := s.Activity(ctx, newest.AddDate(0, 0, -7), newest, time.UTC)
			return err
		},
		"month": func(ctx context.Context) error {
			_, err := s.Activity(ctx, newest.AddDate(0, -1, 0), newest, time.UTC)
			return err
		},
		"unanalysed": func(ctx context.Context) error {
			_, err := s.UnanalyzedMessages(ctx, newest.AddDate(0, 0, -1), newest)
			return err
		},
		"reindex": func(ctx context.Context) error { _, err := s.ReindexSearch(ctx, 100); return err },
	} {
		reads[name] = read
	}
}

// mostRows bounds what one query may examine: what a search finds seldom enough to be
// sorted (20,000) and a page beside it.
const mostRows = 25_000

// examined is what a query does to messages and tasks.
type examined struct {
	// scans are the tables that it reads from end to end.
	scans []string
	// rows counts what its scans gave and what they threw away.
	rows int
}

// examine runs a query once more under EXPLAIN. That there is no sequential scan says
// little: reading all of an unfit index and sorting it is none either. What a query
// examines, unlike its time, is the same on every machine.
func examine(t *testing.T, pool *pgxpool.Pool, q recorded) examined {
	t.Helper()
	if !strings.Contains(strings.ToUpper(q.sql), "SELECT") {
		return examined{} // BEGIN, COMMIT
	}
	var text []byte
	args := append([]any{pgx.QueryExecModeCacheDescribe}, q.args...)
	if err := pool.QueryRow(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+q.sql, args...).Scan(&text); err != nil {
		t.Fatalf("explain %s: %v", q.sql, err)
	}
	var plan any
	if err := json.Unmarshal(text, &plan); err != nil {
		t.Fatal(err)
	}
	var cost examined
	walk(plan, func(node map[string]any) {
		kind, table := fmt.Sprint(node["Node Type"]), fmt.Sprint(node["Relation Name"])
		if kind == "Seq Scan" && isBig(table) {
			cost.scans = append(cost.scans, table)
		}
		cost.rows += rowsOf(node)
	})
	return cost
}

func isBig(name string) bool { return name == "messages" || name == "tasks" }

// rowsOf counts what one scan of messages or tasks looked at. What a bitmap of index
// entries leads to are the same rows once more: the greater number of the two counts,
// that of the entries where several bitmaps are combined, else that of the rows.
func rowsOf(node map[string]any) int {
	number := func(key string) float64 { n, _ := node[key].(float64); return n }
	rows := int((number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck")) * number("Actual Loops"))
	switch kind := fmt.Sprint(node["Node Type"]); {
	case kind == "Bitmap Index Scan" || !isBig(fmt.Sprint(node["Relation Name"])):
		return 0
	case kind == "Bitmap Heap Scan":
		entries := 0
		walk(node["Plans"], func(below map[string]any) {
			if below["Node Type"] == "Bitmap Index Scan" {
				entries += int(below["Actual Rows"].(float64) * below["Actual Loops"].(float64))
			}
		})
		return max(rows, entries)
	}
	return rows
}

func walk(plan any, visit func(map[string]any)) {
	switch p := plan.(type) {
	case []any:
		for _, v := range p {
			walk(v, visit)
		}
	case map[string]any:
		visit(p)
		for _, v := range p {
			walk(v, visit)
		}
	}
}
