package store_test

import (
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// What a person decides while a conversation is being judged counts: its message belongs to a
// task that is merged into another meanwhile.
func TestJudgingFollowsATaskThatIsMergedMeanwhile(t *testing.T) {
	t.Parallel()
	s, pool := world(t)
	person := store.Actor{Kind: "user", Name: "api"}
	message := save(t, s, incoming("1", "the export is broken"))[0].Message.GetId()
	var tasks []int64
	for range 2 {
		made, err := s.CreateTask(t.Context(), store.NewTask{Title: "Export", Category: "bug", Priority: "low", Source: "api"}, person)
		if err != nil {
			t.Fatal(err)
		}
		tasks = append(tasks, made.Task.GetId())
	}
	if _, err := pool.Exec(t.Context(), "INSERT INTO task_messages (task_id, message_id, role) VALUES ($1, $2, 'origin')", tasks[1], message); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GroupMessages(t.Context(), []int64{message}, store.Grouping{Settings: conversation.Default()}); err != nil {
		t.Fatal(err)
	}
	due, err := s.ClaimConversations(t.Context(), 1, time.Minute)
	if err != nil || len(due) != 1 || due[0].Messages[0].TaskID != tasks[1] {
		t.Fatalf("claimed %+v, %v", due, err)
	}
	if _, err := s.LinkTasks(t.Context(), tasks[1], tasks[0], true, person); err != nil {
		t.Fatal(err)
	}
	verdict := store.Verdict{Messages: []int64{message}, Probability: 0.9, Provider: "local"}
	judged, err := s.Judge(t.Context(), []store.Judgement{{Conversation: due[0], Verdicts: []store.Verdict{verdict}}}, func(store.Conversation) store.Decision {
		return store.Decision{Kind: store.DecisionTask, Verdict: &verdict, Probability: 0.9, Title: "The export is broken", Category: "bug", Priority: "high", Attach: []int64{message}}
	}, store.DuplicateLimits{Sure: 1, Likely: 1})
	if err != nil || judged.Tasks != 0 {
		t.Fatalf("judged %+v, %v", judged, err)
	}
	if n := count(t, pool, "SELECT task_id FROM conversation_tasks"); int64(n) != tasks[0] {
		t.Errorf("its conversation leads to task %d, want %d, which is kept", n, tasks[0])
	}
}
