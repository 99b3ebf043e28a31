package worker_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

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

func TestEditOfATaskChangesIt(t *testing.T) {
	t.Parallel()
	w, classifier := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.awaitJudged(t)
	w.put(t, received("1", "the import is broken, @olha, please mend it by 2026-03-09", edited(30, 2)))
	w.awaitJudged(t)
	tasks := w.tasks(t)
	if len(tasks) != 1 || tasks[0].GetTitle() != "The import is broken, @olha, please mend it by 2026-03-09" || tasks[0].GetAssignee() != "olha" ||
		tasks[0].GetDueAt().AsTime().Format(time.DateOnly) != "2026-03-09" {
		t.Fatalf("tasks %v", tasks)
	}
	if n := len(classifier.judged()); n != 2 {
		t.Errorf("judged %d times", n)
	}
	w.put(t, received("1", "all is well", edited(60, 3))) // a task is never taken back by the machine
	w.awaitJudged(t)
	if tasks := w.tasks(t); len(tasks) != 1 || !strings.HasPrefix(tasks[0].GetTitle(), "The import is broken") || tasks[0].GetStatus() != "open" {
		t.Errorf("tasks %v", tasks)
	}
	if n := w.count(t, "SELECT count(*) FROM task_history WHERE actor_kind = 'ai' AND field IN ('title', 'description', 'assignee', 'due_at')"); n != 4 {
		t.Errorf("%d entries of history", n)
	}
}

func TestWithdrawnProposalComesBack(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "maybe a dark theme"))
	w.awaitJudged(t)
	w.put(t, received("1", "never mind", edited(30, 2)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'withdrawn' AND decided_by = 'ai' AND decided_at IS NOT NULL AND comment <> ''"); n != 1 {
		t.Fatalf("%d proposals are withdrawn", n)
	}
	w.put(t, received("1", "maybe after all", edited(60, 3)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'pending' AND decided_by = '' AND decided_at IS NULL AND comment = '' AND title = 'Maybe after all'"); n != 1 {
		t.Errorf("%d proposals wait", n)
	}
	told := w.events(t, bus.SubjectProposalUpdated)
	if got := w.kinds(t); got[bus.SubjectProposalCreated] != 1 || got[bus.SubjectProposalUpdated] != 2 || len(got) != 2 {
		t.Fatalf("told %v", got)
	}
	if p := told[1].GetProposalUpdated(); p.GetProposal().GetStatus() != "pending" || !strings.Contains(strings.Join(p.GetChanged(), " "), "status title") {
		t.Errorf("told %v", p)
	}
}

// What a person decided about a proposal stays, whatever is said later.
func TestDecidedProposalsStay(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"rejected", "accepted", "merged"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			w, _ := newClassifying(t)
			w.start(t)
			w.put(t, received("1", "maybe a dark theme"))
			w.awaitJudged(t)
			if _, err := w.pool.Exec(t.Context(), "UPDATE proposals SET status = $1, decided_by = 'Olha', decided_at = now()", status); err != nil {
				t.Fatal(err)
			}
			w.put(t, received("2", "it is broken", after(time.Minute)))
			w.awaitJudged(t)
			w.put(t, received("1", "never mind", edited(30, 2)), received("2", "thanks", edited(90, 2)))
			w.awaitJudged(t)
			if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = $1 AND decided_by = 'Olha'", status); n != 1 {
				t.Error("the decision was overwritten")
			}
			if n := len(w.tasks(t)); n != 0 {
				t.Errorf("%d tasks of what a person has decided about", n)
			}
		})
	}
}

func TestAPersonsOpinionIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "maybe a dark theme"), received("2", "thanks", by("7", "Ivan"), after(time.Hour)))
	w.awaitJudged(t)
	// A person: the first is nothing to do, the second is.
	for id, issue := range map[string]bool{"1": false, "2": true} {
		category, priority := "", ""
		if issue {
			category, priority = "question", "critical"
		}
		_, err := w.pool.Exec(t.Context(), `UPDATE messages SET is_issue = $2, category = $3, priority = $4, confidence = 1, provider = 'user', classified_at = now()
			WHERE external_message_id = $1`, id, issue, category, priority)
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET version = version + 1, changed_at = now(), judge_at = now()"); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	w.put(t, received("1", "maybe a dark theme, it is broken", edited(30, 2)), received("2", "thanks!", by("7", "Ivan"), after(time.Hour), edited(3700, 2)))
	w.awaitJudged(t)
	if n := w.count(t, "SELECT count(*) FROM messages WHERE provider = 'user' AND (external_message_id = '1' AND NOT is_issue OR external_message_id = '2' AND is_issue AND priority = 'critical')"); n != 2 {
		t.Errorf("%d opinions are left", n)
	}
	tasks := w.tasks(t)
	if len(tasks) != 1 || tasks[0].GetCategory() != "question" || tasks[0].GetPriority() != "critical" || tasks[0].GetTitle() != "Thanks!" {
		t.Errorf("tasks %v", tasks)
	}
	if n := w.count(t, "SELECT count(*) FROM proposals WHERE status = 'withdrawn'"); n != 1 {
		t.Errorf("%d proposals are withdrawn", n)
	}
}

func TestAPictureThatAPersonCallsAnIssueIsNamedInTheLanguageOfTheChat(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "дякую, вже працює"), received("2", "[photo]", after(24*time.Hour), func(m *eventsv1.MessageReceived) { m.Message.HasWords = false }))
	w.awaitJudged(t)
	if _, err := w.pool.Exec(t.Context(), `UPDATE messages SET is_issue = true, category = 'bug', priority = 'high', confidence = 1, provider = 'user', classified_at = now()
		WHERE external_message_id = '2'`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET version = version + 1, changed_at = now(), judge_at = now()"); err != nil {
		t.Fatal(err)
	}
	w.awaitJudged(t)
	if tasks := w.tasks(t); len(tasks) != 1 || tasks[0].GetTitle() != "Повідомлення без слів" {
		t.Errorf("tasks %v", tasks)
	}
}

// The rules have the last word on how urgent an issue is at least, whoever judges.
func TestFloorRaisesThePriorityOfIssues(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.floor = func(text string) (classify.Priority, []string) {
		if strings.Contains(text, "outage") {
			return classify.PriorityCritical, []string{"outage"}
		}
		return classify.PriorityLow, nil
	}
	w.start(t)
	w.put(t, received("1", "it is broken, an outage"), received("2", "it is broken", after(time.Hour)), received("3", "no outage", after(2*time.Hour)))
	w.awaitJudged(t)
	priorities := map[string]string{}
	for _, task := range w.tasks(t) {
		priorities[task.GetTitle()] = task.GetPriority()
	}
	if len(priorities) != 2 || priorities["It is broken, an outage"] != "critical" || priorities["It is broken"] != "high" {
		t.Errorf("priorities %v", priorities)
	}
	if n := w.count(t, "SELECT count(*) FROM conversations WHERE signals = ARRAY['broken', 'outage'] AND decision = 'task'"); n != 1 {
		t.Errorf("%d conversations name the rule", n)
	}
	if n := w.count(t, "SELECT count(*) FROM messages WHERE NOT is_issue AND priority = '' AND content = 'no outage'"); n != 1 {
		t.Errorf("%d messages are noise", n)
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	for version := range int64(30) {
		w.put(t, received("1", fmt.Sprintf("it is broken, %d", version), edited(int(version), version+1)), received("2", "maybe", after(time.Hour)))
		w.awaitJudged(t)
	}
	if n := w.count(t, "SELECT attempts FROM conversations WHERE id = (SELECT id FROM messages WHERE external_message_id = '1')"); n != 30 {
		t.Fatalf("judged %d times", n)
	}
	if n := w.count(t, "SELECT count(*) FROM classification_attempts"); n != 21 { // twenty and one
		t.Errorf("%d attempts are kept", n)
	}
	if n := w.count(t, "SELECT count(*) FROM classification_attempts a JOIN conversations c ON c.id = a.conversation_id WHERE a.version > c.version - 20"); n != 21 {
		t.Errorf("%d of them are the newest", n)
	}
}

func TestWhatAPersonConfirmsStays(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the export is broken, @olha, please mend it by 2026-03-09"))
	w.awaitJudged(t)
	task := w.tasks(t)[0]
	if got := task.GetUnconfirmed(); len(got) != 6 {
		t.Fatalf("the machine filled %v", got)
	}
	if _, err := w.store.ConfirmTask(t.Context(), task.GetId(), []string{"due_at"}, store.Actor{Kind: "user", Name: "api"}); err != nil {
		t.Fatal(err)
	}
	w.put(t, received("1", "the import is broken, @olha, please mend it by 2026-03-20", edited(30, 2)))
	w.awaitJudged(t)
	task = w.tasks(t)[0]
	if task.GetDueAt().AsTime().Format(time.DateOnly) != "2026-03-09" || !strings.HasPrefix(task.GetTitle(), "The import") || slices.Contains(task.GetUnconfirmed(), "due_at") {
		t.Errorf("task %v", task)
	}
}

// What people change of a task that the machine made is kept beside what it had said, and
// forgotten where they change it back.
func TestCorrectionsOfATaskAreKept(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the export is broken"))
	w.awaitJudged(t)
	id, person := w.tasks(t)[0].GetId(), store.Actor{Kind: "user", Name: "api"}
	change := func(category string) {
		t.Helper()
		if _, err := w.store.UpdateTask(t.Context(), id, person, func(e *store.TaskEdit) error { e.Category = category; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	change("improvement")
	kept, err := w.store.ListFeedback(t.Context(), 0, 10)
	if err != nil || len(kept) != 1 || kept[0].Kind != "category" || *kept[0].Machine.Category != "bug" || *kept[0].Person.Category != "improvement" ||
		*kept[0].TaskID != id || *kept[0].Machine.Provider != "local" || kept[0].UndoneAt != nil {
		t.Fatalf("%+v, %v", kept, err)
	}
	change("bug")
	if kept, err = w.store.ListFeedback(t.Context(), 0, 10); err != nil || len(kept) != 1 || kept[0].UndoneAt == nil {
		t.Errorf("after changing back: %+v, %v", kept, err)
	}
	w.put(t, received("2", "the import is broken", after(3*time.Hour)))
	w.awaitJudged(t)
	for range 2 {
		if _, err := w.store.ConfirmTask(t.Context(), w.tasks(t)[0].GetId(), nil, person); err != nil {
			t.Fatal(err)
		}
	}
	if kept, err = w.store.ListFeedback(t.Context(), 0, 10); err != nil || len(kept) != 2 || kept[0].Kind != "accept" {
		t.Errorf("after confirming: %+v, %v", kept, err)
	}
}
