package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// A new issue is compared by one query, which finds tasks by the index of their terms however many there are;
// noise is not compared at all.
func TestPlans_ANewIssueIsComparedByOneIndexedQuery(t *testing.T) {
	t.Parallel()
	pool := postgrestest.New(t)
	_, err := pool.Exec(t.Context(), `INSERT INTO tasks (title, category, priority, source, status, search, terms)
		SELECT 'Task ' || i, 'bug', 'low', 'telegram', CASE WHEN i % 3 = 0 THEN 'completed' ELSE 'open' END, ''::tsvector,
		       ARRAY['t' || i, 'w' || i % 500, '=broken', CASE WHEN i % 4000 = 0 THEN '=export' ELSE '=page' END] FROM generate_series(1, 20000) AS i`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), "VACUUM ANALYZE tasks"); err != nil {
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
	saved := save(t, s, incoming("1", "the export is broken"), incoming("2", "the export of 3.2 hangs", sentAt(noon.Add(time.Hour))), incoming("3", "thanks", sentAt(noon.Add(2*time.Hour))))
	var ids []int64
	for _, m := range saved {
		ids = append(ids, m.Message.GetId())
	}
	if _, err := s.GroupMessages(t.Context(), ids, store.Grouping{Settings: conversation.Default()}); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.ClaimConversations(t.Context(), 10, time.Minute)
	if err != nil || len(claimed) != 3 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	var judgements []store.Judgement
	for _, c := range claimed {
		judgements = append(judgements, store.Judgement{Conversation: c})
	}
	recorder.take()
	judged, err := s.Judge(t.Context(), judgements, func(c store.Conversation) store.Decision {
		text := c.Messages[0].Text
		if text == "thanks" {
			return store.Decision{Kind: store.DecisionNoise}
		}
		return store.Decision{Kind: store.DecisionTask, Title: text, Category: "bug", Priority: "high", Probability: 0.9, Verdict: &store.Verdict{Provider: "local"}}
	}, store.DuplicateLimits{Sure: 0.85, Likely: 0.45})
	if err != nil || judged.Tasks != 2 {
		t.Fatalf("judged %+v, %v", judged, err)
	}
	compared := 0
	for _, q := range recorder.take() {
		if !strings.Contains(q.sql, "name: SimilarTasks") {
			continue
		}
		compared++
		cost := examine(t, pool, q)
		if len(cost.scans) > 0 || cost.rows > 2000 {
			t.Errorf("scans %v and examines %d rows", cost.scans, cost.rows)
		}
	}
	if compared != 1 {
		t.Errorf("%d queries compare", compared)
	}
}
