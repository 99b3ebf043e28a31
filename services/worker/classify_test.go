package worker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func TestMessageBecomesATask(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "Hi all! The export is broken since the deploy, please fix by 2026-03-05. @ivan"))
	w.awaitJudged(t)

	tasks := w.tasks(t)
	if len(tasks) != 1 {
		t.Fatalf("%d tasks", len(tasks))
	}
	task := tasks[0]
	if task.GetTitle() != "The export is broken since the deploy, please fix by 2026-03-05" || task.GetCategory() != "bug" || task.GetPriority() != "high" ||
		task.GetStatus() != "open" || !task.GetAiGenerated() || task.GetConfidence() != 0.95 || task.GetSource() != "telegram" {
		t.Errorf("task %v", task)
	}
	if !strings.Contains(task.GetDescription(), "Оксана Коваль, 2026-03-02 12:00 UTC:\n> Hi all!") {
		t.Errorf("description %q", task.GetDescription())
	}
	if got := task.GetDueAt().AsTime(); got.Format(time.DateOnly) != "2026-03-05" || task.GetAssignee() != "ivan" {
		t.Errorf("due %v, assignee %q", got, task.GetAssignee())
	}
	history, err := w.store.TaskHistory(t.Context(), task.GetId(), 0, 10)
	if err != nil || len(history) != 1 || history[0].Field != "created" || history[0].Actor != (store.Actor{Kind: "ai", Name: "local"}) {
		t.Errorf("history %v, %v", history, err)
	}
	created := w.events(t, bus.SubjectTaskCreated)
	if len(created) != 1 || created[0].GetTaskCreated().GetTask().GetId() != task.GetId() {
		t.Errorf("told %v", created)
	}
	updates := w.events(t, bus.SubjectMessageUpdated)
	last := updates[len(updates)-1].GetMessageUpdated().GetMessage()
	if c := last.GetClassification(); len(updates) != 2 || last.GetTaskId() != task.GetId() || !c.GetIsIssue() || c.GetCategory() != "bug" || c.GetConfidence() != 0.95 || c.GetProvider() != "local" {
		t.Errorf("%d updates, the last %v", len(updates), last)
	}
	if n := len(w.events(t, bus.SubjectStatsUpdated)); n != 1 {
		t.Errorf("stats_updated was told %d times", n)
	}
	if n := w.count(t, "SELECT count(*) FROM classification_attempts WHERE decision = 'task' AND explanation LIKE '0.95 is at least 0.75%' AND provider = 'local'"); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

func TestNoiseIsKeptAndNothingMore(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "thanks!"), received("2", "[photo]", after(time.Hour), func(m *eventsv1.MessageReceived) { m.Message.HasWords = false }))
	w.awaitJudged(t)
	if n := len(w.tasks(t)) + w.count(t, "SELECT count(*) FROM proposals"); n != 0 {
		t.Errorf("%d tasks and proposals", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE NOT is_issue AND category = '' AND confidence = 0.95 AND provider = 'local' AND content = 'thanks!'"); n != 1 {
		t.Errorf("%d messages are noise", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NULL AND content = '[photo]'"); n != 1 {
		t.Errorf("%d pictures without a verdict", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE decision = 'noise' AND explanation LIKE '%is below 0.45: noise'"); n != 1 {
		t.Errorf("%d conversations are noise", n)
	}
}

func TestBurstAndReplyAreOneConversation(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the export"), received("2", "is broken", after(5*time.Second)),
		received("3", "I look into it", by("7", "Ivan"), after(3*time.Hour), answering("2")))
	w.awaitJudged(t)
	tasks := w.tasks(t)
	if len(tasks) != 1 || len(tasks[0].GetSourceMessageIds()) != 3 || tasks[0].GetTitle() != "The export" {
		t.Fatalf("tasks %v", tasks)
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE messages = 3"); n != 1 {
		t.Errorf("%d conversations of three messages", n)
	}
	var texts []string
	for _, in := range classifier.judged() {
		texts = append(texts, in.Text+" | "+strings.Join(in.Context, " / "))
	}
	if !strings.Contains(strings.Join(texts, "; "), "I look into it | the export / is broken") {
		t.Errorf("judged %q", texts)
	}
}

func TestConversationThatGoesOnUpdatesItsTask(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "maybe the export is slow"))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'pending' AND confidence = 0.6"); n != 1 {
		t.Fatalf("%d proposals", n)
	}
	w.put(t, received("2", "no, the whole page is broken", by("7", "Ivan"), after(time.Minute)))
	w.awaitJudged(t)
	tasks := w.tasks(t)
	if len(tasks) != 1 || tasks[0].GetPriority() != "high" || tasks[0].GetTitle() != "No, the whole page is broken" || len(tasks[0].GetSourceMessageIds()) != 2 {
		t.Fatalf("tasks %v", tasks)
	}
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'accepted' AND decided_by = 'ai' AND task_id = $1", tasks[0].GetId()); n != 1 {
		t.Errorf("%d proposals became the task", n)
	}
	_, err := w.store.UpdateTask(t.Context(), tasks[0].GetId(), store.Actor{Kind: "user", Name: "api"}, func(e *store.TaskEdit) error {
		e.Title, e.Priority = "Export", "low"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.put(t, received("1", "the export is broken", edited(90, 2)), received("3", "same here", by("8", "Olha"), after(2*time.Minute)))
	w.awaitJudged(t)
	tasks = w.tasks(t)
	if len(tasks) != 1 || tasks[0].GetTitle() != "Export" || tasks[0].GetPriority() != "low" || len(tasks[0].GetSourceMessageIds()) != 3 {
		t.Errorf("tasks %v", tasks)
	}
	if !strings.Contains(tasks[0].GetDescription(), "> the export is broken") {
		t.Errorf("description %q", tasks[0].GetDescription())
	}
	changed := map[string]bool{}
	for _, e := range w.events(t, bus.SubjectTaskUpdated) {
		for _, field := range e.GetTaskUpdated().GetChanged() {
			changed[field] = true
		}
	}
	if !changed["source_message_ids"] || !changed["description"] {
		t.Errorf("told that %v changed", changed)
	}
}

// What the API stores goes the same way; the relay brings its job where the API could not.
func TestMessageOfTheAPIBecomesATask(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	m := received("1", "the export is broken").GetMessageReceived()
	m.Message.SourceName, m.Chat = "api", nil
	created, err := w.store.CreateMessage(t.Context(), store.Incoming{Message: m.Message, Version: 1})
	if err != nil || !created.Created {
		t.Fatal(created, err)
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE outbox SET not_before = now()"); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	eventually(t, "it has become a task", func() bool { return len(w.tasks(t)) == 1 })
	if task := w.tasks(t)[0]; task.GetSource() != "api" || len(task.GetSourceMessageIds()) != 1 || task.GetSourceMessageIds()[0] != created.Message.GetId() {
		t.Errorf("task %v", task)
	}
}

// What is rather no issue, but not surely enough to be left alone, is proposed as what it would be.
func TestWhatMayBeNoIssueIsProposedAsWhatItWouldBe(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "hardly anybody asks for that"))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'pending' AND category = 'question'"); n != 1 {
		t.Errorf("%d proposals of a question", n)
	}
}
