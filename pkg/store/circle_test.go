package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// Somebody holds a task and then wants its conversation, which who judges or decides holds while
// waiting for the task: the database ends the latter, who begins anew and is done.
func TestWhoWaitedInACircleBeginsAnew(t *testing.T) {
	t.Parallel()
	person := store.Actor{Kind: "user", Name: "api"}
	verdict := &store.Verdict{Messages: []int64{1}, Probability: 0.6, Provider: "local"}
	proposal := func(store.Conversation) store.Decision {
		return store.Decision{Kind: store.DecisionProposal, Verdict: verdict, Probability: 0.6, Title: "The export is broken", Category: "bug", Priority: "high"}
	}
	claim := func(t *testing.T, s *store.Store) []store.Judgement {
		t.Helper()
		due, err := s.ClaimConversations(t.Context(), 1, time.Hour)
		if err != nil || len(due) != 1 {
			t.Fatalf("claimed %+v, %v", due, err)
		}
		return []store.Judgement{{Conversation: due[0], Verdicts: []store.Verdict{*verdict}}}
	}
	for name, act := range map[string]func(ctx context.Context, s *store.Store, again []store.Judgement, task int64) error{
		"deciding": func(ctx context.Context, s *store.Store, _ []store.Judgement, task int64) error {
			_, err := s.MergeProposal(ctx, 1, person, task)
			return err
		},
		"judging": func(ctx context.Context, s *store.Store, again []store.Judgement, _ int64) error {
			_, err := s.Judge(ctx, again, proposal, store.DuplicateLimits{Sure: 1, Likely: 1})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, pool := world(t)
			// Who acts is looked after sooner than who holds the task.
			s := store.New(impatient(t, pool, "5s"))
			message := save(t, s, incoming("1", "the export is broken"))[0].Message.GetId()
			made, err := s.CreateTask(t.Context(), store.NewTask{Title: "Export", Category: "bug", Priority: "low", Source: "api"}, person)
			if err != nil {
				t.Fatal(err)
			}
			task := made.Task.GetId()
			if _, err := s.GroupMessages(t.Context(), []int64{message}, store.Grouping{Settings: conversation.Default()}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Judge(t.Context(), claim(t, s), proposal, store.DuplicateLimits{Sure: 1, Likely: 1}); err != nil {
				t.Fatal(err)
			}
			var again []store.Judgement
			if name == "judging" { // what leads to a task has that locked
				if _, err := s.AttachMessages(t.Context(), task, []int64{message}, person); err != nil {
					t.Fatal(err)
				}
				again = claim(t, s)
			}
			holds, err := impatient(t, pool, "1h").Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = holds.Rollback(context.WithoutCancel(t.Context())) }()
			if _, err := holds.Exec(t.Context(), "SELECT FROM tasks WHERE id = $1 FOR UPDATE", task); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- act(t.Context(), s, again, task) }()
			for waits := 0; waits == 0; {
				if waits = count(t, pool, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"); waits == 0 {
					select {
					case err := <-done:
						t.Fatalf("it did not wait for the task: %v", err)
					case <-time.After(5 * time.Millisecond):
					}
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if _, err := holds.Exec(ctx, "SELECT FROM conversations FOR UPDATE"); err != nil {
				t.Fatalf("who holds the task: %v", err)
			}
			if err := holds.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			leads := func() int { return count(t, pool, "SELECT count(*) FROM conversation_tasks WHERE task_id = $1", task) }
			if name == "judging" && leads() == 0 { // it was back before the other let go of the conversation, which then is left for the next time
				if err := act(t.Context(), s, again, task); err != nil {
					t.Error(err)
				}
			}
			if n := leads(); n != 1 {
				t.Errorf("%d conversations lead to the task", n)
			}
		})
	}
}

// impatient is a pool on the same database that looks for circles after this long.
func impatient(t *testing.T, pool *pgxpool.Pool, after string) *pgxpool.Pool {
	t.Helper()
	cfg := pool.Config()
	cfg.ConnConfig.RuntimeParams["deadlock_timeout"] = after
	other, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	return other
}
