package worker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// One problem in other words: surely, likely, and as a proposal.
const (
	problem  = "The export of invoices to PDF is broken"
	surely   = "експорт рахунків у PDF broken"
	likely   = "the export of invoices is broken on the new server"
	proposed = "maybe the export of invoices to PDF needs a retry"
)

var person = store.Actor{Kind: "user", Name: "api"}

// of is the task that a message leads to; 0 for none.
func (w *world) of(t *testing.T, externalID string, chat int) int64 {
	t.Helper()
	return int64(w.count(t, `SELECT coalesce(max(t.task_id), 0) FROM task_messages t JOIN messages m ON m.id = t.message_id
		WHERE m.external_message_id = $1 AND m.chat_id = $2 AND t.role = 'origin'`, externalID, fmt.Sprint("-10", chat)))
}

func (w *world) openLink(t *testing.T) store.Link {
	t.Helper()
	links, err := w.store.OpenLinks(t.Context(), 0, 10)
	if err != nil || len(links) != 1 {
		t.Fatalf("open links %+v, %v", links, err)
	}
	return links[0]
}

// decided is a decision that must succeed.
func decided(t *testing.T) func(store.LinkDecision, error) store.LinkDecision {
	return func(d store.LinkDecision, err error) store.LinkDecision {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
}

func (w *world) status(t *testing.T, id int64) string {
	t.Helper()
	task, err := w.store.GetTask(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return task.GetStatus()
}

func TestOneProblemSaidInTwoChatsIsOneTask(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.measured()
	stop := w.start(t)
	w.put(t, received("1", problem, inChat(1)))
	w.awaitJudged(t)
	again := received("2", surely, inChat(2), after(time.Hour))
	w.put(t, again)
	w.awaitJudged(t)
	w.put(t, again, received("3", "same here", inChat(2), after(time.Hour+time.Second), by("8", "Olha")))
	w.awaitJudged(t)

	tasks := w.tasks(t)
	if len(tasks) != 1 || len(tasks[0].GetSourceMessageIds()) != 3 {
		t.Fatalf("tasks %v", tasks)
	}
	first := tasks[0].GetId()
	history, err := w.store.TaskHistory(t.Context(), first, 0, 10)
	if err != nil || len(history) != 2 || history[0].Field != "source_message_ids" || !strings.Contains(*history[0].To, "Both say: pdf") || history[0].Actor.Kind != "ai" {
		t.Errorf("history %+v, %v", history, err)
	}
	w.awaitMetric(t, "tasktracker_worker_duplicates_attached_total", "", 1)
	if told := w.events(t, bus.SubjectTaskUpdated); len(told) == 0 || told[0].GetTaskUpdated().GetChanged()[0] != "source_message_ids" {
		t.Errorf("told %v", told)
	}
	links, err := w.store.TaskLinks(t.Context(), first)
	if err != nil || len(links) != 1 || links[0].Status != store.LinkAttached || *links[0].Score < 0.85 || !links[0].Undoable {
		t.Fatalf("links %+v, %v", links, err)
	}
	receipt, err := w.store.Receipt(t.Context(), int64(w.count(t, "SELECT id FROM messages WHERE external_message_id = '2'")))
	if err != nil || !strings.Contains(receipt.Conversation.Explanation, "task 1, to which its messages are attached") && !strings.Contains(receipt.Attempts[len(receipt.Attempts)-1].Explanation, "to which its messages are attached") || len(receipt.Links) != 1 {
		t.Errorf("receipt %+v, %v", receipt.Conversation, err)
	}

	// Taken apart, put together and taken apart again, over a restart.
	split := decided(t)(w.store.UndoLink(t.Context(), links[0].ID, person))
	second := split.Other.GetId()
	if second == first || w.of(t, "2", 2) != second || w.of(t, "3", 2) != second || w.of(t, "1", 1) != first || split.Other.GetTitle() != "Експорт рахунків у PDF broken" {
		t.Errorf("split into %v", split.Other)
	}
	stop()
	w.measured()
	w.start(t)
	w.put(t, received("4", "still broken", inChat(2), after(time.Hour+2*time.Second)), received("2", surely+", export of invoices", inChat(2), edited(4000, 2), after(time.Hour)))
	w.awaitJudged(t)
	if w.of(t, "4", 2) != second || len(w.tasks(t)) != 2 {
		t.Errorf("what is said later leads to task %d, of %d", w.of(t, "4", 2), len(w.tasks(t)))
	}
	decided(t)(w.store.UndoLink(t.Context(), links[0].ID, person))
	if w.of(t, "2", 2) != first || w.of(t, "4", 2) != first || w.status(t, second) != "cancelled" {
		t.Errorf("put together: messages lead to %d and %d; task %d is %s", w.of(t, "2", 2), w.of(t, "4", 2), second, w.status(t, second))
	}
	decided(t)(w.store.UndoLink(t.Context(), links[0].ID, person))
	if w.of(t, "2", 2) != second || w.of(t, "4", 2) != second || w.status(t, second) != "open" {
		t.Errorf("apart again: messages lead to %d and %d; task %d is %s", w.of(t, "2", 2), w.of(t, "4", 2), second, w.status(t, second))
	}
	if n := w.count(t, "SELECT count(*) FROM feedback WHERE kind = 'split' AND machine_confidence > 0.8"); n == 0 {
		t.Error("no correction is kept")
	}
}

func TestALikelyOneIsAskedAboutAndTheAnswerIsKept(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", problem, inChat(1)))
	w.awaitJudged(t)
	w.put(t, received("2", likely, inChat(2), after(time.Hour)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 2 {
		t.Fatalf("%d tasks", n)
	}
	link := w.openLink(t)
	first, second := link.TaskID, *link.OtherTaskID
	if *link.Score >= 0.85 || *link.Score < 0.45 || !strings.HasPrefix(link.Reason, "Both say: ") {
		t.Errorf("link %+v", link)
	}
	for _, task := range w.tasks(t) {
		if task.GetOpenLinks() != 1 {
			t.Errorf("task %d has %d open links", task.GetId(), task.GetOpenLinks())
		}
	}
	for range 2 {
		done := decided(t)(w.store.AcceptLink(t.Context(), link.ID, person))
		if done.Task.GetId() != first || done.Other.GetDuplicateOfId() != first || done.Other.GetStatus() != "cancelled" || w.of(t, "2", 2) != first {
			t.Errorf("merged %+v", done)
		}
		if _, err := w.store.AcceptLink(t.Context(), link.ID, person); !errors.Is(err, store.ErrConflict) {
			t.Errorf("accepted twice: %v", err)
		}
		done = decided(t)(w.store.UndoLink(t.Context(), link.ID, person))
		if done.Link.Status != store.LinkOpen || w.status(t, second) != "open" || w.of(t, "2", 2) != second || w.of(t, "1", 1) != first {
			t.Errorf("undone %+v", done)
		}
	}
	decided(t)(w.store.RefuseLink(t.Context(), link.ID, person))
	decided(t)(w.store.UndoLink(t.Context(), link.ID, person))
	decided(t)(w.store.RefuseLink(t.Context(), link.ID, person))
	w.put(t, received("2", surely, inChat(2), edited(4000, 2), after(time.Hour)))
	w.awaitJudged(t)
	if links, err := w.store.OpenLinks(t.Context(), 0, 10); err != nil || len(links) != 0 || len(w.tasks(t)) != 2 || w.of(t, "2", 2) != second {
		t.Errorf("asked again: %+v, %v; %d tasks", links, err, len(w.tasks(t)))
	}
	kinds := w.count(t, "SELECT count(*) FROM feedback WHERE kind = 'same' AND undone_at IS NOT NULL")*10 + w.count(t, "SELECT count(*) FROM feedback WHERE kind = 'different' AND undone_at IS NULL")
	if kinds != 21 {
		t.Errorf("feedback %d", kinds)
	}
}

func TestARefusedProposalIsNeverAttached(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", problem, inChat(1)))
	w.awaitJudged(t)
	w.put(t, received("2", proposed, inChat(2), after(time.Hour)))
	w.awaitJudged(t)
	link := w.openLink(t)
	if link.ProposalID == nil || link.OtherTaskID != nil || link.OtherStatus != "pending" {
		t.Fatalf("link %+v", link)
	}
	decided(t)(w.store.RefuseLink(t.Context(), link.ID, person))
	// It becomes sure, and says exactly the same.
	w.put(t, received("3", problem, inChat(2), after(time.Hour+time.Minute)))
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 2 || w.of(t, "2", 2) == link.TaskID {
		t.Errorf("%d tasks; message 2 leads to %d", n, w.of(t, "2", 2))
	}
	now, err := w.store.GetLink(t.Context(), link.ID)
	if err != nil || now.Status != store.LinkRefused || now.OtherTaskID == nil {
		t.Errorf("link %+v, %v", now, err)
	}
	if n := w.count(t, "SELECT count(*) FROM task_links"); n != 1 {
		t.Errorf("%d links", n)
	}
}

func TestAMergedProposalComesBackWithItsLink(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", problem, inChat(1)))
	w.awaitJudged(t)
	w.put(t, received("2", proposed, inChat(2), after(time.Hour)))
	w.awaitJudged(t)
	link := w.openLink(t)
	if _, err := w.store.AcceptLink(t.Context(), link.ID, person); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a proposal was merged as a task: %v", err)
	}
	if _, err := w.store.MergeProposal(t.Context(), *link.ProposalID, person, link.TaskID); err != nil {
		t.Fatal(err)
	}
	if now, err := w.store.GetLink(t.Context(), link.ID); err != nil || now.Status != store.LinkMerged || w.of(t, "2", 2) != link.TaskID {
		t.Errorf("link %+v, %v", now, err)
	}
	if _, err := w.store.UndoProposal(t.Context(), *link.ProposalID, person); err != nil {
		t.Fatal(err)
	}
	if w.openLink(t).ID != link.ID || w.of(t, "2", 2) != 0 {
		t.Error("the link is not open again")
	}
	if _, err := w.store.AcceptProposal(t.Context(), *link.ProposalID, person, func(*store.NewTask) {}); err != nil {
		t.Fatal(err)
	}
	if now := w.openLink(t); now.OtherTaskID == nil || *now.OtherTaskID != w.of(t, "2", 2) {
		t.Errorf("the link of the task that it became: %+v", now)
	}
}

func TestWorkersThatJudgeAtOnceMakeOneTaskOfOneProblem(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	for range 3 {
		w.start(t)
	}
	const chats = 12
	for round := range 3 { // the later ones go on, or come again
		for chat := range chats {
			var batch []*eventsv1.Inbound
			batch = append(batch, received("1", []string{problem, surely}[chat%2], inChat(chat)), received(fmt.Sprint(round+2), "ok", inChat(chat), after(time.Duration(round+1)*time.Second), by("7", "Ivan")))
			w.put(t, batch...)
		}
		if round == 1 {
			w.awaitJudged(t)
		}
	}
	w.awaitJudged(t)
	if n := len(w.tasks(t)); n != 1 {
		t.Errorf("%d tasks", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_messages WHERE role = 'origin'"); n != 4*chats {
		t.Errorf("%d messages lead to it", n)
	}
	if n := w.count(t, "SELECT count(*) FROM task_links WHERE status = 'attached'"); n != chats-1 {
		t.Errorf("%d attached", n)
	}
}

func TestMergesFormNoCircleAndComeApartInAnyOrder(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the lift is broken", inChat(1)), received("1", "the gate is broken", inChat(2)), received("1", "the roof is broken", inChat(3)))
	w.awaitJudged(t)
	a, b, c := w.of(t, "1", 1), w.of(t, "1", 2), w.of(t, "1", 3)
	if len(w.tasks(t)) != 3 {
		t.Fatalf("%d tasks", len(w.tasks(t)))
	}
	inB := decided(t)(w.store.LinkTasks(t.Context(), a, b, true, person)).Link.ID
	inC := decided(t)(w.store.LinkTasks(t.Context(), b, c, true, person)).Link.ID
	for _, pair := range [][2]int64{{c, a}, {a, c}, {c, b}, {a, a}} {
		if _, err := w.store.LinkTasks(t.Context(), pair[0], pair[1], true, person); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%d is merged into %d: %v", pair[0], pair[1], err)
		}
	}
	if _, err := w.pool.Exec(t.Context(), "UPDATE tasks SET status = 'cancelled', duplicate_of_id = $1 WHERE id = $2", a, c); err == nil {
		t.Error("the database lets merges form a circle")
	}
	w.put(t, received("2", "still broken", inChat(1), after(time.Second)))
	w.awaitJudged(t)
	if w.of(t, "1", 1) != c || w.of(t, "1", 2) != c || w.of(t, "2", 1) != c {
		t.Errorf("messages lead to %d, %d and %d, want %d", w.of(t, "1", 1), w.of(t, "1", 2), w.of(t, "2", 1), c)
	}
	decided(t)(w.store.UndoLink(t.Context(), inB, person)) // the one that was merged first
	if w.of(t, "1", 1) != a || w.of(t, "2", 1) != a || w.of(t, "1", 2) != c || w.status(t, a) != "open" || w.status(t, b) != "cancelled" {
		t.Errorf("messages lead to %d, %d and %d", w.of(t, "1", 1), w.of(t, "2", 1), w.of(t, "1", 2))
	}
	decided(t)(w.store.UndoLink(t.Context(), inC, person))
	if w.of(t, "1", 1) != a || w.of(t, "1", 2) != b || w.of(t, "1", 3) != c || w.status(t, b) != "open" {
		t.Errorf("messages lead to %d, %d and %d", w.of(t, "1", 1), w.of(t, "1", 2), w.of(t, "1", 3))
	}
	// The open one is kept, whoever was named.
	if _, err := w.store.UpdateTask(t.Context(), b, person, func(e *store.TaskEdit) error { e.Status = "completed"; return nil }); err != nil {
		t.Fatal(err)
	}
	if kept := decided(t)(w.store.LinkTasks(t.Context(), a, b, true, person)); kept.Task.GetId() != a || w.of(t, "1", 2) != a {
		t.Errorf("kept %v", kept.Task)
	}
}

func TestMessagesAreSplitOff(t *testing.T) {
	t.Parallel()
	w, _ := newClassifying(t)
	w.start(t)
	w.put(t, received("1", "the lift is broken", inChat(1)), received("2", "the gate too", inChat(1), after(time.Second)))
	w.awaitJudged(t)
	task := w.of(t, "1", 1)
	ids := w.tasks(t)[0].GetSourceMessageIds()
	if _, err := w.store.SplitTask(t.Context(), task, ids, "", person); !errors.Is(err, store.ErrConflict) {
		t.Errorf("all were split off: %v", err)
	}
	if _, err := w.store.SplitTask(t.Context(), task, []int64{999}, "", person); !errors.Is(err, store.ErrNoMessage) {
		t.Errorf("a message that is not its own: %v", err)
	}
	split := decided(t)(w.store.SplitTask(t.Context(), task, ids[1:], "", person))
	if split.Other.GetTitle() != "the gate too" || w.of(t, "2", 1) != split.Other.GetId() || split.Link.Status != store.LinkRefused {
		t.Errorf("split %+v", split)
	}
	w.put(t, received("3", "hello?", inChat(1), after(2*time.Second)))
	w.awaitJudged(t)
	if w.of(t, "3", 1) != task || w.of(t, "2", 1) != split.Other.GetId() {
		t.Errorf("later messages lead to %d and %d", w.of(t, "3", 1), w.of(t, "2", 1))
	}
	decided(t)(w.store.UndoLink(t.Context(), split.Link.ID, person))
	if w.of(t, "2", 1) != task || w.status(t, split.Other.GetId()) != "cancelled" {
		t.Errorf("undone: message 2 leads to %d", w.of(t, "2", 1))
	}
}
