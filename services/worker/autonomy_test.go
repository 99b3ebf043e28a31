package worker_test

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/aisettings"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// judgedAs waits until a decision stands with the conversation of a message.
func (w *world) judgedAs(t *testing.T, externalID, decision string) {
	t.Helper()
	w.awaitJudged(t)
	if n := w.count(t, `SELECT count(*) FROM messages m JOIN conversation_messages ON message_id = m.id JOIN conversations c ON c.id = conversation_id
		WHERE m.external_message_id = $1 AND c.decision = $2`, externalID, decision); n != 1 {
		t.Errorf("%d conversations of message %s are decided as %q", n, externalID, decision)
	}
}

// made counts tasks and proposals, and what changed of either.
func (w *world) made(t *testing.T) [3]int {
	t.Helper()
	return [3]int{
		w.count(t, "SELECT count(*) FROM tasks"), w.count(t, "SELECT count(*) FROM proposals"),
		w.count(t, "SELECT count(*) FROM task_messages") + w.count(t, "SELECT count(*) FROM task_history"),
	}
}

// In shadow a message is judged and labelled, and nothing is made of it, however sure the verdict is, until operators
// allow more; what a person asks for is done all the same.
func TestInShadowNothingIsMade(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.set(t, func(s *bus.AISettings) { s.Autonomy = ref(aisettings.Shadow) })
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.judgedAs(t, "1", "shadow")
	if got := w.made(t); got != [3]int{} {
		t.Errorf("tasks, proposals and changes made: %v", got)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE is_issue AND category = 'bug' AND priority = 'high' AND provider = 'local'"); n != 1 {
		t.Errorf("%d messages are labelled", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE explanation = '0.95 is at least 0.75: a task; in shadow nothing is made'"); n != 1 {
		t.Errorf("%d conversations say what would follow", n)
	}

	id := w.count(t, "SELECT id FROM messages")
	if _, err := w.store.Opine(t.Context(), int64(id), store.Actor{Kind: "user", Name: "Ann"}, &store.Opinion{IsIssue: true}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a person's word makes a task", func() bool { return len(w.tasks(t)) == 1 })
}

// What was made before is left alone in shadow.
func TestInShadowATaskStaysAsItIs(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.judgedAs(t, "1", "task")
	before := w.made(t)
	w.says(t, 1, w.set(t, func(s *bus.AISettings) { s.Autonomy = ref(aisettings.Shadow) }), "local", bus.ProviderReady)
	w.put(t, received("2", "the import is broken too"))
	w.judgedAs(t, "2", "shadow")
	if now := w.made(t); now != before {
		t.Errorf("tasks, proposals and changes: %v, %v before", now, before)
	}
}

// Gated, the machine proposes however sure it is.
func TestGatedEveryTaskWaitsForAPerson(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.set(t, func(s *bus.AISettings) { s.Autonomy = ref(aisettings.Gated) })
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.judgedAs(t, "1", "proposal")
	if got := w.made(t); got[0] != 0 || got[1] != 1 {
		t.Errorf("tasks, proposals and changes made: %v", got)
	}
}
