package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// byWords says what the words of a text say, so that a test can choose a verdict.
type byWords struct {
	mu     sync.Mutex
	inputs []classify.Input
	// fail is the error of the next calls; nil for none.
	fail error
}

func (b *byWords) Classify(_ context.Context, inputs []classify.Input) ([]classify.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return nil, b.fail
	}
	b.inputs = append(b.inputs, inputs...)
	results := make([]classify.Result, len(inputs))
	for i, in := range inputs {
		r := classify.Result{Confidence: 0.95, Provider: "local", Model: "words", Version: "1", Reason: "It holds no word of an issue."}
		switch {
		case strings.Contains(in.Text, "broken"):
			r.IsIssue, r.Category, r.Quote, r.Reason = true, classify.CategoryBug, "broken", "It says that something is broken."
			r.Priority, r.Signals = classify.PriorityHigh, []string{"broken"}
		case strings.Contains(in.Text, "maybe"):
			r.IsIssue, r.Category, r.Priority, r.Confidence, r.Quote = true, classify.CategoryFeature, classify.PriorityLow, 0.6, "maybe"
			r.Reason = "It may ask for something."
		}
		results[i] = r
	}
	return results, nil
}

func (b *byWords) judged() []classify.Input {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]classify.Input{}, b.inputs...)
}

func newClassifying(t *testing.T) (*world, *byWords) {
	t.Helper()
	w, c := newWorld(t), &byWords{}
	w.classifier = c
	return w, c
}

func after(d time.Duration) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.SentAt = timestamppb.New(noon.Add(d)) }
}

func by(id, name string) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.AuthorId, m.Message.Author = id, name }
}

func answering(id string) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.ReplyToExternalId = id }
}

// awaitJudged waits until all that was put is stored, judged and published.
func (w *world) awaitJudged(t *testing.T) {
	t.Helper()
	w.awaitDone(t)
	eventually(t, "every conversation is judged", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE judge_at IS NOT NULL") == 0
	})
	eventually(t, "the outbox is empty", func() bool { return w.count(t, "SELECT count(*) FROM outbox") == 0 })
}

func (w *world) tasks(t *testing.T) []*eventsv1.Task {
	t.Helper()
	page, err := w.store.ListTasks(t.Context(), store.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Tasks
}

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

func TestEditIsJudgedAnew(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "maybe a dark theme"))
	w.awaitJudged(t)
	w.put(t, received("1", "never mind", edited(30, 2)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM messages WHERE NOT is_issue AND content = 'never mind'"); n != 1 {
		t.Errorf("%d messages are noise now", n)
	}
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'withdrawn'"); n != 1 {
		t.Errorf("%d proposals are withdrawn", n)
	}
	if n := len(w.events(t, bus.SubjectProposalUpdated)); n != 1 {
		t.Errorf("proposal_updated was told %d times", n)
	}
	w.put(t, received("1", "it is broken", edited(60, 3)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 1 {
		t.Errorf("%d tasks", n)
	}
}

func TestDeliveredAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	w.start(t)
	batch := []*eventsv1.Inbound{received("1", "it is broken"), received("2", "ok", by("7", "Ivan"), after(time.Second)), received("3", "maybe later", after(2*time.Hour))}
	w.put(t, batch...)
	w.awaitJudged(t)
	judged, attempts := len(classifier.judged()), w.count(t, "SELECT count(*) FROM classification_attempts")
	for range 3 {
		w.put(t, batch...)
	}
	var ids []int64
	for id := range int64(3) {
		ids = append(ids, id+1)
	}
	job, err := bus.NewMessage(bus.SubjectJobClassify, "", &eventsv1.ClassifyMessages{MessageIds: append(ids, 999)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.bus.Publish(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 || len(classifier.judged()) != judged || w.count(t, "SELECT count(*) FROM classification_attempts") != attempts {
		t.Errorf("%d tasks, %d judged after %d", len(w.tasks(t)), len(classifier.judged()), judged)
	}
}

func TestSeveralWorkersMakeOneTaskOfAConversation(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	for range 3 {
		w.start(t)
	}
	const chats, messages = 8, 30
	var batch []*eventsv1.Inbound
	for i := range messages {
		for chat := range chats {
			text := "it is broken"
			if i%3 != 0 {
				text = "ok"
			}
			m := received(fmt.Sprint(i+1), text, after(time.Duration(i)*time.Second), by(fmt.Sprint(i%4), "someone"), func(m *eventsv1.MessageReceived) {
				m.Message.ChatId = fmt.Sprint("-10", chat)
				m.Chat = nil
			})
			batch = append(batch, m)
		}
	}
	for i, in := range batch { // in no order
		j := (i * 7919) % len(batch)
		batch[i], batch[j] = batch[j], in
	}
	for len(batch) > 0 {
		n := min(20, len(batch))
		w.put(t, batch[:n]...)
		batch = batch[n:]
	}
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM conversations"); n != chats {
		t.Errorf("%d conversations", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversation_messages WHERE conversation_id NOT IN (SELECT id FROM conversations)"); n != 0 {
		t.Errorf("%d messages without a conversation", n)
	}
	if n := w.count(t, "SELECT count(*) FROM conversation_tasks"); n != chats {
		t.Errorf("%d conversations have led to a task", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NULL"); n != 0 {
		t.Errorf("%d messages have no verdict", n)
	}
}

func TestWhatCannotBeJudgedIsHeld(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	classifier.fail = errors.New("weights are damaged")
	w.start(t)
	w.put(t, received("1", "it is broken"))
	w.awaitDone(t)
	eventually(t, "the conversation is held", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NOT NULL AND judge_at > now()") == 1
	})
	if n := w.count(t, "SELECT count(*) FROM classification_attempts WHERE error LIKE '%weights are damaged%' AND provider = ''"); n != 1 {
		t.Errorf("%d attempts", n)
	}
	classifier.mu.Lock()
	classifier.fail = nil
	classifier.mu.Unlock()
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET judge_at = now()"); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 || w.count(t, "SELECT count(*) FROM conversations WHERE held_since IS NULL") != 1 {
		t.Error("held for ever")
	}
}

func TestTaskOfJoinedConversations(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	// Two conversations, until the message between them comes.
	w.put(t, received("1", "it is broken"), received("3", "the page is broken", by("7", "Ivan"), after(19*time.Minute)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 2 {
		t.Fatalf("%d tasks", n)
	}
	w.put(t, received("2", "ok", after(9*time.Minute+30*time.Second)), received("4", "yes", by("42", "Оксана Коваль"), after(19*time.Minute+10*time.Second)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM (SELECT conversation_id FROM conversation_tasks GROUP BY 1 HAVING count(*) > 1) AS twice"); n != 0 {
		t.Errorf("%d conversations have led to several tasks", n)
	}
	if n := len(w.tasks(t)); n != 2 {
		t.Errorf("%d tasks after the conversations were joined", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_messages WHERE role = 'origin'"); n != 4 {
		t.Errorf("%d messages have led to a task", n)
	}
}

func TestFailedTransactionLosesNothing(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	// The history cannot be written, so that everything is rolled back.
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE task_history ADD CONSTRAINT nothing CHECK (field <> 'created')"); err != nil {
		t.Fatal(err)
	}
	w.start(t)
	w.put(t, received("1", "it is broken"))
	w.awaitDone(t)
	eventually(t, "judging was tried", func() bool {
		return w.count(t, "SELECT last_value FROM tasks_id_seq WHERE is_called UNION ALL SELECT 0 LIMIT 1") > 0
	})
	if n := len(w.tasks(t)) + w.count(t, "SELECT count(*) FROM messages WHERE is_issue IS NOT NULL"); n != 0 {
		t.Errorf("%d things are left of what failed", n)
	}
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE task_history DROP CONSTRAINT nothing"); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if len(w.tasks(t)) != 1 {
		t.Errorf("%d tasks", len(w.tasks(t)))
	}
}

var _ classify.Classifier = (*byWords)(nil)
